import { StoredFields, UUID_BYTES } from '../../database/stored-fields.js';
import { localTimestamp } from '../../domain/period.js';
import { maskPersonalData } from '../../domain/personal-data.js';
import type { CommentForm } from '../access/scope.service.js';
import type { CsvBytes } from './csv-bytes.js';
import type { Cell } from './exports.tables.js';

/** Columns before the items (contract §3 Exports). */
export const RESPONSE_COLUMNS = [
  'id',
  'centre',
  'centre_name',
  'kiosk',
  'channel',
  'questionnaire',
  'version',
  'captured_at',
  'received_at',
  'day',
  'hour',
  'locale',
  'field',
  'procedure',
  'counter',
  'officer',
  'reasons',
  'comment',
  'flags',
] as const;

/** Between the reasons of one response, within their cell. */
export const REASON_SEPARATOR = ';';
export const SYNTHETIC_FLAG = 'demo';
export const DEMOGRAPHIC_PREFIX = 'demo_';
const FLAG_SEPARATOR = ';';

type Column = (typeof RESPONSE_COLUMNS)[number];

/** Where a column stands in a row. */
const AT = Object.fromEntries(RESPONSE_COLUMNS.map((name, index) => [name, index])) as Readonly<Record<Column, number>>;

/** What a cell is made from. */
const EMPTY = 0;
/** A text of the stored response, by the place of its bytes. */
const STORED = 1;
/** A text made for the cell. */
const MADE = 2;
const NUMBER = 3;
const TIME = 4;
/** Of the stored response, by the place of its bytes. */
const ID = 5;

/** Notes where the current field of a response is found. */
type Put = (row: ResponseRow, field: StoredFields) => void;

const textAt =
  (at: number): Put =>
  (row, field) =>
    row.putStored(at, field);
const numberAt =
  (at: number): Put =>
  (row, field) =>
    row.putNumber(at, field.number());
const timeAt =
  (at: number): Put =>
  (row, field) =>
    row.putTime(at, field.time());

const PUTS = {
  _id: (row, field) => row.putId(AT.id, field),
  kiosk: textAt(AT.kiosk),
  channel: textAt(AT.channel),
  questionnaire: textAt(AT.questionnaire),
  version: numberAt(AT.version),
  capturedAt: timeAt(AT.captured_at),
  receivedAt: timeAt(AT.received_at),
  day: textAt(AT.day),
  hour: numberAt(AT.hour),
  locale: textAt(AT.locale),
  field: textAt(AT.field),
  procedure: textAt(AT.procedure),
  counter: textAt(AT.counter),
  officer: textAt(AT.officer),
  reasons: (row, field) => row.putText(AT.reasons, texts(field.inner()).join(REASON_SEPARATOR)),
  comment: textAt(AT.comment),
  synthetic: (row, field) => row.putText(AT.flags, field.isTrue() ? SYNTHETIC_FLAG : ''),
} as const satisfies Readonly<Record<string, Put>>;

/**
 * The row of one response after another, as they are stored; a dossier's code is never among it. Only places are noted
 * until the row is asked for, as cells or as CSV: of a million rows no text is made in vain.
 */
export class ResponseRow {
  readonly columns: readonly string[];
  private readonly puts: ReadonlyMap<string, Put>;
  private bytes: Buffer = Buffer.alloc(0);
  private readonly kinds: Uint8Array;
  /** A number, or where bytes begin. */
  private readonly values: Float64Array;
  /** Where bytes end. */
  private readonly ends: Int32Array;
  private readonly made: string[];

  /**
   * @param centreNames by code
   * @param comments as they were written, or with what leads to a person covered
   */
  constructor(
    items: readonly string[],
    demographics: readonly string[],
    centreNames: ReadonlyMap<string, string>,
    comments: CommentForm,
  ) {
    this.columns = [...RESPONSE_COLUMNS, ...items, ...demographics.map((code) => DEMOGRAPHIC_PREFIX + code)];
    this.kinds = new Uint8Array(this.columns.length);
    this.values = new Float64Array(this.columns.length);
    this.ends = new Int32Array(this.columns.length);
    this.made = this.columns.map(() => '');
    const itemsAt = positions(items, RESPONSE_COLUMNS.length);
    const demographicsAt = positions(demographics, RESPONSE_COLUMNS.length + items.length);
    const centre: Put = (row, field) => {
      row.putStored(AT.centre, field);
      row.putText(AT.centre_name, centreNames.get(field.text()) ?? '');
    };
    const answers: Put = (row, field) => putInner(field, itemsAt, (at, answer) => row.putNumber(at, answer.number()));
    const masked: Put = (row, field) => row.putText(AT.comment, maskPersonalData(field.text()));
    const given: Put = (row, field) => putInner(field, demographicsAt, (at, option) => row.putStored(at, option));
    this.puts = new Map<string, Put>([
      ...Object.entries(PUTS),
      ['centre', centre],
      ...(comments === 'masked' ? [['comment', masked] as const] : []),
      ['answers', answers],
      ['demographics', given],
    ]);
  }

  /**
   * Goes on to another response.
   * @param bytes with its BSON, which begins at `start`
   * @param flags what was noted about it beside it
   */
  read(bytes: Buffer, start: number, flags: readonly string[] = []): this {
    this.bytes = bytes;
    this.kinds.fill(EMPTY);
    for (const field = new StoredFields(bytes, start); field.advance();) this.puts.get(field.name)?.(this, field);
    if (flags.length > 0) {
      const own = this.kinds[AT.flags] === MADE ? [this.made[AT.flags]] : [];
      this.putText(AT.flags, [...own, ...flags].filter(Boolean).join(FLAG_SEPARATOR));
    }
    return this;
  }

  cells(): Cell[] {
    return this.columns.map((_, at) => this.cell(at));
  }

  /** Writes the row as a line of CSV. */
  writeCsv(csv: CsvBytes): void {
    for (let at = 0; at < this.columns.length; at += 1) {
      if (at > 0) csv.separator();
      const value = this.values[at] ?? 0;
      if (this.kinds[at] === STORED) csv.bytes(this.bytes, value, this.ends[at] ?? 0);
      else if (this.kinds[at] === NUMBER) csv.number(value);
      else if (this.kinds[at] === TIME) csv.time(value);
      else if (this.kinds[at] === ID) csv.uuid(this.bytes, value);
      else if (this.kinds[at] === MADE) csv.text(this.made[at] ?? '');
    }
    csv.endLine();
  }

  putStored(at: number, field: StoredFields): void {
    if (field.isText()) this.put(at, STORED, field.textStart, field.textEnd);
  }

  putText(at: number, text: string): void {
    this.made[at] = text;
    this.put(at, MADE);
  }

  putNumber(at: number, value: number | ''): void {
    if (value !== '') this.put(at, NUMBER, value);
  }

  putTime(at: number, milliseconds: number): void {
    this.put(at, TIME, milliseconds);
  }

  putId(at: number, field: StoredFields): void {
    this.put(at, ID, field.uuidStart);
  }

  private put(at: number, kind: number, value = 0, end = 0): void {
    this.kinds[at] = kind;
    this.values[at] = value;
    this.ends[at] = end;
  }

  private cell(at: number): Cell {
    const value = this.values[at] ?? 0;
    switch (this.kinds[at]) {
      case STORED:
        return this.bytes.toString('utf8', value, this.ends[at]);
      case MADE:
        return this.made[at] ?? '';
      case NUMBER:
        return value;
      case TIME:
        return localTimestamp(new Date(value));
      case ID:
        return uuidText(this.bytes, value);
      default:
        return '';
    }
  }
}

function positions(codes: readonly string[], first: number): ReadonlyMap<string, number> {
  return new Map(codes.map((code, index) => [code, first + index]));
}

function putInner(
  field: StoredFields,
  positionOf: ReadonlyMap<string, number>,
  put: (at: number, inner: StoredFields) => void,
): void {
  for (const inner = field.inner(); inner.advance();) {
    const at = positionOf.get(inner.name);
    if (at !== undefined) put(at, inner);
  }
}

function texts(list: StoredFields): string[] {
  const found: string[] = [];
  while (list.advance()) found.push(list.text());
  return found;
}

function uuidText(bytes: Buffer, start: number): string {
  const hex = bytes.toString('hex', start, start + UUID_BYTES);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
