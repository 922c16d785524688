import type { Migration } from '../migrate.js';

/** The head of the tally batches: its number decides which batch is next (docs/adr/0001). */
export const tallyState: Migration = {
  number: 1,
  name: 'tally-state',
  async run(connection) {
    await connection
      .collection<{ _id: string }>('tally_state')
      .updateOne({ _id: 'head' }, { $setOnInsert: { batch: 0, open: null } }, { upsert: true });
  },
};
