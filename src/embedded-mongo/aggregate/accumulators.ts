import { largest, smallest, type Keeper } from '../expression/extremes.js';
import { compareValues } from '../bson/compare.js';
import { asDecimal128, divideDecimals, fromDecimal, parseDecimal } from '../bson/decimal.js';
import { Decimal128, Doc, double, isNullish, isNumeric, typeName, type Numeric, type Value } from '../bson/values.js';
import { failedToParse, MongoError } from '../errors.js';
import { namedFields } from '../expression/arguments.js';
import type { Expression, Scope } from '../expression/compile.js';
import { Sum } from '../expression/numbers.js';
import { Sorter, parseSort } from '../query/sort.js';
import { toNumber } from '../query/types.js';
import type { IndexField } from '../storage/index-keys.js';
import { percentileRanks, percentiles } from './percentiles.js';

/** Gathers values of one group. */
export interface Gathering {
  add(root: Doc): void;
  result(): Value | undefined;
}

/** Makes the gathering of a new group. */
export type Accumulator = () => Gathering;

type MakeAccumulator = (argument: Value, scope: Scope, name: string) => Accumulator;

/** An accumulator takes one expression, in a list or not. */
function onlyArgument(argument: Value, name: string): Value {
  if (!Array.isArray(argument)) return argument;
  const [only] = argument;
  if (only === undefined || argument.length > 1)
    throw new MongoError(40237, `The ${name} accumulator is a unary operator`);
  return only;
}

/** An accumulator over the values of one expression. */
const over =
  (make: (scope: Scope) => { add(value: Value | undefined): void; result(): Value | undefined }): MakeAccumulator =>
  (argument, scope, name) => {
    const expression = scope.compile(onlyArgument(argument, name));
    return () => {
      const inner = make(scope);
      return { add: (root) => inner.add(expression(root)), result: () => inner.result() };
    };
  };

const sum = over(() => {
  const total = new Sum();
  return {
    add: (value) => {
      if (isNumeric(value)) total.add(value);
    },
    result: () => total.result(),
  };
});

const average = over(() => {
  const total = new Sum();
  let count = 0;
  return {
    add: (value) => {
      if (!isNumeric(value)) return;
      total.add(value);
      count++;
    },
    result: () => (count === 0 ? null : mean(total.result(), count)),
  };
});

/** A sum divided by a count: a double, or a decimal when the sum is one. */
export function mean(total: Numeric, count: number): Value {
  if (total instanceof Decimal128)
    return fromDecimal(divideDecimals(parseDecimal(total), parseDecimal(asDecimal128(count))));
  return double(toNumber(total) / count);
}

const extreme = (sign: 1 | -1): MakeAccumulator =>
  over((scope) => {
    let best: Value | undefined;
    return {
      add: (value) => {
        if (isNullish(value)) return;
        if (best === undefined || compareValues(value, best, scope.compareText) * sign > 0) best = value;
      },
      result: () => best ?? null,
    };
  });

const first = over(() => {
  let seen = false;
  let kept: Value | undefined;
  return {
    add: (value) => {
      if (!seen) kept = value;
      seen = true;
    },
    result: () => kept ?? null,
  };
});

const last = over(() => {
  let kept: Value | undefined;
  return {
    add: (value) => {
      kept = value;
    },
    result: () => kept ?? null,
  };
});

const pushAll = over(() => {
  const items: Value[] = [];
  return {
    add: (value) => {
      if (value !== undefined) items.push(value);
    },
    result: () => items,
  };
});

const addToSet = over(({ identity }) => {
  const items = new Map<string, Value>();
  return {
    add: (value) => {
      if (value !== undefined && !items.has(identity(value))) items.set(identity(value), value);
    },
    result: () => [...items.values()],
  };
});

const mergeObjects = over(() => {
  const merged = Doc.from();
  return {
    add: (value) => {
      if (isNullish(value)) return;
      if (!(value instanceof Doc)) {
        throw new MongoError(
          40400,
          `$mergeObjects requires object inputs, but input ${typeName(value)} is of type ${typeName(value)}`,
        );
      }
      for (const [key, field] of value.entries()) merged.set(key, field);
    },
    result: () => merged,
  };
});

/** Mean and sum of squared differences, updated value by value (Welford). */
const deviation = (sample: boolean): MakeAccumulator =>
  over(() => {
    let count = 0;
    let center = 0;
    let squares = 0;
    return {
      add: (value) => {
        if (!isNumeric(value)) return;
        const x = toNumber(value);
        count++;
        const delta = x - center;
        center += delta / count;
        squares += delta * (x - center);
      },
      result: () => {
        if (count === 0 || (sample && count === 1)) return null;
        return double(Math.sqrt(squares / (sample ? count - 1 : count)));
      },
    };
  });

const count: MakeAccumulator = (argument) => {
  if (!(argument instanceof Doc) || argument.size > 0) throw failedToParse('$count takes no arguments, i.e. $count:{}');
  return () => {
    let seen = 0;
    return {
      add: () => {
        seen++;
      },
      result: () => seen,
    };
  };
};

/** A count of elements asked for. @throws MongoError when it is not a positive integer. */
export function positiveCount(name: string, value: Value | undefined): number {
  const n = isNumeric(value) ? toNumber(value) : NaN;
  if (!Number.isInteger(n))
    throw new MongoError(5787902, `Value for 'n' must be of integral type, but found ${typeName(value)}`);
  if (n <= 0) throw new MongoError(5787908, `'n' must be greater than 0, found ${n} for ${name}`);
  return n;
}

/** $firstN and $lastN keep null, $minN and $maxN do not. */
const some = (keeper: Keeper, skipNull: boolean): MakeAccumulator => {
  return (argument, scope, name) => {
    const fields = namedFields(name, argument, ['n', 'input']);
    const n = scope.compile(fields.get('n') ?? null);
    const input = scope.compile(fields.get('input') ?? null);
    const compare = (a: Value, b: Value): number => compareValues(a, b, scope.compareText);
    return () => {
      const kept: Value[] = [];
      let wanted: number | undefined;
      return {
        add: (root) => {
          wanted ??= positiveCount(name, n(root));
          const value = input(root);
          if (skipNull && isNullish(value)) return;
          keeper.add(kept, value ?? null, wanted, compare);
        },
        result: () => keeper.shown(kept),
      };
    };
  };
};

const earliest: Keeper = {
  add: (kept, value, n) => {
    if (kept.length < n) kept.push(value);
  },
  shown: (kept) => [...kept],
};

const latest: Keeper = {
  add: (kept, value, n) => {
    kept.push(value);
    if (kept.length > n) kept.shift();
  },
  shown: (kept) => [...kept],
};

/** The order of `sortBy`, whose paths are read as expressions here: positions in arrays are no part of them. */
function sortByExpressions(sortBy: Doc, scope: Scope): { order: IndexField[]; keyOf: (root: Doc) => Doc } {
  const fields = parseSort(sortBy);
  const values = fields.map(({ path }) => scope.compile(`$${path}`));
  const name = (i: number): string => `key${i}`;
  return {
    order: fields.map(({ descending }, i) => ({ path: name(i), parts: [name(i)], descending })),
    keyOf: (root) => {
      const key = Doc.from();
      values.forEach((value, i) => {
        const found = value(root);
        if (found !== undefined) key.set(name(i), found);
      });
      return key;
    },
  };
}

/** $top, $bottom and their N forms. */
const placed = (end: 'top' | 'bottom', single: boolean): MakeAccumulator => {
  return (argument, scope, name) => {
    const fields = namedFields(name, argument, single ? ['sortBy', 'output'] : ['n', 'sortBy', 'output']);
    const sortBy = fields.get('sortBy');
    if (!(sortBy instanceof Doc)) throw new MongoError(10065, "expected 'sortBy' to be an object");
    const { order, keyOf } = sortByExpressions(sortBy, scope);
    const n = scope.compile(fields.get('n') ?? 1);
    const output = scope.compile(fields.get('output') ?? null);
    return () => {
      let wanted: number | undefined;
      const sorter = new Sorter<Value>(order, Infinity, scope.compareText);
      return {
        add: (root) => {
          wanted ??= positiveCount(name, n(root));
          sorter.add(output(root) ?? null, keyOf(root));
        },
        result: () => {
          const items = sorter.sorted();
          if (single) return (end === 'top' ? items[0] : items.at(-1)) ?? null;
          return end === 'top' ? items.slice(0, wanted) : items.slice(-(wanted ?? 1));
        },
      };
    };
  };
};

const percentile = (name: '$percentile' | '$median'): MakeAccumulator => {
  return (argument, scope) => {
    const fields = namedFields(name, argument, name === '$median' ? ['input', 'method'] : ['input', 'p', 'method']);
    if (fields.get('method') !== 'approximate')
      throw new MongoError(2, "Currently only 'approximate' can be used as percentile 'method'.");
    const ranks = name === '$median' ? [0.5] : percentileRanks(scope.compile(fields.get('p') ?? null)(Doc.from()));
    const input: Expression = scope.compile(fields.get('input') ?? null);
    return () => {
      const numbers: number[] = [];
      return {
        add: (root) => {
          const value = input(root);
          if (isNumeric(value)) numbers.push(toNumber(value));
        },
        result: () => {
          const found = percentiles(numbers, ranks);
          return name === '$median' ? (found[0] ?? null) : found;
        },
      };
    };
  };
};

const MAKERS: Readonly<Record<string, MakeAccumulator>> = {
  $sum: sum,
  $avg: average,
  $min: extreme(-1),
  $max: extreme(1),
  $first: first,
  $last: last,
  $push: pushAll,
  $addToSet: addToSet,
  $mergeObjects: mergeObjects,
  $stdDevPop: deviation(false),
  $stdDevSamp: deviation(true),
  $count: count,
  $firstN: some(earliest, false),
  $lastN: some(latest, false),
  $minN: some(smallest, true),
  $maxN: some(largest, true),
  $top: placed('top', true),
  $bottom: placed('bottom', true),
  $topN: placed('top', false),
  $bottomN: placed('bottom', false),
  $percentile: percentile('$percentile'),
  $median: percentile('$median'),
};

/** Compiles `{$operator: argument}` of a group. @throws MongoError when it is not an accumulator. */
export function compileAccumulator(field: string, spec: Value, scope: Scope): Accumulator {
  const entry = spec instanceof Doc ? spec.first() : undefined;
  if (!entry || !(spec instanceof Doc))
    throw new MongoError(40234, `The field '${field}' must be an accumulator object`);
  if (spec.size !== 1) throw new MongoError(40238, `The field '${field}' must specify one accumulator`);
  const [name, argument] = entry;
  const make = MAKERS[name];
  if (!make) throw new MongoError(15952, `unknown group operator '${name}'`);
  return make(argument, scope, name);
}

export const isAccumulator = (name: string): boolean => name in MAKERS;
