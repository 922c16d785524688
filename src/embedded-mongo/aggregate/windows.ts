import { compareValues } from '../bson/compare.js';
import { Doc, double, isNullish, isNumeric, type Numeric, type Value } from '../bson/values.js';
import { failedToParse, MongoError } from '../errors.js';
import { fieldPath, type Expression, type Scope } from '../expression/compile.js';
import { addUnits, parseUnit, UTC } from '../expression/calendar.js';
import { add, divide, multiply, subtract } from '../expression/numbers.js';
import { PAUSE } from '../query/execute.js';
import { parseSort, Sorter } from '../query/sort.js';
import { toInteger, toNumber } from '../query/types.js';
import type { IndexField } from '../storage/index-keys.js';
import { compileAccumulator, isAccumulator } from './accumulators.js';
import { replaceAt } from './shape.js';
import type { StageCompiler } from './stage.js';

/** The documents of one partition in order, with what their sort field holds. */
interface Partition {
  readonly docs: readonly Doc[];
  readonly keys: readonly (Value | undefined)[];
}

/** The value of a window function for each document of a partition. */
type WindowFunction = (partition: Partition) => (Value | undefined)[];

export const setWindowFieldsStage: StageCompiler = (argument, { scope }) => {
  if (!(argument instanceof Doc)) throw failedToParse('the $setWindowFields stage specification must be an object');
  for (const key of argument.keys()) {
    if (!['partitionBy', 'sortBy', 'output'].includes(key))
      throw new MongoError(40415, `BSON field '$setWindowFields.${key}' is an unknown field.`);
  }
  const output = argument.get('output');
  if (!(output instanceof Doc))
    throw new MongoError(40414, "BSON field '$setWindowFields.output' is missing but a required field");
  const sortSpec = argument.get('sortBy');
  const sort = sortSpec instanceof Doc ? parseSort(sortSpec) : [];
  const partitionBy = scope.compile(argument.get('partitionBy') ?? null);
  const functions = [...output.entries()].map(([path, spec]) => ({
    parts: fieldPath(path),
    compute: compileFunction(path, spec, sort, scope),
  }));
  return function* (input) {
    const groups = new Map<string, { key: Value; sorter: Sorter<Doc> }>();
    for (const doc of input) {
      if (doc === PAUSE) {
        yield doc;
        continue;
      }
      const key = partitionBy(doc) ?? null;
      if (Array.isArray(key))
        throw new MongoError(14, 'An expression used to partition cannot evaluate to value of type array');
      const group = groups.get(scope.identity(key)) ?? {
        key,
        sorter: new Sorter<Doc>(sort, Infinity, scope.compareText),
      };
      groups.set(scope.identity(key), group);
      group.sorter.add(doc, doc);
    }
    const ordered = [...groups.values()].sort((a, b) => compareValues(a.key, b.key));
    for (const { sorter } of ordered) yield* addOutputs(sorter.sorted(), sort, functions);
  };
};

function addOutputs(
  docs: Doc[],
  sort: readonly IndexField[],
  functions: readonly { parts: string[]; compute: WindowFunction }[],
): Doc[] {
  const path = sort[0]?.parts ?? [];
  const keys = docs.map((doc) =>
    path.reduce<Value | undefined>((value, part) => (value instanceof Doc ? value.get(part) : undefined), doc),
  );
  const partition: Partition = { docs, keys };
  return functions.reduce<Doc[]>((results, { parts, compute }) => {
    const values = compute(partition);
    return results.map((doc, i) => (values[i] === undefined ? doc : replaceAt(doc, parts, values[i])));
  }, docs);
}

function compileFunction(path: string, spec: Value, sort: readonly IndexField[], scope: Scope): WindowFunction {
  if (!(spec instanceof Doc)) throw failedToParse(`The field '${path}' must be an object`);
  const window = spec.get('window');
  const entries = [...spec.entries()].filter(([name]) => name !== 'window');
  const [entry] = entries;
  if (!entry || entries.length > 1) throw failedToParse('Expected a $-prefixed window function');
  const [name, argument] = entry;
  const special = SPECIAL[name];
  if (special) {
    if (window !== undefined && !RANGED.has(name))
      throw new MongoError(5371601, `${name} does not accept a 'window' field`);
    return special(argument, sort, scope, window);
  }
  if (!isAccumulator(name)) throw failedToParse(`Unrecognized window function, ${name}`);
  const accumulator = compileAccumulator(path, Doc.from([[name, argument]]), scope);
  const bounds = windowBounds(window, sort);
  return (partition) =>
    partition.docs.map((_, i) => {
      const [from, to] = bounds(partition, i);
      const gathering = accumulator();
      for (let k = from; k <= to; k++) {
        const doc = partition.docs[k];
        if (doc) gathering.add(doc);
      }
      return gathering.result();
    });
}

/** First and last index of the window around a document. */
type Bounds = (partition: Partition, index: number) => readonly [number, number];

function windowBounds(window: Value | undefined, sort: readonly IndexField[]): Bounds {
  if (window === undefined || (window instanceof Doc && window.size === 0)) return ({ docs }) => [0, docs.length - 1];
  if (!(window instanceof Doc)) throw failedToParse("'window' field must be an object");
  const documents = window.get('documents');
  const range = window.get('range');
  if (documents !== undefined && range !== undefined)
    throw failedToParse("Window bounds can specify either 'documents' or 'unit', not both.");
  if (documents !== undefined) return documentBounds(pair(documents, 'documents'), sort);
  if (range !== undefined) return rangeBounds(pair(range, 'range'), window.get('unit'), sort);
  return ({ docs }) => [0, docs.length - 1];
}

function pair(bounds: Value, name: string): [Value, Value] {
  const [lower, upper] = Array.isArray(bounds) ? bounds : [];
  if (!Array.isArray(bounds) || bounds.length !== 2 || lower === undefined || upper === undefined) {
    throw failedToParse(`Window bounds must be a 2-element array: ${name}`);
  }
  return [lower, upper];
}

function documentBounds([lower, upper]: [Value, Value], sort: readonly IndexField[]): Bounds {
  const offset = (bound: Value, unbounded: number): number => {
    if (bound === 'unbounded') return unbounded;
    if (bound === 'current') return 0;
    const integer = toInteger(bound);
    if (integer === undefined) throw failedToParse('Numeric document-based bounds must be an integer');
    return integer;
  };
  const [from, to] = [offset(lower, -Infinity), offset(upper, Infinity)];
  if (from > to) throw new MongoError(5339900, 'Lower bound must not exceed upper bound');
  if (sort.length === 0 && (from !== -Infinity || to !== Infinity))
    throw new MongoError(5339901, 'Document-based bounds require a sortBy');
  return ({ docs }, i) => [Math.max(0, i + from), Math.min(docs.length - 1, i + to)];
}

function rangeBounds([lower, upper]: [Value, Value], unit: Value | undefined, sort: readonly IndexField[]): Bounds {
  if (sort.length !== 1 || sort[0]?.descending === true)
    throw new MongoError(5339902, 'Range-based bounds require sortBy a single, ascending field');
  const shift = (key: Value, bound: Value): Value => {
    if (!isNumeric(bound)) return key;
    if (key instanceof Date) {
      if (typeof unit !== 'string')
        throw new MongoError(5429513, 'For windows that involve date or time ranges, a unit must be provided.');
      return new Date(addUnits(key.getTime(), parseUnit(unit), toNumber(bound), UTC));
    }
    if (unit !== undefined) throw new MongoError(5429514, 'Invalid range: Expected the sortBy field to be a Date');
    if (!isNumeric(key)) throw new MongoError(5429414, 'Invalid range: Expected the sortBy field to be a number');
    return add(key, bound);
  };
  return ({ keys }, i) => {
    const key = keys[i] ?? null;
    const [low, high] = [shift(key, lower), shift(key, upper)];
    let from = lower === 'unbounded' ? 0 : i;
    let to = upper === 'unbounded' ? keys.length - 1 : i;
    if (lower !== 'unbounded') {
      from = keys.findIndex((other) => comparable(other, key) && compareValues(other ?? null, low) >= 0);
      if (from < 0) return [0, -1];
    }
    if (upper !== 'unbounded') {
      to = keys.findLastIndex((other) => comparable(other, key) && compareValues(other ?? null, high) <= 0);
    }
    return [from, to];
  };
}

const comparable = (a: Value | undefined, b: Value): boolean =>
  isNumeric(a) === isNumeric(b) && a instanceof Date === b instanceof Date;

type SpecialFunction = (
  argument: Value,
  sort: readonly IndexField[],
  scope: Scope,
  window: Value | undefined,
) => WindowFunction;

const RANGED = new Set(['$derivative', '$integral', '$covariancePop', '$covarianceSamp']);

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
      return other ? (output(other) ?? null) : otherwise;
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
    return values.map((value, i) => {
      if (!isNullish(value)) return value;
      const before = values.findLastIndex((other, k) => k < i && !isNullish(other));
      const after = values.findIndex((other, k) => k > i && !isNullish(other));
      if (before < 0 || after < 0) return null;
      return interpolate(
        [position(keys[before]), position(keys[i]), position(keys[after])],
        values[before],
        values[after],
      );
    });
  };
};

function position(key: Value | undefined): Numeric {
  if (key instanceof Date) return BigInt(key.getTime());
  if (isNumeric(key)) return key;
  throw new MongoError(605002, '$linearFill needs a sortBy field of numbers or dates');
}

function interpolate([x0, x, x1]: [Numeric, Numeric, Numeric], y0: Value | undefined, y1: Value | undefined): Value {
  if (!isNumeric(y0) || !isNumeric(y1)) throw new MongoError(605003, 'Value to be filled must be numeric or nullish');
  const share = divide(subtract(x, x0), subtract(x1, x0));
  return add(y0, multiply(subtract(y1, y0), share));
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
      if (isNumeric(value))
        current = current === undefined ? toNumber(value) : toNumber(value) * alpha + current * (1 - alpha);
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
      if (isNumeric(key) && unit === undefined) return toNumber(key);
      throw new MongoError(5624901, `${name} with a sortBy of dates needs a 'unit', and only then`);
    };
    return (partition) =>
      partition.docs.map((_, i) => {
        const [from, to] = bounds(partition, i);
        const points: (readonly [number, number])[] = [];
        for (let k = from; k <= to; k++) {
          const doc = partition.docs[k];
          const value = doc && input(doc);
          if (isNumeric(value)) points.push([place(partition.keys[k]), toNumber(value)]);
        }
        const result = compute(points);
        if (result === undefined) return null;
        return name === '$integral' && points.length === 1 ? 0 : double(result);
      });
  };

const covariance =
  (sample: boolean): SpecialFunction =>
  (argument, sort, scope, window) => {
    const [left, right] = scope.compileList(argument);
    const bounds = windowBounds(window, sort);
    return (partition) =>
      partition.docs.map((_, i) => {
        const [from, to] = bounds(partition, i);
        const pairs = partition.docs.slice(from, to + 1).flatMap((doc): [number, number][] => {
          const [x, y] = [left?.(doc), right?.(doc)];
          return isNumeric(x) && isNumeric(y) ? [[toNumber(x), toNumber(y)]] : [];
        });
        const count = pairs.length;
        if (count === 0 || (sample && count === 1)) return null;
        const mean = (pick: 0 | 1): number => pairs.reduce((sum, pair) => sum + pair[pick], 0) / count;
        const [mx, my] = [mean(0), mean(1)];
        return double(pairs.reduce((sum, [x, y]) => sum + (x - mx) * (y - my), 0) / (sample ? count - 1 : count));
      });
  };

const SPECIAL: Readonly<Record<string, SpecialFunction>> = {
  $rank: rank(false),
  $denseRank: rank(true),
  $documentNumber: documentNumber,
  $shift: shift,
  $locf: locf,
  $linearFill: linearFill,
  $expMovingAvg: expMovingAvg,
  $covariancePop: covariance(false),
  $covarianceSamp: covariance(true),
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
