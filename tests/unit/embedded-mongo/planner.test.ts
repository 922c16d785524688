import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { compareText } from '../../../src/embedded-mongo/bson/compare.js';
import { Doc, type Value } from '../../../src/embedded-mongo/bson/values.js';
import { allRecords, simpleQuery } from '../../../src/embedded-mongo/query/execute.js';
import { MongoError } from '../../../src/embedded-mongo/errors.js';
import { compileIndexFilter } from '../../../src/embedded-mongo/query/index-filter.js';
import { planQuery } from '../../../src/embedded-mongo/query/planner.js';
import { parseSort } from '../../../src/embedded-mongo/query/sort.js';
import { Catalog } from '../../../src/embedded-mongo/storage/catalog.js';
import { Index } from '../../../src/embedded-mongo/storage/index-definition.js';
import type { Collection } from '../../../src/embedded-mongo/storage/collection.js';
import { anyDocument, anyValue } from './values.js';

const context = {
  compareText,
  compileCondition: (): never => {
    throw new Error('no $expr here');
  },
};
const spec = (key: Record<string, Value>, more: Record<string, Value> = {}): Doc =>
  Doc.of({ v: 2, key: Doc.of(key), name: JSON.stringify(key), ...more });

const condition: fc.Arbitrary<Value> = fc.oneof(
  anyValue,
  fc
    .tuple(fc.constantFrom('$eq', '$gt', '$gte', '$lt', '$lte', '$ne'), anyValue)
    .map(([operator, value]) => Doc.from([[operator, value]])),
  fc.array(anyValue, { maxLength: 3 }).map((values) => Doc.of({ $in: values })),
  fc.tuple(anyValue, anyValue).map(([low, high]) => Doc.of({ $gte: low, $lt: high })),
  fc.boolean().map((exists) => Doc.of({ $exists: exists })),
);
const filter = fc
  .uniqueArray(fc.tuple(fc.constantFrom('a', 'b', 'c', 'a.b'), condition), {
    minLength: 1,
    maxLength: 3,
    selector: ([path]) => path,
  })
  .map((entries) => Doc.from(entries));

describe('finding by an index', () => {
  const directory = mkdtempSync(join(tmpdir(), 'planner-'));
  let catalog: Catalog;
  let collection: Collection;
  let last = 0;

  beforeAll(async () => {
    catalog = new Catalog(join(directory, 'data.mdb'), compileIndexFilter);
    await catalog.claim();
  });
  afterAll(async () => {
    await catalog.store.close();
    rmSync(directory, { recursive: true });
  });

  const fill = (docs: readonly Doc[], indexes: readonly Doc[]): Promise<void> =>
    catalog.store.write(() => {
      catalog.drop('t', 'c');
      collection = catalog.create('t', 'c', Doc.of({}));
      for (const index of indexes) catalog.addIndex(collection, index);
      for (const doc of docs) collection.insert(Doc.from([['_id', ++last], ...doc.entries()]));
    });
  const ids = (query: Parameters<typeof allRecords>[1]): number[] => allRecords(collection, query).map(({ id }) => id);

  /** False for a document with arrays at two paths of the index, which MongoDB does not index. */
  const fits = (doc: Doc, index: Doc): boolean => {
    try {
      new Index(0, index, () => true, false, false).keysOf(doc);
      return true;
    } catch (error) {
      if (error instanceof MongoError && error.code === 171) return false;
      throw error;
    }
  };
  const accepted = (wanted: Doc): boolean => {
    try {
      simpleQuery(wanted, context);
      return true;
    } catch {
      return false;
    }
  };

  it.each([
    ['of one field', spec({ a: 1 })],
    ['descending', spec({ a: -1 })],
    ['of two fields', spec({ a: 1, b: -1 })],
    ['of a path', spec({ 'a.b': 1, c: 1 })],
    ['that is sparse', spec({ a: 1 }, { sparse: true })],
    ['that is partial', spec({ b: 1 }, { partialFilterExpression: Doc.of({ a: Doc.of({ $exists: true }) }) })],
  ])('%s gives what looking at every document gives', async (_, index) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyDocument, { maxLength: 12 }),
        fc.array(filter.filter(accepted), { minLength: 5, maxLength: 5 }),
        async (docs, filters) => {
          await fill(
            docs.filter((doc) => fits(doc, index)),
            [index],
          );
          for (const wanted of filters) {
            const query = simpleQuery(wanted, context);
            const scanned = ids({ ...query, hint: Doc.of({ $natural: 1 }) });
            expect(ids(query).sort((x, y) => x - y)).toEqual(scanned);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('gives the order of a sort that the index has', async () => {
    const docs = Array.from({ length: 200 }, (_, i) => Doc.of({ a: i % 5, b: (i * 37) % 101, c: i }));
    await fill(docs, [spec({ a: 1, b: -1 })]);
    const sort = parseSort(Doc.of({ b: 1 }));
    const query = { ...simpleQuery(Doc.of({ a: 3 }), context), sort };
    expect(planQuery(collection, query)).toMatchObject({ kind: 'index', sorted: true, reverse: true });
    expect(ids(query)).toEqual(ids({ ...query, hint: Doc.of({ $natural: 1 }) }));
  });

  it('uses a partial index only where the filter implies its condition', async () => {
    await fill([], [spec({ pending: 1 }, { partialFilterExpression: Doc.of({ pending: true }) })]);
    const kind = (wanted: Doc): string => planQuery(collection, simpleQuery(wanted, context)).kind;
    expect(kind(Doc.of({ pending: true }))).toBe('index');
    expect(kind(Doc.of({ pending: Doc.of({ $exists: true }) }))).toBe('collection');
    expect(kind(Doc.of({ pending: false }))).toBe('collection');
  });

  it('reads a sparse index that holds all that can match rather than the collection', async () => {
    await fill([Doc.of({ a: 1 }), Doc.of({}), Doc.of({ a: null })], [spec({ a: 1 }, { sparse: true })]);
    const query = simpleQuery(Doc.of({ a: Doc.of({ $exists: true }) }), context);
    expect(planQuery(collection, query).kind).toBe('index');
    expect(ids(query)).toHaveLength(2);
  });

  it('holds keys that are too long to be stored whole', async () => {
    const long = 'x'.repeat(5000);
    const docs = [`${long}a`, `${long}b`, 'y', long].map((a) => Doc.of({ a }));
    await fill(docs, [spec({ a: 1 }, { unique: true })]);
    expect(ids(simpleQuery(Doc.of({ a: `${long}b` }), context))).toHaveLength(1);
    expect(ids(simpleQuery(Doc.of({ a: Doc.of({ $gte: `${long}a` }) }), context))).toHaveLength(3);
    await expect(fill([...docs, Doc.of({ a: `${long}a` })], [spec({ a: 1 }, { unique: true })])).rejects.toThrow(
      'E11000',
    );
  });
});
