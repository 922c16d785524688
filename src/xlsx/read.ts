import { once } from 'node:events';
import type * as threads from 'node:worker_threads';
import { Worker } from 'node:worker_threads';
import type * as reader from 'read-excel-file/node';
import { z } from 'zod';
import { isTooLargeUnpacked } from './unpacked.js';

/** Rows of one sheet that are read; the library keeps them all in memory while it reads. */
export const READ_ROWS_MAX = 50_000;
/** What reading may take, apart from the memory of everything else. */
const MEMORY_MB = 512;
/** Longest wait for the file to be read. */
const PATIENCE_MS = 60_000;
const BATCH_ROWS = 500;

/** Why a workbook was not read. */
export type XlsxProblem = 'unreadable' | 'too-large';

/** A file that is no workbook, or more of one than is read. */
export class XlsxFileError extends Error {
  constructor(readonly problem: XlsxProblem) {
    super(problem === 'too-large' ? `has more than ${READ_ROWS_MAX} rows, or cells too large to read` : 'is not XLSX');
  }
}

const answerShape = z.union([
  z.object({ rows: z.array(z.array(z.string())) }),
  z.object({ problem: z.enum(['unreadable', 'too-large']) }),
]);

/**
 * The rows of the first sheet of a workbook, in batches, every cell as the text that a CSV would have for it; an empty
 * cell is ''. A cell that holds a date is its local day, or its instant at `offset` (such as '+07:00') where it has a time.
 * It is read in a thread of its own: a large workbook keeps nothing else waiting, and one that takes too much memory ends
 * the thread and not the server. What would grow a thousandfold when it is unpacked is not read at all.
 * @throws XlsxFileError
 */
export async function* xlsxRows(file: Buffer, offset: string): AsyncGenerator<readonly (readonly string[])[]> {
  if (await isTooLargeUnpacked(file).catch(asUnreadable)) throw new XlsxFileError('too-large');
  const library = require.resolve('read-excel-file/node');
  const workerData: WorkerInput = { file, offset, library, rowsMax: READ_ROWS_MAX, batchRows: BATCH_ROWS };
  const worker = new Worker(CODE, { eval: true, workerData, resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB } });
  try {
    for (;;) {
      const answer = once(worker, 'message', { signal: AbortSignal.timeout(PATIENCE_MS) });
      worker.postMessage('next');
      const messages: readonly unknown[] = await answer.catch(asTooLarge);
      const told = answerShape.parse(messages[0]);
      if ('problem' in told) throw new XlsxFileError(told.problem);
      if (told.rows.length === 0) return;
      yield told.rows;
    }
  } finally {
    await worker.terminate();
  }
}

function asUnreadable(): never {
  throw new XlsxFileError('unreadable');
}

/** A thread that ran out of memory or time was given too much. */
function asTooLarge(error: unknown): never {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  if (code === 'ERR_WORKER_OUT_OF_MEMORY' || code === 'ABORT_ERR') throw new XlsxFileError('too-large');
  throw error;
}

interface WorkerInput {
  readonly file: Uint8Array;
  readonly offset: string;
  readonly library: string;
  readonly rowsMax: number;
  readonly batchRows: number;
}

/**
 * What the thread does: reads the file once, then hands out its rows as they are asked for. It runs from its source text
 * alone, so it may use nothing but its parameters.
 */
function serve({ parentPort }: typeof threads, { readSheet }: typeof reader, input: WorkerInput): void {
  const textOf = (cell: reader.CellValue | null): string => {
    // The library declares the class of dates where it means a date.
    if (!(cell instanceof Date)) return cell === null || typeof cell === 'function' ? '' : String(cell);
    // Spreadsheets count days in fractions, which miss a whole second by a little.
    const clock = new Date(Math.round(cell.getTime() / 1000) * 1000).toISOString().slice(0, 19);
    return clock.endsWith('T00:00:00') ? clock.slice(0, 10) : clock + input.offset;
  };
  const read = readSheet(Buffer.from(input.file), { trim: false }).then(
    (rows) => (rows.length > input.rowsMax ? ('too-large' as const) : rows),
    () => 'unreadable' as const,
  );
  let at = 0;
  parentPort?.on('message', () => {
    void read.then((rows) => {
      if (typeof rows === 'string') {
        parentPort.postMessage({ problem: rows });
        return;
      }
      const batch = rows.slice(at, at + input.batchRows).map((row) => row.map(textOf));
      at += batch.length;
      parentPort.postMessage({ rows: batch });
    });
  });
}

const CODE = `{
  const threads = require('node:worker_threads');
  (${serve.toString()})(threads, require(threads.workerData.library), threads.workerData);
}`;
