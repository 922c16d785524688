import { REASON_SEPARATOR } from '../exports/exports.rows.js';

/** The columns of a CSV that can be imported, and what a row of them stands for. */
export interface ImportColumns {
  isKnown(column: string): boolean;
  /** The columns that a header must have and this one has not. */
  missing(header: readonly string[]): string[];
  /** A row as the item it stands for; an empty cell is a field that was not given. */
  fields(header: readonly string[], cells: readonly string[]): Readonly<Record<string, unknown>>;
  /** The column in which the field of an error stands; '' for none. */
  columnOf(path: string): string;
}

/** Columns of an export that say nothing about the response itself, or are worked out anew. */
export const PASSED_OVER = new Set(['centre_name', 'received_at', 'day', 'hour', 'flags', 'errors']);
const PLAIN_COLUMNS = new Map([
  ['captured_at', 'capturedAt'],
  ...['id', 'centre', 'kiosk', 'channel', 'questionnaire', 'locale', 'field', 'procedure', 'counter', 'officer'].map(
    (name) => [name, name] as const,
  ),
  ['comment', 'comment'],
  ['dossier', 'dossier'],
]);
const OTHER_COLUMNS = new Set(['version', 'reasons']);
const DEMOGRAPHIC = /^demo_(.+)$/;

/** The columns of an export of responses (contract §3 Exports), `itemCodes` those of the answers. */
export function responseColumns(itemCodes: ReadonlySet<string>): ImportColumns {
  return {
    isKnown: (name) =>
      PLAIN_COLUMNS.has(name) ||
      PASSED_OVER.has(name) ||
      OTHER_COLUMNS.has(name) ||
      DEMOGRAPHIC.test(name) ||
      itemCodes.has(name),
    missing: (header) =>
      ['id', 'centre', 'questionnaire', 'version', 'captured_at'].filter((name) => !header.includes(name)),
    fields: responseFields,
    columnOf,
  };
}

/** The column of a CSV of responses in which the field of an error stands; '' for none. */
export function columnOf(path: string): string {
  const [field = '', rest = ''] = path.split(/[.[](.*)/s);
  if (field === 'answers') return rest;
  if (field === 'demographics') return rest === '' ? '' : `demo_${rest}`;
  return [...PLAIN_COLUMNS].find(([, name]) => name === field)?.[0] ?? field;
}

function responseFields(header: readonly string[], cells: readonly string[]): Readonly<Record<string, unknown>> {
  const fields: Record<string, unknown> = {};
  const answers: Record<string, number> = {};
  const demographics: Record<string, string> = {};
  header.forEach((column, index) => {
    const cell = cells[index] ?? '';
    const plain = PLAIN_COLUMNS.get(column);
    const demographic = DEMOGRAPHIC.exec(column)?.[1];
    if (cell === '' || PASSED_OVER.has(column)) return;
    if (plain !== undefined) fields[plain] = cell;
    else if (column === 'version') fields['version'] = Number(cell);
    else if (column === 'reasons') fields['reasons'] = cell.split(REASON_SEPARATOR);
    else if (demographic !== undefined) demographics[demographic] = cell;
    else answers[column] = Number(cell);
  });
  return { ...fields, answers, demographics };
}

const INSTANTS: ReadonlyMap<string, string> = new Map([
  ['received_at', 'receivedAt'],
  ['due_at', 'dueAt'],
  ['returned_at', 'returnedAt'],
]);
const REQUIRED_OF_DOSSIERS = ['code', 'centre', 'receivedAt', 'dueAt'];
const DOSSIER_FIELDS = [...REQUIRED_OF_DOSSIERS, 'returnedAt', 'procedure', 'field', 'officer'];

/** The columns of a list of dossiers, named as in the API or, like those of responses, with underscores. */
export const dossierColumns: ImportColumns = {
  isKnown: (name) => name === 'errors' || DOSSIER_FIELDS.includes(dossierField(name)),
  missing: (header) => REQUIRED_OF_DOSSIERS.filter((field) => !header.map(dossierField).includes(field)),
  fields: (header, cells) => filledCells(header.map(dossierField), cells),
  columnOf: (path) => path,
};

/** The columns of a list of records named as their fields are. */
export function plainColumns(fields: readonly string[], required: readonly string[]): ImportColumns {
  return {
    isKnown: (name) => name === 'errors' || fields.includes(name),
    missing: (header) => required.filter((field) => !header.includes(field)),
    fields: (header, cells) => filledCells(header, cells),
    columnOf: (path) => path,
  };
}

/** The columns of a list of centres. */
export const centreColumns = plainColumns(['code', 'name', 'unit', 'level'], ['code', 'name', 'unit']);

/** The columns of a list of counters; `counter` is the code, as in responses. */
export const counterColumns = plainColumns(['centre', 'counter', 'name'], ['centre', 'counter', 'name']);

/** The columns of a list of units, those of the product's own. */
export const unitColumns = plainColumns(
  ['code', 'name', 'kind', 'parent', 'valid_from', 'valid_to', 'decree'],
  ['code', 'name', 'kind', 'parent', 'valid_from', 'decree'],
);

/** The cells that are not empty, by column. */
function filledCells(header: readonly string[], cells: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    header.flatMap((column, index) => {
      const cell = cells[index] ?? '';
      return cell === '' || column === 'errors' ? [] : [[column, cell] as const];
    }),
  );
}

function dossierField(column: string): string {
  return INSTANTS.get(column) ?? column;
}

/** What each column of a file stands for, by its name there; '' for what is not read. */
export type ColumnMapping = ReadonlyMap<string, string>;

/** Columns for a file that names them otherwise; what a mapping does not mention is not read. */
export function mapped(columns: ImportColumns, mapping?: ColumnMapping): ImportColumns {
  if (!mapping) return columns;
  const meant = (name: string) => mapping.get(name) ?? '';
  return {
    isKnown: (name) => meant(name) === '' || columns.isKnown(meant(name)),
    missing: (header) => columns.missing(header.map(meant)),
    fields: (header, cells) => {
      const read = header.flatMap((name, index) => (meant(name) === '' ? [] : [index]));
      return columns.fields(
        read.map((index) => meant(header[index] ?? '')),
        read.map((index) => cells[index] ?? ''),
      );
    },
    columnOf: (path) => {
      const column = columns.columnOf(path);
      return [...mapping].find(([, one]) => one === column)?.[0] ?? column;
    },
  };
}
