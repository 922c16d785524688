import { randomUUID } from 'node:crypto';
import type { Express } from 'express';
import type { Connection } from 'mongoose';
import pino, { type Logger } from 'pino';
import type { Clock } from '../../src/clock.js';
import type { OidcConfig, RequireTotp, Settings } from '../../src/config.js';
import { createApp } from '../../src/app.js';
import { openDatabase } from '../../src/database/open.js';
import { createServices, type Services } from '../../src/services.js';
import { Readiness } from '../../src/web/setUpHealth.js';

export const TEST_SECRET = 'a secret for tests, long enough to be one';
/** 12:00 on Sunday 22 November 2026 in Việt Nam. */
export const NOON = new Date('2026-11-22T05:00:00.000Z');

/** The real application on a database of its own, with a clock that tests set. */
export interface TestApp {
  readonly app: Express;
  readonly services: Services;
  readonly readiness: Readiness;
  readonly uri: string;
  setNow(now: Date): void;
  close(): Promise<void>;
}

/** The server under test, with a database of its own. */
export function uniqueUri(): string {
  const base = process.env['MONGODB_URI'];
  if (base === undefined) throw new Error('The test set-up did not start a database');
  return base.replace(/^(mongodb:\/\/[^/]+)\/[^?]*/, `$1/test_${randomUUID().replaceAll('-', '')}`);
}

/**
 * A database expires documents by the real clock, which is not the test's: here it keeps them all. The indexes go, since
 * a command on the same database would refuse those that are there with other options.
 */
async function stopExpiry({ db }: Connection): Promise<void> {
  for (const { name } of (await db?.listCollections({}, { nameOnly: true }).toArray()) ?? []) {
    for (const index of (await db?.collection(name).indexes()) ?? []) {
      if (index['expireAfterSeconds'] === undefined) continue;
      await db?.collection(name).dropIndex(String(index.name));
    }
  }
}

/** What the environment says of an installation, where it is not as most tests need it. */
export interface TestConfig {
  readonly requireTotp?: RequireTotp;
  readonly tthcScore?: boolean;
  /** Settings that no page changes. */
  readonly fixed?: Partial<Settings>;
  readonly oidc?: OidcConfig | undefined;
  readonly log?: Logger;
}

/** `start` is where its clock stands still until a test sets it, or a clock that runs. */
export async function openTestApp(
  start: Date | Clock = NOON,
  uri = uniqueUri(),
  dataDir = '/nonexistent',
  { requireTotp = 'none', tthcScore = true, fixed = {}, oidc, log = pino({ level: 'silent' }) }: TestConfig = {},
): Promise<TestApp> {
  const database = await openDatabase({ mongodbUri: uri, dataDir, embeddedPort: undefined });
  let now: Clock = start instanceof Date ? () => start : start;
  const config = {
    secret: TEST_SECRET,
    publicUrl: 'http://127.0.0.1:3000',
    trustProxy: 0,
    dataDir,
    webhookNetworks: ['127.0.0.1'],
    oidc,
    mongodbUri: uri,
    isSecretGiven: true,
    settings: { fixed, defaults: { commentMonths: 24, dossierMonths: 12, requireTotp, tthcScore } },
  };
  const services = await createServices(database.connection, config, () => now());
  const readiness = new Readiness(database.connection);
  await stopExpiry(database.connection);
  return {
    app: createApp({ services, config, readiness, log }),
    services,
    readiness,
    uri,
    setNow(instant) {
      now = () => instant;
    },
    async close() {
      await database.connection.dropDatabase();
      await database.close();
    },
  };
}
