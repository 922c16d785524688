import { decimalToNumber, isZero, parseDecimal, quantize, toDecimal, asDecimal128 } from '../bson/decimal.js';
import {
  Binary,
  BSONSymbol,
  Decimal128,
  Doc,
  Double,
  double,
  isNullish,
  isNumeric,
  ObjectId,
  T,
  Timestamp,
  TYPE_NAMES,
  typeName,
  type Numeric,
  type Value,
} from '../bson/values.js';
import { encodeDocument } from '../bson/write.js';
import { MongoError } from '../errors.js';
import { isZeroNumber, parseTypes, toNumber } from '../query/types.js';
import { namedArguments, unary } from './arguments.js';
import type { Operator } from './compile.js';
import { parseIsoDate } from './date-text.js';

type Maybe = Value | undefined;

/** A number written as MongoDB does: doubles as short as possible, in scientific form from 1e16 and below 1e-4. */
export function numberText(value: Numeric): string {
  if (typeof value === 'bigint' || value instanceof Decimal128) return value.toString();
  const number = toNumber(value);
  if (Object.is(number, -0)) return '-0';
  if (!Number.isFinite(number) || number === 0) return String(number);
  const [digits = '', exponent = ''] = number.toExponential().split('e');
  const power = Number(exponent);
  if (power >= -4 && power < 16) return power >= 0 || !String(number).includes('e') ? plain(number) : String(number);
  return `${digits}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}

const plain = (number: number): string => (Number.isInteger(number) ? BigInt(number).toString() : String(number));

function fail(text: string): never {
  throw new MongoError(241, text);
}

const unsupported = (value: Value, target: string): never =>
  fail(`Unsupported conversion from ${typeName(value)} to ${target} in $convert with no onError value`);

function toIntegerType(value: Value, target: 'int' | 'long'): Value {
  const [low, high] = target === 'int' ? [-(2n ** 31n), 2n ** 31n - 1n] : [-(2n ** 63n), 2n ** 63n - 1n];
  const checked = (integer: bigint): Value => {
    if (integer < low || integer > high)
      fail(`Conversion would overflow target type in $convert with no onError value: ${integer}`);
    return target === 'int' ? Number(integer) : integer;
  };
  if (typeof value === 'boolean') return checked(value ? 1n : 0n);
  if (typeof value === 'string') {
    if (!/^[+-]?\d+$/.test(value))
      fail(`Failed to parse number '${value}' in $convert with no onError value: Did not consume whole string.`);
    return checked(BigInt(value.replace(/^\+/, '')));
  }
  if (value instanceof Date && target === 'long') return BigInt(value.getTime());
  if (!isNumeric(value)) return unsupported(value, target);
  if (typeof value === 'bigint') return checked(value);
  const number = toNumber(value);
  if (!Number.isFinite(number))
    fail(
      `Attempt to convert ${Number.isNaN(number) ? 'NaN' : 'infinity'} value to integer type in $convert with no onError value`,
    );
  if (!(value instanceof Decimal128)) return checked(BigInt(Math.trunc(number)));
  const whole = quantize(toDecimal(value), 0, 'truncate');
  // What 34 digits do not hold is above every integer type.
  return checked(whole.kind === 'finite' ? whole.coefficient : high + 1n);
}

function toDouble(value: Value): Value {
  if (typeof value === 'boolean') return new Double(value ? 1 : 0);
  if (typeof value === 'string') {
    const number = Number(value);
    const named = /^[+-]?(?:inf|infinity|nan)$/i.test(value);
    if (!named && (Number.isNaN(number) || !/^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(value))) {
      fail(`Failed to parse number '${value}' in $convert with no onError value: Did not consume whole string.`);
    }
    if (named) return /nan/i.test(value) ? NaN : value.startsWith('-') ? -Infinity : Infinity;
    return double(number);
  }
  if (value instanceof Date) return double(value.getTime());
  if (!isNumeric(value)) return unsupported(value, 'double');
  return double(value instanceof Decimal128 ? doubleOf(value) : toNumber(value));
}

/** The smallest double with all its digits; decimals below it are refused, as are those above the largest. */
const SMALLEST = 2 ** -1022;

function doubleOf(value: Decimal128): number {
  const number = decimalToNumber(value);
  const decimal = parseDecimal(value);
  if (decimal.kind === 'finite' && !isZero(decimal) && (!Number.isFinite(number) || Math.abs(number) < SMALLEST))
    fail('Conversion would overflow target type in $convert with no onError value');
  return number;
}

function toDecimalType(value: Value): Value {
  if (typeof value === 'boolean') return Decimal128.fromString(value ? '1' : '0');
  if (value instanceof Date) return Decimal128.fromString(String(value.getTime()));
  if (typeof value === 'string') {
    try {
      return Decimal128.fromStringWithRounding(value);
    } catch {
      return fail(
        `Failed to parse number '${value}' in $convert with no onError value: Failed to parse string to decimal`,
      );
    }
  }
  return isNumeric(value) ? asDecimal128(value) : unsupported(value, 'decimal');
}

function toBoolean(value: Value): Value {
  return typeof value === 'boolean' ? value : isNumeric(value) ? !isZeroNumber(value) : true;
}

function toDate(value: Value): Value {
  if (value instanceof Date) return value;
  if (value instanceof ObjectId) return value.getTimestamp();
  if (value instanceof Timestamp) return new Date(value.t * 1000);
  if (typeof value === 'string') return new Date(parseIsoDate(value, undefined));
  if (typeof value === 'bigint' || (isNumeric(value) && typeName(value) !== 'int')) {
    const number = toNumber(value);
    if (!(Math.abs(number) <= 8.64e15))
      fail(`Conversion would overflow target type in $convert with no onError value: ${number}`);
    return new Date(Math.trunc(number));
  }
  return unsupported(value, 'date');
}

function toObjectId(value: Value): Value {
  if (value instanceof ObjectId) return value;
  if (typeof value !== 'string') return unsupported(value, 'objectId');
  if (!/^[0-9a-f]{24}$/i.test(value))
    fail(
      `Failed to parse objectId '${value}' in $convert with no onError value: Invalid string length for parsing to OID, expected 24 but found ${value.length}`,
    );
  return new ObjectId(value);
}

function toText(value: Value): Value {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return String(value);
  if (isNumeric(value)) return numberText(value);
  if (value instanceof ObjectId) return value.toHexString();
  if (value instanceof Date) return value.toISOString();
  if (value instanceof BSONSymbol) return value.value;
  return unsupported(value, 'string');
}

/** Converts to the type with this BSON number. @throws MongoError 241 when the value cannot be converted. */
function convertTo(value: Value, type: number): Value {
  switch (type) {
    case T.int:
      return toIntegerType(value, 'int');
    case T.long:
      return toIntegerType(value, 'long');
    case T.double:
      return toDouble(value);
    case T.decimal:
      return toDecimalType(value);
    case T.bool:
      return toBoolean(value);
    case T.date:
      return toDate(value);
    case T.objectId:
      return toObjectId(value);
    case T.string:
      return toText(value);
    default:
      return unsupported(value, TYPE_NAMES.get(type) ?? String(type));
  }
}

const conversion = (type: number): Operator => unary((value) => (isNullish(value) ? null : convertTo(value, type)));

const convert: Operator = (argument, scope, name) => {
  const { input, to, onError, onNull } = namedArguments(name, argument, scope, ['input', 'to'], ['onError', 'onNull']);
  return (root) => {
    const [value, target] = [input?.(root), to?.(root)];
    if (isNullish(value)) return onNull ? onNull(root) : null;
    if (isNullish(target)) return null;
    const [type] = parseTypes(target);
    try {
      return convertTo(value, type ?? 0);
    } catch (error) {
      if (onError && error instanceof MongoError && error.code === 241) return onError(root);
      throw error;
    }
  };
};

function binarySize(value: Maybe): Maybe {
  if (isNullish(value)) return null;
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (value instanceof Binary) return value.length();
  throw new MongoError(51276, `$binarySize requires a string or BinData argument, found: ${typeName(value)}`);
}

function bsonSize(value: Maybe): Maybe {
  if (isNullish(value)) return null;
  if (value instanceof Doc) return encodeDocument(value).length;
  throw new MongoError(31393, `$bsonSize requires a document input, found: ${typeName(value)}`);
}

export const conversionOperators: Readonly<Record<string, Operator>> = {
  $convert: convert,
  $toInt: conversion(T.int),
  $toLong: conversion(T.long),
  $toDouble: conversion(T.double),
  $toDecimal: conversion(T.decimal),
  $toBool: conversion(T.bool),
  $toDate: conversion(T.date),
  $toObjectId: conversion(T.objectId),
  $toString: conversion(T.string),
  $type: unary(typeName),
  $isNumber: unary(isNumeric),
  $binarySize: unary(binarySize),
  $bsonSize: unary(bsonSize),
};
