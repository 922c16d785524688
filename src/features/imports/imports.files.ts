import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { parse } from 'csv-parse';
import { z } from 'zod';
import { DELIMITERS, unguarded } from '../exports/exports.csv.js';
import { REASON_SEPARATOR } from '../exports/exports.service.js';

/** One line of an import file, as the fields of a response plus `centre`, `kiosk` and `channel`. */
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

/** Columns of an export that say nothing about the response itself, or are worked out anew. */
const PASSED_OVER = new Set(['centre_name', 'received_at', 'day', 'hour', 'flags', 'errors']);
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

/** Lines of NDJSON; empty ones are passed over. */
export async function* ndjsonLines(source: Readable): AsyncGenerator<ImportedLine> {
  let number = 0;
  for await (const text of createInterface({ input: source, crlfDelay: Infinity })) {
    number += 1;
    const raw = number === 1 ? text.replace(/^\uFEFF/, '') : text;
    if (raw.trim() !== '') yield { number, raw, ...parseObject(raw) };
  }
}

function parseObject(text: string): Pick<ImportedLine, 'fields' | 'problem'> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { fields: {}, problem: `is not valid JSON: ${error instanceof Error ? error.message : ''}` };
  }
  return isRecord(value) ? { fields: value } : { fields: {}, problem: 'is not a JSON object' };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A CSV as it is being read. */
export interface CsvFile {
  readonly header: readonly string[];
  readonly lines: AsyncIterable<ImportedLine>;
}

/**
 * Opens a CSV with the columns of an export (contract §3 Exports), separated by comma, semicolon or tab.
 * @throws ImportFileError when the header is wrong; while reading, when the quoting is
 */
export async function openCsv(source: Readable, itemCodes: ReadonlySet<string>): Promise<CsvFile> {
  const start = await firstChunk(source);
  const parser = source.pipe(parse({ bom: true, delimiter: delimiterOf(start), relax_column_count: true }));
  const rows: AsyncIterator<unknown> = parser[Symbol.asyncIterator]();
  const header = await nextRow(rows, 1);
  if (!header) throw new ImportFileError('The file is empty.');
  checkHeader(header, itemCodes);
  return { header, lines: csvLines(rows, header) };
}

/** The beginning of a stream, left in place. */
async function firstChunk(source: Readable): Promise<string> {
  if (source.readableLength === 0 && !source.readableEnded) {
    await new Promise<void>((resolve, reject) => {
      source.once('readable', resolve).once('end', resolve).once('error', reject);
    });
  }
  const chunk: unknown = source.read();
  if (!Buffer.isBuffer(chunk)) return '';
  source.unshift(chunk);
  return chunk.toString('utf8');
}

/** The separator that the header row holds most of. */
function delimiterOf(start: string): string {
  const header = start.split(/\r?\n/, 1)[0] ?? '';
  const count = (separator: string) => header.split(separator).length;
  return Object.values(DELIMITERS).reduce((best, separator) => (count(separator) > count(best) ? separator : best));
}

async function* csvLines(rows: AsyncIterator<unknown>, header: readonly string[]): AsyncGenerator<ImportedLine> {
  for (let number = 2; ; number += 1) {
    const cells = await nextRow(rows, number);
    if (!cells) return;
    yield { number, raw: cells, ...rowFields(header, cells) };
  }
}

const rowShape = z.array(z.string());

async function nextRow(rows: AsyncIterator<unknown>, number: number): Promise<string[] | null> {
  try {
    const row = await rows.next();
    return row.done ? null : rowShape.parse(row.value);
  } catch (error) {
    throw new ImportFileError(
      `The CSV cannot be read at row ${number}: ${error instanceof Error ? error.message : ''}`,
    );
  }
}

function checkHeader(header: readonly string[], itemCodes: ReadonlySet<string>): void {
  const known = (name: string) =>
    PLAIN_COLUMNS.has(name) ||
    PASSED_OVER.has(name) ||
    OTHER_COLUMNS.has(name) ||
    DEMOGRAPHIC.test(name) ||
    itemCodes.has(name);
  const unknown = header.filter((name) => !known(name));
  if (unknown.length > 0) throw new ImportFileError(`The CSV has columns that are not known: ${unknown.join(', ')}.`);
  const missing = ['id', 'centre', 'questionnaire', 'version', 'captured_at'].filter((name) => !header.includes(name));
  if (missing.length > 0) throw new ImportFileError(`The CSV lacks the columns ${missing.join(', ')}.`);
}

/** A row as the response it stands for; an empty cell is a field that was not given. */
function rowFields(header: readonly string[], cells: readonly string[]): Pick<ImportedLine, 'fields' | 'problem'> {
  if (cells.length !== header.length) {
    return { fields: {}, problem: `has ${cells.length} cells, the header has ${header.length}` };
  }
  const fields: Record<string, unknown> = {};
  const answers: Record<string, number> = {};
  const demographics: Record<string, string> = {};
  header.forEach((column, index) => {
    const cell = unguarded(cells[index] ?? '');
    const plain = PLAIN_COLUMNS.get(column);
    const demographic = DEMOGRAPHIC.exec(column)?.[1];
    if (cell === '' || PASSED_OVER.has(column)) return;
    if (plain !== undefined) fields[plain] = cell;
    else if (column === 'version') fields['version'] = Number(cell);
    else if (column === 'reasons') fields['reasons'] = cell.split(REASON_SEPARATOR);
    else if (demographic !== undefined) demographics[demographic] = cell;
    else answers[column] = Number(cell);
  });
  return { fields: { ...fields, answers, demographics } };
}
