import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, parse } from 'node:path';
import { z } from 'zod';

/** A language of the pages as a file brings it: `hmn.json` holds the one with the language tag `hmn`. */
export interface LocaleFile {
  readonly code: string;
  /** The language in its own words, for the language switch; a file that only adds to a known one needs none. */
  readonly name?: string | undefined;
  /** Texts of the pages by their key. */
  readonly messages: Readonly<Record<string, string>>;
  /** Questions, reasons and levels by their Vietnamese text. */
  readonly texts: Readonly<Record<string, string>>;
}

/** A file of a language cannot be used; the message names the file and what is wrong with it. */
export class LocaleFileError extends Error {}

const TAG = /^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/;

const contents = z.strictObject({
  name: z.string().trim().min(1).max(40).optional(),
  messages: z.record(z.string(), z.string()).default({}),
  texts: z.record(z.string(), z.string()).default({}),
});

/**
 * The languages that a directory holds, by their tag; none when there is no such directory.
 * @throws LocaleFileError
 */
export function readLocaleFiles(directory: string): LocaleFile[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => readLocaleFile(join(directory, name)));
}

function readLocaleFile(path: string): LocaleFile {
  const { name: code } = parse(path);
  if (!TAG.test(code)) throw new LocaleFileError(`${path}: the name must be a language tag, such as hmn.json.`);
  const parsed = contents.safeParse(parseJson(path));
  if (parsed.success) return { code, ...parsed.data };
  const [issue] = parsed.error.issues;
  throw new LocaleFileError(`${path}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'is not valid'}.`);
}

function parseJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8').replace(/^\uFEFF/, ''));
  } catch (error) {
    throw new LocaleFileError(`${path}: ${String(error)}`);
  }
}
