import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { DELIMITER_NAMES, DELIMITERS, unguarded, type DelimiterName } from '../exports/exports.csv.js';
import { OTHER_INDEX_FIELDS } from '../other-indices/other-indices.validators.js';
import {
  centreColumns,
  counterColumns,
  dossierColumns,
  mapped,
  plainColumns,
  responseColumns,
  unitColumns,
  type ImportColumns,
} from './imports.columns.js';
import type { ColumnMapping } from './imports.columns.js';
import { csvRows, type CsvRow } from './imports.csv.js';
import { ImportFileError } from './imports.errors.js';
import { notXlsx, openXlsx } from './imports.xlsx.js';

export { columnOf } from './imports.columns.js';

/** One line of an import file, as the fields of what it stands for. */
export interface ImportedLine {
  readonly number: number;
  /** The line as it stood in the file: its text, or the cells of its row. */
  readonly raw: string | readonly string[];
  readonly fields: Readonly<Record<string, unknown>>;
  /** Why the line could not be read at all. */
  readonly problem?: string;
}

type TableFormat = 'csv' | 'xlsx';
export type ImportFormat = TableFormat | 'ndjson';

/** An import file as it is being read. `delimiter` is that of the file of refused lines. */
export type ImportFile =
  | { readonly format: 'ndjson'; readonly lines: AsyncIterable<ImportedLine> }
  | ({
      readonly format: TableFormat;
      readonly lines: AsyncIterable<ImportedLine>;
      readonly columns: ImportColumns;
    } & Pick<Table, 'header' | 'delimiter'>);

/**
 * Opens a file of responses, with the columns of an export; `itemCodes` are those of the answers.
 * @param mapping what the columns of the file stand for, where they are named otherwise
 * @throws ImportFileError when its header is wrong
 */
export function openImport(
  source: AsyncIterable<unknown>,
  name: string,
  itemCodes: ReadonlySet<string>,
  mapping?: ColumnMapping,
): Promise<ImportFile> {
  return openFile(source, name, mapped(responseColumns(itemCodes), mapping));
}

/** Opens a file of dossiers. See {@link openImport}. */
export function openDossierImport(
  source: AsyncIterable<unknown>,
  name: string,
  mapping?: ColumnMapping,
): Promise<ImportFile> {
  return openFile(source, name, mapped(dossierColumns, mapping));
}

/** Opens a file of centres. See {@link openImport}. */
export function openCentreImport(
  source: AsyncIterable<unknown>,
  name: string,
  mapping?: ColumnMapping,
): Promise<ImportFile> {
  return openFile(source, name, mapped(centreColumns, mapping));
}

/** Opens a file of counters. See {@link openImport}. */
export function openCounterImport(
  source: AsyncIterable<unknown>,
  name: string,
  mapping?: ColumnMapping,
): Promise<ImportFile> {
  return openFile(source, name, mapped(counterColumns, mapping));
}

/** Opens a file of units. See {@link openImport}. */
export function openUnitImport(
  source: AsyncIterable<unknown>,
  name: string,
  mapping?: ColumnMapping,
): Promise<ImportFile> {
  return openFile(source, name, mapped(unitColumns, mapping));
}

/** Opens a file of indices that others published. See {@link openImport}. */
export function openOtherIndexImport(source: AsyncIterable<unknown>, name: string): Promise<ImportFile> {
  return openFile(source, name, plainColumns(OTHER_INDEX_FIELDS, ['index', 'unit', 'year', 'source']));
}

async function openFile(source: AsyncIterable<unknown>, name: string, columns: ImportColumns): Promise<ImportFile> {
  const opened = await openRows(source, name);
  if (opened.format === 'ndjson') return opened;
  const { format, header, delimiter, rows } = opened;
  try {
    checkHeader(header, columns, format);
  } catch (error) {
    await opened.close();
    throw error;
  }
  const text = format === 'csv' ? unguarded : (cell: string) => cell;
  return { format, header, delimiter, columns, lines: tableLines(rows, header, columns, text) };
}

/** A file as it is being read, whatever its columns. */
export type OpenedFile =
  | { readonly format: 'ndjson'; readonly lines: AsyncIterable<ImportedLine> }
  | ({ readonly format: TableFormat } & Table);

/**
 * Opens a file, whatever its columns: XLSX as its first bytes say, CSV or NDJSON as its name says, else as its first
 * character does.
 * @throws ImportFileError when it has no usable header
 */
export async function openRows(source: AsyncIterable<unknown>, name: string): Promise<OpenedFile> {
  const { line, start, whole } = await peekLine(source);
  if (start.subarray(0, ZIP_START.length).equals(ZIP_START)) {
    return { format: 'xlsx', ...(await tableOf(openXlsx(whole), ',', 'XLSX')) };
  }
  if (/\.xlsx$/i.test(name)) throw notXlsx();
  if (formatOf(name, line) === 'ndjson') return { format: 'ndjson', lines: ndjsonLines(whole) };
  return { format: 'csv', ...(await csvTable(whole, line)) };
}

/** What every workbook begins with, and no text does. */
const ZIP_START = Buffer.from('PK\u0003\u0004');

function formatOf(name: string, firstLine: string): 'csv' | 'ndjson' {
  const plainName = name.replace(/(\.rejected)+$/, '');
  if (/\.(ndjson|jsonl)$/i.test(plainName)) return 'ndjson';
  if (/\.csv$/i.test(plainName)) return 'csv';
  return firstLine.startsWith('{') ? 'ndjson' : 'csv';
}

/** Lines of NDJSON; empty ones are passed over. */
async function* ndjsonLines(source: Readable): AsyncGenerator<ImportedLine> {
  let number = 0;
  for await (const text of linesOf(source)) {
    number += 1;
    const line = number === 1 ? text.replace(/^\uFEFF/, '') : text;
    if (line.trim() !== '') yield { number, ...parseObject(line) };
  }
}

/** The lines of a stream; a failure of the stream is thrown, which reading by line alone would take for its end. */
async function* linesOf(source: Readable): AsyncGenerator<string> {
  const lines = createInterface({ input: source, crlfDelay: Infinity });
  let failure: Error | undefined;
  source.once('error', (error) => {
    failure = error;
    lines.close();
  });
  yield* lines;
  if (failure) throw failure;
}

function parseObject(raw: string): Pick<ImportedLine, 'raw' | 'fields' | 'problem'> {
  let value: unknown;
  try {
    value = JSON.parse(raw);
  } catch (error) {
    return { raw, fields: {}, problem: `is not valid JSON: ${error instanceof Error ? error.message : ''}` };
  }
  if (!isRecord(value)) return { raw, fields: {}, problem: 'is not a JSON object' };
  // A line that was rejected before, corrected since, stands for the item or the text in it.
  if ('errors' in value && isRecord(value['item'])) return { raw, fields: value['item'] };
  if ('errors' in value && typeof value['raw'] === 'string') return parseObject(value['raw']);
  return { raw, fields: value };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The rows of a CSV or of a sheet as they are being read, whatever their columns. */
export interface Table {
  readonly header: readonly string[];
  readonly delimiter: DelimiterName;
  /** Numbered as a spreadsheet does, the header being row 1; empty rows are passed over. */
  readonly rows: AsyncIterable<CsvRow & { readonly number: number }>;
  /** Ends the reading early: a workbook is read by a thread, which would stay. */
  close(): Promise<unknown>;
}

/**
 * Opens a CSV separated by comma, semicolon or tab.
 * @throws ImportFileError when it has no usable header
 */
export async function openTable(source: AsyncIterable<unknown>): Promise<Table> {
  const { line, whole } = await peekLine(source);
  return csvTable(whole, line);
}

function csvTable(source: Readable, firstLine: string): Promise<Table> {
  const delimiter = delimiterOf(firstLine);
  return tableOf(csvRows(source, delimiter), delimiter, 'CSV');
}

async function tableOf(rows: AsyncGenerator<CsvRow>, delimiter: DelimiterName, kind: string): Promise<Table> {
  const first = await rows.next();
  if (first.done) throw new ImportFileError('empty', 'The file is empty.');
  if ('broken' in first.value) {
    throw new ImportFileError('broken-header', `The ${kind} cannot be read at row 1: ${BROKEN_QUOTE}.`);
  }
  const header = first.value.cells;
  const close = () => rows.return(undefined);
  const twice = header.filter((name, index) => header.indexOf(name) < index);
  if (twice.length > 0) {
    await close();
    throw new ImportFileError('columns-twice', `The ${kind} has columns twice: ${twice.join(', ')}.`, twice);
  }
  return { header, delimiter, rows: rowsAfterHeader(rows), close };
}

export const BROKEN_QUOTE = 'has a quotation mark out of place';

async function* rowsAfterHeader(rows: AsyncIterable<CsvRow>) {
  let number = 1;
  for await (const row of rows) {
    number += 1;
    if ('broken' in row || row.cells.some((cell) => cell !== '')) yield { number, ...row };
  }
}

/** How much of a stream is looked at for the end of its first line. */
const PEEK_BYTES = 65_536;

/** The first line of a stream that is not empty, without a byte order mark; its first bytes; and the stream still whole. */
async function peekLine(source: AsyncIterable<unknown>): Promise<{ line: string; start: Buffer; whole: Readable }> {
  const chunks = source[Symbol.asyncIterator]();
  let start = Buffer.alloc(0);
  const line = () => /^[\uFEFF\s]*([^\r\n]*)/.exec(start.toString('utf8'))?.[1] ?? '';
  const isWhole = () => /\S.*\n/.test(start.toString('utf8'));
  while (start.length < PEEK_BYTES && !isWhole()) {
    const next: IteratorResult<unknown, unknown> = await chunks.next();
    if (next.done) break;
    start = Buffer.concat([start, bytes(next.value)]);
  }
  const whole = async function* () {
    yield start;
    yield* { [Symbol.asyncIterator]: () => chunks };
  };
  return { line: line(), start, whole: Readable.from(whole(), { objectMode: false }) };
}

function bytes(chunk: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk;
  throw new TypeError('An import reads bytes');
}

/** The separator that the header row holds most of. */
function delimiterOf(header: string): DelimiterName {
  const count = (name: DelimiterName) => header.split(DELIMITERS[name]).length;
  return DELIMITER_NAMES.reduce((best, name) => (count(name) > count(best) ? name : best));
}

/** @param text what a cell says, as it was before the file was written */
async function* tableLines(
  rows: Table['rows'],
  header: readonly string[],
  columns: ImportColumns,
  text: (cell: string) => string,
): AsyncGenerator<ImportedLine> {
  for await (const row of rows) {
    const { number } = row;
    if ('broken' in row) {
      yield { number, raw: row.broken, fields: {}, problem: BROKEN_QUOTE };
    } else if (row.cells.length === header.length) {
      yield { number, raw: row.cells, fields: columns.fields(header, row.cells.map(text)) };
    } else {
      const problem = `has ${row.cells.length} cells, the header has ${header.length}`;
      yield { number, raw: row.cells, fields: {}, problem };
    }
  }
}

function checkHeader(header: readonly string[], columns: ImportColumns, format: TableFormat): void {
  const kind = format.toUpperCase();
  const unknown = header.filter((name) => !columns.isKnown(name));
  if (unknown.length > 0) {
    const message = `The ${kind} has columns that are not known: ${unknown.join(', ')}.`;
    throw new ImportFileError('columns-unknown', message, unknown);
  }
  const missing = columns.missing(header);
  if (missing.length > 0) {
    throw new ImportFileError('columns-missing', `The ${kind} lacks the columns ${missing.join(', ')}.`, missing);
  }
}
