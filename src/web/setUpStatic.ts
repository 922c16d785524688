import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import compression from 'compression';
import express, { type RequestHandler } from 'express';
import { z } from 'zod';

/** Built files carry a hash of their content in their name, so they never change. */
const ONE_YEAR_MS = 365 * 24 * 3_600_000;

export function setUpStatic(publicDirectory: string): RequestHandler[] {
  const files = express.static(join(publicDirectory, 'build'), {
    immutable: true,
    maxAge: ONE_YEAR_MS,
    index: false,
    redirect: false,
  });
  return [compressText, files];
}

const compress = compression();

/** Compresses the built files that gain by it; what is no such file passes by untouched. */
const compressText: RequestHandler = (req, res, next) => {
  if (/\.(css|js|svg)$/.test(req.path)) compress(req, res, next);
  else next();
};

/** Gives the address of a built file by its plain name. @throws when the file was not built */
export function assetAddresses(publicDirectory: string): (name: string) => string {
  const manifest = z
    .record(z.string(), z.string())
    .parse(JSON.parse(readFileSync(join(publicDirectory, 'build', 'manifest.json'), 'utf8')));
  return (name) => {
    const file = manifest[name];
    if (file === undefined) throw new Error(`${name} is not among the built files`);
    return `/${file}`;
  };
}
