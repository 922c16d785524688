import { compareDecimals, parseDecimal, toDecimal } from './decimal.js';
import {
  Binary,
  BSONRegExp,
  BSONSymbol,
  BsonUndefined,
  Code,
  DbPointer,
  Decimal128,
  Doc,
  Double,
  isNumeric,
  MaxKey,
  MinKey,
  ObjectId,
  ScopedCode,
  Timestamp,
  type Numeric,
  type Value,
} from './values.js';

/** How two texts compare. */
export type TextOrder = (a: string, b: string) => number;

/** Place of each kind of value in MongoDB's order of types. */
export const ORDER = {
  minKey: 1,
  missing: 5,
  null: 10,
  number: 15,
  string: 20,
  object: 25,
  array: 30,
  binData: 35,
  objectId: 40,
  bool: 45,
  date: 50,
  timestamp: 55,
  regex: 60,
  dbPointer: 65,
  code: 70,
  scopedCode: 75,
  maxKey: 120,
} as const;

/** Place of the value's type in the order of types; missing and BSON undefined come before null. */
export function typeOrder(value: Value | undefined): number {
  switch (typeof value) {
    case 'number':
    case 'bigint':
      return ORDER.number;
    case 'string':
      return ORDER.string;
    case 'boolean':
      return ORDER.bool;
    case 'undefined':
      return ORDER.missing;
    default:
      return value === null ? ORDER.null : objectOrder(value);
  }
}

function objectOrder(value: object): number {
  if (value instanceof Doc) return ORDER.object;
  if (Array.isArray(value)) return ORDER.array;
  if (value instanceof Date) return ORDER.date;
  if (value instanceof ObjectId) return ORDER.objectId;
  if (value instanceof Double || value instanceof Decimal128) return ORDER.number;
  if (value instanceof Binary) return ORDER.binData;
  if (value instanceof BsonUndefined) return ORDER.missing;
  if (value instanceof BSONSymbol) return ORDER.string;
  if (value instanceof Timestamp) return ORDER.timestamp;
  if (value instanceof BSONRegExp) return ORDER.regex;
  if (value instanceof MinKey) return ORDER.minKey;
  if (value instanceof MaxKey) return ORDER.maxKey;
  if (value instanceof Code) return ORDER.code;
  if (value instanceof ScopedCode) return ORDER.scopedCode;
  return ORDER.dbPointer;
}

/** Compares two values by MongoDB's order across types: negative, 0 or positive; texts by `text`. */
export function compareValues(a: Value | undefined, b: Value | undefined, text = compareText): number {
  if (a === b && (typeof a === 'string' || typeof a === 'number')) return 0;
  const difference = typeOrder(a) - typeOrder(b);
  return difference !== 0 ? difference : compareSameType(a, b, text);
}

export const equalValues = (a: Value | undefined, b: Value | undefined): boolean => compareValues(a, b) === 0;

function compareSameType(a: Value | undefined, b: Value | undefined, text: TextOrder): number {
  if (typeof a === 'string' && typeof b === 'string') return text(a, b);
  if (isNumeric(a) && isNumeric(b)) return compareNumbers(a, b);
  if (a instanceof Doc && b instanceof Doc) return compareDocuments(a, b, text);
  if (Array.isArray(a) && Array.isArray(b)) return compareArrays(a, b, text);
  if (a instanceof Date && b instanceof Date) return Math.sign(a.getTime() - b.getTime());
  if (a instanceof ObjectId && b instanceof ObjectId) return Buffer.compare(a.id, b.id);
  if (typeof a === 'boolean' && typeof b === 'boolean') return Number(a) - Number(b);
  return compareRare(a, b);
}

function compareRare(a: Value | undefined, b: Value | undefined): number {
  if (a instanceof Binary && b instanceof Binary) return compareBinaries(a, b);
  if (a instanceof Timestamp && b instanceof Timestamp) {
    const [left, right] = [a.toBigInt(), b.toBigInt()];
    return left < right ? -1 : left > right ? 1 : 0;
  }
  if (a instanceof BSONRegExp && b instanceof BSONRegExp) {
    return compareText(a.pattern, b.pattern) || compareText(a.options, b.options);
  }
  if (a instanceof DbPointer && b instanceof DbPointer) {
    return compareText(a.namespace, b.namespace) || Buffer.compare(a.id.id, b.id.id);
  }
  if (a instanceof ScopedCode && b instanceof ScopedCode) {
    return compareText(a.code, b.code) || compareDocuments(a.scope, b.scope, compareText);
  }
  return compareText(textOf(a), textOf(b));
}

function textOf(value: Value | undefined): string {
  if (typeof value === 'string') return value;
  if (value instanceof BSONSymbol) return value.value;
  return value instanceof Code ? value.code : '';
}

/** Compares as UTF-8 bytes, which is the order of code points. */
export function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const left = a.charCodeAt(i);
    const right = b.charCodeAt(i);
    if (left === right) continue;
    // A surrogate stands for a code point above every other UTF-16 unit.
    return Number(isSurrogate(left)) - Number(isSurrogate(right)) || left - right;
  }
  return a.length - b.length;
}

const isSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdfff;

function compareNumbers(a: Numeric, b: Numeric): number {
  if (a instanceof Decimal128 || b instanceof Decimal128) return compareWithDecimal(a, b);
  const left = a instanceof Double ? a.value : a;
  const right = b instanceof Double ? b.value : b;
  if (left < right) return -1;
  if (left > right) return 1;
  if (left == right) return 0; // eslint-disable-line eqeqeq -- a bigint and a number compare by value
  return Number(!isNaNNumber(left)) - Number(!isNaNNumber(right));
}

const isNaNNumber = (n: number | bigint): boolean => typeof n === 'number' && Number.isNaN(n);

const compareWithDecimal = (a: Numeric, b: Numeric): number =>
  compareDecimals(
    a instanceof Decimal128 ? parseDecimal(a) : toDecimal(a),
    b instanceof Decimal128 ? parseDecimal(b) : toDecimal(b),
  );

function compareBinaries(a: Binary, b: Binary): number {
  return (
    a.length() - b.length() ||
    a.sub_type - b.sub_type ||
    Buffer.compare(a.buffer.subarray(0, a.length()), b.buffer.subarray(0, b.length()))
  );
}

/** Field by field: type, then name, then value. */
function compareDocuments(a: Doc, b: Doc, text: TextOrder): number {
  const right = b.entries();
  for (const [key, value] of a.entries()) {
    const next = right.next();
    if (next.done === true) return 1;
    const [otherKey, otherValue] = next.value;
    const difference =
      typeOrder(value) - typeOrder(otherValue) || compareText(key, otherKey) || compareValues(value, otherValue, text);
    if (difference !== 0) return difference;
  }
  return right.next().done === true ? 0 : -1;
}

function compareArrays(a: readonly Value[], b: readonly Value[], text: TextOrder): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const difference = compareValues(a[i], b[i], text);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}
