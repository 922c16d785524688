import type { Readable } from 'node:stream';
import type { Sheet } from '../../xlsx/sheet.js';
import type { CellStyle } from '../../xlsx/styles.js';
import { xlsxStream } from '../../xlsx/workbook.js';
import type { Export, Row, Table } from './exports.tables.js';

const HEADER: CellStyle = { bold: true, fill: 'E7EEF5', border: true, vertical: 'top', wrap: true };

/** Columns that hold more, or less, than most. */
const WIDTHS: Readonly<Record<string, number>> = {
  ...{ id: 38, centre_name: 34, label: 34, captured_at: 30, received_at: 30, field: 20, reasons: 24, comment: 50 },
  ...{ version: 8, hour: 6, locale: 8, n: 8, text_vi: 60, text_en: 40, note: 60 },
};
const USUAL_WIDTH = 14;

/** The whole export as a workbook: the table first, its notes behind it. Numbers are numbers, all else is text. */
export function xlsxExport({ table, notes }: Export): Readable {
  return xlsxStream([table, ...notes].map(sheetOf));
}

function sheetOf({ name, columns, batches }: Table): Sheet {
  return {
    name,
    widths: columns.map((column) => WIDTHS[column] ?? USUAL_WIDTH),
    header: columns.map((value) => ({ value, style: HEADER })),
    rows: rowsOf(batches),
  };
}

async function* rowsOf(batches: Table['batches']): AsyncGenerator<readonly Row[]> {
  for await (const batch of batches) yield batch.rows();
}
