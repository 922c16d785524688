import type { Connection } from 'mongoose';
import { connectDatabase } from '../../src/database/connect.js';
import { Lease } from '../../src/database/lease.js';
import { migrate, type Migration } from '../../src/database/migrate.js';
import { countAgain } from '../../src/database/migrations/0002-count-again.js';
import { dossierTallies as migration3 } from '../../src/database/migrations/0003-dossier-tallies.js';
import { draftPlaces } from '../../src/database/migrations/0004-draft-places.js';
import { provinceTallies } from '../../src/database/migrations/0005-province-tallies.js';
import { dossierSums } from '../../src/database/migrations/0006-dossier-sums.js';
import { DRAFT_LIFETIME_MS } from '../../src/features/drafts/drafts.service.js';
import { storedResponses } from '../helpers/database.js';
import { checkedDossier, randomDossiers } from '../helpers/dossiers.js';
import { NOON, openTestApp, uniqueUri, type TestApp } from '../helpers/app.js';
import { addSite } from '../helpers/installation.js';
import { randomArrivals } from '../helpers/random-responses.js';

describe('migrations', () => {
  let connection: Connection;
  let ran: number[];

  beforeEach(async () => {
    connection = await connectDatabase(uniqueUri());
    ran = [];
  });

  afterEach(async () => {
    await connection.dropDatabase();
    await connection.close();
  });

  const step = (number: number, run: () => Promise<void> = async () => undefined): Migration => ({
    number,
    name: `step-${number}`,
    run: async () => {
      await run();
      ran.push(number);
    },
  });

  it('run in order, once', async () => {
    await migrate(connection, [step(1), step(2)]);
    await migrate(connection, [step(1), step(2), step(3)]);
    expect(ran).toEqual([1, 2, 3]);
  });

  it('run once when several processes start together', async () => {
    const steps = [step(1), step(2), step(3)];
    await Promise.all([migrate(connection, steps), migrate(connection, steps), migrate(connection, steps)]);
    expect(ran).toEqual([1, 2, 3]);
  });

  it('go on after the last complete one when a step failed', async () => {
    let failing = true;
    const fragile = step(2, async () => {
      if (failing) throw new Error('the power went');
    });
    await expect(migrate(connection, [step(1), fragile])).rejects.toThrow('the power went');
    failing = false;
    await migrate(connection, [step(1), fragile]);
    expect(ran).toEqual([1, 2]);
  });
});

describe('the migration that counts again', () => {
  it('leaves tallies equal to a recount, whatever the older version had counted', async () => {
    const sipas = await openTestApp();
    const { connection, catalogue, responses, tallies } = sipas.services;
    const site = await addSite(sipas.services, { centre: 'A' });
    await responses.receiveMany(randomArrivals(40, 1, { catalogue, sites: [site] }));
    await tallies.run();
    await connection.collection('tallies').updateMany({}, { $unset: { levels: 1, 'by.slot': 1 } });
    await connection.collection('leases').deleteMany({});
    await countAgain.run(connection);
    expect(await tallies.run()).toBe(40);
    await connection.collection('leases').deleteMany({});
    expect(await tallies.recount({ repair: false })).toEqual([]);
    await sipas.close();
  });
});

describe('the migration that adds up dossiers', () => {
  let sipas: TestApp;
  const recount = async () => {
    await sipas.services.connection.collection('leases').deleteMany({});
    return sipas.services.dossierTallies.recount({ repair: false });
  };
  beforeEach(async () => {
    sipas = await openTestApp();
    const { connection, catalogue, dossiers, dossierTallies } = sipas.services;
    for (const [index, unit] of ['22', catalogue.unitsBelow('22')[3]!, '24'].entries()) {
      await addSite(sipas.services, { centre: `TT${index}`, unit });
    }
    await dossiers.receiveMany({ scope: null }, randomDossiers(200, 3, ['TT0', 'TT1', 'TT2']).map(checkedDossier));
    await dossierTallies.run();
    await connection.collection('dossier_tallies').deleteMany({ centre: /^\*/ });
  });
  afterEach(() => sipas.close());

  it('leaves sums equal to a recount, also when it runs twice', async () => {
    expect(await recount()).not.toEqual([]);
    await dossierSums.run(sipas.services.connection);
    await dossierSums.run(sipas.services.connection);
    expect(await recount()).toEqual([]);
  });

  it('counts everything again where a batch was left half done', async () => {
    const { connection, dossierTallies } = sipas.services;
    await connection
      .collection<{ _id: string }>('tally_state')
      .updateOne({ _id: 'dossiers' }, { $set: { open: [{ before: null }] } });
    await dossierSums.run(connection);
    expect(await dossierTallies.run()).toBe(200);
    expect(await recount()).toEqual([]);
  });
});

describe('the migration that adds up provinces', () => {
  let sipas: TestApp;
  beforeEach(async () => {
    sipas = await openTestApp();
    const { connection, catalogue, responses, tallies } = sipas.services;
    const units = ['22', catalogue.unitsBelow('22')[3]!, '24'];
    const sites = await Promise.all(
      units.map((unit, index) => addSite(sipas.services, { centre: `TT${index}`, unit })),
    );
    await responses.receiveMany(randomArrivals(400, 2, { catalogue, sites }));
    await tallies.run();
    await connection.collection('tallies').deleteMany({ centre: { $in: ['*22', '*24'] } });
    await connection.collection('leases').deleteMany({});
  });
  afterEach(() => sipas.close());

  const recount = () => sipas.services.tallies.recount({ repair: false });

  it('leaves sums equal to a recount, also when it runs twice', async () => {
    expect(await recount()).not.toEqual([]);
    await provinceTallies.run(sipas.services.connection);
    await provinceTallies.run(sipas.services.connection);
    expect(await recount()).toEqual([]);
  });

  it('counts everything again where a batch was left half done', async () => {
    const { connection, tallies } = sipas.services;
    const half = await connection.collection('responses').find({}).limit(10).toArray();
    const head = connection.collection<{ _id: string }>('tally_state');
    await head.updateOne({ _id: 'head' }, { $set: { open: half.map(({ _id }) => _id) } });
    await provinceTallies.run(connection);
    expect(await tallies.run()).toBe(400);
    await connection.collection('leases').deleteMany({});
    expect(await recount()).toEqual([]);
  });
});

describe('the migration of drafts', () => {
  it('loses no answer that was in the making under the version before', async () => {
    const sipas = await openTestApp();
    const { connection, drafts } = sipas.services;
    const { kiosk, centre } = await addSite(sipas.services, { counter: 'Q7' });
    const id = '0192f0c4-0000-4000-8000-000000000001';
    await connection.collection<{ _id: string }>('drafts').insertOne({
      ...{ _id: id, kiosk, questionnaire: 'tthc-kiosk-5', version: 1, answers: { overall: 1 }, locale: 'vi' },
      ...{ capturedAt: NOON, dueAt: new Date(NOON.getTime() + DRAFT_LIFETIME_MS) },
    });
    await draftPlaces.run(connection);
    await draftPlaces.run(connection);
    sipas.setNow(new Date(NOON.getTime() + DRAFT_LIFETIME_MS));
    expect(await drafts.completeDue()).toBe(1);
    expect(await storedResponses(connection, id)).toMatchObject([{ centre, kiosk, channel: 'kiosk', counter: 'Q7' }]);
    await sipas.close();
  });
});

describe('the migration to tallies of dossiers', () => {
  it('counts the dossiers of an older version, and drops the indexes of reports that are gone', async () => {
    const sipas = await openTestApp();
    const { connection, dossierTallies } = sipas.services;
    await addSite(sipas.services, { centre: 'A' });
    const dossiers = connection.collection('dossiers');
    const days = { receivedDay: '2026-11-01', dueDay: '2026-11-10', returnedDay: '2026-11-09' };
    await dossiers.insertOne({ centre: 'A', ...days });
    await dossiers.createIndexes([{ key: { returnedDay: 1 }, name: 'returned' }]);
    await migration3.run(connection);
    await dossierTallies.catchUp();
    const month = await connection.collection('dossier_tallies').findOne({ _id: 'A|2026-11' as never });
    expect(month).toMatchObject({ centre: 'A', total: { early: 1 } });
    expect((await dossiers.listIndexes().toArray()).map(({ name }) => String(name))).not.toContain('returned');
    await sipas.close();
  });
});

describe('a lease', () => {
  let connection: Connection;

  beforeEach(async () => {
    connection = await connectDatabase(uniqueUri());
  });

  afterEach(async () => {
    await connection.dropDatabase();
    await connection.close();
  });

  it('has one holder, who may renew it', async () => {
    const [one, other] = [new Lease(connection, 'l', 60_000), new Lease(connection, 'l', 60_000)];
    expect([await one.take(), await other.take(), await one.take()]).toEqual([true, false, true]);
  });

  it('goes to exactly one of many who ask at once', async () => {
    const leases = Array.from({ length: 8 }, () => new Lease(connection, 'l', 60_000));
    const taken = await Promise.all(leases.map((lease) => lease.take()));
    expect(taken.filter(Boolean)).toHaveLength(1);
  });

  it('is free again once released', async () => {
    const [one, other] = [new Lease(connection, 'l', 60_000), new Lease(connection, 'l', 60_000)];
    await one.take();
    await one.release();
    expect(await other.take()).toBe(true);
  });

  it('is free again once expired', async () => {
    await new Lease(connection, 'l', -1).take();
    expect(await new Lease(connection, 'l', 60_000).take()).toBe(true);
  });
});
