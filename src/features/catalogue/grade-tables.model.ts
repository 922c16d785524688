import type { Connection } from 'mongoose';
import { READ_LIMIT_MS } from '../../database/connect.js';
import type { GradeTable, GradeTableVersion } from '../../domain/grades.js';

/** What administrators have made of one table: a document, so that each change is one write (docs/adr/0017). */
export interface OfficeGradeTable {
  /** The table's id: of two who add the same table one is told. */
  readonly _id: string;
  /** Counts the changes; a change names the one it was made to. */
  readonly revision: number;
  /** Whether the versions follow that of the product's files, or are all there is. */
  readonly isShipped: boolean;
  readonly max: number;
  /** Oldest first. */
  readonly versions: readonly OfficeVersion[];
}

export interface OfficeVersion extends Omit<GradeTable, 'id' | 'max'> {
  readonly from: string;
}

/** A table with all its versions, whoever made them. */
export interface GradeTableHistory {
  readonly id: string;
  /** 0: never changed on a page. */
  readonly revision: number;
  readonly isShipped: boolean;
  readonly max: number;
  /** Oldest first. */
  readonly versions: readonly GradeTableVersion[];
}

export function gradeTableCollections(connection: Connection) {
  return {
    shipped: connection.collection<GradeTable>('grade_tables'),
    office: connection.collection<OfficeGradeTable>('office_grade_tables'),
  };
}

/** Every table, by id. */
export async function readGradeTables(connection: Connection): Promise<ReadonlyMap<string, GradeTableHistory>> {
  const { shipped, office } = gradeTableCollections(connection);
  const read = { maxTimeMS: READ_LIMIT_MS };
  const [ofFiles, ofOffice] = await Promise.all([
    shipped.find<GradeTable>({}, { ...read, projection: { _id: 0 } }).toArray(),
    office.find({}, read).toArray(),
  ]);
  const tables = new Map(ofFiles.map((table): [string, GradeTableHistory] => [table.id, ofFile(table)]));
  for (const own of ofOffice) tables.set(own._id, withOwn(tables.get(own._id), own));
  return new Map([...tables].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function ofFile(table: GradeTable): GradeTableHistory {
  const { id, max } = table;
  return { id, revision: 0, isShipped: true, max, versions: [{ ...table, from: null }] };
}

/** What a release ships under a code that the office has given to a table of its own is passed over. */
function withOwn(shipped: GradeTableHistory | undefined, own: OfficeGradeTable): GradeTableHistory {
  const { _id: id, revision, isShipped, max } = own;
  const versions = own.versions.map((version) => ({ ...version, id, max }));
  return { id, revision, isShipped, max, versions: [...(isShipped ? (shipped?.versions ?? []) : []), ...versions] };
}
