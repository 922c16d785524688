import type { DelimiterName } from './exports.csv.js';

/** What a cell holds; '' where there is nothing. */
export type Cell = string | number;
export type Row = readonly Cell[];

/** Some rows of a table. */
export interface Batch {
  readonly length: number;
  rows(): readonly Row[];
  /** The same rows as CSV, where that is made without making cells of them first. */
  csv?(delimiter: DelimiterName): Buffer;
}

/** Rows under named columns, in batches, since one at a time would cost more in waiting than in work. */
export interface Table {
  readonly name: string;
  readonly columns: readonly string[];
  readonly batches: AsyncIterable<Batch>;
}

/** A table to take away, with the tables that explain it where the format has room for them. */
export interface Export {
  readonly table: Table;
  readonly notes: readonly Table[];
}

/** A table whose rows are at hand. */
export function tableOf(name: string, columns: readonly string[], rows: readonly Row[]): Table {
  return { name, columns, batches: batchesOf(rows.length > 0 ? [rows] : []) };
}

/** Batches of rows that are at hand, or that are made as they are asked for. */
export async function* batchesOf(
  lists: AsyncIterable<readonly Row[]> | Iterable<readonly Row[]>,
): AsyncGenerator<Batch> {
  for await (const rows of lists) yield { length: rows.length, rows: () => rows };
}

/** The same export, telling how many of its rows were read. */
export function counting({ table, notes }: Export, count: (rows: number) => void): Export {
  return { table: { ...table, batches: counted(table.batches, count) }, notes };
}

async function* counted(batches: Table['batches'], count: (rows: number) => void): AsyncGenerator<Batch> {
  let sofar = 0;
  for await (const batch of batches) {
    sofar += batch.length;
    count(sofar);
    yield batch;
  }
}
