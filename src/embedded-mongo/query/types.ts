import { isZero, parseDecimal } from '../bson/decimal.js';
import { formatValue } from '../bson/format.js';
import {
  double,
  isNumeric,
  T,
  TYPE_NAMES,
  TYPE_NUMBERS,
  typeNumber,
  type Numeric,
  type Value,
} from '../bson/values.js';
import { Decimal128, Double } from '../bson/values.js';
import { badValue, failedToParse, typeMismatch } from '../errors.js';

const NUMBER_TYPES: readonly number[] = [T.double, T.int, T.long, T.decimal];

/** Any number as a JavaScript number, as near as it gets. */
export function toNumber(value: Value | undefined): number {
  if (typeof value === 'number') return value;
  if (value instanceof Double) return value.value;
  if (typeof value === 'bigint') return Number(value);
  return value instanceof Decimal128 ? Number(value.toString()) : NaN;
}

/** A text as itself, anything else as messages show it. */
export const asText = (value: Value | undefined): string => (typeof value === 'string' ? value : formatValue(value));

/** Any integral number as itself, else undefined. */
export function toInteger(value: Value | undefined): number | undefined {
  if (!isNumeric(value)) return undefined;
  const number = toNumber(value);
  return Number.isInteger(number) ? number : undefined;
}

/** True for a zero of any type; a decimal may be nearer to zero than any double. */
export const isZeroNumber = (value: Numeric): boolean =>
  value instanceof Decimal128 ? isZero(parseDecimal(value)) : toNumber(value) === 0;

/** Truth of a flag in a command or of a condition in an expression. */
export function isTruthy(value: Value | undefined): boolean {
  if (value === undefined || value === null || value === false) return false;
  if (isNumeric(value)) return !isZeroNumber(value);
  return typeNumber(value) !== T.undefined;
}

/** The smallest number type that holds an integer: int32, int64, else double. */
export function integerValue(value: number): Value {
  return Math.abs(value) < 2 ** 31 ? value : Number.isSafeInteger(value) ? BigInt(value) : double(value);
}

/** BSON type numbers named by the argument of `$type`: a name, a number, "number" or a list of these. */
export function parseTypes(argument: Value): ReadonlySet<number> {
  const wanted = Array.isArray(argument) ? argument : [argument];
  if (wanted.length === 0) throw failedToParse('$type must match at least one type');
  return new Set(wanted.flatMap(parseType));
}

function parseType(type: Value): readonly number[] {
  if (typeof type === 'string') {
    if (type === 'number') return NUMBER_TYPES;
    const number = TYPE_NUMBERS.get(type);
    if (number === undefined) throw badValue(`Unknown type name alias: ${type}`);
    return [number];
  }
  const number = toInteger(type);
  if (number === undefined || !TYPE_NAMES.has(number)) {
    throw isNumeric(type)
      ? badValue(`Invalid numerical type code: ${toNumber(type)}`)
      : typeMismatch('type must be represented as a number or a string');
  }
  return [number];
}
