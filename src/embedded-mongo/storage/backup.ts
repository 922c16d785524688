import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { compileIndexFilter } from '../query/index-filter.js';
import { Catalog } from './catalog.js';
import { DATA_FILE } from './check.js';
import { verifyFile } from './file-check.js';

export interface BackupReport {
  /** The copy: a data file that a server can be started on. */
  readonly file: string;
  readonly bytes: number;
  readonly collections: number;
  readonly documents: number;
}

/**
 * Copies the data file of a directory as of its last commit into another directory, flushed to the disk. A server may
 * run and write meanwhile.
 * @throws Error when there is no data file, or the target holds something already.
 */
export async function backupDatabase(dataDir: string, target: string): Promise<BackupReport> {
  const source = join(resolve(dataDir), DATA_FILE);
  if (!existsSync(source)) throw new Error(`There is no data file ${source}.`);
  mkdirSync(target, { recursive: true, mode: 0o700 });
  if (readdirSync(target).length > 0) throw new Error(`The directory ${target} is not empty.`);
  const file = join(resolve(target), DATA_FILE);
  const unfinished = `${file}.part`;
  const catalog = new Catalog(source, compileIndexFilter, true);
  try {
    await catalog.store.backup(unfinished);
    verifyFile(unfinished);
    flush(unfinished);
    renameSync(unfinished, file);
    flush(resolve(target));
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw error;
  } finally {
    await catalog.store.close();
  }
  return { file, bytes: statSync(file).size, ...(await countsOf(file)) };
}

async function countsOf(file: string): Promise<{ collections: number; documents: number }> {
  const copy = new Catalog(file, compileIndexFilter, true);
  const collections = [...copy.collections];
  await copy.store.close();
  return { collections: collections.length, documents: collections.reduce((sum, { count }) => sum + count, 0) };
}

function flush(path: string): void {
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
