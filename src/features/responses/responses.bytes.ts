/**
 * Reads stored responses field by field from their BSON (https://bsonspec.org/spec.html), for streams of a million of
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

const UUID_BYTES = 16;
const TWO_TO_32 = 2 ** 32;

/** One field after another of a stored document. What is read is the current field. */
export class StoredFields {
  name = '';
  private type = NULL;
  private start = 0;
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
    let nameEnd = nameStart;
    while (bytes[nameEnd] !== 0) nameEnd += 1;
    this.name = bytes.toString('utf8', nameStart, nameEnd);
    this.type = type;
    this.start = nameEnd + 1;
    this.next = this.start + this.length();
    return true;
  }

  /** '' for what is no text. */
  text(): string {
    if (this.type !== TEXT) return '';
    return this.bytes.toString('utf8', this.start + 4, this.next - 1);
  }

  /** '' for what is no number. */
  number(): number | '' {
    if (this.type === INT32) return this.bytes.readInt32LE(this.start);
    if (this.type === DOUBLE) return this.bytes.readDoubleLE(this.start);
    return this.type === INT64 ? this.milliseconds() : '';
  }

  date(): Date {
    return new Date(this.type === DATE ? this.milliseconds() : NaN);
  }

  isTrue(): boolean {
    return this.type === BOOLEAN && this.bytes[this.start] === 1;
  }

  uuid(): Buffer {
    return this.bytes.subarray(this.start + 5, this.start + 5 + UUID_BYTES);
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
