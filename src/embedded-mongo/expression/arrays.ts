import { compareValues, equalValues } from '../bson/compare.js';
import { Doc, isNullish, isNumeric, typeName, type Value } from '../bson/values.js';
import { MongoError } from '../errors.js';
import { sliceArray } from '../query/projection.js';
import { parseSort, Sorter } from '../query/sort.js';
import { isTruthy, toInteger, toNumber } from '../query/types.js';
import { largest, smallest, type Keeper } from './extremes.js';
import {
  binary,
  compileArguments,
  namedArguments,
  namedFields,
  requireArray,
  several,
  unary,
  variadic,
} from './arguments.js';
import { checkVariableName, type Cell, type Expression, type Operator, type Scope } from './compile.js';

type Maybe = Value | undefined;

/** An operator on one array; null for null. */
const onArray = (
  code: number,
  message: (type: string) => string,
  compute: (items: readonly Value[]) => Value | undefined,
): Operator => unary((value) => (isNullish(value) ? null : compute(requireArray(value, code, message))));

function elementAt(array: Maybe, index: Maybe): Maybe {
  if (isNullish(array) || isNullish(index)) return null;
  const items = requireArray(array, 28689, (type) => `$arrayElemAt's first argument must be an array, but is ${type}`);
  if (!isNumeric(index))
    throw new MongoError(28690, `$arrayElemAt's second argument must be a numeric value, but is ${typeName(index)}`);
  const i = toInteger(index);
  if (i === undefined)
    throw new MongoError(
      28691,
      `$arrayElemAt's second argument must be representable as a 32-bit integer: ${toNumber(index)}`,
    );
  return items.at(i);
}

function concatArrays(values: Iterable<Maybe>): Maybe {
  const result: Value[] = [];
  for (const value of values) {
    if (isNullish(value)) return null;
    result.push(...requireArray(value, 28664, (type) => `$concatArrays only supports arrays, not ${type}`));
  }
  return result;
}

function isIn(value: Maybe, array: Maybe): boolean {
  const items = requireArray(array, 40081, (type) => `$in requires an array as a second argument, found: ${type}`);
  return items.some((item) => equalValues(item, value));
}

const indexOfArray: Operator = (argument, scope, name) => {
  const [array, wanted, from, to] = compileArguments(name, argument, scope, 2, 4);
  return (root) => {
    const list = array?.(root);
    if (isNullish(list)) return null;
    const items = requireArray(
      list,
      40090,
      (type) => `$indexOfArray requires an array as a first argument, found: ${type}`,
    );
    const item = wanted?.(root);
    const [start, end] = [indexBound(from?.(root), 'starting'), indexBound(to?.(root), 'ending')];
    for (let i = start ?? 0; i < Math.min(items.length, end ?? Infinity); i++)
      if (equalValues(items[i], item)) return i;
    return -1;
  };
};

/** @throws MongoError when a search bound is not a non-negative integer. */
export function indexBound(value: Maybe, name: string): number | undefined {
  if (value === undefined) return undefined;
  const index = toInteger(value);
  if (index === undefined)
    throw new MongoError(40096, `requires an integral ${name} index, found a value of type: ${typeName(value)}`);
  if (index < 0) throw new MongoError(40097, `requires a nonnegative ${name} index, found: ${index}`);
  return index;
}

const range: Operator = several(2, 3, (values) => {
  const [start, end, step = 1] = values.map((value, i) => {
    if (!isNumeric(value))
      throw new MongoError(
        [34443, 34445, 34447][i] ?? 34443,
        `$range requires a numeric ${['starting', 'ending', 'step'][i] ?? ''} value, found value of type: ${typeName(value)}`,
      );
    const number = toInteger(value);
    if (number === undefined || Math.abs(number) > 2 ** 31)
      throw new MongoError(
        [34444, 34446, 34448][i] ?? 34444,
        '$range requires values that can be represented as a 32-bit integer',
      );
    return number;
  });
  if (step === 0) throw new MongoError(34449, '$range requires a non-zero step value');
  const result: Value[] = [];
  for (let i = start ?? 0; step > 0 ? i < (end ?? 0) : i > (end ?? 0); i += step) result.push(i);
  return result;
});

const slice: Operator = several(2, 3, ([array, first, count]) => {
  if (isNullish(array) || isNullish(first)) return null;
  const items = requireArray(
    array,
    28724,
    (type) => `First argument to $slice must be an array, but is of type: ${type}`,
  );
  const start = toInteger(first);
  if (start === undefined)
    throw new MongoError(
      28725,
      `Second argument to $slice must be a numeric value, but is of type: ${typeName(first)}`,
    );
  if (count === undefined) return sliceArray(items, start, undefined);
  if (isNullish(count)) return null;
  const length = toInteger(count);
  if (length === undefined)
    throw new MongoError(28727, `Third argument to $slice must be numeric, but is of type: ${typeName(count)}`);
  if (length <= 0) throw new MongoError(28729, `Third argument to $slice must be positive: ${length}`);
  return sliceArray(items, start, length);
});

/** The items of an input expression; undefined for null. */
function items(input: Expression | undefined, name: string, code: number): (root: Doc) => readonly Value[] | undefined {
  return (root) => {
    const value = input?.(root);
    return isNullish(value)
      ? undefined
      : requireArray(value, code, (type) => `input to ${name} must be an array not ${type}`);
  };
}

function bindVariable(fields: Doc, scope: Scope, fallback: string): { cell: Cell; inner: Scope } {
  const named = fields.get('as');
  const name = typeof named === 'string' ? named : fallback;
  if (named !== undefined) checkVariableName(name);
  const cell: Cell = { value: undefined };
  return { cell, inner: scope.with([[name, cell]]) };
}

const map: Operator = (argument, scope) => {
  const fields = namedFields('$map', argument, ['input', 'in'], ['as']);
  const input = items(scope.compile(fields.get('input') ?? null), '$map', 16883);
  const { cell, inner } = bindVariable(fields, scope, 'this');
  const body = inner.compile(fields.get('in') ?? null);
  return (root) => {
    const list = input(root);
    if (!list) return null;
    return list.map((item) => {
      cell.value = item;
      return body(root) ?? null;
    });
  };
};

const filter: Operator = (argument, scope) => {
  const fields = namedFields('$filter', argument, ['input', 'cond'], ['as', 'limit']);
  const input = items(scope.compile(fields.get('input') ?? null), '$filter', 28651);
  const { cell, inner } = bindVariable(fields, scope, 'this');
  const condition = inner.compile(fields.get('cond') ?? null);
  const limit = scope.compile(fields.get('limit') ?? null);
  return (root) => {
    const list = input(root);
    if (!list) return null;
    const most = filterLimit(limit(root));
    const kept: Value[] = [];
    for (const item of list) {
      if (kept.length >= most) break;
      cell.value = item;
      if (isTruthy(condition(root))) kept.push(item);
    }
    return kept;
  };
};

function filterLimit(value: Maybe): number {
  if (isNullish(value)) return Infinity;
  const limit = toInteger(value);
  if (limit === undefined)
    throw new MongoError(327391, '$filter: limit must be represented as a 32-bit integral value');
  if (limit <= 0) throw new MongoError(327392, '$filter: limit must be greater than 0');
  return limit;
}

const reduce: Operator = (argument, scope) => {
  const fields = namedFields('$reduce', argument, ['input', 'initialValue', 'in']);
  const input = items(scope.compile(fields.get('input') ?? null), '$reduce', 40080);
  const initial = scope.compile(fields.get('initialValue') ?? null);
  const value: Cell = { value: undefined };
  const item: Cell = { value: undefined };
  const body = scope
    .with([
      ['value', value],
      ['this', item],
    ])
    .compile(fields.get('in') ?? null);
  return (root) => {
    const list = input(root);
    if (!list) return null;
    let result = initial(root);
    for (const next of list) {
      value.value = result;
      item.value = next;
      result = body(root);
    }
    return result ?? null;
  };
};

const sortArray: Operator = (argument, scope) => {
  const fields = namedFields('$sortArray', argument, ['input', 'sortBy']);
  const input = scope.compile(fields.get('input') ?? null);
  const order = arrayOrder(fields.get('sortBy') ?? null, scope);
  return (root) => {
    const value = input(root);
    if (isNullish(value)) return null;
    return order(
      requireArray(
        value,
        2942504,
        (type) => `The input argument to $sortArray must be an array, but was of type: ${type}`,
      ),
    );
  };
};

function arrayOrder(sortBy: Value, scope: Scope): (list: readonly Value[]) => Value[] {
  if (isNumeric(sortBy)) {
    const direction = toNumber(sortBy);
    if (direction !== 1 && direction !== -1)
      throw new MongoError(2942505, 'The $sortArray sortBy value must be 1 or -1');
    return (list) => [...list].sort((a, b) => compareValues(a, b, scope.compareText) * direction);
  }
  if (!(sortBy instanceof Doc)) throw new MongoError(2942506, 'The $sortArray sortBy must be an object or 1/-1');
  const fields = parseSort(sortBy);
  return (list) => {
    const sorter = new Sorter<Value>(fields, Infinity, scope.compareText);
    for (const item of list) sorter.add(item, item instanceof Doc ? item : Doc.from());
    return sorter.sorted();
  };
}

const zip: Operator = (argument, scope) => {
  const fields = namedFields('$zip', argument, ['inputs'], ['defaults', 'useLongestLength']);
  const inputs = scope.compileList(fields.get('inputs') ?? null);
  const longest = isTruthy(fields.get('useLongestLength'));
  const defaults = fields.has('defaults') ? scope.compile(fields.get('defaults') ?? null) : undefined;
  if (defaults && !longest) throw new MongoError(34467, 'cannot specify defaults unless useLongestLength is true');
  return (root) => {
    const lists: (readonly Value[])[] = [];
    for (const input of inputs) {
      const value = input(root);
      if (isNullish(value)) return null;
      lists.push(requireArray(value, 34468, (type) => `$zip found a non-array expression in input: ${type}`));
    }
    const fill = defaults?.(root);
    const filling = Array.isArray(fill) ? fill : [];
    const lengths = lists.map((list) => list.length);
    const length = longest ? Math.max(0, ...lengths) : Math.min(...lengths);
    return Array.from({ length }, (_, i) => lists.map((list, k) => list[i] ?? filling[k] ?? null));
  };
};

/** $firstN, $lastN, $minN and $maxN on an array. */
const some = (pick: (list: readonly Value[], n: number, scope: Scope) => Value[]): Operator => {
  return (argument, scope, name) => {
    const { n, input } = namedArguments(name, argument, scope, ['n', 'input']);
    return (root) => {
      const list = requireArray(input?.(root), 5788200, () => `Input must be an array for ${name}`);
      const count = n?.(root);
      const wanted = isNumeric(count) ? toNumber(count) : NaN;
      if (!Number.isInteger(wanted))
        throw new MongoError(5787902, `Value for 'n' must be of integral type, but found ${typeName(count)}`);
      if (wanted <= 0) throw new MongoError(5787908, `'n' must be greater than 0, found ${wanted}`);
      return pick(list, wanted, scope);
    };
  };
};

const ordered =
  (keeper: Keeper) =>
  (list: readonly Value[], n: number, scope: Scope): Value[] => {
    const kept: Value[] = [];
    for (const item of list)
      if (!isNullish(item)) keeper.add(kept, item, n, (a, b) => compareValues(a, b, scope.compareText));
    return keeper.shown(kept);
  };

export const arrayOperators: Readonly<Record<string, Operator>> = {
  $arrayElemAt: binary(elementAt),
  $first: onArray(
    28689,
    (type) => `$first's argument must be an array, but is ${type}`,
    (list) => list[0],
  ),
  $last: onArray(
    28689,
    (type) => `$last's argument must be an array, but is ${type}`,
    (list) => list.at(-1),
  ),
  $concatArrays: variadic(concatArrays),
  $in: binary(isIn),
  $indexOfArray: indexOfArray,
  $isArray: unary((value) => Array.isArray(value)),
  $range: range,
  $reverseArray: onArray(
    34435,
    (type) => `The argument to $reverseArray must be an array, but was of type: ${type}`,
    (list) => [...list].reverse(),
  ),
  $size: unary(
    (value) =>
      requireArray(value, 17124, (type) => `The argument to $size must be an array, but was of type: ${type}`).length,
  ),
  $slice: slice,
  $map: map,
  $filter: filter,
  $reduce: reduce,
  $sortArray: sortArray,
  $zip: zip,
  $firstN: some((list, n) => list.slice(0, n)),
  $lastN: some((list, n) => list.slice(-n)),
  $minN: some(ordered(smallest)),
  $maxN: some(ordered(largest)),
};
