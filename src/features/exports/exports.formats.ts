import type { Readable } from 'node:stream';
import { csvStream, type DelimiterName } from './exports.csv.js';
import type { Export } from './exports.tables.js';
import { xlsxExport } from './exports.xlsx.js';

export const FORMATS = ['csv', 'xlsx'] as const;
export type Format = (typeof FORMATS)[number];

export const CONTENT_TYPES: Readonly<Record<Format, string>> = {
  csv: 'text/csv; charset=utf-8',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
};

/**
 * The bytes of an export in a format, made as they are read. A source that fails fails the stream.
 * @param delimiter between the cells of a CSV
 */
export function bytesOf(made: Export, format: Format, delimiter: DelimiterName): Readable {
  return format === 'csv' ? csvStream(made.table, delimiter) : xlsxExport(made);
}
