import { randomUUID } from 'node:crypto';
import type { Connection, Model } from 'mongoose';
import type { Clock } from '../../clock.js';
import { READ_LIMIT_MS } from '../../database/connect.js';
import { asCentre, type Centre, type CentreRecord } from './centres.model.js';

/** What was changed past this program, by hand for instance, is seen within this time. */
const KEPT_MS = 60_000;

/** What a list of centres holds. */
const LISTED = { name: 1, unit: 1, level: 1, synthetic: 1, closed: 1, counters: 1 } as const;

interface Kept {
  readonly revision: string;
  readonly at: number;
  readonly centres: readonly Centre[];
}

/**
 * Every centre, kept in memory until one is changed by this or another process: every report asks for those of its
 * scope, and of the whole country there are more than three thousand.
 */
export class KeptCentres {
  private kept: Kept | null = null;
  private readonly revisions;

  constructor(
    connection: Connection,
    private readonly centres: Model<CentreRecord>,
    private readonly now: Clock,
  ) {
    this.revisions = connection.collection<{ readonly _id: string; readonly revision: string }>('revisions');
  }

  /** Every centre by code. */
  async all(): Promise<readonly Centre[]> {
    const marked = await this.revisions.findOne({ _id: 'centres' }, { maxTimeMS: READ_LIMIT_MS });
    // Without a mark none was changed since marks are made.
    const revision = marked?.revision ?? '';
    const at = this.now().getTime();
    if (this.kept?.revision === revision && Math.abs(at - this.kept.at) < KEPT_MS) return this.kept.centres;
    const centres = (await this.centres.find({}, LISTED).sort({ _id: 1 }).lean()).map(asCentre);
    this.kept = { revision, at, centres };
    return centres;
  }

  /**
   * Carries out a change of centres. It is marked before, so that no process keeps what it read during the change under
   * the mark of before, and after, so that none keeps it at all; also when it fails, for it may have been done.
   */
  async change<T>(write: () => Promise<T>): Promise<T> {
    await this.mark();
    try {
      return await write();
    } finally {
      await this.mark();
    }
  }

  private async mark(): Promise<void> {
    await this.revisions.updateOne({ _id: 'centres' }, { $set: { revision: randomUUID() } }, { upsert: true });
  }
}
