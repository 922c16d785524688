import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Doc } from '../../../src/embedded-mongo/bson/values.js';
import { encodeKey } from '../../../src/embedded-mongo/bson/key.js';
import { compileIndexFilter } from '../../../src/embedded-mongo/query/index-filter.js';
import { Catalog } from '../../../src/embedded-mongo/storage/catalog.js';
import { checkDatabase, DATA_FILE } from '../../../src/embedded-mongo/storage/check.js';
import type { Collection } from '../../../src/embedded-mongo/storage/collection.js';
import { countKey, indexPrefix, recordIdBytes, recordKey } from '../../../src/embedded-mongo/storage/keys.js';
import type { Store } from '../../../src/embedded-mongo/storage/store.js';

const EMPTY = Buffer.alloc(0);

/** The entry of the second index for a value of one document. */
const entry = ({ indexes }: Collection, value: number, id: number): Buffer =>
  Buffer.concat([indexPrefix(indexes[1]?.id ?? 0), encodeKey(value), recordIdBytes(id)]);

describe('a check of the database', () => {
  let directory: string;
  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'check-'))));
  afterEach(() => rmSync(directory, { recursive: true }));

  /** Ten documents with an index on `k`, then a change behind the back of the engine. */
  async function problemsAfter(change: (store: Store, collection: Collection) => void): Promise<readonly string[]> {
    const catalog = new Catalog(join(directory, DATA_FILE), compileIndexFilter);
    await catalog.claim();
    await catalog.store.write(() => {
      const collection = catalog.create('d', 'c', Doc.of({}));
      catalog.addIndex(collection, Doc.of({ v: 2, key: Doc.of({ k: 1 }), name: 'k_1' }));
      for (let i = 1; i <= 10; i++) collection.insert(Doc.of({ _id: i, k: i }));
    });
    await catalog.store.write(() => {
      for (const collection of catalog.collections) change(catalog.store, collection);
    });
    await catalog.store.close();
    return (await checkDatabase(directory)).problems;
  }

  it('finds nothing in a sound one', async () => {
    expect(await problemsAfter(() => undefined)).toEqual([]);
  });

  it.each<[string, (store: Store, collection: Collection) => void]>([
    ['an index that lacks an entry', (store, collection) => store.remove(entry(collection, 3, 3))],
    ['an index with an entry of no document', (store, collection) => store.put(entry(collection, 99, 3), EMPTY)],
    ['a document that is gone from under its indexes', (store, { id }) => store.remove(recordKey(id, 4))],
    ['bytes that are no document', (store, { id }) => store.put(recordKey(id, 5), Buffer.from('torn'))],
    ['a count that is wrong', (store, { id }) => store.put(countKey(id), Buffer.alloc(16))],
  ])('finds %s', async (_, change) => {
    expect((await problemsAfter(change)).length).toBeGreaterThan(0);
  });
});
