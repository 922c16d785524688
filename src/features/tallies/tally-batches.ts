import type { AnyBulkWriteOperation, Filter, UpdateFilter } from 'mongodb';
import type { Connection } from 'mongoose';
import { READ_LIMIT_MS } from '../../database/connect.js';
import { duplicatePositions } from '../../database/duplicate-key.js';

/** The one document that orders the batches of some tallies (docs/adr/0001). */
export interface TallyHead<T> {
  readonly _id: string;
  /** Number of the newest batch. */
  readonly batch: number;
  /** What that batch counts while it is being counted; null when it is done. */
  readonly open: T | null;
}

/** Which tallies a head orders the batches of: those of responses, or those of dossiers. */
export type HeadName = 'head' | 'dossiers';

/** The batches of some tallies: each is named before anything of it is counted, and only one process can name it. */
export class TallyBatches<T> {
  constructor(
    private readonly connection: Connection,
    private readonly name: HeadName,
  ) {}

  async head(): Promise<TallyHead<T>> {
    const head = await this.heads().findOne({ _id: this.name }, { maxTimeMS: READ_LIMIT_MS });
    if (!head) throw new Error(`The tally head ${this.name} is missing: the database was not migrated`);
    return head;
  }

  /** Makes the next batch, unless another process already has. */
  async advance(head: TallyHead<T>, open: T | null): Promise<TallyHead<T> | null> {
    const next = { _id: this.name, batch: head.batch + 1, open };
    const { modifiedCount } = await this.heads().updateOne(
      { _id: this.name, batch: head.batch, open: null },
      { $set: { batch: next.batch, open } },
    );
    return modifiedCount === 1 ? next : null;
  }

  /** Ends a batch of which everything is done. */
  async close(batch: number): Promise<void> {
    await this.heads().updateOne({ _id: this.name, batch }, { $set: { open: null } });
  }

  private heads() {
    return this.connection.collection<{ _id: string; batch: number; open: T | null }>('tally_state');
  }
}

/** What a batch adds to one tally. */
export interface TallyIncrement {
  readonly _id: string;
  readonly centre: string;
  readonly period: string;
  /** Fields of a tally that is new. */
  readonly fields: Readonly<Record<string, string | number>>;
  /** Amount by dotted path. */
  readonly amounts: Readonly<Record<string, number>>;
}

interface BatchedTally {
  readonly _id: string;
  readonly centre: string;
  readonly period: string;
  readonly lastBatch: number;
}

/** Adds a batch's increments to each tally that has not taken that batch yet; doing it again changes nothing. */
export async function applyBatch(
  connection: Connection,
  collection: string,
  batch: number,
  increments: readonly TallyIncrement[],
): Promise<void> {
  if (increments.length === 0) return;
  const writes = increments.map(({ _id, centre, period, fields, amounts }): AnyBulkWriteOperation<BatchedTally> => {
    const filter: Filter<BatchedTally> = { _id, centre, period, lastBatch: { $lt: batch } };
    const update: UpdateFilter<BatchedTally> = { $inc: amounts, $set: { lastBatch: batch }, $setOnInsert: fields };
    return { updateOne: { filter, update, upsert: true } };
  });
  try {
    await connection.collection<BatchedTally>(collection).bulkWrite(writes, { ordered: false });
  } catch (error) {
    // The tally exists and has this batch already: the upsert finds no match and meets the existing _id.
    if (!duplicatePositions(error)) throw error;
  }
}
