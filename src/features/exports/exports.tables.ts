/** What a cell holds; '' where there is nothing. */
export type Cell = string | number;
export type Row = readonly Cell[];

/** Rows under named columns, in batches, since one at a time would cost more in waiting than in work. */
export interface Table {
  readonly name: string;
  readonly columns: readonly string[];
  readonly rows: AsyncIterable<readonly Row[]>;
}

/** A table to take away, with the tables that explain it where the format has room for them. */
export interface Export {
  readonly table: Table;
  readonly notes: readonly Table[];
}

/** A table whose rows are at hand. */
export function tableOf(name: string, columns: readonly string[], rows: readonly Row[]): Table {
  return { name, columns, rows: inOneBatch(rows) };
}

/** The same export, telling how many of its rows were read. */
export function counting({ table, notes }: Export, count: (rows: number) => void): Export {
  return { table: { ...table, rows: counted(table.rows, count) }, notes };
}

async function* inOneBatch(rows: readonly Row[]): AsyncGenerator<readonly Row[]> {
  if (rows.length > 0) yield rows;
}

async function* counted(batches: Table['rows'], count: (rows: number) => void): AsyncGenerator<readonly Row[]> {
  let sofar = 0;
  for await (const batch of batches) {
    sofar += batch.length;
    count(sofar);
    yield batch;
  }
}
