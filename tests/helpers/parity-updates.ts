import { Decimal128, Double } from 'mongodb';
import { aCondition, aFilter, aProjection, aSort, someCollation, someHint, type IndexSpec } from './parity-queries.js';
import type { Random, Tree } from './parity-random.js';
import { aDate, aNumber, aRegularDocument, aScalar, aValue } from './parity-values.js';
import { anExpression } from './parity-expressions.js';

const targets = ['n', 's', 'k', 'a', 'm', 'o.x', 'o.z', 'o', 'l', 'a.1', 'a.6', 'l.0.x', 'new', 'new.deep', 'm.x'];
const lists = ['a', 'l', 'm', 'new', 'o.list'];
const numbers = ['n', 'k', 'o.x', 'a.0', 'l.0.x', 'new', 'm'];

const pushed = (r: Random): unknown =>
  r.one<unknown>(
    () => aScalar(r),
    () => ({ x: aNumber(r) }),
    () => ({
      $each: r.many(0, 3, () => (r.chance(0.7) ? aNumber(r) : { x: aNumber(r), y: r.int(0, 2) })),
      ...(r.chance(0.4) ? { $slice: r.int(-3, 3) } : {}),
      ...(r.chance(0.4) ? { $sort: r.pick([1, -1, { x: 1 }, { y: -1, x: 1 }]) } : {}),
      ...(r.chance(0.4) ? { $position: r.int(-2, 3) } : {}),
    }),
  );

function operators(r: Random): Tree {
  const operator = (): [string, Tree] =>
    r.one<[string, Tree]>(
      () => ['$set', { [r.pick(targets)]: aValue(r, 1) }],
      () => ['$set', { [r.pick(targets)]: aValue(r, 1) }],
      () => ['$unset', { [r.pick(targets)]: '' }],
      () => ['$inc', { [r.pick(numbers)]: aNumber(r) }],
      () => ['$mul', { [r.pick(numbers)]: aNumber(r) }],
      () => [r.pick(['$min', '$max']), { [r.pick(targets)]: aScalar(r) }],
      () => ['$rename', { [r.pick(['n', 's', 'o.x', 'm'])]: r.pick(['renamed', 'o.moved', 'k']) }],
      () => ['$push', { [r.pick(lists)]: pushed(r) }],
      () => [
        '$addToSet',
        {
          [r.pick(lists)]: r.one<unknown>(
            () => aScalar(r),
            () => ({ $each: r.many(0, 3, () => aNumber(r)) }),
          ),
        },
      ],
      () => ['$pop', { [r.pick(lists)]: r.pick([1, -1]) }],
      () => [
        '$pull',
        {
          [r.pick(lists)]: r.one<unknown>(
            () => aNumber(r),
            () => aFilter(r, 0, ['x', 'y']),
            () => ({ $gte: aNumber(r) }),
          ),
        },
      ],
      () => ['$pullAll', { [r.pick(lists)]: r.many(0, 3, () => aNumber(r)) }],
      () => ['$bit', { [r.pick(numbers)]: { [r.pick(['and', 'or', 'xor'])]: r.int(0, 7) } }],
      () => ['$setOnInsert', { [r.pick(targets)]: aScalar(r) }],
      () => [
        '$currentDate',
        { [r.pick(['stamped', 'o.at', 's'])]: r.pick<unknown>([true, { $type: 'date' }, { $type: 'timestamp' }]) },
      ],
      () => ['$set', { n: aDate(r) }],
    );
  return Object.fromEntries(r.many(1, 2, operator));
}

const replacement = (r: Random): Tree =>
  Object.fromEntries(Object.entries(aRegularDocument(r, 0)).filter(([name]) => name !== '_id' && r.chance(0.6)));

const pipelineUpdate = (r: Random): Tree[] =>
  r.many(1, 2, () =>
    r.one<Tree>(
      () => ({ $set: { [r.pick(['n', 'new', 'o.x', 'l.x'])]: anExpression(r) } }),
      () => ({ $set: { n: { $add: [{ $ifNull: ['$k', 0] }, 1] }, 'o.sum': { $size: { $ifNull: ['$list', []] } } } }),
      () => ({ $unset: r.pick(['n', 'o.x', 'l.x', 'a']) }),
      () => ({ $replaceWith: { $mergeObjects: ['$$ROOT', { m: anExpression(r) }] } }),
      () => ({ $project: { k: 1, o: 1, again: '$n' } }),
    ),
  );

/** The parts of an update statement that say what changes. */
function aChange(r: Random): { u: unknown; arrayFilters?: Tree[]; positional?: Tree } {
  return r.one<{ u: unknown; arrayFilters?: Tree[]; positional?: Tree }>(
    () => ({ u: operators(r) }),
    () => ({ u: operators(r) }),
    () => ({ u: operators(r) }),
    () => ({ u: pipelineUpdate(r) }),
    () => ({ u: { [r.pick(['$set', '$inc', '$max'])]: { [r.pick(['a.$[]', 'l.$[].x'])]: aNumber(r) } } }),
    () => ({
      u: { [r.pick(['$set', '$mul', '$unset'])]: { 'a.$[e]': aNumber(r) } },
      arrayFilters: [{ e: aCondition(r, 'n', 0) }],
    }),
    () => ({
      u: { [r.pick(['$set', '$inc'])]: { 'l.$[e].x': aNumber(r) } },
      arrayFilters: [aFilter(r, 0, ['e.x', 'e.y'])],
    }),
    () => ({ u: { $set: { 'a.$': aNumber(r) } }, positional: { a: aCondition(r, 'a', 0) } }),
    () => ({ u: { $inc: { 'l.$.y': 1 } }, positional: { l: { $elemMatch: aFilter(r, 0, ['x', 'y']) } } }),
    () => ({ u: { $set: { 'l.$.x': aNumber(r) } }, positional: { 'l.x': aCondition(r, 'n', 0) } }),
  );
}

const upsertFilter = (r: Random): Tree =>
  r.one<Tree>(
    () => ({ _id: 1000, n: aNumber(r) }),
    () => ({ _id: 1000, 'o.x': 5, $and: [{ s: 'a' }] }),
    () => ({ _id: 1000, k: { $gt: 2 }, n: { $eq: 4 } }),
    () => ({ _id: { $in: [1000] }, 'new.deep': { $all: [7] } }),
    () => ({ _id: 1000, $or: [{ m: 3 }] }),
    () => ({ s: 'not there at all', k: 77 }),
    () => ({ _id: { $eq: 'x' }, a: { $elemMatch: { $eq: 8 } } }),
  );

/** A value of the unique field that some document may have already; see `withUnique`. */
const uniqueValue = (r: Random): unknown =>
  r.one<unknown>(
    () => r.int(0, 20),
    () => new Double(r.int(0, 20)),
    () => [r.int(0, 20), r.int(50, 70)],
    () => ({ x: r.int(0, 20) }),
    () => `u${r.int(0, 20)}`,
    () => null,
  );

/** Documents with a field `u` that no two of them share. */
export const withUnique = (r: Random, docs: readonly Tree[]): Tree[] =>
  docs.map((doc, id) => ({
    ...doc,
    u: r.pick<unknown>([id, `u${id}`, { x: id }, [id, id + 50], Decimal128.fromString(`${id}.0`)]),
  }));

/** An index that keeps `u` unique. */
export const aUniqueIndex = (r: Random): IndexSpec =>
  r.pick<IndexSpec>([
    { key: { u: 1 }, name: 'u_1', unique: true },
    { key: { u: -1 }, name: 'u_-1', unique: true, sparse: true },
    { key: { u: 1, k: -1 }, name: 'u_1_k_-1', unique: true },
    { key: { 'u.x': 1, u: 1 }, name: 'deep', unique: true, partialFilterExpression: { u: { $exists: true } } },
  ]);

/** A write that may break the uniqueness of `u` or `_id`. */
function aConflict(r: Random): Tree {
  const statement = r.one<Tree>(
    () => ({ q: { _id: r.int(0, 11) }, u: { $set: { u: uniqueValue(r) } } }),
    () => ({ q: { k: r.int(0, 3) }, u: { $set: { u: uniqueValue(r) } }, multi: true }),
    () => ({ q: { _id: r.int(0, 20) }, u: { $set: { u: uniqueValue(r) } }, upsert: true }),
    () => ({ q: { u: uniqueValue(r), n: 'no such' }, u: { $set: { s: 'new' } }, upsert: true }),
    () => ({ q: { _id: r.int(0, 11) }, u: { u: uniqueValue(r), k: r.int(0, 3) } }),
    () => ({ q: { _id: r.int(0, 11) }, u: { $unset: { u: 1 } } }),
  );
  const ordered = r.chance(0.5);
  return r.one<Tree>(
    () => ({
      insert: 'docs',
      ordered,
      documents: r.many(1, 4, () => ({ _id: r.int(0, 30), u: uniqueValue(r), k: r.int(0, 3) })),
    }),
    () => ({ update: 'docs', updates: [statement] }),
    () => ({ update: 'docs', ordered, updates: [statement, { q: { _id: 3 }, u: { $set: { u: uniqueValue(r) } } }] }),
    () => ({
      findAndModify: 'docs',
      query: { _id: r.int(0, 20) },
      update: { $set: { u: uniqueValue(r) } },
      upsert: true,
    }),
  );
}

function anUpdate(r: Random, more: Tree): Tree {
  const { positional, ...change } = aChange(r);
  const filter = r.chance(0.6) ? { _id: r.int(0, 11), ...positional } : { ...aFilter(r), ...positional };
  const multi = !('_id' in filter);
  const statement = r.one<Tree>(
    () => ({ q: filter, ...change, multi }),
    () => ({ q: filter, ...change, multi }),
    () => ({ q: filter, ...change, multi }),
    () => ({ q: { _id: r.int(0, 11) }, u: replacement(r), upsert: r.chance(0.3) }),
    () => ({ q: upsertFilter(r), ...change, upsert: true }),
    () => ({ q: upsertFilter(r), u: replacement(r), upsert: true }),
  );
  return { update: 'docs', updates: [{ ...statement, ...more }] };
}

function aFindAndModify(r: Random, more: Tree): Tree {
  const base: Tree = { findAndModify: 'docs', query: aFilter(r), sort: aSort(r), ...more };
  if (r.chance(0.3)) base['fields'] = aProjection(r);
  return r.one<Tree>(
    () => ({ ...base, remove: true }),
    () => {
      const { positional, u, ...rest } = aChange(r);
      return { ...base, query: { ...aFilter(r), ...positional }, update: u, ...rest, new: r.chance(0.5) };
    },
    () => ({ ...base, update: replacement(r), new: r.chance(0.5) }),
    () => ({ ...base, query: upsertFilter(r), update: operators(r), upsert: true, new: r.chance(0.5) }),
  );
}

/** A write to the collection `docs`. */
export function aWrite(r: Random, indexes: readonly IndexSpec[]): Tree {
  const more = { ...someCollation(r), ...someHint(r, indexes) };
  return r.one<Tree>(
    () => anUpdate(r, more),
    () => anUpdate(r, more),
    () => anUpdate(r, more),
    () => aFindAndModify(r, more),
    () => aConflict(r),
    () => ({ delete: 'docs', deletes: [{ q: aFilter(r), limit: 0, ...more }] }),
  );
}
