import { aDateExpression, anExpression, aNumberExpression, aTruthExpression } from './parity-expressions.js';
import { aFilter, aProjection, aSort } from './parity-queries.js';
import type { Random, Tree } from './parity-random.js';

const inOrder: Tree = { $sort: { _id: 1 } };

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
  const stages: Tree[] = [inOrder, { $group: { _id: groupKey(r), ...made } }];
  if (JSON.stringify(made).includes('$addToSet'))
    stages.push({ $set: { q: { $sortArray: { input: '$q', sortBy: 1 } } } });
  return stages;
};

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

const bucket = (r: Random): Tree[] => [
  inOrder,
  r.one<Tree>(
    () => ({
      $bucket: {
        groupBy: r.pick(['$n', '$k', '$o.x']),
        boundaries: [0, 2, 5, 50],
        default: r.pick<unknown>(['rest', -1]),
        output: accumulators(r),
      },
    }),
    () => ({ $bucket: { groupBy: r.pick(['$k']), boundaries: [-10, 10, 1000] } }),
    () => ({ $bucketAuto: { groupBy: r.pick(['$k', '$_id']), buckets: r.int(1, 4) } }),
  ),
];

const small = (r: Random): Tree[] =>
  r.one<Tree[]>(
    () => [{ $match: aFilter(r) }],
    () => [{ $match: { $expr: aTruthExpression(r) } }],
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
    () => [{ $sortByCount: r.pick(['$k', '$s']) }, { $sort: { count: -1, _id: 1 } }],
  );

function stages(r: Random, depth: number): Tree[] {
  const heavy: readonly (() => Tree[])[] = [
    () => group(r),
    () => windows(r),
    () => unwind(r),
    () => lookup(r),
    () => bucket(r),
    () => [{ $unionWith: { coll: 'other', pipeline: small(r) } }],
    ...(depth > 0
      ? [
          () => [
            {
              $facet: {
                one: [inOrder, ...small(r)],
                two: [...group(r), { $sort: { _id: 1 } }],
                three: [{ $count: 'n' }],
              },
            },
          ],
        ]
      : []),
  ];
  return [...(r.chance(0.5) ? small(r) : []), ...r.one(...heavy), ...(r.chance(0.2) ? small(r) : []), ...last(r)];
}

const aggregate = (pipeline: readonly Tree[]): Tree => ({ aggregate: 'docs', pipeline, cursor: { batchSize: 1000 } });

/** A pipeline of stages of every kind. */
export const aPipeline = (r: Random): Tree => aggregate(stages(r, 1));

/** A pipeline that computes two expressions for every document. */
export const aComputation = (r: Random): Tree =>
  aggregate([{ $project: { e: anExpression(r, 3), f: anExpression(r, 2) } }]);
