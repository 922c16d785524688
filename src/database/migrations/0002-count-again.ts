import type { Migration } from '../migrate.js';

/**
 * Tallies of years, of slots and with the measured answers apart from the items: everything stored is counted again.
 * Until that is done reports say from which moment on they are not complete.
 */
export const countAgain: Migration = {
  number: 2,
  name: 'count-again',
  async run(connection) {
    await connection.collection('responses').updateMany({}, { $set: { pending: true } });
    await connection.collection('tallies').deleteMany({});
    await connection
      .collection<{ _id: string }>('tally_state')
      .updateOne({ _id: 'head' }, { $set: { open: null }, $inc: { batch: 1 } });
  },
};
