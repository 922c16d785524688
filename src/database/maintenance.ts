import { existsSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SECRET_FILE, type Config } from '../config.js';
import {
  backupDatabase,
  checkDatabase,
  startEmbeddedMongo,
  type BackupReport,
  type CheckReport,
} from '../embedded-mongo/index.js';
import { connectDatabase } from './connect.js';
import { moveDatabase, type MovedCollection } from './move.js';

export type { BackupReport, CheckReport } from '../embedded-mongo/index.js';

type DataDirectory = Pick<Config, 'dataDir'>;

/** Verifies the embedded database, every index against its documents; a server may run meanwhile. Changes nothing. */
export function checkEmbedded({ dataDir }: DataDirectory): Promise<CheckReport> {
  return checkDatabase(dataDir);
}

/**
 * Writes a consistent copy of the embedded database into an empty directory; a server may run meanwhile. The secret goes
 * along, since the hashes of rated dossiers mean nothing without it.
 */
export async function backupEmbedded({ dataDir }: DataDirectory, target: string): Promise<BackupReport> {
  const report = await backupDatabase(dataDir, target);
  const secret = join(dataDir, SECRET_FILE);
  if (existsSync(secret)) await copyFile(secret, join(target, SECRET_FILE));
  return report;
}

/**
 * Copies the embedded database to a MongoDB server and verifies the copy. The data directory must not be in use, so
 * that nothing is written to it meanwhile; it stays as it is.
 * @throws DataDirInUseError while a server runs on it, MoveError when the copy differs
 */
export async function moveEmbedded(
  { dataDir }: DataDirectory,
  targetUri: string,
  progress: (collection: string, documents: number) => void,
): Promise<MovedCollection[]> {
  const engine = await startEmbeddedMongo({ dataDir, socketName: 'command.sock' });
  try {
    const source = await connectDatabase(engine.uri);
    const target = await connectDatabase(targetUri);
    try {
      return await moveDatabase(source, target, progress);
    } finally {
      await source.close();
      await target.close();
    }
  } finally {
    await engine.close();
  }
}
