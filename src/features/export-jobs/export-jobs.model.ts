import type { Collection } from 'mongodb';
import type { Connection } from 'mongoose';
import { READ_LIMIT_MS } from '../../database/connect.js';
import type { DayRange } from '../../domain/period.js';
import type { CommentForm } from '../access/scope.service.js';
import type { Actor } from '../audit/audit.actor.js';
import type { DelimiterName } from '../exports/exports.csv.js';
import type { Format } from '../exports/exports.formats.js';

/** Why a job has no file: no room for it, broken off again and again, or anything else. */
export const FAILURES = ['disk-full', 'interrupted', 'internal'] as const;
export type Failure = (typeof FAILURES)[number];

/** An export of responses that is made while nobody waits for it. */
export interface ExportJob {
  readonly _id: string;
  /** User name of the account that asked; nobody else learns of it. */
  readonly owner: string;
  /** Whom the audit names for it. */
  readonly actor: Actor;
  /** Unit or centre it is about; null: everything. */
  readonly place: string | null;
  /** Its name at the end of the range; null: everything. */
  readonly placeName: string | null;
  readonly range: DayRange;
  readonly questionnaire: string | null;
  readonly comments: CommentForm;
  readonly format: Format;
  readonly delimiter: DelimiterName;
  readonly state: 'queued' | 'running' | 'done' | 'failed' | 'cancelled';
  /** How often it was begun: what belongs to an earlier beginning no longer counts. */
  readonly attempt: number;
  /** Written so far. */
  readonly rows: number;
  /** How many rows there will be, by the tallies. */
  readonly total: number;
  readonly requestedAt: Date;
  readonly startedAt: Date | null;
  /** The rest is known at the end. */
  readonly finishedAt: Date | null;
  readonly expiresAt: Date | null;
  readonly bytes: number | null;
  /** Of the file, hex. */
  readonly sha256: string | null;
  readonly failure: Failure | null;
}

/** How long a file is kept, and the record of a job that has none. */
export const KEPT_HOURS = 48;

/** What is known of a job when it ends. */
export function endOf(now: Date): Pick<ExportJob, 'finishedAt' | 'expiresAt'> {
  return { finishedAt: now, expiresAt: new Date(now.getTime() + KEPT_HOURS * 3_600_000) };
}

const UNFINISHED = ['queued', 'running'] as const;

/** Whether a job still has work to be done. */
export function isUnfinished({ state }: Pick<ExportJob, 'state'>): boolean {
  return UNFINISHED.some((unfinished) => unfinished === state);
}

/** One beginning of one job. */
export type Attempt = Pick<ExportJob, '_id' | 'attempt'>;

export function exportJobCollection(connection: Connection): Collection<ExportJob> {
  return connection.collection<ExportJob>('export_jobs');
}

/** The jobs of an account, newest first. */
export async function jobsOf(connection: Connection, owner: string): Promise<ExportJob[]> {
  return exportJobCollection(connection)
    .find({ owner }, { sort: { requestedAt: -1, _id: 1 }, maxTimeMS: READ_LIMIT_MS })
    .toArray();
}

/** Jobs by their ids, as far as there are any. */
export async function jobsNamed(connection: Connection, ids: readonly string[]): Promise<ExportJob[]> {
  return exportJobCollection(connection)
    .find({ _id: { $in: [...ids] } }, { maxTimeMS: READ_LIMIT_MS })
    .toArray();
}

/** Every job that is not finished, the oldest first. */
export async function unfinishedJobs(connection: Connection): Promise<ExportJob[]> {
  return exportJobCollection(connection)
    .find({ state: { $in: [...UNFINISHED] } }, { sort: { requestedAt: 1, _id: 1 }, maxTimeMS: READ_LIMIT_MS })
    .toArray();
}

/** Begins a job, or begins it again; null when it was finished or cancelled meanwhile. */
export async function beginJob(connection: Connection, _id: string, startedAt: Date): Promise<ExportJob | null> {
  return exportJobCollection(connection).findOneAndUpdate(
    { _id, state: { $in: [...UNFINISHED] } },
    { $set: { state: 'running', startedAt, rows: 0 }, $inc: { attempt: 1 } },
    { returnDocument: 'after' },
  );
}

/** Notes what became of a running job; false when it was cancelled, or begun again by another, meanwhile. */
export async function noteProgress(
  connection: Connection,
  { _id, attempt }: Attempt,
  change: Partial<Omit<ExportJob, '_id' | 'attempt'>>,
): Promise<boolean> {
  const { matchedCount } = await exportJobCollection(connection).updateOne(
    { _id, attempt, state: 'running' },
    { $set: change },
  );
  return matchedCount === 1;
}

/** Cancels a job; one that is finished stays as it is. */
export async function cancelJob(
  connection: Connection,
  { _id }: Pick<ExportJob, '_id'>,
  end: Pick<ExportJob, 'finishedAt' | 'expiresAt'>,
): Promise<void> {
  await exportJobCollection(connection).updateOne(
    { _id, state: { $in: [...UNFINISHED] } },
    { $set: { state: 'cancelled', ...end } },
  );
}

export async function removeJobs(connection: Connection, ids: readonly string[]): Promise<void> {
  if (ids.length > 0) await exportJobCollection(connection).deleteMany({ _id: { $in: [...ids] } });
}

/** Removes the jobs whose time is over. */
export async function removeExpiredJobs(connection: Connection, now: Date): Promise<void> {
  await exportJobCollection(connection).deleteMany({ expiresAt: { $lte: now } });
}
