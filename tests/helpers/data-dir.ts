import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import request from 'supertest';
import { NOON, openTestApp, uniqueUri, type TestApp } from './app.js';
import { addSite } from './installation.js';

/** An installation with files of its own in the data directory, and a paired kiosk. */
export interface InstallationWithFiles {
  readonly dataDir: string;
  readonly test: TestApp;
  /** Of the kiosk. */
  readonly cookie: string;
  readonly dispose: () => Promise<void>;
}

/** @param files contents by path in the data directory */
export async function openWithFiles(files: Readonly<Record<string, string | Buffer>>): Promise<InstallationWithFiles> {
  const dataDir = mkdtempSync(join(tmpdir(), 'sipas-data-'));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(dataDir, path)), { recursive: true });
    writeFileSync(join(dataDir, path), content);
  }
  const test = await openTestApp(NOON, uniqueUri(), dataDir);
  const { pairPath } = await addSite(test.services);
  const paired = await request(test.app).get(pairPath);
  const dispose = async () => {
    await test.close();
    rmSync(dataDir, { recursive: true });
  };
  return { dataDir, test, cookie: paired.get('Set-Cookie')![0]!.split(';')[0]!, dispose };
}
