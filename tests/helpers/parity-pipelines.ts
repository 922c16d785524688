import { Decimal128, Double, Long } from 'mongodb';
import { aDateExpression, anExpression, aNumberExpression, aTruthExpression } from './parity-expressions.js';
import { aFilter, aProjection, aSort } from './parity-queries.js';
import type { Random, Tree } from './parity-random.js';

export const inOrder: Tree = { $sort: { _id: 1 } };

/**
 * Groups in an order that leaves no two equal. An array sorts by its least element, so that the groups of `null` and of
 * `[null]` would be in no defined order; a document sorts by all it holds.
 */
const groupsInOrder = (before: Tree): Tree[] => [
  { $set: { whole: { id: '$_id' } } },
  { $sort: { ...before, whole: 1 } },
  { $unset: 'whole' },
];

const groupKey = (r: Random): unknown =>
  r.one<unknown>(
    () => null,
    () => '$k',
    () => '$n',
    () => '$s',
    // Wrapped, as MongoDB 7.0 answers a bare MinKey as { '': MinKey }.
    () => ({ v: '$m' }),
    () => ({ k: '$k', s: '$s' }),
    () => aDateExpression(r),
    () => ({ $dateToString: { date: '$d', format: '%Y-%m', timezone: 'Asia/Ho_Chi_Minh', onNull: 'none' } }),
  );

function accumulators(r: Random): Tree {
  const value = (): unknown => (r.chance(0.6) ? r.pick(['$n', '$k', '$o.x', '$a']) : anExpression(r, 1));
  return {
    [r.pick(['p', 'z'])]: r.one<unknown>(
      () => ({
        [r.pick(['$sum', '$avg', '$min', '$max', '$first', '$last', '$push', '$stdDevPop', '$stdDevSamp'])]: value(),
      }),
      () => ({ [r.pick(['$sum', '$avg', '$min', '$max'])]: aNumberExpression(r) }),
      () => ({ $count: {} }),
      () => ({ $mergeObjects: '$o' }),
    ),
    q: r.one<unknown>(
      () => ({ $sum: r.pick(['$n', 1, '$k']) }),
      () => ({ [r.pick(['$firstN', '$lastN', '$minN', '$maxN'])]: { n: r.int(1, 3), input: value() } }),
      () => ({ [r.pick(['$top', '$bottom'])]: { sortBy: aSort(r), output: value() } }),
      () => ({
        [r.pick(['$topN', '$bottomN'])]: { n: r.int(1, 3), sortBy: aSort(r), output: ['$k', value()] },
      }),
      () => ({ $addToSet: '$k' }),
    ),
  };
}

/** `$group`, with what has no order of its own brought into one. */
const group = (r: Random): Tree[] => {
  const made = accumulators(r);
  return [inOrder, { $group: { _id: groupKey(r), ...made } }, ...setsInOrder(made)];
};

const setsInOrder = (made: Tree): Tree[] =>
  JSON.stringify(made).includes('$addToSet') ? [{ $set: { q: { $sortArray: { input: '$q', sortBy: 1 } } } }] : [];

const windowOutput = (r: Random): unknown => {
  const bound = (): unknown =>
    r.pick<unknown>([
      ['unbounded', 'current'],
      ['unbounded', 'unbounded'],
      [-1, 1],
      [-2, 0],
      ['current', 1],
      [1, 2],
    ]);
  const value = (): unknown => (r.chance(0.7) ? r.pick(['$n', '$k', '$o.x']) : aNumberExpression(r));
  return r.one<unknown>(
    () => ({
      [r.pick(['$sum', '$avg', '$min', '$max', '$push', '$first', '$last', '$stdDevPop', '$stdDevSamp'])]: value(),
      window: { documents: bound() },
    }),
    () => ({ [r.pick(['$sum', '$avg', '$min', '$max', '$count'])]: value(), window: { documents: bound() } }),
    () => ({ [r.pick(['$documentNumber', '$rank', '$denseRank'])]: {} }),
    () => ({ $shift: { output: value(), by: r.int(-2, 2), default: r.pick([null, 'none']) } }),
    () => ({ $count: {}, window: { range: [-2, 2] } }),
    () => ({ $sum: '$k', window: { range: [r.pick<unknown>(['unbounded', -3]), 'current'] } }),
    () => ({ $expMovingAvg: { input: '$k', [r.pick(['N'])]: 3 } }),
    () => ({ $locf: '$m' }),
    () => ({ $minN: { n: 2, input: value() }, window: { documents: bound() } }),
  );
};

const windows = (r: Random): Tree[] => [
  {
    $setWindowFields: {
      ...(r.chance(0.6) ? { partitionBy: r.pick<unknown>(['$k', { $mod: ['$_id', 2] }]) } : {}),
      sortBy: { _id: r.pick([1, -1]) },
      output: { w: windowOutput(r), ...(r.chance(0.4) ? { 'o.w': windowOutput(r) } : {}) },
    },
  },
];

const unwind = (r: Random): Tree[] => [
  r.one<Tree>(
    () => ({ $unwind: r.pick(['$a', '$l', '$m', '$o.x']) }),
    () => ({
      $unwind: {
        path: r.pick(['$a', '$l']),
        preserveNullAndEmptyArrays: r.chance(0.6),
        includeArrayIndex: r.pick(['i', 'o.i']),
      },
    }),
  ),
];

const lookup = (r: Random): Tree[] => [
  {
    $lookup: r.one<Tree>(
      () => ({
        from: 'other',
        localField: r.pick(['k', 'n', 'a', 'l.x', 'absent', 'm']),
        foreignField: r.pick(['k', 'n', 'a', 'l.x', '_id']),
        as: 'found',
      }),
      () => ({
        from: 'other',
        let: { mine: '$k' },
        pipeline: [
          { $match: { $expr: { [r.pick(['$eq', '$lt'])]: ['$k', '$$mine'] } } },
          { $sort: { _id: 1 } },
          { $project: { k: 1, n: 1 } },
        ],
        as: r.pick(['found', 'o.found']),
      }),
      () => ({
        from: 'other',
        localField: 'k',
        foreignField: 'k',
        pipeline: [{ $sort: { _id: 1 } }, { $limit: 2 }],
        as: 'found',
      }),
    ),
  },
];

const graphLookup = (r: Random): Tree[] => [
  {
    $graphLookup: {
      from: r.pick(['other', 'docs']),
      startWith: r.pick<unknown>(['$k', '$n', '$a', { $add: [{ $ifNull: ['$k', 0] }, 1] }]),
      connectFromField: r.pick(['k', 'n', 'a', 'l.x', '_id']),
      connectToField: r.pick(['k', 'n', 'a', '_id']),
      as: r.pick(['net', 'o.net']),
      ...(r.chance(0.5) ? { maxDepth: r.int(0, 2) } : {}),
      ...(r.chance(0.4) ? { depthField: 'depth' } : {}),
      ...(r.chance(0.3) ? { restrictSearchWithMatch: aFilter(r, 0) } : {}),
    },
  },
  // What is found has no order.
  {
    $set: {
      net: { $sortArray: { input: { $ifNull: ['$net', []] }, sortBy: { _id: 1 } } },
      'o.net': { $sortArray: { input: { $cond: [{ $isArray: '$o.net' }, '$o.net', []] }, sortBy: { _id: 1 } } },
    },
  },
];

const fill = (r: Random): Tree[] => {
  const output = (): unknown =>
    r.one<unknown>(
      () => ({ method: 'locf' }),
      () => ({ method: 'linear' }),
      () => ({ value: r.pick<unknown>([0, '$k', 'none']) }),
    );
  return [
    {
      $fill: {
        sortBy: { _id: r.pick([1, -1]) },
        ...(r.chance(0.3) ? { partitionBy: r.pick<unknown>(['$k', { even: { $mod: ['$_id', 2] } }]) } : {}),
        ...(r.chance(0.2) ? { partitionByFields: ['k'] } : {}),
        output: { [r.pick(['n', 'k', 'm'])]: output(), ...(r.chance(0.4) ? { 'o.x': output() } : {}) },
      },
    },
  ];
};

const densify = (r: Random): Tree[] => [
  { $match: { d: { $not: { $lt: new Date('2024-01-01T00:00:00Z') } } } },
  {
    $densify: {
      ...r.one<Tree>(
        () => ({
          field: 'd',
          range: {
            step: r.int(1, 3),
            unit: r.pick(['month', 'week', 'quarter', 'year']),
            bounds: r.pick<unknown>([
              'full',
              'partition',
              [new Date('2025-01-15T00:00:00Z'), new Date('2025-12-31T00:00:00Z')],
            ]),
          },
        }),
        () => ({
          field: r.pick(['k', '_id']),
          range: {
            step: r.pick<unknown>([1, 2, new Double(0.5), Decimal128.fromString('0.5'), Long.fromNumber(1)]),
            bounds: r.pick<unknown>(['full', 'partition', [-1, 4], [new Double(0.5), 6]]),
          },
        }),
      ),
      ...(r.chance(0.4) ? { partitionByFields: r.pick([['s'], ['k', 's']]) } : {}),
    },
  },
];

const bucket = (r: Random): Tree[] => [
  inOrder,
  ...r.one<Tree[]>(
    () => {
      const output = accumulators(r);
      const boundaries = [0, 2, 5, 50];
      const bucketed = { groupBy: r.pick(['$n', '$k', '$o.x']), boundaries, default: r.pick<unknown>(['rest', -1]) };
      return [{ $bucket: { ...bucketed, output } }, ...setsInOrder(output)];
    },
    () => [{ $bucket: { groupBy: r.pick(['$k']), boundaries: [-10, 10, 1000] } }],
    () => [{ $bucketAuto: { groupBy: r.pick(['$k', '$_id']), buckets: r.int(1, 4) } }],
  ),
];

/** One stage, or two, that work on each document alone. */
export const small = (r: Random): Tree[] =>
  r.one<Tree[]>(
    () => [{ $match: aFilter(r) }],
    // Never known beforehand to be false: MongoDB runs no stage then, and meets no error.
    () => [{ $match: { $expr: { $or: [{ $eq: ['$k', 77] }, aTruthExpression(r)] } } }],
    () => [{ $project: aAggregateProjection(r) }],
    () => [{ [r.pick(['$addFields', '$set'])]: { [r.pick(['n', 'e', 'o.x', 'l.x', 'm'])]: anExpression(r) } }],
    () => [{ $sort: aSort(r) }, { $skip: r.int(0, 2) }, { $limit: r.int(1, 8) }],
    () => [{ $unset: r.some(['n', 'o.x', 'l.x', 'a'], 1, 2) }],
    () => [{ $replaceRoot: { newRoot: { $mergeObjects: [{ _id: '$_id' }, r.pick(['$o', '$$ROOT'])] } } }],
    () => [{ $redact: { $cond: [{ $gt: ['$k', 1] }, '$$KEEP', r.pick(['$$PRUNE', '$$DESCEND'])] } }],
  );

const aAggregateProjection = (r: Random): Tree =>
  r.chance(0.4)
    ? { k: 1, e: anExpression(r), 'o.z': r.pick(['$n', '$m', '$l.x']) }
    : Object.fromEntries(
        Object.entries(aProjection(r)).filter(
          ([, value]) =>
            typeof value !== 'object' || value === null || !/\$(?:slice|elemMatch)/.test(JSON.stringify(value)),
        ),
      );

const last = (r: Random): Tree[] =>
  r.one<Tree[]>(
    () => [],
    () => [],
    () => [{ $count: 'howMany' }],
    () => [{ $sortByCount: r.pick(['$k', '$s']) }, ...groupsInOrder({ count: -1 })],
  );

function stages(r: Random, depth: number): Tree[] {
  const heavy: readonly (() => Tree[])[] = [
    () => group(r),
    () => windows(r),
    () => unwind(r),
    () => lookup(r),
    () => bucket(r),
    () => graphLookup(r),
    () => fill(r),
    () => densify(r),
    () => [{ $unionWith: { coll: 'other', pipeline: small(r) } }],
    ...(depth > 0
      ? [
          () => [
            {
              $facet: {
                one: [inOrder, ...small(r)],
                two: [...group(r), ...groupsInOrder({})],
                three: [{ $count: 'n' }],
              },
            },
          ],
        ]
      : []),
  ];
  return [...(r.chance(0.5) ? small(r) : []), ...r.one(...heavy), ...(r.chance(0.2) ? small(r) : []), ...last(r)];
}

export const aggregate = (pipeline: readonly Tree[]): Tree => ({
  aggregate: 'docs',
  pipeline,
  cursor: { batchSize: 1000 },
});

/** A pipeline of stages of every kind. */
export const aPipeline = (r: Random): Tree => aggregate(stages(r, 1));

/** A pipeline that computes two expressions for every document. */
export const aComputation = (r: Random): Tree =>
  aggregate([{ $project: { e: anExpression(r, 3), f: anExpression(r, 2) } }]);
