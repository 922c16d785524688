/**
 * Reads stored documents field by field from their BSON (https://bsonspec.org/spec.html), for streams of a million of
 * them: having the driver make objects of them takes longer than all the rest of an export.
 */

const DOUBLE = 1;
const TEXT = 2;
const DOCUMENT = 3;
const ARRAY = 4;
const BINARY = 5;
const BOOLEAN = 8;
const DATE = 9;
const NULL = 10;
const INT32 = 16;
const INT64 = 18;

export const UUID_BYTES = 16;
const TWO_TO_32 = 2 ** 32;

/** One field after another of a stored document. What is read is the current field. */
export class StoredFields {
  name = '';
  private type = NULL;
  /** Where the value of the field begins. */
  start = 0;
  private next: number;

  constructor(
    private readonly bytes: Buffer,
    document = 0,
  ) {
    this.next = document + 4;
  }

  /** Goes on to the next field; false after the last. @throws RangeError for a type that no response holds */
  advance(): boolean {
    const { bytes } = this;
    const type = bytes[this.next] ?? 0;
    if (type === 0) return false;
    const nameStart = this.next + 1;
    let [nameEnd, hash] = [nameStart, 0];
    for (let byte = bytes[nameEnd] ?? 0; byte !== 0; byte = bytes[nameEnd] ?? 0) {
      hash = (hash * 31 + byte) | 0;
      nameEnd += 1;
    }
    this.name = nameAt(bytes, nameStart, nameEnd, hash);
    this.type = type;
    this.start = nameEnd + 1;
    this.next = this.start + this.length();
    return true;
  }

  isText(): boolean {
    return this.type === TEXT;
  }

  /** Where the bytes of a text begin. */
  get textStart(): number {
    return this.start + 4;
  }

  /** Where they end. */
  get textEnd(): number {
    return this.next - 1;
  }

  /** '' for what is no text. */
  text(): string {
    return this.isText() ? this.bytes.toString('utf8', this.textStart, this.textEnd) : '';
  }

  /** '' for what is no number. */
  number(): number | '' {
    if (this.type === INT32) return this.bytes.readInt32LE(this.start);
    if (this.type === DOUBLE) return this.bytes.readDoubleLE(this.start);
    return this.type === INT64 ? this.milliseconds() : '';
  }

  /** Milliseconds since 1970; NaN for what is no moment. */
  time(): number {
    return this.type === DATE ? this.milliseconds() : NaN;
  }

  /** 0 for what is no 64-bit number. */
  long(): bigint {
    return this.type === INT64 ? this.bytes.readBigInt64LE(this.start) : 0n;
  }

  isTrue(): boolean {
    return this.type === BOOLEAN && this.bytes[this.start] === 1;
  }

  /** Where the 16 bytes of a UUID begin. */
  get uuidStart(): number {
    return this.start + 5;
  }

  /** The fields of the document or list that the current field is; none of anything else. */
  inner(): StoredFields {
    return this.type === DOCUMENT || this.type === ARRAY ? new StoredFields(this.bytes, this.start) : NO_FIELDS;
  }

  private milliseconds(): number {
    return this.bytes.readInt32LE(this.start + 4) * TWO_TO_32 + this.bytes.readUInt32LE(this.start);
  }

  private length(): number {
    switch (this.type) {
      case DOUBLE:
      case DATE:
      case INT64:
        return 8;
      case INT32:
        return 4;
      case BOOLEAN:
        return 1;
      case NULL:
        return 0;
      case TEXT:
        return 4 + this.bytes.readInt32LE(this.start);
      case BINARY:
        return 5 + this.bytes.readInt32LE(this.start);
      case DOCUMENT:
      case ARRAY:
        return this.bytes.readInt32LE(this.start);
      default:
        throw new RangeError(`A stored response has a field ${this.name} of BSON type ${this.type}`);
    }
  }
}

const NO_FIELDS = new StoredFields(Buffer.alloc(5));

/** Responses have some dozen names in all, questionnaires some hundred; whoever makes up more of them gains nothing. */
const NAMES_KEPT = 2000;
const names = new Map<number, string>();

/** The name at a place, made once for all the responses that have it. */
function nameAt(bytes: Buffer, start: number, end: number, hash: number): string {
  const kept = names.get(hash);
  if (kept !== undefined && isAt(kept, bytes, start, end)) return kept;
  const name = bytes.toString('utf8', start, end);
  // Only names in ASCII, as nearly all are, are as long in letters as in bytes, and the same in both.
  if (name.length === end - start && names.size < NAMES_KEPT) names.set(hash, name);
  return name;
}

function isAt(name: string, bytes: Buffer, start: number, end: number): boolean {
  if (name.length !== end - start) return false;
  for (let index = 0; index < name.length; index += 1) {
    if (name.charCodeAt(index) !== bytes[start + index]) return false;
  }
  return true;
}
