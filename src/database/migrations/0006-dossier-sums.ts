import type { Connection } from 'mongoose';
import type { Migration } from '../migrate.js';
import { addNumbers, centresByProvince, type Counts } from './sums.js';

/** Breakdowns that the sums of several centres keep. */
const KEPT = ['field'];

interface Tally {
  readonly _id: string;
  readonly centre: string;
  readonly period: string;
  readonly kind: string;
  lastBatch: number;
  readonly total?: Counts;
  readonly by?: Counts;
}
type Sum = Required<Tally>;
type Sums = Map<string, Sum>;

/** The tallies of dossiers of each province and of all together, added up from those of the centres. May be run again. */
export const dossierSums: Migration = {
  number: 6,
  name: 'dossier-sums',
  async run(connection) {
    const head = await connection.collection<{ _id: string; open: unknown }>('tally_state').findOne({
      _id: 'dossiers',
    });
    // A batch that was left half done is in some centres and not in others: only the dossiers tell.
    if (head?.open) {
      await countAgain(connection);
      return;
    }
    const tallies = connection.collection<Tally>('dossier_tallies');
    await tallies.deleteMany({ centre: /^\*/ });
    const everywhere: Sums = new Map();
    for (const [province, codes] of await centresByProvince(connection)) {
      const sums: Sums = new Map();
      for await (const tally of tallies.find({ centre: { $in: codes } })) {
        addTo(sums, `*${province}`, tally);
        addTo(everywhere, '*', tally);
      }
      if (sums.size > 0) await tallies.insertMany([...sums.values()]);
    }
    if (everywhere.size > 0) await tallies.insertMany([...everywhere.values()]);
  },
};

async function countAgain(connection: Connection): Promise<void> {
  await connection.collection('dossier_tallies').deleteMany({});
  await connection
    .collection('dossiers')
    .updateMany({}, { $set: { pending: 'migration-6' }, $unset: { counted: 1, countedIn: 1 } });
  await connection
    .collection<{ _id: string }>('tally_state')
    .updateOne({ _id: 'dossiers' }, { $set: { open: null }, $inc: { batch: 1 } });
}

function addTo(sums: Sums, centre: string, { period, kind, lastBatch, total = {}, by = {} }: Tally): void {
  const _id = `${centre}|${period}`;
  const sum = sums.get(_id) ?? { _id, centre, period, kind, lastBatch, total: {}, by: {} };
  sums.set(_id, sum);
  sum.lastBatch = Math.max(sum.lastBatch, lastBatch);
  addNumbers(sum.total, total);
  addNumbers(sum.by, Object.fromEntries(Object.entries(by).filter(([name]) => KEPT.includes(name))));
}
