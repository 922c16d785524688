import { typeOrder } from './compare.js';
import { toDecimal, type Decimal } from './decimal.js';
import {
  Binary,
  BSONRegExp,
  BSONSymbol,
  Code,
  DbPointer,
  Decimal128,
  Doc,
  Double,
  isNumeric,
  ObjectId,
  ScopedCode,
  Timestamp,
  type Numeric,
  type Value,
} from './values.js';

const SIGN = 1n << 63n;
const ALL = (1n << 64n) - 1n;

/**
 * Writes values as bytes whose order (memcmp) is MongoDB's order of the values. Every value ends itself, so that values
 * can be written one after another and, for a descending field, with every byte inverted.
 */
export class KeyWriter {
  #bytes = Buffer.allocUnsafe(256);
  #position = 0;

  take(): Buffer {
    const key = Buffer.from(this.#bytes.subarray(0, this.#position));
    this.#position = 0;
    return key;
  }

  /** Appends a value; a missing one as null. */
  append(value: Value | undefined, descending = false): this {
    const start = this.#position;
    this.#value(value ?? null);
    if (descending) for (let i = start; i < this.#position; i++) this.#bytes[i] = ~(this.#bytes[i] ?? 0);
    return this;
  }

  #reserve(size: number): number {
    const start = this.#position;
    this.#position = start + size;
    if (this.#position > this.#bytes.length) {
      const grown = Buffer.allocUnsafe(this.#position * 2);
      this.#bytes.copy(grown, 0, 0, start);
      this.#bytes = grown;
    }
    return start;
  }

  #byte(value: number): void {
    const start = this.#reserve(1);
    this.#bytes[start] = value;
  }

  #copy(source: Uint8Array): void {
    const start = this.#reserve(source.length);
    this.#bytes.set(source, start);
  }

  #unsigned(value: bigint): void {
    const start = this.#reserve(8);
    this.#bytes.writeBigUInt64BE(value, start);
  }

  /** Text with 00 written as 00 FF and ended by 00 00. */
  #text(text: string): void {
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code === 0 || code > 127) {
        this.#escaped(Buffer.from(text.slice(i)));
        break;
      }
      this.#byte(code);
    }
    this.#byte(0);
    this.#byte(0);
  }

  #escaped(bytes: Buffer): void {
    for (const byte of bytes) {
      this.#byte(byte);
      if (byte === 0) this.#byte(0xff);
    }
  }

  #value(value: Value): void {
    const order = typeOrder(value);
    this.#byte(order);
    if (typeof value === 'string') this.#text(value);
    else if (isNumeric(value)) this.#number(value);
    else if (typeof value === 'boolean') this.#byte(value ? 1 : 0);
    else if (value instanceof ObjectId) this.#copy(value.id);
    else if (value instanceof Date) this.#unsigned(BigInt.asUintN(64, BigInt(value.getTime())) ^ SIGN);
    else if (value instanceof Doc) this.#document(value);
    else if (Array.isArray(value)) {
      for (const item of value) this.#value(item);
      this.#byte(0);
    } else this.#rare(value);
  }

  #document(doc: Doc): void {
    for (const [key, value] of doc.fields()) {
      this.#byte(typeOrder(value));
      this.#text(key);
      this.#value(value);
    }
    this.#byte(0);
  }

  #rare(value: Value): void {
    if (value instanceof Binary) {
      const start = this.#reserve(5);
      this.#bytes.writeUInt32BE(value.length(), start);
      this.#bytes[start + 4] = value.sub_type;
      this.#copy(value.buffer.subarray(0, value.length()));
    } else if (value instanceof Timestamp) this.#unsigned(value.toBigInt());
    else if (value instanceof BSONSymbol) this.#text(value.value);
    else if (value instanceof BSONRegExp) {
      this.#text(value.pattern);
      this.#text(value.options);
    } else if (value instanceof Code) this.#text(value.code);
    else if (value instanceof ScopedCode) {
      this.#text(value.code);
      this.#document(value.scope);
    } else if (value instanceof DbPointer) {
      this.#text(value.namespace);
      this.#copy(value.id.id);
    }
  }

  /**
   * The greatest double that is not greater, as 8 ordered bytes; then 0 when that is the number itself, else 1 and the
   * number's decimal digits. All numbers with one value have one form, whatever their type.
   */
  #number(value: Numeric): void {
    if (typeof value === 'number' || value instanceof Double) {
      this.#double(value instanceof Double ? value.value : value);
      this.#byte(0);
      return;
    }
    const below = floorDouble(value);
    this.#double(below.double);
    this.#byte(below.exact ? 0 : 1);
    if (!below.exact) this.#digits(toDecimal(value));
  }

  #double(value: number): void {
    const start = this.#reserve(8);
    if (Number.isNaN(value)) {
      this.#bytes.fill(0, start, start + 8);
      return;
    }
    this.#bytes.writeDoubleBE(value === 0 ? 0 : value, start);
    if ((this.#bytes[start] ?? 0) & 0x80)
      for (let i = start; i < start + 8; i++) this.#bytes[i] = ~(this.#bytes[i] ?? 0);
    else this.#bytes[start] = (this.#bytes[start] ?? 0) | 0x80;
  }

  #digits(value: Decimal): void {
    if (value.kind !== 'finite') return;
    const negative = value.coefficient < 0n;
    const text = (negative ? -value.coefficient : value.coefficient).toString();
    const start = this.#position;
    const magnitude = this.#reserve(2);
    this.#bytes.writeUInt16BE(value.exponent + text.length + 0x4000, magnitude);
    this.#copy(Buffer.from(text.replace(/0+$/, ''), 'latin1'));
    this.#byte(0);
    if (negative) for (let i = start; i < this.#position; i++) this.#bytes[i] = ~(this.#bytes[i] ?? 0);
  }
}

/** The greatest double ≤ the number, and whether it equals it. */
function floorDouble(value: bigint | Decimal128): { double: number; exact: boolean } {
  const nearest = Number(typeof value === 'bigint' ? value : value.toString());
  if (typeof value === 'bigint') {
    const back = BigInt(nearest);
    return back <= value ? { double: nearest, exact: back === value } : { double: nextBelow(nearest), exact: false };
  }
  const decimal = toDecimal(value);
  if (decimal.kind !== 'finite') return { double: nearest, exact: true };
  const order = compareToDouble(decimal, nearest);
  return order >= 0 ? { double: nearest, exact: order === 0 } : { double: nextBelow(nearest), exact: false };
}

function compareToDouble(decimal: Extract<Decimal, { kind: 'finite' }>, double: number): number {
  if (double === Infinity) return -1;
  if (double === -Infinity) return 1;
  const other = toDecimal(double);
  if (other.kind !== 'finite') return 0;
  const exponent = Math.min(decimal.exponent, other.exponent);
  const left = decimal.coefficient * 10n ** BigInt(decimal.exponent - exponent);
  const right = other.coefficient * 10n ** BigInt(other.exponent - exponent);
  return left < right ? -1 : left > right ? 1 : 0;
}

function nextBelow(value: number): number {
  if (value === 0) return -Number.MIN_VALUE;
  const bytes = Buffer.allocUnsafe(8);
  bytes.writeDoubleBE(value);
  const bits = bytes.readBigUInt64BE();
  bytes.writeBigUInt64BE((value > 0 ? bits - 1n : bits + 1n) & ALL);
  return bytes.readDoubleBE();
}

const writer = new KeyWriter();

/** The ordered bytes of one value. */
export const encodeKey = (value: Value | undefined, descending = false): Buffer =>
  writer.append(value, descending).take();

/** A string that two values share exactly when MongoDB holds them equal: a key for a `Map`. */
export function identity(value: Value | undefined): string {
  if (typeof value === 'string') return `s${value}`;
  if (typeof value === 'number') return Object.is(value, -0) ? 'n0' : `n${value}`;
  if (value === undefined) return 'm';
  if (value === null) return 'z';
  if (typeof value === 'boolean') return value ? 't' : 'f';
  if (value instanceof Double) return `n${value.value}`;
  if (value instanceof Date) return `d${value.getTime()}`;
  if (value instanceof ObjectId) return `o${value.toHexString()}`;
  if (value instanceof BSONSymbol) return `s${value.value}`;
  return typeof value === 'bigint' || value instanceof Decimal128
    ? numberIdentity(value)
    : `k${encodeKey(value).toString('latin1')}`;
}

function numberIdentity(value: bigint | Decimal128): string {
  const { double, exact } = floorDouble(value);
  return exact ? `n${double === 0 ? 0 : double}` : `k${encodeKey(value).toString('latin1')}`;
}
