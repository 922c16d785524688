import { columnLetters } from '../../xlsx/xml.js';
import { READ_ROWS_MAX, xlsxRows, XlsxFileError } from '../../xlsx/read.js';
import { LOCAL_OFFSET } from '../../domain/period.js';
import { ImportFileError } from './imports.errors.js';

/** Largest workbook that is read: it is held in memory. A CSV of any size is read as it comes. */
export const XLSX_MAX_MB = 16;
const XLSX_MAX_BYTES = XLSX_MAX_MB * 1024 * 1024;

/** The rows of the first sheet of a workbook, one by one. @throws ImportFileError when it cannot be read */
export async function* openXlsx(source: AsyncIterable<unknown>): AsyncGenerator<{ readonly cells: readonly string[] }> {
  try {
    let isHeader = true;
    for await (const batch of xlsxRows(await bytesOf(source), LOCAL_OFFSET)) {
      for (const row of batch) {
        // A column without a name is named as spreadsheets do, so that what is said about it can be found.
        yield { cells: isHeader ? row.map((name, index) => name || columnLetters(index)) : row };
        isHeader = false;
      }
    }
  } catch (error) {
    if (error instanceof XlsxFileError) throw error.problem === 'too-large' ? tooLarge() : notXlsx();
    throw error;
  }
}

/** A file whose name says XLSX and whose content does not. */
export function notXlsx(): ImportFileError {
  return new ImportFileError('not-xlsx', 'The file is not XLSX, or it is damaged.');
}

function tooLarge(): ImportFileError {
  const limits = `${READ_ROWS_MAX} rows or ${XLSX_MAX_MB} MB`;
  return new ImportFileError(
    'xlsx-large',
    `The XLSX has more than ${limits}; save it as CSV, which may have any size.`,
  );
}

async function bytesOf(source: AsyncIterable<unknown>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of source) {
    if (!(chunk instanceof Uint8Array)) throw new TypeError('An import reads bytes');
    size += chunk.length;
    if (size > XLSX_MAX_BYTES) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
