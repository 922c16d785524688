import type { Transform } from 'node:stream';
import { stringify } from 'csv-stringify';
import { stringify as stringifyNow } from 'csv-stringify/sync';

export const DELIMITERS = { ',': ',', ';': ';', tab: '\t' } as const;
export type DelimiterName = keyof typeof DELIMITERS;
export const DELIMITER_NAMES: readonly DelimiterName[] = [',', ';', 'tab'];

/** Cells that a spreadsheet would take for a formula, in ASCII and in full-width form. */
const FORMULA = /^[=+\-@\t\r＝＋－＠]/;

/** A text as a CSV cell that every spreadsheet shows as text (contract §3 Exports). */
export function guarded(text: string): string {
  return FORMULA.test(text) ? `'${text}` : text;
}

/** The text that {@link guarded} wrote. */
export function unguarded(cell: string): string {
  return cell.startsWith("'") && FORMULA.test(cell.slice(1)) ? cell.slice(1) : cell;
}

/** Rows in, CSV out: UTF-8 with BOM, RFC 4180, CRLF, a header row. */
export function csvStream(columns: readonly string[], delimiter: DelimiterName): Transform {
  return stringify({ ...format(delimiter), bom: true, header: true, columns: columns.map(guarded) });
}

/** One row, with its line end, as {@link csvStream} writes it. */
export function csvRow(cells: readonly string[], delimiter: DelimiterName): string {
  return stringifyNow([[...cells]], format(delimiter));
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
