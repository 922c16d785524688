import type { Connection } from 'mongoose';
import type { Clock } from '../../clock.js';
import { AppError } from '../../errors.js';
import type { Principal } from '../access/principal.js';

export const WINDOW_MINUTES = 10;
const WINDOW_MS = WINDOW_MINUTES * 60_000;
/** More than anybody opens by hand, enough for a program that fetches every centre of a province by itself. */
export const EXPORTS_PER_WINDOW = 300;

/** How many exports one account or token has begun in one window of time. */
export interface ExportCount {
  readonly _id: string;
  readonly count: number;
  /** When the window ends; the record goes soon after. */
  readonly until: Date;
}

export class TooManyExportsError extends AppError {
  constructor(seconds: number) {
    super(
      'too-many',
      429,
      'Too many requests',
      `An account may begin ${EXPORTS_PER_WINDOW} exports in ${WINDOW_MINUTES} minutes; try again in ${seconds} s.`,
      [],
      { 'Retry-After': String(seconds) },
    );
  }
}

/** Limits how often one account exports, whichever instance it asks: an export reads more than any page. */
export class ExportLimit {
  constructor(
    private readonly connection: Connection,
    private readonly now: Clock,
  ) {}

  /** Counts one more export. @throws TooManyExportsError */
  async take({ name, role }: Pick<Principal, 'name' | 'role'>): Promise<void> {
    const now = this.now().getTime();
    const until = now - (now % WINDOW_MS) + WINDOW_MS;
    const counted = await this.connection
      .collection<ExportCount>('export_counts')
      .findOneAndUpdate(
        { _id: `${role} ${name} ${until}` },
        { $inc: { count: 1 }, $setOnInsert: { until: new Date(until) } },
        { upsert: true, returnDocument: 'after' },
      );
    if ((counted?.count ?? 0) > EXPORTS_PER_WINDOW) throw new TooManyExportsError(Math.ceil((until - now) / 1000));
  }
}
