import { UUID_BYTES } from '../../database/stored-fields.js';
import { localTimestamp } from '../../domain/period.js';
import { csvCell, DELIMITERS, type DelimiterName } from './exports.csv.js';
import type { Cell } from './exports.tables.js';

const FIRST_ROOM = 64 * 1024;
/** The most bytes that UTF-8 has for one unit of a text. */
const BYTES_PER_UNIT = 3;
const ASCII = 128;
/** The first byte of full-width forms, with which a formula may begin. */
const FULL_WIDTH = 0xef;
const [ZERO, DASH, COLON, POINT, CR, LF] = [48, 45, 58, 46, 13, 10] as const;
const HEX = Buffer.from('0123456789abcdef');
/** After these bytes of a UUID stands a dash. */
const BEFORE_DASH = new Set([3, 5, 7, 9]);

const HOUR_MS = 3_600_000;
/** What of a local timestamp is not the same all the hour, and its end, which is: ':02:03.456' and '+07:00'. */
const [WITHIN_HOUR, OFFSET] = [10, 6];
const HOURS_KEPT = 1000;
/** '2026-11-22T08+07:00' by hours since 1970: what all timestamps of an hour have in common. */
const hours = new Map<number, string>();

/**
 * Lines of CSV as bytes. What a stored response has as plain text is copied as it is, without a string being made of it;
 * all else goes the way of {@link csvCell}.
 */
export class CsvBytes {
  private room = Buffer.allocUnsafe(FIRST_ROOM);
  private length = 0;
  private readonly between: number;
  /** Bytes with which a cell is not its text as it is: anywhere, and at the beginning. */
  private readonly isSpecial = new Uint8Array(256);
  private readonly isSpecialFirst = new Uint8Array(256);

  constructor(private readonly delimiter: DelimiterName) {
    this.between = DELIMITERS[delimiter].charCodeAt(0);
    for (let byte = 0; byte < ASCII; byte += 1) {
      const [first, later] = [String.fromCharCode(byte), `a${String.fromCharCode(byte)}`];
      this.isSpecialFirst[byte] = Number(csvCell(first, delimiter) !== first);
      this.isSpecial[byte] = Number(csvCell(later, delimiter) !== later);
    }
    this.isSpecialFirst[FULL_WIDTH] = 1;
  }

  /** What was written so far. */
  written(): Buffer {
    return this.room.subarray(0, this.length);
  }

  separator(): void {
    this.makeRoom(1);
    this.byte(this.between);
  }

  endLine(): void {
    this.makeRoom(2);
    this.byte(CR);
    this.byte(LF);
  }

  /** A text that is there as UTF-8. */
  bytes(source: Buffer, start: number, end: number): void {
    this.makeRoom(end - start);
    const before = this.length;
    let isPlain = start === end || this.isSpecialFirst[source[start] ?? 0] === 0;
    for (let index = start; isPlain && index < end; index += 1) {
      const byte = source[index] ?? 0;
      isPlain = this.isSpecial[byte] === 0;
      this.byte(byte);
    }
    if (isPlain) return;
    this.length = before;
    this.text(source.toString('utf8', start, end));
  }

  text(cell: Cell): void {
    const text = csvCell(cell, this.delimiter);
    this.makeRoom(text.length * BYTES_PER_UNIT);
    this.length += this.room.write(text, this.length);
  }

  number(value: number): void {
    if (!(value >= 0 && value < 100 && Number.isInteger(value))) {
      this.text(value);
      return;
    }
    this.makeRoom(2);
    if (value < 10) this.byte(ZERO + value);
    else this.digits(value, 10);
  }

  /** The local timestamp of an instant. @param milliseconds since 1970 */
  time(milliseconds: number): void {
    const hour = Math.floor(milliseconds / HOUR_MS);
    const start = hours.get(hour) ?? hourStart(hour);
    const within = milliseconds - hour * HOUR_MS;
    this.makeRoom(start.length + WITHIN_HOUR);
    const offsetAt = start.length - OFFSET;
    for (let index = 0; index < offsetAt; index += 1) this.byte(start.charCodeAt(index));
    this.byte(COLON);
    this.digits(Math.floor(within / 60_000), 10);
    this.byte(COLON);
    this.digits(Math.floor(within / 1000) % 60, 10);
    this.byte(POINT);
    this.digits(within % 1000, 100);
    for (let index = offsetAt; index < start.length; index += 1) this.byte(start.charCodeAt(index));
  }

  /** A UUID of whose 16 bytes the first stands at `start`. */
  uuid(source: Buffer, start: number): void {
    this.makeRoom(2 * UUID_BYTES + BEFORE_DASH.size);
    for (let index = 0; index < UUID_BYTES; index += 1) {
      const byte = source[start + index] ?? 0;
      this.byte(HEX[byte >> 4] ?? 0);
      this.byte(HEX[byte & 15] ?? 0);
      if (BEFORE_DASH.has(index)) this.byte(DASH);
    }
  }

  /** A whole number with leading zeros. @param place value of its first digit */
  private digits(value: number, place: number): void {
    for (let rest = value, unit = place; unit >= 1; unit /= 10) {
      const digit = Math.floor(rest / unit);
      this.byte(ZERO + digit);
      rest -= digit * unit;
    }
  }

  private byte(value: number): void {
    this.room[this.length] = value;
    this.length += 1;
  }

  private makeRoom(bytes: number): void {
    if (this.length + bytes <= this.room.length) return;
    const larger = Buffer.allocUnsafe(Math.max(2 * this.room.length, this.length + bytes));
    this.room.copy(larger, 0, 0, this.length);
    this.room = larger;
  }
}

/** @throws RangeError for no hour */
function hourStart(hour: number): string {
  const text = localTimestamp(new Date(hour * HOUR_MS));
  const start = text.slice(0, -WITHIN_HOUR - OFFSET) + text.slice(-OFFSET);
  if (hours.size >= HOURS_KEPT) hours.clear();
  hours.set(hour, start);
  return start;
}
