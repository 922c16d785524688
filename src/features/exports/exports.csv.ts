import { Readable } from 'node:stream';
import { stringify } from 'csv-stringify/sync';
import type { Row, Table } from './exports.tables.js';

export const DELIMITERS = { ',': ',', ';': ';', tab: '\t' } as const;
export type DelimiterName = keyof typeof DELIMITERS;
export const DELIMITER_NAMES: readonly DelimiterName[] = [',', ';', 'tab'];

/** Cells that a spreadsheet would take for a formula, in ASCII and in full-width form. */
const FORMULA = /^[=+\-@\t\r＝＋－＠]/;
const BOM = '\uFEFF';

/** A text as a CSV cell that every spreadsheet shows as text (contract §3 Exports). */
export function guarded(text: string): string {
  return FORMULA.test(text) ? `'${text}` : text;
}

/**
 * The text that {@link guarded} wrote. A text that looks guarded by itself (`'=`) cannot be told from one that was, for
 * the contract leaves it as it is: it alone loses its apostrophe.
 */
export function unguarded(cell: string): string {
  return cell.startsWith("'") && FORMULA.test(cell.slice(1)) ? cell.slice(1) : cell;
}

/** A table as CSV: UTF-8 with BOM, RFC 4180, CRLF, a header row. It is read no faster than the CSV is. */
export function csvStream(table: Table, delimiter: DelimiterName): Readable {
  return Readable.from(csvText(table, delimiter), { objectMode: false });
}

async function* csvText({ columns, rows }: Table, delimiter: DelimiterName): AsyncGenerator<string> {
  yield BOM + csvRow(columns, delimiter);
  for await (const batch of rows) yield stringify([...batch], format(delimiter));
}

/** One row, with its line end, as {@link csvStream} writes it. */
export function csvRow(cells: Row, delimiter: DelimiterName): string {
  return stringify([[...cells]], format(delimiter));
}

function format(delimiter: DelimiterName) {
  return {
    delimiter: DELIMITERS[delimiter],
    record_delimiter: 'windows',
    // A line break of any kind is quoted: many readers end a row at a bare LF too.
    quote_record_delimiter: true,
    cast: { string: guarded },
  };
}
