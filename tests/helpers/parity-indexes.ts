import { Double, Long } from 'mongodb';
import type { Random, Tree } from './parity-random.js';

const keys = (r: Random): unknown =>
  r.one<unknown>(
    () => ({ [r.pick(['n', 'k', 's', 'o.x', 'a', 'l.x', 'm'])]: r.pick<unknown>([1, -1, new Double(1)]) }),
    () => ({ [r.pick(['n', 'k'])]: 1, [r.pick(['s', 'o.x', 'a', 'l.x'])]: -1 }),
    () => ({ a: 1, 'l.x': 1 }),
    () => ({ _id: r.pick([1, -1]) }),
    () => ({ k: r.pick<unknown>([0, 'x', '', true, null, 2, new Double(0.5), Long.fromNumber(-3), NaN]) }),
    () => r.pick<unknown>([{}, 'k', { '': 1 }, { 'k.': 1 }, { '.k': 1 }, { $k: 1 }, { 'o.$x': 1 }, { 'a..b': 1 }]),
  );

/** Indexes of version 1 take no decimals in MongoDB; whether there are any is not looked at here. */
const withoutOldVersion = (made: Tree): Tree => (made['v'] === 1 ? { v: 2 } : made);

const options = (r: Random): Tree =>
  r.one<Tree>(
    () => ({}),
    () => ({ unique: r.pick<unknown>([true, true, false, 1, 'yes']) }),
    () => ({ sparse: r.pick<unknown>([true, false, 1, 'yes']) }),
    () => ({ expireAfterSeconds: r.pick<unknown>([3600, 0, -1, new Double(1.5), 'x', 4_000_000_000]) }),
    () => ({
      partialFilterExpression: r.one<unknown>(
        () => ({ k: { [r.pick(['$gt', '$exists', '$eq'])]: r.pick<unknown>([1, true, 2]) } }),
        () => ({ k: { $type: 'int' }, n: { $in: [1, 2] } }),
        () => r.pick<unknown>(['x', {}, { $or: [{ k: 1 }, { n: 2 }] }, { k: { $ne: 1 } }]),
      ),
    }),
    () => ({ sparse: true, partialFilterExpression: { k: 1 } }),
    () => ({ hidden: r.pick<unknown>([true, false, 'x']) }),
    () => withoutOldVersion({ [r.pick(['background', 'v', 'nonsense'])]: r.pick<unknown>([true, 2, 1, 0, 3]) }),
    () => ({ unique: true, sparse: true }),
  );

const soundOptions = (r: Random): Tree =>
  r.pick<Tree>([{}, { unique: true }, { sparse: true }, { hidden: true }, { partialFilterExpression: { k: 1 } }]);

function anIndex(r: Random): Tree {
  // Mostly one that can be built.
  if (r.chance(0.8))
    return { key: { [r.pick(['n', 's', 'd', 'o.x'])]: 1, _id: 1 }, name: r.pick(['one', 'two']), ...soundOptions(r) };
  const name = r.pick<unknown>(['one', 'two', 'one', '_id_', '', '*', 5]);
  return { key: keys(r), name: r.chance(0.8) ? r.pick(['one', 'two', 'three']) : name, ...options(r) };
}

/** A command on indexes, of which some are not accepted. */
export const anIndexCommand = (r: Random): Tree =>
  r.one<Tree>(
    () => ({ createIndexes: 'docs', indexes: [anIndex(r)] }),
    () => ({ createIndexes: 'docs', indexes: [anIndex(r)] }),
    () => ({ createIndexes: 'docs', indexes: [anIndex(r)] }),
    () => ({ createIndexes: 'docs', indexes: [anIndex(r)] }),
    () => ({ createIndexes: 'docs', indexes: [anIndex(r), anIndex(r)] }),
    () => ({
      createIndexes: r.pick(['fresh', 'docs']),
      indexes: r.pick<unknown>([[], [{}], [{ key: { k: 1 } }], 'x']),
    }),
    () => ({
      dropIndexes: 'docs',
      index: r.pick<unknown>(['*', '_id_', 'none', { k: 1 }, { _id: 1 }, ['none'], 'first']),
    }),
  );
