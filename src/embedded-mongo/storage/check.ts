import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { validateDocument } from '../bson/read.js';
import { directoryOwner } from '../lock.js';
import { compileIndexFilter } from '../query/index-filter.js';
import { Catalog } from './catalog.js';
import type { Collection } from './collection.js';
import { verifyFile } from './file-check.js';
import type { Index } from './index-definition.js';
import { indexPrefix, indexRange, recordIdAtEnd, recordIdBytes, storedKey } from './keys.js';
import { scanCollection } from './scan.js';

export interface IndexReport {
  readonly name: string;
  readonly entries: number;
}

export interface CollectionReport {
  /** `database.collection` */
  readonly namespace: string;
  readonly documents: number;
  readonly bytes: number;
  readonly indexes: readonly IndexReport[];
}

export interface CheckReport {
  /** True when no problem was found. */
  readonly ok: boolean;
  readonly collections: readonly CollectionReport[];
  /** One sentence per fault; of many of one kind only the first ones. */
  readonly problems: readonly string[];
}

/** Name of the data file in the data directory. */
export const DATA_FILE = 'data.mdb';

const MOST_PROBLEMS = 100;

/**
 * Verifies the data file of a directory: its pages, that every document is BSON, that every index holds exactly the keys
 * of its documents, and the stored counts. A server may run meanwhile; what is checked is then its last commit, and its
 * pages are not walked. Changes nothing.
 */
export async function checkDatabase(dataDir: string): Promise<CheckReport> {
  const file = join(dataDir, DATA_FILE);
  if (!existsSync(file)) return { ok: false, collections: [], problems: [`There is no data file ${file}.`] };
  if (directoryOwner(dataDir) === undefined) {
    try {
      verifyFile(file);
    } catch (error) {
      return { ok: false, collections: [], problems: [error instanceof Error ? error.message : String(error)] };
    }
  }
  const catalog = new Catalog(file, compileIndexFilter, true);
  try {
    return checkCatalog(catalog);
  } finally {
    await catalog.store.close();
  }
}

function checkCatalog(catalog: Catalog): CheckReport {
  const problems: string[] = [];
  const note = (problem: string): void => {
    if (problems.length < MOST_PROBLEMS) problems.push(problem);
  };
  if (!catalog.isOurs()) note('The file was not written by this program.');
  const collections = [...catalog.collections].map((collection) => checkCollection(collection, note));
  return { ok: problems.length === 0, collections, problems };
}

function checkCollection(collection: Collection, note: (problem: string) => void): CollectionReport {
  const { namespace } = collection;
  const expected = new Map<Index, number>(collection.indexes.map((index) => [index, 0]));
  let [documents, bytes] = [0, 0];
  for (const { id, doc } of scanCollection(collection.store, collection)) {
    const raw = doc.raw ?? Buffer.alloc(0);
    documents++;
    bytes += raw.length;
    try {
      if (validateDocument(raw, 0, raw.length) !== raw.length)
        note(`${namespace}: record ${id} is longer than its document.`);
      for (const index of collection.indexes) {
        expected.set(index, (expected.get(index) ?? 0) + checkKeys(collection, index, id, doc, note));
      }
    } catch (error) {
      note(`${namespace}: record ${id} cannot be read: ${error instanceof Error ? error.message : String(error)}.`);
    }
  }
  if (documents !== collection.count)
    note(`${namespace}: ${documents} documents are there, ${collection.count} were counted.`);
  const indexes = collection.indexes.map((index) => {
    const entries = collection.store.count(indexRange(index.id));
    const wanted = expected.get(index) ?? 0;
    if (entries !== wanted)
      note(`${namespace}, index ${index.name}: ${entries} entries are there, the documents have ${wanted} keys.`);
    return { name: index.name, entries };
  });
  return { namespace, documents, bytes, indexes };
}

/** Looks for every key of a document in an index; gives their number. */
function checkKeys(
  collection: Collection,
  index: Index,
  id: number,
  doc: Parameters<Index['keysOf']>[0],
  note: (problem: string) => void,
): number {
  const stored = new Set(index.keysOf(doc).keys.map(({ bytes }) => storedKey(bytes).toString('latin1')));
  for (const key of stored) {
    const entry = Buffer.concat([indexPrefix(index.id), Buffer.from(key, 'latin1')]);
    const found = collection.store.get(index.unique ? entry : Buffer.concat([entry, recordIdBytes(id)]));
    const right = index.unique ? found !== undefined && recordIdAtEnd(found) === id : found !== undefined;
    if (!right)
      note(`${collection.namespace}, index ${index.name}: a key of record ${id} is missing or belongs to another.`);
  }
  return stored.size;
}
