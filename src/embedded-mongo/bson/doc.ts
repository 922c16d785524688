import { at, readValue, skipValue } from './read.js';
import type { Value } from './values.js';

/**
 * A BSON document: either the stored bytes, read field by field on demand, or an ordered map of fields. Documents are
 * shared freely; only the owner of a fresh copy (`clone`) may change it.
 */
export class Doc {
  #bytes: Buffer | undefined;
  readonly #start: number;
  #fields: Map<string, Value> | undefined;

  private constructor(bytes: Buffer | undefined, start: number, fields: Map<string, Value> | undefined) {
    this.#bytes = bytes;
    this.#start = start;
    this.#fields = fields;
  }

  /** A view of the document that begins at `start`; the bytes must not change afterwards. */
  static view(bytes: Buffer, start = 0): Doc {
    return new Doc(bytes, start, undefined);
  }

  static from(entries: Iterable<readonly [string, Value]> = []): Doc {
    return new Doc(undefined, 0, new Map(entries));
  }

  /** A document from a plain object; fields with `undefined` are left out. */
  static of(fields: Readonly<Record<string, Value | undefined>>): Doc {
    const map = new Map<string, Value>();
    for (const [key, value] of Object.entries(fields)) if (value !== undefined) map.set(key, value);
    return new Doc(undefined, 0, map);
  }

  /** The stored bytes, as long as nothing was changed. */
  get raw(): Buffer | undefined {
    const bytes = this.#bytes;
    return bytes?.subarray(this.#start, this.#start + bytes.readInt32LE(this.#start));
  }

  /** Length of the stored bytes, as long as nothing was changed. */
  get rawLength(): number | undefined {
    return this.#bytes?.readInt32LE(this.#start);
  }

  /** Copies the stored bytes. */
  copyRaw(target: Buffer, position: number, length: number): void {
    this.#bytes?.copy(target, position, this.#start, this.#start + length);
  }

  get(key: string): Value | undefined {
    if (this.#fields) return this.#fields.get(key);
    const bytes = this.#bytes;
    if (!bytes) return undefined;
    let position = this.#start + 4;
    for (let type = at(bytes, position); type !== 0; type = at(bytes, position)) {
      const nameEnd = bytes.indexOf(0, position + 1);
      if (nameEquals(bytes, position + 1, nameEnd, key)) return readValue(bytes, nameEnd + 1, type);
      position = skipValue(bytes, nameEnd + 1, type);
    }
    return undefined;
  }

  has(key: string): boolean {
    return this.get(key) !== undefined;
  }

  /** The fields as a map, parsed at the first call. */
  fields(): ReadonlyMap<string, Value> {
    return (this.#fields ??= this.#parse());
  }

  keys(): IterableIterator<string> {
    return this.fields().keys();
  }

  values(): IterableIterator<Value> {
    return this.fields().values();
  }

  entries(): IterableIterator<[string, Value]> {
    return this.fields().entries();
  }

  get size(): number {
    return this.fields().size;
  }

  /** Name and value of the first field. */
  first(): [string, Value] | undefined {
    for (const entry of this.entries()) return entry;
    return undefined;
  }

  set(key: string, value: Value): this {
    this.#changeable().set(key, value);
    return this;
  }

  delete(key: string): boolean {
    return this.#changeable().delete(key);
  }

  /** A shallow copy that may be changed. */
  clone(): Doc {
    return new Doc(undefined, 0, new Map(this.fields()));
  }

  #changeable(): Map<string, Value> {
    const fields = (this.#fields ??= this.#parse());
    this.#bytes = undefined;
    return fields;
  }

  #parse(): Map<string, Value> {
    const fields = new Map<string, Value>();
    const bytes = this.#bytes;
    if (!bytes) return fields;
    let position = this.#start + 4;
    for (let type = at(bytes, position); type !== 0; type = at(bytes, position)) {
      const nameEnd = bytes.indexOf(0, position + 1);
      const name = bytes.toString('utf8', position + 1, nameEnd);
      // MongoDB reads the first of several fields with one name.
      if (!fields.has(name)) fields.set(name, readValue(bytes, nameEnd + 1, type));
      position = skipValue(bytes, nameEnd + 1, type);
    }
    return fields;
  }
}

function nameEquals(bytes: Buffer, start: number, end: number, key: string): boolean {
  const length = key.length;
  if (end - start < length) return false;
  for (let i = 0; i < length; i++) {
    const code = key.charCodeAt(i);
    if (code > 127) return bytes.toString('utf8', start, end) === key;
    if (code !== bytes[start + i]) return false;
  }
  return end - start === length;
}
