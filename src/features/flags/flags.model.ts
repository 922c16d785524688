import type { UUID } from 'mongodb';
import type { Connection } from 'mongoose';

/** What may be worth a second look; a flagged response counts like any other. */
export const FLAGS = ['too-fast', 'out-of-hours', 'open-channel'] as const;
export type Flag = (typeof FLAGS)[number];

/** The flags of one response, beside it: the response itself is never changed. */
export interface FlagRecord {
  /** Id of the response. */
  readonly _id: UUID;
  readonly flags: readonly Flag[];
  readonly at: Date;
}

export function flagCollection(connection: Connection) {
  return connection.collection<FlagRecord>('flags');
}
