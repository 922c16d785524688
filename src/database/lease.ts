import { randomUUID } from 'node:crypto';
import type { Connection } from 'mongoose';
import { isDuplicateKey } from './duplicate-key.js';

interface LeaseRecord {
  _id: string;
  holder: string;
  expiresAt: Date;
}

/**
 * A named right that one process at a time holds until it expires. Time is the database server's, so that a machine
 * with a wrong clock can neither steal a lease nor keep one.
 */
export class Lease {
  private readonly holder = randomUUID();

  constructor(
    private readonly connection: Connection,
    private readonly name: string,
    private readonly lifetimeMs: number,
  ) {}

  /** Takes or renews the lease. False: another holder has it. */
  async take(): Promise<boolean> {
    const mine = { $eq: ['$holder', this.holder] };
    const free = { $lt: [{ $ifNull: ['$expiresAt', new Date(0)] }, '$$NOW'] };
    const until = { $add: ['$$NOW', this.lifetimeMs] };
    const lease = await this.leases()
      .findOneAndUpdate(
        { _id: this.name },
        [
          { $set: { won: { $or: [mine, free] } } },
          {
            $set: {
              holder: { $cond: ['$won', this.holder, '$holder'] },
              expiresAt: { $cond: ['$won', until, '$expiresAt'] },
            },
          },
          { $unset: 'won' },
        ],
        { upsert: true, returnDocument: 'after' },
      )
      .catch((error: unknown) => {
        // Two processes made the lease document at the same moment; the other one was first.
        if (isDuplicateKey(error)) return null;
        throw error;
      });
    return lease?.holder === this.holder;
  }

  /** Runs `work` with the lease, waiting for it and renewing it meanwhile, and lets go of it at the end. */
  async hold<T>(work: () => Promise<T>): Promise<T> {
    while (!(await this.take())) await new Promise((resolve) => setTimeout(resolve, this.lifetimeMs / 4));
    return this.keepDuring(work);
  }

  /** The same without waiting. Null: another holder has it. */
  async holdIfFree<T>(work: () => Promise<T>): Promise<T | null> {
    return (await this.take()) ? this.keepDuring(work) : null;
  }

  async release(): Promise<void> {
    await this.leases().deleteOne({ _id: this.name, holder: this.holder });
  }

  private async keepDuring<T>(work: () => Promise<T>): Promise<T> {
    // A renewal that fails is tried again; what was begun under a lease that is lost has a number that shows it.
    const renewal = setInterval(() => void this.take().catch(() => undefined), this.lifetimeMs / 3);
    try {
      return await work();
    } finally {
      clearInterval(renewal);
      await this.release();
    }
  }

  private leases() {
    return this.connection.collection<LeaseRecord>('leases');
  }
}

/** Forgets every lease. Only right when nobody else can be connected, as when an embedded database has just started. */
export async function clearLeases(connection: Connection): Promise<void> {
  await connection.collection('leases').deleteMany({});
}
