import { setTimeout as wait } from 'node:timers/promises';
import type { Connection } from 'mongoose';
import type { Clock } from '../../clock.js';
import { Lease } from '../../database/lease.js';
import type { ScopeService } from '../access/scope.service.js';
import { actingAs } from '../audit/audit.actor.js';
import type { AuditService } from '../audit/audit.service.js';
import { exportFacts } from '../exports/exports.facts.js';
import { bytesOf } from '../exports/exports.formats.js';
import type { ExportService } from '../exports/exports.service.js';
import { counting } from '../exports/exports.tables.js';
import type { WebhookService } from '../webhooks/webhooks.service.js';
import { beginJob, endOf, noteProgress, unfinishedJobs, type ExportJob, type Failure } from './export-jobs.model.js';
import { isSpoolFull, type Spool, type SpooledFile } from './export-jobs.spool.js';

/** A job that ends its process each time must not be begun for ever. */
const MAX_ATTEMPTS = 5;
/** So much later, after a crash, another instance begins the job again. */
const LEASE_MS = 15_000;
/** How often progress is noted, and a cancellation noticed. */
const LOOK_MS = 1000;

/** The job was cancelled, or begun again by another instance. */
class SupersededError extends Error {}
/** The server stops. */
class StoppedError extends Error {}

/** What there is of a file in the making. */
interface Made {
  rows: number;
  file: SpooledFile | null;
}

/** What others are told of a file: not by whom it was asked for. */
function toldOf({ _id, place, range, format }: ExportJob, rows: number, file: SpooledFile | null) {
  return { job: _id, place, ...range, format, rows, bytes: file?.bytes ?? null, sha256: file?.sha256 ?? null };
}

const queryOf = ({ range, questionnaire, comments }: ExportJob) => ({
  ...{ range, comments },
  questionnaire: questionnaire ?? undefined,
});

export interface RunnerDependencies {
  readonly connection: Connection;
  readonly exports: ExportService;
  readonly scopes: ScopeService;
  readonly audit: AuditService;
  readonly spool: Spool;
  readonly webhooks: Pick<WebhookService, 'note'>;
  readonly now: Clock;
}

/** Makes the files of jobs, one at a time; of several instances each takes another job (docs/adr/0012). */
export class ExportJobRunner {
  private readonly stopping = new AbortController();

  constructor(private readonly its: RunnerDependencies) {}

  /** Does every job that no other instance does. @throws what a job failed by; it is marked as failed then */
  async run(): Promise<void> {
    let more = true;
    while (more && !this.stopping.signal.aborted) more = await this.runOne();
  }

  /** Breaks off the job under way; whoever runs next begins it again. */
  stop(): void {
    this.stopping.abort(new StoppedError());
  }

  private async runOne(): Promise<boolean> {
    const { connection } = this.its;
    for (const { _id } of await unfinishedJobs(connection)) {
      const lease = new Lease(connection, `export-job ${_id}`, LEASE_MS);
      if (await lease.holdIfFree(() => this.begin(_id))) return true;
    }
    return false;
  }

  private async begin(id: string): Promise<boolean> {
    const { connection, spool, now } = this.its;
    const job = await beginJob(connection, id, now());
    if (!job) return false;
    await spool.removeEarlier(job);
    const isHopeless = job.attempt > MAX_ATTEMPTS;
    const work = () => (isHopeless ? this.fail(job, 'interrupted') : this.make(job));
    await actingAs(() => job.actor, work);
    return true;
  }

  /** Makes the file of a job, and records who took how many rows of what, also when it breaks off. */
  private async make(job: ExportJob): Promise<void> {
    const made: Made = { rows: 0, file: null };
    const after = { ...exportFacts(queryOf(job), job.place), job: job._id, format: job.format };
    const told = () => ({ rows: made.rows, complete: made.file !== null, ...made.file });
    try {
      const event = { action: 'export', subject: 'responses', after } as const;
      await this.its.audit.change(event, () => this.write(job, made), told);
    } catch (error) {
      await this.breakOff(job, error);
      return;
    }
    await this.finish(job, made);
  }

  private async write(job: ExportJob, made: Made): Promise<void> {
    const { exports, scopes, spool } = this.its;
    const interruption = new AbortController();
    const ended = new AbortController();
    const signal = AbortSignal.any([interruption.signal, this.stopping.signal]);
    const watching = this.watch(job, made, interruption, ended.signal);
    try {
      await spool.checkRoom();
      // Who asked was entitled to this place, and is asked again before anything is given out.
      const scope = await scopes.select({ scope: job.place }, {});
      const rows = counting(exports.responses({ ...queryOf(job), scope }), (sofar) => {
        made.rows = sofar;
      });
      made.file = await spool.write(job, bytesOf(rows, job.format, job.delimiter), signal);
    } catch (error) {
      signal.throwIfAborted();
      throw error;
    } finally {
      ended.abort();
      await watching;
    }
  }

  /** Until it has ended: notes how far a job is, and interrupts it when it is not wanted any more or fills the disk. */
  private async watch(job: ExportJob, made: Made, interruption: AbortController, ended: AbortSignal): Promise<void> {
    while (await wait(LOOK_MS, true, { signal: ended }).catch(() => false)) {
      try {
        const isWanted = await noteProgress(this.its.connection, job, { rows: made.rows });
        if (!isWanted) interruption.abort(new SupersededError());
        await this.its.spool.checkRoom();
      } catch (error) {
        // Where the database does not answer the next look may; the export itself tells what is wrong with it.
        if (isSpoolFull(error)) interruption.abort(error);
      }
    }
  }

  private async finish(job: ExportJob, { rows, file }: Made): Promise<void> {
    const { connection, spool, webhooks, now } = this.its;
    // Before it is done, so that a crash in between tells it twice and not never.
    await webhooks.note('export.done', () => [{ id: job._id, place: job.place, data: toldOf(job, rows, file) }]);
    const isDone = await noteProgress(connection, job, { state: 'done', rows, ...file, ...endOf(now()) });
    if (!isDone) await spool.remove(job);
  }

  private async breakOff(job: ExportJob, error: unknown): Promise<void> {
    // A file may be there all the same, when only its record in the audit failed.
    await this.its.spool.remove(job);
    if (error instanceof SupersededError) return;
    if (error instanceof StoppedError) {
      await noteProgress(this.its.connection, job, { state: 'queued', startedAt: null, rows: 0 });
      return;
    }
    await this.fail(job, isSpoolFull(error) ? 'disk-full' : 'internal');
    throw error;
  }

  private async fail(job: ExportJob, failure: Failure): Promise<void> {
    await noteProgress(this.its.connection, job, { state: 'failed', failure, ...endOf(this.its.now()) });
  }
}
