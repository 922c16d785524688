import { Binary, BSONRegExp, BSONSymbol, Code, Decimal128, Double, MaxKey, MinKey, ObjectId, Timestamp } from 'bson';
import { Doc } from './doc.js';

export { Binary, BSONRegExp, BSONSymbol, Code, Decimal128, Doc, Double, MaxKey, MinKey, ObjectId, Timestamp };

/** The deprecated BSON type "undefined": a value of its own, not a missing field. */
export class BsonUndefined {
  readonly kind = 'undefined';
  static readonly instance = new BsonUndefined();
}

/** The deprecated BSON type "DBPointer". */
export class DbPointer {
  constructor(
    readonly namespace: string,
    readonly id: ObjectId,
  ) {}
}

/** BSON JavaScript code with scope. */
export class ScopedCode {
  constructor(
    readonly code: string,
    readonly scope: Doc,
  ) {}
}

/**
 * A BSON value with its exact type. A plain `number` is an int32 when it is an integer of that range (and not -0), else
 * a double; doubles that look like an int32 are wrapped in `Double`; `bigint` is an int64. A missing field is `undefined`.
 */
export type Value =
  | null
  | boolean
  | number
  | bigint
  | string
  | Date
  | Double
  | Decimal128
  | ObjectId
  | Binary
  | BSONRegExp
  | BSONSymbol
  | Timestamp
  | Code
  | ScopedCode
  | MinKey
  | MaxKey
  | DbPointer
  | BsonUndefined
  | Doc
  | Value[];

/** BSON type numbers. */
export const T = {
  double: 1,
  string: 2,
  object: 3,
  array: 4,
  binData: 5,
  undefined: 6,
  objectId: 7,
  bool: 8,
  date: 9,
  null: 10,
  regex: 11,
  dbPointer: 12,
  javascript: 13,
  symbol: 14,
  javascriptWithScope: 15,
  int: 16,
  timestamp: 17,
  long: 18,
  decimal: 19,
  minKey: -1,
  maxKey: 127,
} as const;

/** Type names as `$type` uses them, by BSON type number. */
export const TYPE_NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(T).map(([name, number]) => [number, name]),
);

/** BSON type numbers by `$type` name. */
export const TYPE_NUMBERS: ReadonlyMap<string, number> = new Map(Object.entries(T));

export const isInt32 = (n: number): boolean => (n | 0) === n && !Object.is(n, -0);

/** A double, wrapped when a plain number would be taken for an int32. */
export const double = (n: number): number | Double => (isInt32(n) ? new Double(n) : n);

/** BSON type number of a value. */
export function typeNumber(value: Value): number {
  switch (typeof value) {
    case 'string':
      return T.string;
    case 'number':
      return isInt32(value) ? T.int : T.double;
    case 'boolean':
      return T.bool;
    case 'bigint':
      return T.long;
    default:
      return value === null ? T.null : objectTypeNumber(value);
  }
}

function objectTypeNumber(value: object): number {
  if (value instanceof Doc) return T.object;
  if (Array.isArray(value)) return T.array;
  if (value instanceof Date) return T.date;
  if (value instanceof ObjectId) return T.objectId;
  if (value instanceof Double) return T.double;
  if (value instanceof Binary) return T.binData;
  if (value instanceof Decimal128) return T.decimal;
  if (value instanceof BSONRegExp) return T.regex;
  if (value instanceof Timestamp) return T.timestamp;
  if (value instanceof BsonUndefined) return T.undefined;
  if (value instanceof MinKey) return T.minKey;
  if (value instanceof MaxKey) return T.maxKey;
  if (value instanceof BSONSymbol) return T.symbol;
  if (value instanceof Code) return T.javascript;
  if (value instanceof ScopedCode) return T.javascriptWithScope;
  return T.dbPointer;
}

/** `$type` name of a value; "missing" for none. */
export const typeName = (value: Value | undefined): string =>
  value === undefined ? 'missing' : (TYPE_NAMES.get(typeNumber(value)) ?? 'unknown');

export type Numeric = number | bigint | Double | Decimal128;

export const isNumeric = (value: Value | undefined): value is Numeric =>
  typeof value === 'number' || typeof value === 'bigint' || value instanceof Double || value instanceof Decimal128;

export const isNullish = (value: Value | undefined): value is null | undefined | BsonUndefined =>
  value === undefined || value === null || value instanceof BsonUndefined;
