import { EVERYWHERE, provinceSum } from '../../src/domain/tally.js';
import { countOpen, countReturned } from '../../src/features/dossiers/dossier-tallies.model.js';
import { DossierTallyService } from '../../src/features/dossiers/dossier-tallies.service.js';
import type { DossierInput } from '../../src/features/dossiers/dossiers.validators.js';
import { openTestApp, type TestApp } from '../helpers/app.js';
import { checkedDossier, randomDossiers } from '../helpers/dossiers.js';
import {
  breakingConnection,
  BrokenConnectionError,
  pausingConnection,
  type Breaking,
} from '../helpers/faulty-connection.js';
import { addSite } from '../helpers/installation.js';

/** Dossiers change after they were counted; whatever breaks off, the tallies end as if counted once, as they last were. */
jest.setTimeout(120_000);
let sipas: TestApp;
/** The feed's last word on each dossier. */
const last = new Map<string, DossierInput>();

beforeAll(async () => {
  sipas = await openTestApp();
  for (const centre of ['A', 'B']) await addSite(sipas.services, { centre });
});
afterAll(() => sipas.close());

const collection = (name: string) => sipas.services.connection.collection(name);
const tallier = (connection = sipas.services.connection) => new DossierTallyService(connection, sipas.services.centres);
/** What would happen by itself a few seconds after a crash. */
const leaseExpires = () => collection('leases').deleteMany({});

/** Some new dossiers, and a new word on some that are known: moved, returned, taken back. */
async function feed(count: number, seed: number): Promise<void> {
  const inputs = randomDossiers(count, seed, ['A', 'B']).map((dossier, index) => {
    return checkedDossier({ ...dossier, code: index % 2 === 0 ? dossier.code : `known-${index}` });
  });
  await sipas.services.dossiers.receiveMany({ scope: null }, inputs);
  for (const input of inputs) last.set(input.code, input);
}

const RANGE = { from: '2025-11-17', to: '2026-10-05' };

/** The counts by centre and field as the last words on all dossiers have them, one by one. */
function expected() {
  const returned = new Map<string, number[]>();
  const open = new Map<string, number[]>();
  for (const { centre, field = '', receivedDay, dueDay, returnedDay } of last.values()) {
    const key = (name: string) => [`centre ${centre}`, `field ${field}`].map((group) => `${group} ${name}`);
    if (returnedDay !== undefined && RANGE.from <= returnedDay && returnedDay <= RANGE.to) {
      const state = Math.sign(Date.parse(returnedDay) - Date.parse(dueDay)) + 1;
      for (const name of key('returned')) {
        const counts = returned.get(name) ?? [0, 0, 0];
        counts[state] = (counts[state] ?? 0) + 1;
        returned.set(name, counts);
      }
    }
    if (receivedDay > RANGE.to || (returnedDay !== undefined && returnedDay <= RANGE.to)) continue;
    for (const name of key('open')) {
      const [all = 0, overdue = 0] = open.get(name) ?? [];
      open.set(name, [all + 1, overdue + (dueDay <= RANGE.to ? 1 : 0)]);
    }
  }
  return Object.fromEntries([...returned, ...open]);
}

/** By field too of the sums of several centres, which must be what the centres are. */
async function counted(fieldsOf: readonly string[] = ['A', 'B']) {
  const { connection } = sipas.services;
  const found: [string, number[]][] = [];
  for (const key of ['centre', 'field'] as const) {
    const centres = key === 'field' ? fieldsOf : 'all';
    const returned = await countReturned(connection, { range: RANGE, centres }, key);
    for (const row of returned) found.push([`${key} ${row.key} returned`, [row.early, row.onTime, row.late]]);
    const open = await countOpen(connection, { day: RANGE.to, centres }, key);
    for (const row of open) found.push([`${key} ${row.key} open`, [row.open, row.openOverdue]]);
  }
  return Object.fromEntries(found);
}

async function expectAllCountedOnce(): Promise<void> {
  await leaseExpires();
  expect(await collection('dossiers').countDocuments({ pending: { $exists: true } })).toBe(0);
  expect(await counted()).toEqual(expected());
  expect(await counted([EVERYWHERE])).toEqual(expected());
  expect(await counted([provinceSum('22')])).toEqual(expected());
  expect(await tallier().recount({ repair: false })).toEqual([]);
}

describe('tallies of dossiers equal a count of the dossiers one by one', () => {
  it('after several batches of new and changed dossiers', async () => {
    for (const [index, size] of [1, 80, 700, 40].entries()) {
      await feed(size, 100 + index);
      await tallier().run();
      await leaseExpires();
    }
    await expectAllCountedOnce();
  });

  it('when several processes count at the same time', async () => {
    await feed(200, 200);
    const talliers = [tallier(), tallier(), tallier()];
    await Promise.all([...talliers, ...talliers].map((each) => each.run()));
    await leaseExpires();
    await tallier().run();
    await expectAllCountedOnce();
  });

  it('later, when nobody waits for all of them', async () => {
    await feed(30, 250);
    expect(await tallier().run(performance.now())).toBe(0);
    expect(await collection('dossiers').countDocuments({ pending: { $exists: true } })).toBeGreaterThan(0);
    await leaseExpires();
    await tallier().run();
    await expectAllCountedOnce();
  });

  it('when a dossier changes while it is being counted', async () => {
    await feed(20, 300);
    const slow = pausingConnection(sipas.services.connection, { operation: 'bulkWrite' }, () => feed(20, 301));
    await tallier(slow).run();
    await leaseExpires();
    await tallier().run();
    await expectAllCountedOnce();
  });
});

describe.each<Breaking>(['before', 'after', 'halfway'])('a crash %s any operation of counting dossiers', (how) => {
  it('is repaired by the next who counts', async () => {
    for (let at = 1; ; at += 1) {
      await feed(8, 1000 + at * 3 + how.length);
      const crash: unknown = await tallier(breakingConnection(sipas.services.connection, at, how))
        .run()
        .then(
          () => null,
          (error: unknown) => error,
        );
      await leaseExpires();
      await tallier().run();
      await expectAllCountedOnce();
      if (crash === null) break;
      expect(crash).toBeInstanceOf(BrokenConnectionError);
      expect(at).toBeLessThan(50);
    }
  });
});

describe('a process that counts dossiers and stops for a while', () => {
  it.each([1, 2])('before its bulk write %i, while others count on, counts nothing twice', async (nth) => {
    await feed(12, 2000 + nth);
    const slow = pausingConnection(sipas.services.connection, { operation: 'bulkWrite', nth }, async () => {
      await leaseExpires();
      await tallier().run();
      await feed(12, 2100 + nth);
      await leaseExpires();
      await tallier().run();
    });
    await tallier(slow).run();
    await feed(12, 2200 + nth);
    await leaseExpires();
    await tallier().run();
    await expectAllCountedOnce();
  });
});

describe('a recount of dossiers', () => {
  it.each([
    ['a count that was changed', () => collection('dossier_tallies').updateOne({}, { $inc: { 'total.early': 1 } })],
    ['a tally that was removed', () => collection('dossier_tallies').deleteOne({ kind: 'month' })],
    [
      'a tally that nobody made',
      () =>
        collection('dossier_tallies').insertOne({
          ...{ _id: 'A|1999' as never, centre: 'A', kind: 'year', period: '1999', lastBatch: 1, total: { late: 1 } },
        }),
    ],
  ])('finds %s, and repairs it', async (_, tamper) => {
    await tamper();
    await leaseExpires();
    expect(await tallier().recount({ repair: false })).toHaveLength(1);
    expect(await tallier().recount({ repair: true })).toHaveLength(1);
    await expectAllCountedOnce();
  });
});
