import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { DELIMITER_NAMES, DELIMITERS, unguarded, type DelimiterName } from '../exports/exports.csv.js';
import { OTHER_INDEX_FIELDS } from '../other-indices/other-indices.validators.js';
import { csvRows, type CsvRow } from './imports.csv.js';
import { dossierColumns, plainColumns, responseColumns, type ImportColumns } from './imports.columns.js';

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

/** The file as a whole cannot be read. */
export class ImportFileError extends Error {}

/** An import file as it is being read. */
export type ImportFile =
  | { readonly format: 'ndjson'; readonly lines: AsyncIterable<ImportedLine> }
  | ({
      readonly format: 'csv';
      readonly lines: AsyncIterable<ImportedLine>;
      readonly columns: ImportColumns;
    } & Pick<CsvTable, 'header' | 'delimiter'>);

/** Opens a file of responses, with the columns of an export; `itemCodes` are those of the answers. See {@link openFile}. */
export function openImport(
  source: AsyncIterable<unknown>,
  name: string,
  itemCodes: ReadonlySet<string>,
): Promise<ImportFile> {
  return openFile(source, name, responseColumns(itemCodes));
}

/** Opens a file of dossiers. See {@link openFile}. */
export function openDossierImport(source: AsyncIterable<unknown>, name: string): Promise<ImportFile> {
  return openFile(source, name, dossierColumns);
}

/** Opens a file of indices that others published. See {@link openFile}. */
export function openOtherIndexImport(source: AsyncIterable<unknown>, name: string): Promise<ImportFile> {
  return openFile(source, name, plainColumns(OTHER_INDEX_FIELDS, ['index', 'unit', 'year', 'source']));
}

/**
 * Opens a file: CSV with the given columns or NDJSON, as its name says, else as its first character does.
 * @throws ImportFileError when the header of a CSV is wrong
 */
async function openFile(source: AsyncIterable<unknown>, name: string, columns: ImportColumns): Promise<ImportFile> {
  const { line, whole } = await peekLine(source);
  if (formatOf(name, line) === 'ndjson') return { format: 'ndjson', lines: ndjsonLines(whole) };
  const { header, delimiter, rows } = await openTable(whole);
  checkHeader(header, columns);
  return { format: 'csv', header, delimiter, columns, lines: csvLines(rows, header, columns) };
}

function formatOf(name: string, firstLine: string): ImportFile['format'] {
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

/** A CSV as it is being read, whatever its columns. */
export interface CsvTable {
  readonly header: readonly string[];
  readonly delimiter: DelimiterName;
  /** Numbered as a spreadsheet does, the header being row 1; empty rows are passed over. */
  readonly rows: AsyncIterable<CsvRow & { readonly number: number }>;
}

/**
 * Opens a CSV separated by comma, semicolon or tab.
 * @throws ImportFileError when it has no usable header
 */
export async function openTable(source: AsyncIterable<unknown>): Promise<CsvTable> {
  const { line, whole } = await peekLine(source);
  const delimiter = delimiterOf(line);
  const rows = csvRows(whole, delimiter);
  const first = await rows.next();
  if (first.done) throw new ImportFileError('The file is empty.');
  if ('broken' in first.value) throw new ImportFileError(`The CSV cannot be read at row 1: ${BROKEN_QUOTE}.`);
  const header = first.value.cells;
  const twice = header.filter((name, index) => header.indexOf(name) < index);
  if (twice.length > 0) throw new ImportFileError(`The CSV has columns twice: ${twice.join(', ')}.`);
  return { header, delimiter, rows: rowsAfterHeader(rows) };
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

/** The first line of a stream that is not empty, without a byte order mark, and the stream still whole. */
async function peekLine(source: AsyncIterable<unknown>): Promise<{ line: string; whole: Readable }> {
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
  return { line: line(), whole: Readable.from(whole(), { objectMode: false }) };
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

async function* csvLines(
  rows: CsvTable['rows'],
  header: readonly string[],
  columns: ImportColumns,
): AsyncGenerator<ImportedLine> {
  for await (const row of rows) {
    const { number } = row;
    if ('broken' in row) {
      yield { number, raw: row.broken, fields: {}, problem: BROKEN_QUOTE };
    } else if (row.cells.length === header.length) {
      yield { number, raw: row.cells, fields: columns.fields(header, row.cells.map(unguarded)) };
    } else {
      const problem = `has ${row.cells.length} cells, the header has ${header.length}`;
      yield { number, raw: row.cells, fields: {}, problem };
    }
  }
}

function checkHeader(header: readonly string[], columns: ImportColumns): void {
  const unknown = header.filter((name) => !columns.isKnown(name));
  if (unknown.length > 0) throw new ImportFileError(`The CSV has columns that are not known: ${unknown.join(', ')}.`);
  const missing = columns.missing(header);
  if (missing.length > 0) throw new ImportFileError(`The CSV lacks the columns ${missing.join(', ')}.`);
}
