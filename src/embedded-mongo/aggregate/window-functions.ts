import { compareValues } from '../bson/compare.js';
import { Decimal128, Doc, double, isNullish, isNumeric, typeName, type Numeric, type Value } from '../bson/values.js';
import { failedToParse, MongoError } from '../errors.js';
import type { Expression, Scope } from '../expression/compile.js';
import { add, divide, multiply, subtract } from '../expression/numbers.js';
import { toInteger, toNumber } from '../query/types.js';
import type { IndexField } from '../storage/index-keys.js';
import { windowBounds, type Partition, type WindowFunction } from './window-bounds.js';

type SpecialFunction = (
  argument: Value,
  sort: readonly IndexField[],
  scope: Scope,
  window: Value | undefined,
) => WindowFunction;

/** Those that take a `window`. */
export const RANGED = new Set(['$derivative', '$integral', '$covariancePop', '$covarianceSamp']);

function requireSort(name: string, sort: readonly IndexField[]): void {
  if (sort.length === 0) throw new MongoError(5371602, `${name} requires a sortBy`);
}

const sameRank = (partition: Partition, sort: readonly IndexField[]): ((a: number, b: number) => boolean) => {
  const value = (i: number, field: IndexField): Value | undefined =>
    field.parts.reduce<Value | undefined>((v, part) => (v instanceof Doc ? v.get(part) : undefined), partition.docs[i]);
  return (a, b) => sort.every((field) => compareValues(value(a, field) ?? null, value(b, field) ?? null) === 0);
};

const rank =
  (dense: boolean): SpecialFunction =>
  (_argument, sort) => {
    requireSort(dense ? '$denseRank' : '$rank', sort);
    return (partition) => {
      const same = sameRank(partition, sort);
      let current = 0;
      return partition.docs.map((_, i) => {
        if (i === 0 || !same(i, i - 1)) current = dense ? current + 1 : i + 1;
        return current;
      });
    };
  };

const documentNumber: SpecialFunction = (_argument, sort) => {
  requireSort('$documentNumber', sort);
  return ({ docs }) => docs.map((_, i) => i + 1);
};

const shift: SpecialFunction = (argument, sort, scope) => {
  requireSort('$shift', sort);
  if (!(argument instanceof Doc)) throw failedToParse('Argument to $shift must be an object');
  const by = toInteger(argument.get('by'));
  if (by === undefined) throw failedToParse("'$shift:by' field must be an integer");
  const output = scope.compile(argument.get('output') ?? null);
  const otherwise = argument.has('default')
    ? (scope.compile(argument.get('default') ?? null)(Doc.from()) ?? null)
    : null;
  return ({ docs }) =>
    docs.map((_, i) => {
      const other = docs[i + by];
      return (other && output(other)) ?? otherwise;
    });
};

/** Carries the last value that is not null forward. */
const locf: SpecialFunction = (argument, _sort, scope) => {
  const input = scope.compile(argument);
  return ({ docs }) => {
    let last: Value = null;
    return docs.map((doc) => {
      const value = input(doc);
      if (!isNullish(value)) last = value;
      return last;
    });
  };
};

/** Fills null by the straight line between the values around it. */
const linearFill: SpecialFunction = (argument, sort, scope) => {
  if (sort.length !== 1)
    throw new MongoError(
      605001,
      '$linearFill must be specified with a top level sortBy expression with exactly one element',
    );
  const input = scope.compile(argument);
  return ({ docs, keys }) => {
    const values = docs.map((doc) => input(doc));
    const positions = keys.map(position);
    const odd = values.find((value) => !isNullish(value) && !isNumeric(value));
    if (odd !== undefined)
      throw new MongoError(14, `Value to be filled must be numeric or nullish, but found ${typeName(odd)}`);
    return values.map((value, i) => {
      if (!isNullish(value)) return value;
      const before = values.findLastIndex((other, k) => k < i && !isNullish(other));
      const after = values.findIndex((other, k) => k > i && !isNullish(other));
      if (before < 0 || after < 0) return null;
      if (values[before] instanceof Decimal128 || values[after] instanceof Decimal128)
        throw new MongoError(2, '$linearFill of a decimal is not supported by this server');
      return interpolate(
        [positions[before] ?? 0, positions[i] ?? 0, positions[after] ?? 0],
        values[before],
        values[after],
      );
    });
  };
};

function position(key: Value | undefined): Numeric {
  if (key instanceof Date) return BigInt(key.getTime());
  if (isNumeric(key)) return key;
  throw new MongoError(14, `Value of the sortBy field must be numeric or a date, but found ${typeName(key)}`);
}

function interpolate([x0, x, x1]: [Numeric, Numeric, Numeric], y0: Value | undefined, y1: Value | undefined): Value {
  if (!isNumeric(y0) || !isNumeric(y1)) throw new MongoError(605003, 'Value to be filled must be numeric or nullish');
  // In this order, which decides the last digit.
  const slope = divide(subtract(y1, y0), subtract(x1, x0));
  return add(y0, multiply(subtract(x, x0), slope));
}

/** A number for what is computed with doubles here. @throws MongoError for decimals, which would lose digits. */
function doubleFor(name: string, value: Numeric): number {
  if (value instanceof Decimal128) throw new MongoError(2, `${name} of a decimal is not supported by this server`);
  return toNumber(value);
}

const expMovingAvg: SpecialFunction = (argument, sort, scope) => {
  requireSort('$expMovingAvg', sort);
  if (!(argument instanceof Doc)) throw failedToParse('$expMovingAvg must have exactly one argument that is an object');
  const input = scope.compile(argument.get('input') ?? null);
  const [n, given] = [argument.get('N'), argument.get('alpha')];
  if ((n === undefined) === (given === undefined)) throw failedToParse('$expMovingAvg requires either N or alpha');
  const alpha = n === undefined ? toNumber(given) : 2 / (toNumber(n) + 1);
  if (!(alpha > 0 && alpha < 1) && n === undefined) throw failedToParse("'alpha' must be between 0 and 1 (exclusive)");
  return ({ docs }) => {
    let current: number | undefined;
    return docs.map((doc) => {
      const value = input(doc);
      if (isNumeric(value)) {
        const next = doubleFor('$expMovingAvg', value);
        current = current === undefined ? next : next * alpha + current * (1 - alpha);
      }
      return current === undefined ? null : double(current);
    });
  };
};

const UNIT_MS: Readonly<Record<string, number>> = {
  week: 604_800_000,
  day: 86_400_000,
  hour: 3_600_000,
  minute: 60_000,
  second: 1000,
  millisecond: 1,
};

/** $derivative and $integral: the sort field as a number of units, and the input, over the window. */
const overTime =
  (name: string, compute: (points: readonly (readonly [number, number])[]) => number | undefined): SpecialFunction =>
  (argument, sort, scope, window) => {
    if (sort.length !== 1) throw new MongoError(5624903, `${name} requires a sortBy of exactly one field`);
    if (!(argument instanceof Doc)) throw failedToParse(`${name} expects an object`);
    const input: Expression = scope.compile(argument.get('input') ?? null);
    const unitName = argument.get('unit');
    const unit = typeof unitName === 'string' ? UNIT_MS[unitName] : undefined;
    if (unitName !== undefined && unit === undefined)
      throw new MongoError(5490704, `unit of ${name} must be week or smaller`);
    if (window === undefined && name === '$derivative')
      throw new MongoError(5490706, '$derivative requires explicit window bounds');
    const bounds = windowBounds(window, sort);
    const place = (key: Value | undefined): number => {
      if (key instanceof Date && unit !== undefined) return key.getTime() / unit;
      if (isNumeric(key) && unit === undefined) return doubleFor(name, key);
      throw new MongoError(5624901, `${name} with a sortBy of dates needs a 'unit', and only then`);
    };
    return (partition) =>
      partition.docs.map((_, i) => {
        const [from, to] = bounds(partition, i);
        const points: (readonly [number, number])[] = [];
        for (let k = from; k <= to; k++) {
          const doc = partition.docs[k];
          const value = doc && input(doc);
          if (isNumeric(value)) points.push([place(partition.keys[k]), doubleFor(name, value)]);
        }
        const result = compute(points);
        if (result === undefined) return null;
        return name === '$integral' && points.length === 1 ? 0 : double(result);
      });
  };

const covariance =
  (name: string, sample: boolean): SpecialFunction =>
  (argument, sort, scope, window) => {
    const [left, right] = scope.compileList(argument);
    const bounds = windowBounds(window, sort);
    return (partition) =>
      partition.docs.map((_, i) => {
        const [from, to] = bounds(partition, i);
        const pairs = partition.docs.slice(from, to + 1).flatMap((doc): [number, number][] => {
          const [x, y] = [left?.(doc), right?.(doc)];
          return isNumeric(x) && isNumeric(y) ? [[doubleFor(name, x), doubleFor(name, y)]] : [];
        });
        const count = pairs.length;
        if (count === 0 || (sample && count === 1)) return null;
        const mean = (pick: 0 | 1): number => pairs.reduce((sum, pair) => sum + pair[pick], 0) / count;
        const [mx, my] = [mean(0), mean(1)];
        return double(pairs.reduce((sum, [x, y]) => sum + (x - mx) * (y - my), 0) / (sample ? count - 1 : count));
      });
  };

/** Window functions that are not accumulators. */
export const SPECIAL: Readonly<Record<string, SpecialFunction>> = {
  $rank: rank(false),
  $denseRank: rank(true),
  $documentNumber: documentNumber,
  $shift: shift,
  $locf: locf,
  $linearFill: linearFill,
  $expMovingAvg: expMovingAvg,
  $covariancePop: covariance('$covariancePop', false),
  $covarianceSamp: covariance('$covarianceSamp', true),
  $derivative: overTime('$derivative', (points) => {
    const [first, last] = [points[0], points.at(-1)];
    return first && last && points.length > 1 ? (last[1] - first[1]) / (last[0] - first[0]) : undefined;
  }),
  $integral: overTime('$integral', (points) => {
    if (points.length === 0) return undefined;
    return points.slice(1).reduce((area, [x, y], i) => {
      const [x0, y0] = points[i] ?? [x, y];
      return area + ((x - x0) * (y + y0)) / 2;
    }, 0);
  }),
};
