import {
  Binary,
  BSONRegExp,
  BSONSymbol,
  BsonUndefined,
  Code,
  Decimal128,
  Doc,
  Double,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
  type Value,
} from './values.js';

/** A value as MongoDB prints it in messages. */
export function formatValue(value: Value | undefined): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'null';
  if (typeof value === 'string') return `"${value}"`;
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return formatDouble(value, !Number.isInteger(value) || Math.abs(value) > 2 ** 31);
  if (value instanceof Double) return formatDouble(value.value, true);
  if (Array.isArray(value)) return value.length === 0 ? '[]' : `[ ${value.map(formatValue).join(', ')} ]`;
  if (value instanceof Doc) return formatDocument(value);
  return formatRare(value);
}

function formatDouble(value: number, isDouble: boolean): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value < 0 ? '-inf' : 'inf';
  return isDouble && Number.isInteger(value) ? `${value}.0` : String(value);
}

function formatDocument(doc: Doc): string {
  if (doc.size === 0) return '{}';
  return `{ ${[...doc.entries()].map(([key, value]) => `${key}: ${formatValue(value)}`).join(', ')} }`;
}

function formatRare(value: Value): string {
  if (value instanceof ObjectId) return `ObjectId('${value.toHexString()}')`;
  if (value instanceof Date) return `new Date(${value.getTime()})`;
  if (value instanceof Decimal128) return value.toString();
  if (value instanceof Binary) return formatBinary(value);
  if (value instanceof BSONRegExp) return `/${value.pattern}/${value.options}`;
  if (value instanceof Timestamp) return `Timestamp(${value.t}, ${value.i})`;
  if (value instanceof BSONSymbol) return `"${value.value}"`;
  if (value instanceof Code) return value.code;
  if (value instanceof MinKey) return 'MinKey';
  if (value instanceof MaxKey) return 'MaxKey';
  return value instanceof BsonUndefined ? 'undefined' : '{ … }';
}

function formatBinary(value: Binary): string {
  const hex = Buffer.from(value.buffer.subarray(0, value.length())).toString('hex');
  if (value.sub_type === 4 && hex.length === 32) {
    return `UUID("${hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')}")`;
  }
  return `BinData(${value.sub_type}, ${hex.toUpperCase()})`;
}
