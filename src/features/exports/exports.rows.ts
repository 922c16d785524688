import { localTimestamp } from '../../domain/period.js';
import { maskPersonalData } from '../../domain/personal-data.js';
import type { CommentForm } from '../access/scope.service.js';
import { StoredFields } from '../responses/responses.bytes.js';
import type { Cell, Row } from './exports.tables.js';

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

/** Puts the current field of a response where it belongs in its row. */
type Put = (row: Cell[], field: StoredFields) => void;

const textAt =
  (at: number): Put =>
  (row, field) =>
    void (row[at] = field.text());
const numberAt =
  (at: number): Put =>
  (row, field) =>
    void (row[at] = field.number());
const timeAt =
  (at: number): Put =>
  (row, field) =>
    void (row[at] = localTimestamp(field.date()));

const PUTS = {
  _id: (row, field) => void (row[AT.id] = uuidText(field.uuid())),
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
  reasons: (row, field) => void (row[AT.reasons] = texts(field.inner()).join(REASON_SEPARATOR)),
  comment: textAt(AT.comment),
  synthetic: (row, field) => void (row[AT.flags] = field.isTrue() ? SYNTHETIC_FLAG : ''),
} as const satisfies Readonly<Record<string, Put>>;

/** Makes rows of responses as they are stored; a dossier's code is never among them. */
export class ResponseRows {
  readonly columns: readonly string[];
  private readonly empty: readonly Cell[];
  private readonly puts: ReadonlyMap<string, Put>;

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
    this.empty = this.columns.map(() => '');
    const itemsAt = positions(items, RESPONSE_COLUMNS.length);
    const demographicsAt = positions(demographics, RESPONSE_COLUMNS.length + items.length);
    const centre: Put = (row, field) => {
      const code = field.text();
      row[AT.centre] = code;
      row[AT.centre_name] = centreNames.get(code) ?? '';
    };
    const answers: Put = (row, field) => putInner(row, field, itemsAt, (answer) => answer.number());
    const masked: Put = (row, field) => void (row[AT.comment] = maskPersonalData(field.text()));
    const given: Put = (row, field) => putInner(row, field, demographicsAt, (option) => option.text());
    this.puts = new Map<string, Put>([
      ...Object.entries(PUTS),
      ['centre', centre],
      ...(comments === 'masked' ? [['comment', masked] as const] : []),
      ['answers', answers],
      ['demographics', given],
    ]);
  }

  /** The row of a response. @param response its BSON */
  row(response: Buffer): Cell[] {
    const row = this.empty.slice();
    for (const field = new StoredFields(response); field.advance();) this.puts.get(field.name)?.(row, field);
    return row;
  }
}

/** Adds what was noted about a response beside it. */
export function addFlags(row: Cell[], flags: readonly string[]): void {
  const first = row[AT.flags];
  row[AT.flags] = [...(first === '' || first === undefined ? [] : [first]), ...flags].join(FLAG_SEPARATOR);
}

/** The id of the response in a row. */
export function idOf(row: Row): string {
  return String(row[AT.id]);
}

function positions(codes: readonly string[], first: number): ReadonlyMap<string, number> {
  return new Map(codes.map((code, index) => [code, first + index]));
}

function putInner(
  row: Cell[],
  field: StoredFields,
  positionOf: ReadonlyMap<string, number>,
  read: (inner: StoredFields) => Cell,
): void {
  for (const inner = field.inner(); inner.advance();) {
    const at = positionOf.get(inner.name);
    if (at !== undefined) row[at] = read(inner);
  }
}

function texts(list: StoredFields): string[] {
  const found: string[] = [];
  while (list.advance()) found.push(list.text());
  return found;
}

function uuidText(bytes: Buffer): string {
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
