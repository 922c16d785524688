import request from 'supertest';
import { openTestApp, type TestApp } from '../helpers/app.js';
import { validDossier } from '../helpers/dossiers.js';
import { addSite, staffToken } from '../helpers/installation.js';

let sipas: TestApp;
const PLAN = { centres: 3, days: 60, responses: 1000, dossiers: 1250, seed: 7 };

beforeEach(async () => {
  sipas = await openTestApp();
});
afterEach(() => sipas.close());

it('demo data fill the reports on dossiers, marked as synthetic, and the same plan adds nothing', async () => {
  const { demo, dossiers, dossierTallies, tallies, connection } = sipas.services;
  await demo.load(PLAN, () => undefined);
  await tallies.run();
  await dossierTallies.catchUp();
  const admin = await staffToken(sipas.services, 'admin');
  const get = async (path: string) =>
    (await request(sipas.app).get(`/api/v1/reports/${path}`).set('Authorization', `Bearer ${admin}`)).body;
  const { total } = await get('on-time?from=2026-09-01&to=2026-11-22');
  for (const count of ['early', 'onTime', 'late', 'open', 'openOverdue']) expect(total[count]).toBeGreaterThan(0);
  expect((await get('response-rate?from=2026-09-01&to=2026-11-22')).total.rate).toBeGreaterThan(50);
  expect(await dossiers.hasReal()).toBe(false);
  const counted = async () => ({
    responses: await connection.collection('responses').countDocuments(),
    dossiers: await connection.collection('dossiers').countDocuments(),
    differences: await tallies.recount({ repair: false }),
  });
  const before = await counted();
  expect(before).toEqual({ responses: PLAN.responses, dossiers: PLAN.dossiers, differences: [] });
  await demo.load(PLAN, () => undefined);
  await tallies.run();
  expect(await counted()).toEqual(before);
});

it('demo data are refused where there are real dossiers', async () => {
  await addSite(sipas.services, { centre: 'TT1' });
  const feed = await staffToken(sipas.services, 'integration');
  await request(sipas.app)
    .post('/api/v1/dossiers/batch')
    .set('Authorization', `Bearer ${feed}`)
    .send({ dossiers: [validDossier()] });
  await expect(sipas.services.demo.load(PLAN, () => undefined)).rejects.toMatchObject({ type: 'real-responses' });
});
