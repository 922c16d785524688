import type { Connection } from 'mongoose';
import type { Clock } from '../../clock.js';
import { AppError } from '../../errors.js';
import type { Principal } from './principal.js';

export const WINDOW_MINUTES = 10;
const WINDOW_MS = WINDOW_MINUTES * 60_000;

/** What is limited, and how many of it an account or token may begin in one window of time. */
const MOST = {
  /** More than anybody opens by hand, enough for a program that fetches every centre of a province by itself. */
  exports: 300,
  /** More than anybody corrects and sends again by hand. */
  imports: 60,
} as const;
export type Limited = keyof typeof MOST;

/** How much of one thing one account or token has begun in one window of time. */
export interface AccountCount {
  readonly _id: string;
  readonly count: number;
  /** When the window ends; the record goes soon after. */
  readonly until: Date;
}

export class TooManyError extends AppError {
  constructor(what: Limited, seconds: number) {
    super(
      'too-many',
      429,
      'Too many requests',
      `An account may begin ${MOST[what]} ${what} in ${WINDOW_MINUTES} minutes; try again in ${seconds} s.`,
      [],
      { 'Retry-After': String(seconds) },
    );
  }
}

/** Limits how often one account does what costs far more than a page, whichever instance it asks. */
export class AccountLimit {
  /** How many may be begun in a window. */
  readonly most: number;

  constructor(
    private readonly connection: Connection,
    private readonly what: Limited,
    private readonly now: Clock,
  ) {
    this.most = MOST[what];
  }

  /** Counts one more. @throws TooManyError */
  async take({ name, role }: Pick<Principal, 'name' | 'role'>): Promise<void> {
    const now = this.now().getTime();
    const until = now - (now % WINDOW_MS) + WINDOW_MS;
    const counted = await this.connection
      .collection<AccountCount>('account_counts')
      .findOneAndUpdate(
        { _id: `${this.what} ${role} ${name} ${until}` },
        { $inc: { count: 1 }, $setOnInsert: { until: new Date(until) } },
        { upsert: true, returnDocument: 'after' },
      );
    if ((counted?.count ?? 0) > this.most) throw new TooManyError(this.what, Math.ceil((until - now) / 1000));
  }
}
