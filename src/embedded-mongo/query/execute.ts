import type { Doc, Value } from '../bson/values.js';
import type { Collection } from '../storage/collection.js';
import type { IndexField } from '../storage/index-keys.js';
import { scanCollection, scanIndex, type Record } from '../storage/scan.js';
import type { QueryContext } from './context.js';
import { compileFilter, type Predicate } from './matcher.js';
import { planQuery, type Plan } from './planner.js';
import { Sorter } from './sort.js';

/** Among the items of a stream: nothing here, but time for others to run. */
export const PAUSE = Symbol('pause');
export type Stream<R> = Iterable<R | typeof PAUSE>;

/** Longest time in milliseconds that a read runs before it lets others run. */
const SLICE = 8;

export interface Query {
  readonly filter: Doc;
  readonly predicate: Predicate;
  readonly sort: readonly IndexField[];
  readonly skip: number;
  /** 0: no limit. */
  readonly limit: number;
  readonly hint: Value | undefined;
  readonly context: QueryContext;
}

/** A query with no sort, limit or hint. */
export const simpleQuery = (filter: Doc, context: QueryContext): Query => ({
  filter,
  predicate: compileFilter(filter, context),
  sort: [],
  skip: 0,
  limit: 0,
  hint: undefined,
  context,
});

/** The candidates of a plan that match, each once, with pauses. */
function* matching(collection: Collection, plan: Plan, predicate: Predicate): Generator<Record | typeof PAUSE> {
  let until = performance.now() + SLICE;
  let count = 0;
  for (const record of unpaced(collection, plan)) {
    if (predicate(record.doc)) yield record;
    if ((++count & 63) === 0 && performance.now() > until) {
      yield PAUSE;
      until = performance.now() + SLICE;
    }
  }
}

function unpaced(collection: Collection, plan: Plan): Iterable<Record> {
  const { store } = collection;
  if (plan.kind === 'collection') return scanCollection(store, collection, plan.reverse);
  if (plan.kind === 'union') return union(collection, plan.plans);
  const ranges = plan.reverse ? [...plan.ranges].reverse() : plan.ranges;
  return scanIndex(store, collection, plan.index, ranges, plan.reverse);
}

function* union(collection: Collection, plans: readonly Plan[]): Generator<Record> {
  const seen = new Set<number>();
  for (const plan of plans) {
    for (const record of unpaced(collection, plan)) {
      if (seen.has(record.id)) continue;
      seen.add(record.id);
      yield record;
    }
  }
}

/** The records that match a query, in its order. */
export function* runQuery(collection: Collection, query: Query): Generator<Record | typeof PAUSE> {
  const plan = planQuery(collection, query);
  const found = matching(collection, plan, query.predicate);
  const ordered = plan.sorted || query.sort.length === 0 ? found : sorted(found, query);
  yield* query.skip > 0 || query.limit > 0 ? slice(ordered, query.skip, query.limit) : ordered;
}

function* sorted(records: Stream<Record>, query: Query): Generator<Record | typeof PAUSE> {
  const keep = query.limit > 0 ? query.skip + query.limit : Infinity;
  const sorter = new Sorter<Record>(query.sort, keep, query.context.compareText);
  for (const record of records) {
    if (record === PAUSE) yield record;
    else sorter.add(record, record.doc);
  }
  yield* sorter.sorted();
}

/** Leaves out the first `skip` items and ends after `limit` more (0: all). */
export function* slice<R>(items: Stream<R>, skip: number, limit: number): Generator<R | typeof PAUSE> {
  let seen = 0;
  for (const item of items) {
    if (item === PAUSE) {
      yield item;
      continue;
    }
    seen++;
    if (seen <= skip) continue;
    yield item;
    if (limit > 0 && seen >= skip + limit) return;
  }
}

/** All matching records at once; for writes, which run without pauses. */
export function allRecords(collection: Collection, query: Query): Record[] {
  const found: Record[] = [];
  for (const record of runQuery(collection, query)) if (record !== PAUSE) found.push(record);
  return found;
}
