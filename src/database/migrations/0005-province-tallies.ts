import type { Migration } from '../migrate.js';
import { countAgain } from './0002-count-again.js';
import { addNumbers, centresByProvince, type Counts } from './sums.js';

/** Breakdowns that the sums of several centres keep. */
const KEPT = ['slot', 'field', 'channel', 'reason'];

interface Tally {
  readonly _id: string;
  readonly centre: string;
  readonly period: string;
  readonly questionnaire: string;
  readonly version: number;
  readonly kind: string;
  lastBatch: number;
  forms: number;
  readonly levels?: Counts;
  readonly items?: Counts;
  readonly by?: Counts;
}
type Sum = Required<Tally>;

/** The tallies of each province, added up from those of its centres (docs/adr/0010). May be run again. */
export const provinceTallies: Migration = {
  number: 5,
  name: 'province-tallies',
  async run(connection) {
    const head = await connection.collection<{ _id: string; batch: number; open: unknown }>('tally_state').findOne({
      _id: 'head',
    });
    // A batch that was left half done is in some centres and not in others: only the responses tell.
    if (head?.open) {
      await countAgain.run(connection);
      return;
    }
    const tallies = connection.collection<Tally>('tallies');
    await tallies.deleteMany({ centre: /^\*./ });
    for (const [province, codes] of await centresByProvince(connection)) {
      const sums = new Map<string, Sum>();
      for await (const tally of tallies.find({ centre: { $in: codes } })) addTo(sums, `*${province}`, tally);
      if (sums.size > 0) await tallies.insertMany([...sums.values()]);
    }
  },
};

function addTo(sums: Map<string, Sum>, centre: string, tally: Tally): void {
  const { period, questionnaire, version, kind } = tally;
  const key = { _id: [centre, period, questionnaire, version].join('|'), centre, period, questionnaire, version, kind };
  const sum = sums.get(key._id) ?? { ...key, lastBatch: 0, forms: 0, levels: {}, items: {}, by: {} };
  sums.set(key._id, sum);
  sum.lastBatch = Math.max(sum.lastBatch, tally.lastBatch);
  sum.forms += tally.forms;
  addNumbers(sum.levels, tally.levels ?? {});
  addNumbers(sum.items, tally.items ?? {});
  const kept = Object.entries(tally.by ?? {}).filter(([name]) => KEPT.includes(name));
  addNumbers(sum.by, Object.fromEntries(kept));
}
