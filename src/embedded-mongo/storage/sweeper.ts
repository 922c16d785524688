import { Doc } from '../bson/values.js';
import { MongoError } from '../errors.js';
import type { Engine } from '../commands/command.js';
import { allRecords, simpleQuery } from '../query/execute.js';
import { compareText } from '../bson/compare.js';
import type { Collection } from './collection.js';
import type { Index } from './index-definition.js';

/** How often expired documents are removed, as MongoDB does it. */
const INTERVAL = 60_000;
/** Documents removed in one transaction. */
const PORTION = 500;

/** Removes expired documents and idle cursors from time to time; gives the function that ends it. */
export function startSweeper(engine: Engine): () => void {
  const timer = setInterval(() => {
    engine.cursors.closeIdle(Date.now());
    // A sweep that fails (the disk is full) is tried again at the next tick.
    sweepExpired(engine, new Date()).catch(() => undefined);
  }, INTERVAL);
  timer.unref();
  return () => clearInterval(timer);
}

/** Removes the documents that TTL indexes say have expired by `now`; gives their number. */
export async function sweepExpired(engine: Engine, now: Date): Promise<number> {
  let removed = 0;
  for (const collection of [...engine.catalog.collections]) {
    for (const index of collection.indexes) {
      if (index.expireAfterSeconds === undefined) continue;
      for (let portion = PORTION; portion === PORTION;) {
        portion = await engine.catalog.store.write(() => removePortion(engine, collection, index, now));
        removed += portion;
      }
    }
  }
  return removed;
}

function removePortion(engine: Engine, collection: Collection, index: Index, now: Date): number {
  if (engine.catalog.find(collection.database, collection.name) !== collection || !collection.indexes.includes(index))
    return 0;
  const path = index.fields[0]?.path ?? '';
  const limit = new Date(now.getTime() - (index.expireAfterSeconds ?? 0) * 1000);
  const expired = Doc.of({ $lte: limit, $type: 'date' });
  const filter = Doc.from([[path, expired]]);
  const partial = index.partialFilter ? Doc.of({ $and: [filter, index.partialFilter] }) : filter;
  const query = { ...simpleQuery(partial, { compareText, compileCondition: refuse }), limit: PORTION };
  const records = allRecords(collection, query);
  for (const { id, doc } of records) collection.remove(id, doc);
  return records.length;
}

function refuse(): never {
  throw new MongoError(67, 'a partial index has no $expr');
}
