import request from 'supertest';
import type { Questionnaire } from '../../src/domain/questionnaire.js';
import { openTestApp, type TestApp } from '../helpers/app.js';
import { storedResponses } from '../helpers/database.js';
import { addSite } from '../helpers/installation.js';
import { hiddenField, visitor } from '../helpers/pages.js';
import { validResponse } from '../helpers/responses.js';

/** Another process publishes, and retires, while this one serves. */
let sipas: TestApp;

beforeAll(async () => {
  sipas = await openTestApp();
});
afterAll(() => sipas.close());

const collection = () =>
  sipas.services.connection.collection<Questionnaire & { revision?: number; state?: string }>('questionnaires');
const known = (id: string) => sipas.services.catalogue.questionnaire(id)!;

/** A version after the newest, with other questions, as another process stores it. */
async function publishElsewhere(id: string, items = ['new']): Promise<number> {
  const version = known(id).version + 1;
  const [first] = known(id).items;
  const asked = items.map((code) => ({ ...first!, code }));
  await collection().insertOne({
    ...known(id),
    version,
    items: asked,
    headline: null,
    revision: 1,
    state: 'published',
  });
  return version;
}

it('an answer to a version that another process has just published is taken in and counted', async () => {
  const { token } = await addSite(sipas.services, { centre: 'A' });
  const version = await publishElsewhere('tthc-kiosk-5');
  const body = validResponse({ version, answers: { new: 5 } });
  const post = request(sipas.app).post('/api/v1/responses').set('Authorization', `Bearer ${token}`);
  expect((await post.send(body)).status).toBe(201);
  expect(await sipas.services.tallies.run()).toBe(1);
});

it('a batch of a kiosk may hold such an answer too', async () => {
  const { pairPath } = await addSite(sipas.services, { centre: 'B' });
  const device = visitor(sipas);
  await device.get(pairPath);
  const version = await publishElsewhere('tthc-kiosk-3');
  const response = validResponse({ questionnaire: 'tthc-kiosk-3', version, answers: { new: 3 } });
  const clock = { capturedAt: '2026-11-22T05:00:00.000Z', offsetMs: 0 };
  const { body } = await device.post('/kiosk/responses').send({ responses: [{ response, device: clock }] });
  expect(body.results).toEqual([{ id: response.id, status: 'stored' }]);
});

it('a kiosk shows the newest version once its server has looked', async () => {
  const { pairPath } = await addSite(sipas.services, { centre: 'C', questionnaire: 'phuong-9' });
  const device = visitor(sipas);
  await device.get(pairPath);
  const version = await publishElsewhere('phuong-9', ['P1']);
  await sipas.services.catalogue.refresh();
  expect(hiddenField((await device.get('/kiosk')).text, 'version')).toBe(String(version));
});

it('a citizen who began before a publication goes on with the questions that were begun with', async () => {
  const { pairPath } = await addSite(sipas.services, { centre: 'D', questionnaire: 'sipas-dvhcc-19' });
  const device = visitor(sipas);
  await device.get(pairPath);
  const responseId = hiddenField((await device.get('/kiosk')).text, 'responseId');
  await publishElsewhere('sipas-dvhcc-19', ['X1']);
  await sipas.services.catalogue.refresh();
  const answer = (item: string) =>
    device.post('/kiosk/answers').type('form').send({ responseId, item, version: '1', level: '5' });
  const next = await answer('C15');
  expect(hiddenField((await device.get(String(next.headers['location'])).redirects(0)).text, 'item')).toBe('C16');
  for (const item of ['C16', 'C33']) await answer(item);
  const [stored] = await storedResponses(sipas.services.connection, responseId);
  expect(stored).toMatchObject({ version: 1, answers: { C15: 5, C16: 5, C33: 5 } });
});

describe('a retired questionnaire', () => {
  beforeAll(async () => {
    await addSite(sipas.services, { centre: 'E', questionnaire: 'tthc-kiosk-3' });
    await collection().updateOne(
      { id: 'tthc-kiosk-3', version: known('tthc-kiosk-3').version },
      { $set: { state: 'retired' } },
    );
    await sipas.services.catalogue.refresh();
  });

  it('cannot be chosen for a kiosk', async () => {
    await expect(
      sipas.services.kiosks.add({ centre: 'E', code: 'E-2', questionnaire: 'tthc-kiosk-3' }),
    ).rejects.toThrow('questionnaire tthc-kiosk-3 is retired');
  });

  it('is still answered to', async () => {
    const { token } = await addSite(sipas.services, { centre: 'F' });
    const post = request(sipas.app).post('/api/v1/responses').set('Authorization', `Bearer ${token}`);
    const { status } = await post.send(validResponse({ questionnaire: 'tthc-kiosk-3', answers: { attitude: 3 } }));
    expect(status).toBe(201);
  });

  it('stays retired when the files of a release are loaded again', async () => {
    await sipas.services.connection.collection('catalogue_loads').deleteMany({});
    await sipas.services.catalogue.loadFiles('data');
    await sipas.services.catalogue.open();
    expect(sipas.services.catalogue.isRetired('tthc-kiosk-3')).toBe(true);
  });
});

it('a version made here is not replaced by one of the files', async () => {
  await collection().updateOne({ id: 'phuong-9', version: 1 }, { $set: { title: { vi: 'Của tỉnh' }, revision: 1 } });
  await sipas.services.connection.collection('catalogue_loads').deleteMany({});
  await sipas.services.catalogue.loadFiles('data');
  expect(await collection().findOne({ id: 'phuong-9', version: 1 }, { maxTimeMS: 10_000 })).toMatchObject({
    title: { vi: 'Của tỉnh' },
  });
});
