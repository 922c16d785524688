import type { Connection } from 'mongoose';
import type { Clock } from '../../clock.js';
import { isDuplicateKey } from '../../database/duplicate-key.js';
import {
  bestFirst,
  HIGHEST_PERCENTAGE,
  versionInForce,
  type GradeTable,
  type GradeTableVersion,
} from '../../domain/grades.js';
import { localDay } from '../../domain/period.js';
import { ConflictError, NotFoundError } from '../../errors.js';
import type { Facts } from '../audit/audit.model.js';
import type { AuditEvent, AuditService } from '../audit/audit.service.js';
import type { CatalogueService } from '../catalogue/catalogue.service.js';
import {
  gradeTableCollections,
  readGradeTables,
  type GradeTableHistory,
  type OfficeGradeTable,
  type OfficeVersion,
} from '../catalogue/grade-tables.model.js';

/** A table with the version that is in force and the one that waits for its day. */
export interface GradeTableState extends GradeTableHistory {
  readonly present: GradeTableVersion | undefined;
  readonly pending: GradeTableVersion | undefined;
}

/** Grade tables as administrators write them; each change is one write to one document (docs/adr/0017). */
export class GradeTableService {
  constructor(
    private readonly connection: Connection,
    private readonly catalogue: CatalogueService,
    private readonly audit: AuditService,
    private readonly now: Clock,
  ) {}

  /** Every table, by id. */
  async list(): Promise<GradeTableState[]> {
    return [...(await readGradeTables(this.connection)).values()].map((table) => this.stateOf(table));
  }

  /** @throws NotFoundError */
  async find(id: string): Promise<GradeTableState> {
    const table = (await readGradeTables(this.connection)).get(id);
    if (!table) throw new NotFoundError('There is no such grade table.');
    return this.stateOf(table);
  }

  /** Adds a table; one that begins today or before is in force at once. @throws ConflictError where the id is taken */
  async add(id: string, version: OfficeVersion): Promise<void> {
    const record = { _id: id, revision: 1, isShipped: false, max: HIGHEST_PERCENTAGE, versions: [version] };
    const event = { action: 'grade-table.add', subject: id, after: factsOf(version) } as const;
    await this.change(event, async () => {
      if ((await readGradeTables(this.connection)).has(id)) throw taken();
      return this.insert(record);
    });
  }

  /**
   * Writes the version that waits for its day: a new one, or the one there is anew.
   * @param revision which state of the table was changed
   * @throws ConflictError when somebody else has changed the table since, or the day has come
   */
  async put(id: string, revision: number, version: OfficeVersion): Promise<void> {
    const table = await this.at(id, revision);
    if (version.from <= localDay(this.now())) throw changedMeanwhile();
    const event = {
      action: table.pending ? 'grade-table.change' : 'grade-table.version',
      subject: id,
      before: factsOf(table.pending ?? table.present),
      after: factsOf(version),
    } as const;
    await this.change(event, () => this.replace(table, [...keptVersions(table), version]));
  }

  /**
   * Takes back the version that waits for its day, and with it a table that has no other.
   * @throws ConflictError when somebody else has changed the table since, or the day has come
   */
  async remove(id: string, revision: number): Promise<void> {
    const table = await this.at(id, revision);
    if (!table.pending) throw changedMeanwhile();
    const kept = keptVersions(table);
    const event = { action: 'grade-table.remove', subject: id, before: factsOf(table.pending) } as const;
    await this.change(event, async () => {
      if (kept.length > 0 || table.isShipped) return this.replace(table, kept);
      const { deletedCount } = await this.tables().deleteOne({ _id: id, revision });
      if (deletedCount === 0) throw changedMeanwhile();
    });
  }

  private async change(event: AuditEvent, write: () => Promise<void>): Promise<void> {
    await this.audit.change(event, write);
    await this.catalogue.refresh();
  }

  private async replace({ id, revision, isShipped, max }: GradeTableState, versions: OfficeVersion[]): Promise<void> {
    const record = { _id: id, revision: revision + 1, isShipped, max, versions };
    if (revision === 0) return this.insert(record);
    const { matchedCount } = await this.tables().replaceOne({ _id: id, revision }, record);
    if (matchedCount === 0) throw changedMeanwhile();
  }

  private async insert(record: OfficeGradeTable): Promise<void> {
    try {
      await this.tables().insertOne(record);
    } catch (error) {
      if (isDuplicateKey(error)) throw record.isShipped ? changedMeanwhile() : taken();
      throw error;
    }
  }

  private async at(id: string, revision: number): Promise<GradeTableState> {
    const table = await this.find(id);
    if (table.revision !== revision) throw changedMeanwhile();
    return table;
  }

  private stateOf(table: GradeTableHistory): GradeTableState {
    const today = localDay(this.now());
    const last = table.versions.at(-1);
    return {
      ...table,
      present: versionInForce(table.versions, today),
      pending: last && last.from !== null && last.from > today ? last : undefined,
    };
  }

  private tables() {
    return gradeTableCollections(this.connection).office;
  }
}

/** What an office has made of a table, without the version that waits. */
function keptVersions({ versions, pending }: GradeTableState): OfficeVersion[] {
  return versions.flatMap((version) => {
    const { from, name, source, status, bands } = version;
    return from === null || version === pending ? [] : [{ from, name, source, status, bands }];
  });
}

/** "90 Xuất sắc; 80 Tốt". */
export function bandsText(table: Pick<GradeTable, 'bands'>): string {
  return bestFirst(table)
    .map(({ min, label }) => `${min} ${label.vi}${label['en'] === undefined ? '' : ` (${label['en']})`}`)
    .join('; ');
}

function factsOf(version: OfficeVersion | GradeTableVersion | undefined): Facts | null {
  if (!version) return null;
  const { from, name, source, status } = version;
  return { from, name, bands: bandsText(version), source, status };
}

function changedMeanwhile(): ConflictError {
  return new ConflictError('grade-table-changed', 'Somebody has changed this grade table since.');
}

function taken(): ConflictError {
  return new ConflictError('grade-table-taken', 'There is a grade table with this code.');
}
