import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Config } from '../../config.js';

/** What an installation runs with, for administrators to check: no secret, and no address that may hold a password. */
export interface Installation {
  readonly version: string;
  readonly node: string;
  readonly isEmbedded: boolean;
  readonly dataDir: string;
  readonly publicUrl: string;
  /** Number of proxies in front of the server. */
  readonly proxies: number;
  readonly isSecretGiven: boolean;
  readonly webhookNetworks: readonly string[];
}

const packageFile = z.object({ version: z.string() });

/** @param root the directory of the product */
export function installationOf(
  root: string,
  {
    mongodbUri,
    dataDir,
    publicUrl,
    trustProxy,
    isSecretGiven,
    webhookNetworks,
  }: Pick<Config, 'mongodbUri' | 'dataDir' | 'publicUrl' | 'trustProxy' | 'isSecretGiven' | 'webhookNetworks'>,
): Installation {
  const { version } = packageFile.parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')));
  const isEmbedded = mongodbUri === undefined;
  return {
    version,
    node: process.version,
    isEmbedded,
    dataDir,
    publicUrl,
    proxies: trustProxy,
    isSecretGiven,
    webhookNetworks,
  };
}
