import { randomUUID } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import type { Connection } from 'mongoose';
import type { Clock } from '../../clock.js';
import { AppError, NotFoundError } from '../../errors.js';
import type { Principal } from '../access/principal.js';
import type { ScopeSelection, ScopeService } from '../access/scope.service.js';
import { currentActor } from '../audit/audit.actor.js';
import type { DelimiterName } from '../exports/exports.csv.js';
import type { Format } from '../exports/exports.formats.js';
import type { ResponseExportQuery } from '../exports/exports.service.js';
import {
  cancelJob,
  endOf,
  exportJobCollection,
  isUnfinished,
  jobsNamed,
  jobsOf,
  removeExpiredJobs,
  removeJobs,
  type ExportJob,
} from './export-jobs.model.js';
import type { Spool } from './export-jobs.spool.js';

/** More jobs than these of one account do not wait or run at a time. */
export const MAX_UNFINISHED = 3;
/** More jobs than these of one account are not kept: the disk is everybody's. */
export const MAX_KEPT = 10;

export class TooManyJobsError extends AppError {
  constructor() {
    super('too-many-jobs', 429, 'Too many jobs', `At most ${MAX_UNFINISHED} files of an account are made at a time.`);
  }
}

/** The file is kept by another instance, or was lost. */
export class FileElsewhereError extends AppError {
  constructor() {
    super('file-elsewhere', 404, 'Not here', 'This server does not have the file; another one may.');
  }
}

export interface NewExportJob {
  readonly query: Pick<ResponseExportQuery, 'range' | 'questionnaire'> & { readonly scope: ScopeSelection };
  readonly format: Format;
  readonly delimiter: DelimiterName;
  /** How many responses there are, by the tallies. */
  readonly total: number;
}

export interface OpenedFile {
  readonly job: ExportJob & { readonly bytes: number };
  readonly file: FileHandle;
}

/** Asks for files that are made in the background, and gives them to whoever asked. */
export class ExportJobService {
  constructor(
    private readonly connection: Connection,
    private readonly scopes: ScopeService,
    private readonly spool: Spool,
    private readonly now: Clock,
  ) {}

  /** Puts a job in the queue and gives its id; the account's oldest ones make room. @throws TooManyJobsError */
  async request(principal: Principal, { query, format, delimiter, total }: NewExportJob): Promise<string> {
    const { name } = principal;
    const { range, questionnaire = null, scope } = query;
    const comments = this.scopes.commentsFor(principal);
    const placeName = this.scopes.nameOf(scope, range.to);
    const job: ExportJob = {
      _id: randomUUID(),
      ...{
        owner: name,
        actor: currentActor(),
        place: scope.code,
        placeName,
        range,
        questionnaire,
        comments,
        format,
        delimiter,
      },
      ...{ state: 'queued', attempt: 0, rows: 0, total, requestedAt: this.now(), startedAt: null },
      ...{ finishedAt: null, expiresAt: null, bytes: null, sha256: null, failure: null },
    };
    await exportJobCollection(this.connection).insertOne(job);
    // Counted with the new one among them, so that many that are asked for at once do not all pass.
    const jobs = await jobsOf(this.connection, name);
    const unfinished = jobs.filter(isUnfinished);
    if (unfinished.length > MAX_UNFINISHED) {
      await removeJobs(this.connection, [job._id]);
      throw new TooManyJobsError();
    }
    const surplus = jobs.filter((other) => !isUnfinished(other)).slice(MAX_KEPT - unfinished.length);
    await removeJobs(
      this.connection,
      surplus.map(({ _id }) => _id),
    );
    return job._id;
  }

  /** What an account asked for and may still have, newest first. */
  async list(principal: Principal): Promise<ExportJob[]> {
    const jobs: ExportJob[] = [];
    for (const job of await jobsOf(this.connection, principal.name)) {
      if (await this.mayHave(principal, job)) jobs.push(job);
    }
    return jobs;
  }

  /** Ends a job that is not finished. @throws NotFoundError when the account has no such job */
  async cancel(principal: Principal, id: string): Promise<void> {
    const job = await this.find(principal, id);
    await cancelJob(this.connection, job, endOf(this.now()));
  }

  /**
   * The file of a job, to be closed by the caller.
   * @throws NotFoundError when the account has no such job or may not have it any more, FileElsewhereError
   */
  async open(principal: Principal, id: string): Promise<OpenedFile> {
    const job = await this.find(principal, id);
    if (job.state !== 'done' || job.bytes === null) throw new NotFoundError();
    const file = await this.spool.read(job, job.bytes);
    if (!file) throw new FileElsewhereError();
    return { job: { ...job, bytes: job.bytes }, file };
  }

  /** Forgets the jobs whose time is over, and removes every file here that belongs to no job. */
  async sweep(): Promise<void> {
    await removeExpiredJobs(this.connection, this.now());
    const files = await this.spool.attempts();
    const jobs = await jobsNamed(this.connection, [...new Set(files.map(({ _id }) => _id))]);
    const wanted = new Map(jobs.filter(mayHaveFile).map((job) => [job._id, job.attempt]));
    for (const file of files) if (wanted.get(file._id) !== file.attempt) await this.spool.remove(file);
  }

  private async find(principal: Principal, id: string): Promise<ExportJob> {
    const [job] = await jobsNamed(this.connection, [id]);
    if (!job || job.owner !== principal.name || !(await this.mayHave(principal, job))) throw new NotFoundError();
    return job;
  }

  /**
   * Whether whoever asked may still read that place, and its comments as they are in the file; a time that is over
   * counts before it is swept.
   */
  private async mayHave(principal: Principal, { place, comments, expiresAt }: ExportJob): Promise<boolean> {
    if (expiresAt && expiresAt <= this.now()) return false;
    if (comments === 'as-written' && this.scopes.commentsFor(principal) === 'masked') return false;
    return this.scopes.covers(principal.scope, place);
  }
}

/** Whether a job has a file, or is making one. */
function mayHaveFile({ state }: ExportJob): boolean {
  return state === 'running' || state === 'done';
}
