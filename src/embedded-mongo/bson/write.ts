import {
  Binary,
  BSONRegExp,
  BSONSymbol,
  Code,
  DbPointer,
  Decimal128,
  Doc,
  Double,
  isInt32,
  ObjectId,
  ScopedCode,
  T,
  Timestamp,
  typeNumber,
  type Value,
} from './values.js';

/** Writes BSON into a buffer that grows. */
class Writer {
  bytes = Buffer.allocUnsafe(1024);
  position = 0;

  reserve(size: number): number {
    const start = this.position;
    const needed = start + size;
    if (needed > this.bytes.length) {
      const grown = Buffer.allocUnsafe(Math.max(needed, this.bytes.length * 2));
      this.bytes.copy(grown, 0, 0, start);
      this.bytes = grown;
    }
    this.position = needed;
    return start;
  }

  byte(value: number): void {
    const start = this.reserve(1);
    this.bytes[start] = value;
  }

  int32(value: number): void {
    const start = this.reserve(4);
    this.bytes.writeInt32LE(value, start);
  }

  copy(source: Uint8Array): void {
    const start = this.reserve(source.length);
    this.bytes.set(source, start);
  }

  text(value: string): void {
    const length = value.length < 64 ? asciiLength(value) : Buffer.byteLength(value);
    if (length >= 0) {
      const start = this.reserve(length);
      this.bytes.write(value, start, length);
    } else this.copy(Buffer.from(value));
  }

  cstring(value: string): void {
    this.text(value);
    this.byte(0);
  }

  string(value: string): void {
    const start = this.reserve(4);
    this.cstring(value);
    this.bytes.writeInt32LE(this.position - start - 4, start);
  }

  document(doc: Doc): void {
    const length = doc.rawLength;
    if (length !== undefined) {
      const at = this.reserve(length);
      doc.copyRaw(this.bytes, at, length);
      return;
    }
    const start = this.reserve(4);
    for (const [key, value] of doc.fields()) this.element(key, value);
    this.finish(start);
  }

  array(values: readonly Value[]): void {
    const start = this.reserve(4);
    values.forEach((value, index) => this.element(String(index), value));
    this.finish(start);
  }

  finish(start: number): void {
    this.byte(0);
    this.bytes.writeInt32LE(this.position - start, start);
  }

  element(key: string, value: Value): void {
    const type = typeNumber(value);
    this.byte(type & 0xff);
    this.cstring(key);
    this.value(value, type);
  }

  value(value: Value, type: number): void {
    if (typeof value === 'string') this.string(value);
    else if (typeof value === 'number') this.number(value);
    else if (typeof value === 'boolean') this.byte(value ? 1 : 0);
    else if (typeof value === 'bigint') this.bigint(value);
    else if (value instanceof Doc) this.document(value);
    else if (Array.isArray(value)) this.array(value);
    else if (value instanceof Date) this.bigint(BigInt(value.getTime()));
    else if (value instanceof ObjectId) this.copy(value.id);
    else if (value instanceof Double) this.double(value.value);
    else if (type !== T.null) this.rareValue(value);
  }

  number(value: number): void {
    if (isInt32(value)) this.int32(value);
    else this.double(value);
  }

  double(value: number): void {
    const start = this.reserve(8);
    this.bytes.writeDoubleLE(value, start);
  }

  bigint(value: bigint): void {
    const start = this.reserve(8);
    this.bytes.writeBigInt64LE(value, start);
  }

  rareValue(value: Value): void {
    if (value instanceof Binary) {
      this.int32(value.length());
      this.byte(value.sub_type);
      this.copy(value.buffer.subarray(0, value.length()));
    } else if (value instanceof Decimal128) this.copy(value.bytes);
    else if (value instanceof BSONRegExp) {
      this.cstring(value.pattern);
      this.cstring(value.options);
    } else if (value instanceof Timestamp) {
      const start = this.reserve(8);
      this.bytes.writeBigUInt64LE(value.toBigInt(), start);
    } else if (value instanceof BSONSymbol) this.string(value.value);
    else if (value instanceof Code) this.string(value.code);
    else if (value instanceof ScopedCode) {
      const start = this.reserve(4);
      this.string(value.code);
      this.document(value.scope);
      this.bytes.writeInt32LE(this.position - start, start);
    } else if (value instanceof DbPointer) {
      this.string(value.namespace);
      this.copy(value.id.id);
    }
  }
}

/** Number of bytes of a text that is all ASCII, else -1. */
function asciiLength(text: string): number {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 127) return -1;
  return text.length;
}

/** The BSON bytes of a document; the stored bytes themselves when it is unchanged. */
export function encodeDocument(doc: Doc): Buffer {
  return doc.raw ?? encodeAfter(0, doc);
}

const writer = new Writer();
/** A buffer that has grown beyond this is not kept for the next document. */
const KEPT_BYTES = 64 * 1024;

/** The BSON bytes of a document after `gap` bytes left free, for a header. */
export function encodeAfter(gap: number, doc: Doc): Buffer {
  writer.position = 0;
  writer.reserve(gap);
  writer.document(doc);
  const written = writer.bytes.subarray(0, writer.position);
  if (writer.bytes.length <= KEPT_BYTES) return Buffer.from(written);
  writer.bytes = Buffer.allocUnsafe(1024);
  return written;
}
