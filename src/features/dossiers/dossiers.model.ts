import type { Binary } from 'mongodb';
import type { Connection } from 'mongoose';
import { READ_LIMIT_MS } from '../../database/connect.js';
import type { DayRange } from '../../domain/period.js';

/**
 * What is kept of a dossier (hồ sơ): where it lies and its local days (Asia/Ho_Chi_Minh). Its code, a personal datum,
 * is not: a keyed hash tells that the feed means the same dossier again.
 */
export interface DossierRecord {
  readonly _id: Binary;
  readonly centre: string;
  readonly procedure?: string;
  readonly field?: string;
  readonly officer?: string;
  readonly receivedDay: string;
  readonly dueDay: string;
  /** Absent while it is open. */
  readonly returnedDay?: string;
  /** Made by `sipas demo`. */
  readonly synthetic?: true;
}

/** What dossiers are counted by; '' stands for those without a value. */
export const DOSSIER_KEYS = ['centre', 'procedure', 'field', 'officer', 'returnedDay'] as const;
export type DossierKey = (typeof DOSSIER_KEYS)[number];

export interface ReturnedCount {
  readonly key: string;
  /** Returned before, on and after the local day they were due. */
  readonly early: number;
  readonly onTime: number;
  readonly late: number;
}

export interface OpenCount {
  readonly key: string;
  readonly open: number;
  /** Those of them due on or before the day asked about. */
  readonly openOverdue: number;
}

export type Centres = readonly string[] | 'all';

export function dossierCollection(connection: Connection) {
  return connection.collection<DossierRecord>('dossiers');
}

/** Dossiers returned in a range of local days, by key. */
export function countReturned(
  connection: Connection,
  { range, centres }: { readonly range: DayRange; readonly centres: Centres },
  key: DossierKey,
): Promise<ReturnedCount[]> {
  const state = (operator: '$lt' | '$eq' | '$gt') => countIf({ [operator]: ['$returnedDay', '$dueDay'] });
  return dossierCollection(connection)
    .aggregate<ReturnedCount>(
      [
        { $match: { ...inCentres(centres), returnedDay: { $gte: range.from, $lte: range.to } } },
        { $group: { _id: keyOf(key), early: state('$lt'), onTime: state('$eq'), late: state('$gt') } },
        { $project: { _id: 0, key: '$_id', early: 1, onTime: 1, late: 1 } },
      ],
      { maxTimeMS: READ_LIMIT_MS },
    )
    .toArray();
}

/** Dossiers received by the end of a local day and not returned by then, by key. */
export function countOpen(
  connection: Connection,
  { day, centres }: { readonly day: string; readonly centres: Centres },
  key: Exclude<DossierKey, 'returnedDay'>,
): Promise<OpenCount[]> {
  return dossierCollection(connection)
    .aggregate<OpenCount>(
      [
        {
          $match: {
            ...inCentres(centres),
            receivedDay: { $lte: day },
            $or: [{ returnedDay: { $exists: false } }, { returnedDay: { $gt: day } }],
          },
        },
        { $group: { _id: keyOf(key), open: { $sum: 1 }, openOverdue: countIf({ $lte: ['$dueDay', day] }) } },
        { $project: { _id: 0, key: '$_id', open: 1, openOverdue: 1 } },
      ],
      { maxTimeMS: READ_LIMIT_MS },
    )
    .toArray();
}

function inCentres(centres: Centres) {
  return centres === 'all' ? {} : { centre: { $in: [...centres] } };
}

function keyOf(key: DossierKey) {
  return { $ifNull: [`$${key}`, ''] };
}

function countIf(condition: Readonly<Record<string, unknown>>) {
  return { $sum: { $cond: [condition, 1, 0] } };
}
