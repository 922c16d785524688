import type { Random, Tree } from './parity-random.js';
import { aggregate, inOrder, small } from './parity-pipelines.js';
import { aRegularDocument } from './parity-values.js';

/** What the collection `out` holds before a pipeline writes to it; `k` is unique there. */
export const someOutput = (r: Random): Tree[] =>
  Array.from({ length: 5 }, (_, i) => ({ ...aRegularDocument(r, i * 2), k: i * 20 }));

function merge(r: Random): Tree {
  const whenMatched = r.one<unknown>(
    () => r.pick(['replace', 'replace', 'merge', 'merge', 'keepExisting', 'fail']),
    () => [{ $set: { was: '$n', n: '$$new.n' } }],
    () => [{ $replaceWith: { $mergeObjects: ['$$ROOT', { k: '$k', mine: '$$mine' }] } }],
  );
  return {
    into: r.pick<unknown>(['out', 'out', { coll: 'out' }, 'fresh']),
    ...(r.chance(0.4) ? { on: r.pick<unknown>(['_id', '_id', 'k', ['k'], ['k', '_id'], 'n']) } : {}),
    whenMatched,
    whenNotMatched: r.pick(['insert', 'insert', 'discard', 'discard', 'fail']),
    ...(JSON.stringify(whenMatched).includes('$$mine') ? { let: { mine: '$k', new: '$$ROOT' } } : {}),
  };
}

/** Documents that are to be written: the first of each `k` now and then, so that a unique key can hold. */
const source = (r: Random): Tree[] => [
  inOrder,
  ...(r.chance(0.8) ? [{ $match: { k: { $type: 'int' } } }] : []),
  ...(r.chance(0.5) ? small(r) : []),
  ...(r.chance(0.5)
    ? [{ $group: { _id: '$k', n: { $max: '$n' }, s: { $min: '$s' } } }, { $set: { k: '$_id' } }, { $sort: { _id: 1 } }]
    : []),
];

/** A pipeline that ends in `$merge` or `$out`. */
export const anOutput = (r: Random): Tree =>
  aggregate([...source(r), r.chance(0.7) ? { $merge: merge(r) } : { $out: r.pick<unknown>(['out', 'fresh', 'docs']) }]);
