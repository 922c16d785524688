import { BSONRegExp, Decimal128, Double, Long } from 'mongodb';
import type { Random, Tree } from './parity-random.js';
import { aDate, aNumber, aScalar, aText, aValue } from './parity-values.js';

const paths = [
  'n',
  's',
  'd',
  'k',
  'a',
  'm',
  'o.x',
  'o.y',
  'l.x',
  'l.y',
  'a.0',
  'l.1.x',
  'm.x',
  'o',
  'l',
  '_id',
  'absent',
];
export const aPath = (r: Random): string => r.pick(paths);

const valueFor = (r: Random, path: string): unknown =>
  r.chance(0.2)
    ? aValue(r, 1)
    : path === 's'
      ? aText(r)
      : path === 'd'
        ? aDate(r)
        : path === 'k' || path === '_id'
          ? r.int(0, 6)
          : r.chance(0.7)
            ? aNumber(r)
            : aScalar(r);

const types = [
  'double',
  'string',
  'object',
  'array',
  'binData',
  'objectId',
  'bool',
  'date',
  'null',
  'int',
  'long',
  'decimal',
  'number',
];
const patterns = ['^a', 'b$', '^H', 'tịch', 'đ', '.', '^$', 'n.*v', '[A-Z]', '^(a|b)'];

/** A condition on one path: `{ $gt: 3 }`, a plain value or a regular expression. */
export function aCondition(r: Random, path: string, depth = 1): unknown {
  const value = (): unknown => valueFor(r, path);
  const plain = (): unknown => {
    const made = value();
    return made instanceof BSONRegExp ? 1 : made;
  };
  return r.one<unknown>(
    value,
    () => ({ [r.pick(['$eq', '$ne', '$gt', '$gte', '$lt', '$lte'])]: plain() }),
    () => ({ [r.pick(['$gt', '$gte'])]: plain(), [r.pick(['$lt', '$lte'])]: plain() }),
    () => ({ [r.pick(['$in', '$nin'])]: r.many(0, 4, value) }),
    () => ({ $exists: r.pick([true, false, 1, 0]) }),
    () => ({ $type: r.chance(0.7) ? r.pick(types) : r.some(types, 1, 3) }),
    () => ({ $size: r.pick([0, 1, 2, 3, new Double(2), Long.fromNumber(1)]) }),
    () => ({ $all: r.many(0, 2, plain) }),
    () => ({ $mod: [r.pick([2, 3, new Double(2.5), Long.fromNumber(4)]), r.int(0, 2)] }),
    () => ({ $regex: r.pick(patterns), $options: r.pick(['', 'i', 's', 'm']) }),
    () => ({ [r.pick(['$bitsAllSet', '$bitsAnySet', '$bitsAllClear', '$bitsAnyClear'])]: r.pick([1, 5, [0, 2]]) }),
    () => (depth > 0 ? { $not: notable(aCondition(r, path, depth - 1)) } : value()),
    () =>
      depth > 0
        ? {
            $elemMatch: r.chance(0.5)
              ? aFilter(r, depth - 1, ['x', 'y', 't'])
              : withoutAll(notable(aCondition(r, path, 0))),
          }
        : value(),
  );
}

const isOperators = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.keys(value).some((key) => key.startsWith('$'));
const notable = (condition: unknown): unknown => (isOperators(condition) ? condition : { $eq: 1 });

/** MongoDB 7.0 fails to optimize some filters with `$all` inside `$elemMatch`. */
const withoutAll = (condition: unknown): unknown =>
  typeof condition === 'object' && condition !== null && '$all' in condition ? { $eq: 1 } : condition;

/** A filter of a few conditions, some of them joined by logic. */
export function aFilter(r: Random, depth = 2, from: readonly string[] = paths): Tree {
  const conditions = r.some(from, depth === 2 ? 0 : 1, 2).map((path) => [path, aCondition(r, path)]);
  const filter: Tree = Object.fromEntries(conditions);
  if (depth > 0 && r.chance(0.35))
    filter[r.pick(['$and', '$or', '$nor'])] = r.many(1, 3, () => aFilter(r, depth - 1, from));
  if (depth === 2 && r.chance(0.06))
    filter['$expr'] = { [r.pick(['$gt', '$eq', '$lte'])]: [`$${aPath(r)}`, aScalar(r)] };
  return filter;
}

/** A sort that leaves no two documents equal. */
export function aSort(r: Random): Tree {
  const keys = r
    .some(
      paths.filter((path) => !path.startsWith('_id')),
      0,
      2,
    )
    .filter((path, i, all) => {
      // Two array paths in one key are refused in both; not what is looked at here.
      return i === 0 || !all.slice(0, i).some((other) => other.split('.')[0] === path.split('.')[0]);
    });
  return Object.fromEntries([...keys, '_id'].map((path) => [path, r.pick([1, -1])]));
}

/** Inclusion, exclusion, slices, element matches and computed fields. */
export function aProjection(r: Random): Tree {
  const named = ['n', 's', 'a', 'o.x', 'l.x', 'l.y', 'm', 'm.x', 'o', 'l', 'absent'];
  const chosen = r
    .some(named, 1, 3)
    .filter((path, i, all) => !all.some((other, j) => j !== i && path.startsWith(`${other}.`)));
  return r.one<Tree>(
    () => Object.fromEntries(chosen.map((path) => [path, r.pick([1, true, new Double(1), Long.fromNumber(1)])])),
    () => ({ ...Object.fromEntries(chosen.map((path) => [path, 1])), _id: 0 }),
    () => Object.fromEntries(chosen.map((path) => [path, r.pick([0, false, Decimal128.fromString('0')])])),
    () => ({ k: r.pick([0, 1]), a: { $slice: r.pick([1, -2, [1, 2], [-2, 1], 0]) } }),
    () => ({ l: { $elemMatch: aFilter(r, 0, ['x', 'y']) }, k: 1 }),
    () => ({ k: 1, twice: { $multiply: [{ $ifNull: ['$k', 0] }, 2] }, 'o.z': { $literal: 1 } }),
  );
}

export interface IndexSpec extends Tree {
  readonly key: Tree;
  readonly name: string;
}

/** Indexes that any documents of the generator can have; unique ones are kept to `_id`-led keys. */
export function someIndexes(r: Random): IndexSpec[] {
  const made = r.many(0, 3, (): IndexSpec => {
    const fields = r.some(['n', 's', 'd', 'k', 'o.x', 'm'], 1, 3);
    const keyed = r.chance(0.35)
      ? [r.pick(['a', 'l.x', 'l.y', 'a.0']), ...fields.filter((name) => name !== 'm')]
      : fields;
    const key = Object.fromEntries(keyed.map((path) => [path, r.pick([1, -1])]));
    const name = Object.entries(key).flat().join('_');
    return r.one<IndexSpec>(
      () => ({ key, name }),
      () => ({ key, name }),
      () => ({ key, name, sparse: true }),
      () => ({ key, name, partialFilterExpression: { k: { $gte: 1 } } }),
      () => ({ key: { ...key, _id: 1 }, name: `${name}__id_1`, unique: true }),
    );
  });
  return made.filter((spec, i) => made.findIndex((other) => other.name === spec.name) === i);
}

/** Find, count and distinct. */
export function aRead(r: Random, indexes: readonly IndexSpec[]): Tree {
  const filter = aFilter(r);
  const more = { ...someCollation(r), ...someHint(r, indexes) };
  return r.one<Tree>(
    () => ({ find: 'docs', filter, ...more }),
    () => ({ find: 'docs', filter, sort: aSort(r), ...more }),
    () => ({ find: 'docs', filter, sort: aSort(r), skip: r.int(0, 3), limit: r.int(0, 5), ...more }),
    () => ({ find: 'docs', filter, sort: aSort(r), projection: aProjection(r), ...more }),
    () => ({ find: 'docs', filter, projection: aProjection(r), ...more }),
    () => ({
      ...{ count: 'docs', query: filter, ...more },
      ...(r.chance(0.3) ? { skip: r.int(0, 2), limit: r.int(1, 5) } : {}),
    }),
    () => ({ distinct: 'docs', key: aPath(r), query: r.chance(0.5) ? {} : filter }),
  );
}

/** A collation, or none most of the time. */
export const someCollation = (r: Random): Tree =>
  r.chance(0.85)
    ? {}
    : {
        collation: {
          locale: r.pick(['vi', 'en', 'fr', 'simple']),
          strength: r.int(1, 3),
          ...(r.chance(0.2) ? { caseLevel: true } : {}),
          ...(r.chance(0.2) ? { numericOrdering: true } : {}),
          ...(r.chance(0.2) ? { caseFirst: r.pick(['upper', 'lower', 'off']) } : {}),
        },
      };

/** A hint on one of the indexes that are there, now and then on none; none at all most of the time. */
export const someHint = (r: Random, indexes: readonly IndexSpec[]): Tree =>
  r.chance(0.8)
    ? {}
    : {
        hint: r.one<unknown>(
          () => '_id_',
          () => ({ $natural: r.pick([1, -1]) }),
          () => r.pick<unknown>(['none', { none: 1 }, { _id: 1 }]),
          ...indexes.map((index) => () => (r.chance(0.5) ? index.name : index.key)),
        ),
      };
