import { randomUUID } from 'node:crypto';
import { TallyService } from '../../src/features/tallies/tallies.service.js';
import { openTestApp, type TestApp } from '../helpers/app.js';
import {
  breakingConnection,
  BrokenConnectionError,
  pausingConnection,
  type Breaking,
} from '../helpers/faulty-connection.js';
import { addSite, type Site } from '../helpers/installation.js';
import { randomArrivals } from '../helpers/random-responses.js';

/** Counting breaks off at every point it can; whoever counts next must leave what a recount finds (design §3). */
jest.setTimeout(120_000);
let sipas: TestApp;
let sites: Site[];
let stored = 0;

beforeAll(async () => {
  sipas = await openTestApp();
  sites = [await addSite(sipas.services)];
});
afterAll(() => sipas.close());

/** Responses under new ids; the same seed gives the same answers on the same days, so the same tallies. */
async function store(count: number, seed = 5000 + stored): Promise<void> {
  const { catalogue, responses } = sipas.services;
  const arrivals = randomArrivals(count, seed, { catalogue, sites });
  await responses.receiveMany(arrivals.map(({ input, origin }) => ({ input: { ...input, id: randomUUID() }, origin })));
  stored += count;
}

const collection = (name: string) => sipas.services.connection.collection(name);
const tallier = (connection = sipas.services.connection) =>
  new TallyService(connection, sipas.services.catalogue, sipas.services.centres);
/** What would happen by itself a few seconds after a crash. */
const leaseExpires = () => collection('leases').deleteMany({});

async function expectAllCountedOnce(): Promise<void> {
  expect(await collection('responses').countDocuments({ pending: true })).toBe(0);
  await leaseExpires();
  expect(await tallier().recount({ repair: false })).toEqual([]);
  const months = await collection('tallies').find({ kind: 'month', centre: 'TT1' }).toArray();
  expect(months.reduce((sum, { forms }) => sum + Number(forms), 0)).toBe(stored);
}

/** What a crash left behind: is the batch open, how many of its tallies have it, are its responses still pending. */
async function stateAfterCrash(): Promise<string> {
  const head = await collection('tally_state').findOne({ _id: 'head' as never });
  if (!head?.['open']) return 'closed';
  const ids = { _id: { $in: head['open'] as never[] } };
  const applied = await collection('tallies').countDocuments({ lastBatch: head['batch'] });
  const pending = await collection('responses').countDocuments({ ...ids, pending: true });
  const centreDays = new Set(
    (await collection('responses').find(ids).toArray()).flatMap((response) => [
      `${response['questionnaire']} ${response['day']}`,
      `${response['questionnaire']} ${String(response['day']).slice(0, 7)}`,
      `${response['questionnaire']} ${String(response['day']).slice(0, 4)}`,
    ]),
  );
  const share = applied === 0 ? 'none' : applied < 2 * centreDays.size ? 'some' : 'all';
  return `open, ${share} counted, ${pending > 0 ? 'pending' : 'not pending'}`;
}

const seen = new Set<string>();

describe.each<Breaking>(['before', 'after', 'halfway'])('a crash %s any operation of counting', (how) => {
  it('is repaired by the next who counts', async () => {
    for (let at = 1; ; at += 1) {
      await store(4);
      const crash: unknown = await tallier(breakingConnection(sipas.services.connection, at, how))
        .run()
        .then(
          () => null,
          (error: unknown) => error,
        );
      seen.add(await stateAfterCrash());
      await leaseExpires();
      await tallier().run();
      await expectAllCountedOnce();
      if (crash === null) break;
      expect(crash).toBeInstanceOf(BrokenConnectionError);
      expect(at).toBeLessThan(50);
    }
  });
});

it('those crashes left every state there is between two batches', () => {
  expect([...seen].sort()).toEqual([
    'closed',
    'open, all counted, not pending',
    'open, all counted, pending',
    'open, none counted, pending',
    'open, some counted, pending',
  ]);
});

const SAME = 77;

describe('a process that stops for a while', () => {
  it.each(['bulkWrite', 'updateMany', 'updateOne'])(
    'before its first %s, while another counts on, counts nothing twice',
    async (operation) => {
      await store(6, SAME);
      const slow = pausingConnection(sipas.services.connection, { operation }, async () => {
        await leaseExpires();
        await tallier().run();
        await store(6, SAME);
        await leaseExpires();
        await tallier().run();
      });
      await tallier(slow).run();
      await store(6, SAME);
      await leaseExpires();
      await tallier().run();
      await expectAllCountedOnce();
    },
  );

  it('before it closes its batch, while another crashes in the next one, leaves that one open', async () => {
    await store(6, SAME);
    const slow = pausingConnection(sipas.services.connection, { operation: 'updateOne', nth: 2 }, async () => {
      await leaseExpires();
      await tallier().run();
      await store(6, SAME);
      await leaseExpires();
      const bulkWrite = 6;
      await expect(
        tallier(breakingConnection(sipas.services.connection, bulkWrite, 'halfway')).run(),
      ).rejects.toBeInstanceOf(BrokenConnectionError);
      expect(await stateAfterCrash()).toBe('open, some counted, pending');
    });
    await tallier(slow).run();
    await leaseExpires();
    await tallier().run();
    await expectAllCountedOnce();
  });
});

describe.each<Breaking>(['before', 'after'])('a repairing recount that crashes %s any operation', (how) => {
  it('is completed by the next', async () => {
    for (let at = 1; ; at += 1) {
      await store(3);
      await leaseExpires();
      await tallier().run();
      for (const kind of ['day', 'month']) await collection('tallies').updateOne({ kind }, { $inc: { forms: 7 } });
      await leaseExpires();
      const crashed = await tallier(breakingConnection(sipas.services.connection, at, how))
        .recount({ repair: true })
        .then(
          () => false,
          () => true,
        );
      await leaseExpires();
      await tallier().recount({ repair: true });
      await expectAllCountedOnce();
      if (!crashed) break;
    }
  });
});
