import { Readable } from 'node:stream';
import type { Cell, Row, Table } from './exports.tables.js';

export const DELIMITERS = { ',': ',', ';': ';', tab: '\t' } as const;
export type DelimiterName = keyof typeof DELIMITERS;
export const DELIMITER_NAMES: readonly DelimiterName[] = [',', ';', 'tab'];

/** Cells that a spreadsheet would take for a formula, in ASCII and in full-width form. */
const FORMULA = /^[=+\-@\t\r＝＋－＠]/;
/** Cells that are only one cell between quotes: a line break of any kind, since many readers end a row at a bare LF too. */
const QUOTED: Readonly<Record<DelimiterName, RegExp>> = { ',': /[",\r\n]/, ';': /[";\r\n]/, tab: /["\t\r\n]/ };
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
  return Readable.from(csvOf(table, delimiter), { objectMode: false });
}

async function* csvOf({ columns, batches }: Table, delimiter: DelimiterName): AsyncGenerator<string | Buffer> {
  yield BOM + csvRow(columns, delimiter);
  for await (const batch of batches) {
    yield batch.csv?.(delimiter) ?? batch.rows().reduce((text, row) => text + csvRow(row, delimiter), '');
  }
}

/** One row, with its line end, as {@link csvStream} writes it. (Libraries take five times as long for it.) */
export function csvRow(cells: Row, delimiter: DelimiterName): string {
  const separator = DELIMITERS[delimiter];
  let text = '';
  for (let index = 0; index < cells.length; index += 1) {
    if (index > 0) text += separator;
    text += csvCell(cells[index] ?? '', delimiter);
  }
  return `${text}\r\n`;
}

/** One cell of such a row. */
export function csvCell(cell: Cell, delimiter: DelimiterName): string {
  if (typeof cell === 'number') return String(cell);
  if (cell === '') return '';
  const text = guarded(cell);
  return QUOTED[delimiter].test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
