import { EVERYWHERE, TALLY_KINDS, type TallyKind } from '../../src/domain/tally.js';
import { TallyService } from '../../src/features/tallies/tallies.service.js';
import type { Arrival } from '../../src/features/responses/responses.service.js';
import { openTestApp, type TestApp } from '../helpers/app.js';
import { addSite, type Site } from '../helpers/installation.js';
import { randomArrivals } from '../helpers/random-responses.js';

/** Invariant 3: tallies equal a recount, whoever counts, however often, and whatever was done to them. */
let sipas: TestApp;
let sites: Site[];

jest.setTimeout(60_000);
beforeAll(async () => {
  sipas = await openTestApp();
  sites = [await addSite(sipas.services, { centre: 'A.1' }), await addSite(sipas.services, { centre: 'B_2' })];
});
beforeEach(async () => {
  for (const name of ['responses', 'tallies', 'leases'])
    await sipas.services.connection.collection(name).deleteMany({});
});
afterAll(() => sipas.close());

async function store(count: number, seed: number): Promise<readonly Arrival[]> {
  const arrivals = randomArrivals(count, seed, { catalogue: sipas.services.catalogue, sites });
  await sipas.services.responses.receiveMany(arrivals);
  return arrivals;
}

/** A tallier as another process would be. */
const another = () => new TallyService(sipas.services.connection, sipas.services.catalogue, sipas.services.centres);
async function differences() {
  // Whoever counted last would let go of the lease in a few seconds.
  await sipas.services.connection.collection('leases').deleteMany({});
  return sipas.services.tallies.recount({ repair: false });
}
const tallyCollection = () => sipas.services.connection.collection('tallies');

async function formsCounted(kind: TallyKind): Promise<number> {
  const tallies = await tallyCollection()
    .find({ kind, centre: { $in: sites.map(({ centre }) => centre) } })
    .toArray();
  return tallies.reduce((sum, { forms }) => sum + Number(forms), 0);
}

describe('tallies equal a recount', () => {
  it('after several batches of random responses', async () => {
    for (const [index, size] of [1, 120, 37, 300].entries()) {
      await store(size, index);
      expect(await sipas.services.tallies.run()).toBe(size);
      expect(await differences()).toEqual([]);
    }
    expect(await Promise.all(TALLY_KINDS.map((kind) => formsCounted(kind)))).toEqual([458, 458, 458]);
  });

  it('after more responses than one batch takes', async () => {
    for (let part = 0; part < 5; part += 1) await store(500, 100 + part);
    expect(await sipas.services.tallies.run()).toBe(2500);
    expect(await differences()).toEqual([]);
  });

  it('when counting runs again with nothing to count', async () => {
    await store(50, 7);
    await sipas.services.tallies.run();
    expect(await sipas.services.tallies.run()).toBe(0);
    expect(await differences()).toEqual([]);
  });

  it('when several processes count at the same time, while responses come in', async () => {
    const talliers = [another(), another(), another(), another()];
    await Promise.all(
      [11, 12, 13].map(async (seed) => {
        await store(80, seed);
        await Promise.all(talliers.map((tallier) => tallier.run()));
      }),
    );
    await sipas.services.connection.collection('leases').deleteMany({});
    await another().run();
    expect(await formsCounted('day')).toBe(240);
    expect(await differences()).toEqual([]);
  });
});

describe('a recount', () => {
  beforeEach(async () => {
    await store(60, 3);
    await sipas.services.tallies.run();
  });

  it.each([
    ['a count that was changed', () => tallyCollection().updateOne({ kind: 'month' }, { $inc: { forms: 1 } })],
    [
      'an answer that was changed',
      () => tallyCollection().updateOne({ 'items._overall': { $exists: true } }, { $inc: { 'items._overall.l5': 2 } }),
    ],
    ['the measured answers lost', () => tallyCollection().updateOne({ kind: 'year' }, { $unset: { levels: 1 } })],
    [
      'a breakdown that was removed',
      () => tallyCollection().updateOne({ kind: 'day' }, { $unset: { 'by.channel': 1 } }),
    ],
    [
      'a count of all centres together that was changed',
      () => tallyCollection().updateOne({ centre: EVERYWHERE, kind: 'day' }, { $inc: { 'levels.l5': 1 } }),
    ],
    ['a tally that was removed', () => tallyCollection().deleteOne({ kind: 'day' })],
    [
      'a tally that nobody made',
      () =>
        tallyCollection().insertOne({
          ...{
            _id: 'A.1|2001-01-01|tthc-kiosk-5|1' as never,
            centre: 'A.1',
            questionnaire: 'tthc-kiosk-5',
            version: 1,
          },
          ...{ kind: 'day', period: '2001-01-01', lastBatch: 1, forms: 1, levels: {}, items: {}, by: {} },
        }),
    ],
  ])('finds %s, and repairs it', async (_, tamper) => {
    await tamper();
    expect(await differences()).toHaveLength(1);
    expect(await sipas.services.tallies.recount({ repair: true })).toHaveLength(1);
    expect(await differences()).toEqual([]);
  });

  it('that only compares changes no tally', async () => {
    await tallyCollection().updateOne({ kind: 'month' }, { $inc: { forms: 1 } });
    const before = await tallyCollection().find().sort({ _id: 1 }).toArray();
    await differences();
    expect(await tallyCollection().find().sort({ _id: 1 }).toArray()).toEqual(before);
  });

  it('leaves responses that are not counted yet to the counting', async () => {
    await store(10, 4);
    expect(await sipas.services.tallies.recount({ repair: true })).toEqual([]);
    expect(await sipas.services.tallies.run()).toBe(10);
    expect(await differences()).toEqual([]);
  });

  it('builds every tally anew when all were lost', async () => {
    await tallyCollection().deleteMany({});
    await sipas.services.tallies.recount({ repair: true });
    expect(await formsCounted('month')).toBe(60);
    expect(await differences()).toEqual([]);
  });

  it('lets go of counting when it is done', async () => {
    await differences();
    await store(5, 5);
    expect(await another().run()).toBe(5);
  });
});
