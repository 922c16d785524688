import { compareValues, ORDER, typeOrder } from '../bson/compare.js';
import { BSONRegExp, Double, isNumeric, MaxKey, MinKey, ObjectId, type Value } from '../bson/values.js';
import { badValue } from '../errors.js';
import type { QueryContext } from './context.js';

/** Tells whether one value (missing: undefined) satisfies a condition. */
export type ValueTest = (value: Value | undefined) => boolean;

/** Equality as queries have it: null also equals a missing field. */
export function equality(operand: Value, context: QueryContext): ValueTest {
  if (operand === null) return (value) => typeOrder(value) === ORDER.null || typeOrder(value) === ORDER.missing;
  if (typeof operand === 'string' && context.compareText('a', 'A') !== 0) {
    return (value) => value === operand || (typeof value !== 'string' && compareValues(value, operand) === 0);
  }
  if (operand instanceof ObjectId) return (value) => value instanceof ObjectId && operand.equals(value);
  return (value) => compareValues(value, operand, context.compareText) === 0;
}

type Comparison = '$gt' | '$gte' | '$lt' | '$lte';

const HOLDS: Readonly<Record<Comparison, (order: number) => boolean>> = {
  $gt: (order) => order > 0,
  $gte: (order) => order >= 0,
  $lt: (order) => order < 0,
  $lte: (order) => order <= 0,
};

const isNaNValue = (value: Value): boolean =>
  isNumeric(value) &&
  typeof value !== 'bigint' &&
  Number.isNaN(Number(value instanceof Double ? value.value : String(value)));

/** An order comparison; only values of the operand's own type (null: also missing) can satisfy it. */
export function comparison(operator: Comparison, operand: Value, context: QueryContext): ValueTest {
  if (operand instanceof BSONRegExp) throw badValue("Can't have RegEx as arg to predicate over a field.");
  const holds = HOLDS[operator];
  if (operand instanceof MinKey || operand instanceof MaxKey) {
    return (value) => holds(compareValues(value ?? null, operand));
  }
  if (isNaNValue(operand) || operand === null) {
    return operator.endsWith('e') ? equality(operand, context) : () => false;
  }
  const order = typeOrder(operand);
  return (value) =>
    typeOrder(value) === order &&
    (order !== ORDER.number || (value !== undefined && value !== null && !isNaNValue(value))) &&
    holds(compareValues(value, operand, context.compareText));
}
