import { setTimeout as wait } from 'node:timers/promises';
import type { Filter } from 'mongodb';
import type { Connection } from 'mongoose';
import type { Clock } from '../../clock.js';
import { READ_LIMIT_MS, STREAM_LIMIT_MS } from '../../database/connect.js';
import { isDuplicateKey } from '../../database/duplicate-key.js';
import { AppError } from '../../errors.js';
import { InTurn } from '../../in-turn.js';
import { currentActor } from './audit.actor.js';
import {
  auditCollection,
  auditHeads,
  NO_SEAL,
  sealKey,
  sealOf,
  type Action,
  type AuditRecord,
  type Facts,
  type Outcome,
} from './audit.model.js';

/** Something worth recording. */
export interface AuditEvent {
  readonly action: Action;
  readonly subject: string;
  readonly before?: Facts | null;
  readonly after?: Facts | null;
}

/** What became of an intention; `unknown` when nothing was written after it. */
export type EntryOutcome = Exclude<Outcome, 'intended'> | 'unknown';

/** An entry as its readers see it: an intention and its outcome are one. */
export interface AuditEntry extends Omit<AuditRecord, '_id' | 'outcome' | 'of' | 'previous' | 'seal'> {
  readonly number: number;
  readonly outcome: EntryOutcome;
}

export interface AuditQuery {
  readonly action?: Action | undefined;
  readonly actor?: string | undefined;
  readonly subject?: string | undefined;
  /** From this instant on, and before that one. */
  readonly from?: Date | undefined;
  readonly until?: Date | undefined;
  /** Only entries with smaller numbers: the next page. */
  readonly below?: number | undefined;
}

export interface Verification {
  readonly entries: number;
  /** The newest entry; worth noting elsewhere. */
  readonly head: { readonly number: number; readonly seal: string };
  readonly problems: readonly string[];
}

/** More writers than this at one moment are an attack. */
const TRIES = 200;
const LONGEST_PAUSE_MS = 20;
/** More problems than these say nothing new. */
const LISTED_PROBLEMS = 100;
const READ_AT_ONCE = 500;

/** The audit: entries are added and never changed, each sealed together with the one before it (docs/adr/0011). */
export class AuditService {
  private readonly key: Buffer;
  /** Entries of this process follow one another; only those of others compete. */
  private readonly turns = new InTurn();
  /** Changes whose outcome is not recorded yet. */
  private readonly underWay = new Set<Promise<unknown>>();

  constructor(
    private readonly connection: Connection,
    secret: string,
    private readonly now: Clock,
  ) {
    this.key = sealKey(secret);
  }

  /** Records something that is over. */
  async note(event: AuditEvent, outcome: Exclude<Outcome, 'intended'>): Promise<void> {
    await this.append(event, outcome);
  }

  /**
   * Records a change, does it, and records how it ended: nothing is changed without an entry, whatever fails.
   * @param told what is only known at the end
   */
  async change<T>(event: AuditEvent, work: () => Promise<T>, told?: () => Facts): Promise<T> {
    const changed = this.recorded(event, work, told);
    this.underWay.add(changed);
    try {
      return await changed;
    } finally {
      this.underWay.delete(changed);
    }
  }

  /** Waits until all changes under way have ended and are recorded, which may be after their answers were sent. */
  async settled(): Promise<void> {
    while (this.underWay.size > 0) await Promise.allSettled(this.underWay);
  }

  private async recorded<T>(event: AuditEvent, work: () => Promise<T>, told?: () => Facts): Promise<T> {
    const of = await this.append(event, 'intended');
    const { action, subject } = event;
    const end = (outcome: Outcome) => this.append({ action, subject, after: told?.() ?? null }, outcome, of);
    let result: T;
    try {
      result = await work();
    } catch (error) {
      // Where the database is away the intention stands alone, and what failed first is what is told.
      await end(error instanceof AppError && error.status < 500 ? 'refused' : 'failed').catch(() => undefined);
      throw error;
    }
    await end('done');
    return result;
  }

  /** The newest entries that match, newest first. */
  async list(query: AuditQuery, limit: number): Promise<AuditEntry[]> {
    const records = await this.entries()
      .find(filterOf(query), { sort: { _id: -1 }, limit, maxTimeMS: READ_LIMIT_MS })
      .toArray();
    return this.withOutcomes(records);
  }

  /** Every entry that matches, newest first, in batches. */
  async *all(query: AuditQuery): AsyncGenerator<readonly AuditEntry[]> {
    let { below } = query;
    for (;;) {
      const batch = await this.list({ ...query, below }, READ_AT_ONCE);
      if (batch.length > 0) yield batch;
      if (batch.length < READ_AT_ONCE) return;
      below = batch.at(-1)?.number;
    }
  }

  /** Checks the whole chain: entries that were changed, removed, added or moved show. */
  async verify(): Promise<Verification> {
    const problems: string[] = [];
    let entries = 0;
    let before = { number: 0, seal: NO_SEAL };
    const head = await auditHeads(this.connection).findOne({ _id: 'head' }, { maxTimeMS: READ_LIMIT_MS });
    const cursor = this.entries().find({}, { sort: { _id: 1 }, maxTimeMS: STREAM_LIMIT_MS });
    for await (const record of cursor) {
      entries += 1;
      problems.push(...this.problemsOf(record, before));
      if (head?.number === record._id && head.seal !== record.seal) {
        problems.push(`Entry ${record._id} is not the one that was written: the head of the chain has another seal.`);
      }
      before = { number: record._id, seal: record.seal };
      if (problems.length > LISTED_PROBLEMS) break;
    }
    if (!head && entries > 1) problems.push('The head of the chain was removed.');
    if (problems.length <= LISTED_PROBLEMS && (head?.number ?? 0) > before.number) {
      problems.push(`Entries after ${before.number} were removed: the chain went on to ${head?.number ?? 0}.`);
    }
    return { entries, head: before, problems: problems.slice(0, LISTED_PROBLEMS) };
  }

  private problemsOf(record: AuditRecord, before: Verification['head']): string[] {
    const { _id, previous, seal } = record;
    if (_id !== before.number + 1) return [`Entries ${before.number + 1} to ${_id - 1} are missing.`];
    if (seal !== sealOf(this.key, record)) return [`Entry ${_id} was changed.`];
    return previous === before.seal ? [] : [`Entry ${_id} does not follow the entry before it.`];
  }

  private append(event: AuditEvent, outcome: Outcome, of?: number): Promise<number> {
    const { action, subject, before = null, after = null } = event;
    const entry = { at: this.now(), actor: currentActor(), action, subject, outcome, before, after };
    return this.turns.do(() => this.insert({ ...entry, ...(of === undefined ? {} : { of }) }));
  }

  /** Adds an entry behind the last one; when another process was faster, behind that. */
  private async insert(entry: Omit<AuditRecord, '_id' | 'previous' | 'seal'>): Promise<number> {
    for (let attempt = 1; ; attempt += 1) {
      const newest = await this.entries().findOne({}, { sort: { _id: -1 }, maxTimeMS: READ_LIMIT_MS });
      const unsealed = { ...entry, _id: (newest?._id ?? 0) + 1, previous: newest?.seal ?? NO_SEAL };
      const record = { ...unsealed, seal: sealOf(this.key, unsealed) };
      try {
        await this.entries().insertOne(record);
        await this.moveHead(record);
        return record._id;
      } catch (error) {
        if (!isDuplicateKey(error) || attempt === TRIES) throw error;
        await wait(Math.random() * LONGEST_PAUSE_MS);
      }
    }
  }

  /** Only ever forward; a crash before this leaves the head behind the chain, which is no problem. */
  private async moveHead({ _id: number, seal }: AuditRecord): Promise<void> {
    const heads = auditHeads(this.connection);
    const isAhead = (error: unknown) => {
      if (!isDuplicateKey(error)) throw error;
    };
    await heads
      .updateOne({ _id: 'head', number: { $lt: number } }, { $set: { number, seal } }, { upsert: true })
      .catch(isAhead);
  }

  private async withOutcomes(records: readonly AuditRecord[]): Promise<AuditEntry[]> {
    const intended = records.filter(({ outcome }) => outcome === 'intended').map(({ _id }) => _id);
    const ends = await this.entries()
      .find({ of: { $in: intended } }, { maxTimeMS: READ_LIMIT_MS })
      .toArray();
    const endOf = new Map(ends.map((end) => [end.of, end]));
    return records.map((record) => {
      const { _id: number, at, actor, action, subject, before, after, outcome } = record;
      const end = endOf.get(number);
      const told = end?.after ? { ...after, ...end.after } : after;
      const ended = outcome === 'intended' ? (end?.outcome ?? 'unknown') : outcome;
      return { number, at, actor, action, subject, before, after: told, outcome: asEnded(ended) };
    });
  }

  private entries() {
    return auditCollection(this.connection);
  }
}

function asEnded(outcome: Outcome | 'unknown'): EntryOutcome {
  return outcome === 'intended' ? 'unknown' : outcome;
}

function filterOf({ action, actor, subject, from, until, below }: AuditQuery): Filter<AuditRecord> {
  return {
    of: { $exists: false },
    ...(action === undefined ? {} : { action }),
    ...(actor === undefined ? {} : { 'actor.name': actor }),
    ...(subject === undefined ? {} : { subject }),
    ...(below === undefined ? {} : { _id: { $lt: below } }),
    ...(from || until ? { at: { ...(from ? { $gte: from } : {}), ...(until ? { $lt: until } : {}) } } : {}),
  };
}
