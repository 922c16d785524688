import { UUID } from 'mongodb';
import type { Connection } from 'mongoose';
import type { Clock } from '../../clock.js';
import { READ_LIMIT_MS } from '../../database/connect.js';
import { flagCollection, type Flag } from './flags.model.js';

export interface Flagged {
  readonly id: string;
  readonly flags: readonly Flag[];
}

/** Flags of responses: noted once more by every retry, to the same effect. */
export class FlagService {
  constructor(
    private readonly connection: Connection,
    private readonly now: Clock,
  ) {}

  /** Notes flags of stored responses; those without flags are passed over. */
  async note(flagged: readonly Flagged[]): Promise<void> {
    const at = this.now();
    const writes = flagged
      .filter(({ flags }) => flags.length > 0)
      .map(({ id, flags }) => ({
        updateOne: {
          filter: { _id: new UUID(id) },
          update: { $addToSet: { flags: { $each: [...flags] } }, $setOnInsert: { at } },
          upsert: true,
        },
      }));
    if (writes.length > 0) await flagCollection(this.connection).bulkWrite(writes, { ordered: false });
  }

  /** The flags of these responses, by id; those without are absent. */
  async of(ids: readonly UUID[]): Promise<ReadonlyMap<string, readonly Flag[]>> {
    const records = await flagCollection(this.connection)
      .find({ _id: { $in: [...ids] } }, { maxTimeMS: READ_LIMIT_MS })
      .toArray();
    return new Map(records.map(({ _id, flags }) => [_id.toString(), flags]));
  }
}
