import type { Connection } from 'mongoose';
import { READ_LIMIT_MS } from '../../database/connect.js';
import { groupBy } from '../../domain/group-by.js';
import { addDays } from '../../domain/period.js';
import type { Unit } from './catalogue.model.js';

/** A version of a unit that an administrator imported, or the last day of one that ships (docs/adr/0020). */
export interface OfficeUnit extends Unit {
  /** Of {@link officeUnitId}: the same version imported twice at a moment is there once. */
  readonly _id: string;
}

export function officeUnitId({ code, validFrom }: Pick<Unit, 'code' | 'validFrom'>): string {
  return `${code}|${validFrom}`;
}

export function officeUnitCollection(connection: Connection) {
  return connection.collection<OfficeUnit>('office_units');
}

/** Every imported version. */
export function readOfficeUnits(connection: Connection): Promise<OfficeUnit[]> {
  return officeUnitCollection(connection).find({}, { maxTimeMS: READ_LIMIT_MS }).sort({ _id: 1 }).toArray();
}

/** Every version by the unit's code, oldest first; each ends where the next begins. */
export function unitHistories(
  shipped: readonly Unit[],
  imported: readonly OfficeUnit[],
): ReadonlyMap<string, readonly Unit[]> {
  const versions = new Map<string, Unit>();
  for (const { _id, ...unit } of imported) versions.set(_id, unit);
  for (const unit of shipped) {
    const own = versions.get(officeUnitId(unit));
    versions.set(officeUnitId(unit), { ...unit, validTo: own?.validTo ?? unit.validTo });
  }
  const byCode = groupBy([...versions.values()].sort(byCodeAndDay), ({ code }) => code);
  return new Map([...byCode].map(([code, own]) => [code, own.map((unit, at) => endedBefore(unit, own[at + 1]))]));
}

function byCodeAndDay(one: Unit, other: Unit): number {
  const [a, b] = [officeUnitId(one), officeUnitId(other)];
  return a < b ? -1 : Number(a > b);
}

function endedBefore(unit: Unit, next: Unit | undefined): Unit {
  return next ? { ...unit, validTo: addDays(next.validFrom, -1) } : unit;
}
