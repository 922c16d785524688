import type { Migration } from '../migrate.js';

/** Indexes of the reports that counted dossiers themselves. */
const UNUSED = ['centre_returned', 'returned'];

/** The head of the batches of dossier tallies; every stored dossier is to be counted. */
export const dossierTallies: Migration = {
  number: 3,
  name: 'dossier-tallies',
  async run(connection) {
    await connection
      .collection<{ _id: string }>('tally_state')
      .updateOne({ _id: 'dossiers' }, { $setOnInsert: { batch: 0, open: null } }, { upsert: true });
    const dossiers = connection.collection('dossiers');
    await dossiers.updateMany({ counted: { $exists: false } }, { $set: { pending: 'migration-3' } });
    for (const { name } of await dossiers.listIndexes().toArray()) {
      if (UNUSED.includes(String(name))) await dossiers.dropIndex(String(name));
    }
  },
};
