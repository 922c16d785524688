import { aCondition, aFilter, aProjection, aSort } from './parity-queries.js';
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
      () => ['$currentDate', { stamped: { $type: 'date' } }],
    );
  // The clocks of the two servers differ: a time they write is taken out again by the type alone.
  const made = r.many(1, 2, operator).filter(([name]) => name !== '$currentDate');
  return Object.fromEntries(made.length > 0 ? made : [['$set', { n: aDate(r) }]]);
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

function anUpdate(r: Random): Tree {
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
  return { update: 'docs', updates: [statement] };
}

function aFindAndModify(r: Random): Tree {
  const base: Tree = { findAndModify: 'docs', query: aFilter(r), sort: aSort(r) };
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

/** An update, findAndModify or delete of the collection `docs`. */
export function aWrite(r: Random): Tree {
  return r.one<Tree>(
    () => anUpdate(r),
    () => anUpdate(r),
    () => anUpdate(r),
    () => aFindAndModify(r),
    () => ({ delete: 'docs', deletes: [{ q: aFilter(r), limit: 0 }] }),
  );
}
