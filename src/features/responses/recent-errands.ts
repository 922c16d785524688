import type { Connection } from 'mongoose';
import type { Clock } from '../../clock.js';
import { READ_LIMIT_MS } from '../../database/connect.js';
import { errandCollection } from './errands.model.js';

/** How long after it was bound through another process an errand may stay unknown to this one. */
const KNOWN_AFTER_MS = 1000;
/** How far the clocks of processes, and the order in which their writes are seen, may be apart. */
const OVERLAP_MS = 5000;

/**
 * The kiosks that have had an errand lately. Most ratings are about none, and need not ask the database for one each;
 * asking made taking responses in half as fast.
 */
export class RecentErrands {
  private readonly endAt = new Map<string, number>();
  /** From this instant on every errand is known. */
  private knownFrom = Infinity;
  private readAt = -Infinity;
  private reading: Promise<void> | null = null;

  /** `spanMs` is the longest time an errand waits. */
  constructor(
    private readonly connection: Connection,
    private readonly spanMs: number,
    private readonly now: Clock,
  ) {}

  /** Notes an errand bound by this process. */
  note(kiosk: string, until: Date): void {
    this.endAt.set(kiosk, Math.max(until.getTime(), this.endAt.get(kiosk) ?? 0));
  }

  /** Those of the ratings for which there may be an errand. */
  async candidates<T extends { readonly kiosk: string; readonly capturedAt: Date }>(
    ratings: readonly T[],
  ): Promise<T[]> {
    const age = this.now().getTime() - this.readAt;
    if (age >= KNOWN_AFTER_MS || age < 0) await this.readOnce();
    return ratings.filter(({ kiosk, capturedAt }) => {
      const at = capturedAt.getTime();
      return at < this.knownFrom || at < (this.endAt.get(kiosk) ?? 0);
    });
  }

  private readOnce(): Promise<void> {
    this.reading ??= this.read().finally(() => {
      this.reading = null;
    });
    return this.reading;
  }

  private async read(): Promise<void> {
    const now = this.now().getTime();
    // At first, and again should the clock have been set back, whatever could still be waiting.
    const isFirst = this.readAt === -Infinity || this.readAt > now;
    const from = isFirst ? now - 2 * this.spanMs : this.readAt - OVERLAP_MS;
    const bound = await errandCollection(this.connection)
      .find({ boundAt: { $gte: new Date(from) } }, { projection: { kiosk: 1, until: 1 }, maxTimeMS: READ_LIMIT_MS })
      .toArray();
    for (const { kiosk, until } of bound) this.note(kiosk, until);
    this.readAt = now;
    this.knownFrom = now - this.spanMs;
    for (const [kiosk, end] of this.endAt) if (end < this.knownFrom) this.endAt.delete(kiosk);
  }
}
