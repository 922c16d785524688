import { compareValues } from '../bson/compare.js';
import { identity } from '../bson/key.js';
import { isNullish, typeName, type Value } from '../bson/values.js';
import { MongoError } from '../errors.js';
import { isTruthy } from '../query/types.js';
import { binary, requireArray, unary, variadic } from './arguments.js';
import type { Operator } from './compile.js';

type Maybe = Value | undefined;

/** The items by identity; of equal ones the first. */
function setOf(items: readonly Value[]): Map<string, Value> {
  const set = new Map<string, Value>();
  for (const item of items) {
    const key = identity(item);
    if (!set.has(key)) set.set(key, item);
  }
  return set;
}

const sorted = (items: Iterable<Value>): Value[] => [...items].sort((a, b) => compareValues(a, b));

const array = (name: string, code: number, value: Maybe): readonly Value[] =>
  requireArray(value, code, (type) => `All operands of ${name} must be arrays. One argument is of type: ${type}`);

function union(values: Iterable<Maybe>): Maybe {
  const all = new Map<string, Value>();
  for (const value of values) {
    if (isNullish(value)) return null;
    for (const item of array('$setUnion', 17043, value)) if (!all.has(identity(item))) all.set(identity(item), item);
  }
  return sorted(all.values());
}

function intersection(values: Iterable<Maybe>): Maybe {
  let common: Map<string, Value> | undefined;
  for (const value of values) {
    if (isNullish(value)) return null;
    const next = setOf(array('$setIntersection', 17047, value));
    if (common === undefined) common = next;
    else {
      // Of equal items of different types the one of the smaller set is kept, the earlier set when they are of one size.
      const [kept, others] = common.size > next.size ? [next, common] : [common, next];
      common = new Map([...kept].filter(([key]) => others.has(key)));
    }
  }
  return sorted(common?.values() ?? []);
}

function difference(a: Maybe, b: Maybe): Maybe {
  if (isNullish(a) || isNullish(b)) return null;
  const left = requireArray(
    a,
    17048,
    (type) => `both operands of $setDifference must be arrays. First argument is of type: ${type}`,
  );
  const right = setOf(
    requireArray(
      b,
      17049,
      (type) => `both operands of $setDifference must be arrays. Second argument is of type: ${type}`,
    ),
  );
  const kept = new Map<string, Value>();
  for (const item of left) if (!right.has(identity(item)) && !kept.has(identity(item))) kept.set(identity(item), item);
  return [...kept.values()];
}

const setEquals: Operator = (argument, scope, name) => {
  if (!Array.isArray(argument) || argument.length < 2)
    throw new MongoError(
      17045,
      '$setEquals needs at least two arguments had: ' + String(Array.isArray(argument) ? argument.length : 1),
    );
  return variadic((values) => {
    const sets = Array.from(values, (value) => setOf(array(name, 17044, value)));
    const [first] = sets;
    return sets.every((set) => set.size === first?.size && [...set.keys()].every((key) => first.has(key)));
  })(argument, scope, name);
};

function isSubset(a: Maybe, b: Maybe): boolean {
  const left = requireArray(
    a,
    17046,
    (type) => `both operands of $setIsSubset must be arrays. First argument is of type: ${type}`,
  );
  const right = setOf(
    requireArray(
      b,
      17042,
      (type) => `both operands of $setIsSubset must be arrays. Second argument is of type: ${type}`,
    ),
  );
  return left.every((item) => right.has(identity(item)));
}

export const setOperators: Readonly<Record<string, Operator>> = {
  $setUnion: variadic(union),
  $setIntersection: variadic(intersection),
  $setDifference: binary(difference),
  $setEquals: setEquals,
  $setIsSubset: binary(isSubset),
  $allElementsTrue: unary((value) => {
    if (!Array.isArray(value))
      throw new MongoError(17040, `$allElementsTrue's argument must be an array, but is ${typeName(value)}`);
    return value.every(isTruthy);
  }),
  $anyElementTrue: unary((value) => {
    if (!Array.isArray(value))
      throw new MongoError(17041, `$anyElementTrue's argument must be an array, but is ${typeName(value)}`);
    return value.some(isTruthy);
  }),
};
