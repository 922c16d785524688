import type request from 'supertest';
import { DRAFT_LIFETIME_MS } from '../../src/features/drafts/drafts.service.js';
import { openTestApp, NOON, type TestApp } from '../helpers/app.js';
import { storedResponses } from '../helpers/database.js';
import { addSite } from '../helpers/installation.js';
import { hiddenField, visitor, type Visitor } from '../helpers/pages.js';

/** A questionnaire of 19 items, one a screen, without scripts. */
let sipas: TestApp;
let device: Visitor;

beforeAll(async () => {
  sipas = await openTestApp();
  device = visitor(sipas);
  const { pairPath } = await addSite(sipas.services, { questionnaire: 'sipas-dvhcc-19' });
  await device.get(pairPath);
});
beforeEach(() => sipas.setNow(NOON));
afterAll(() => sipas.close());

const stored = (id: string) => storedResponses(sipas.services.connection, id);

/** Sends what the citizen tapped on a page, and gives the page it leads to. */
async function go(page: request.Response, tapped: { level: number } | 'skip'): Promise<request.Response> {
  const fields = tapped === 'skip' ? { skip: '1' } : { level: String(tapped.level) };
  const answer = await device
    .post('/kiosk/answers')
    .type('form')
    .send({ responseId: hiddenField(page.text, 'responseId'), item: hiddenField(page.text, 'item'), ...fields });
  expect(answer.status).toBe(303);
  return device.get(String(answer.headers['location']));
}

it('asks the 19 items one by one, keeps what was answered and leaves out what was skipped', async () => {
  let page = await device.get('/kiosk');
  const id = hiddenField(page.text, 'responseId');
  const expected: Record<string, number> = {};
  for (let step = 1; step <= 19; step += 1) {
    expect(page.text).toContain(`value="${step}" max="19"`);
    expect(page.text).not.toMatch(/\s(checked|selected|aria-pressed)\b/);
    const item = hiddenField(page.text, 'item');
    if (step % 4 === 0) page = await go(page, 'skip');
    else {
      expected[item] = (step % 5) + 1;
      page = await go(page, { level: expected[item] });
    }
  }
  expect(page.text).toContain('Xin cảm ơn Ông/Bà!');
  expect((await stored(id))[0]?.answers).toEqual(expected);
  expect(Object.keys(expected)).toHaveLength(15);
});

it('counts once what was answered when the citizen leaves in the middle', async () => {
  const first = await device.get('/kiosk');
  const id = hiddenField(first.text, 'responseId');
  await go(await go(first, { level: 4 }), { level: 2 });
  sipas.setNow(new Date(NOON.getTime() + DRAFT_LIFETIME_MS));
  expect(await sipas.services.drafts.completeDue()).toBe(1);
  expect((await stored(id)).map(({ answers }) => answers)).toEqual([{ C15: 4, C16: 2 }]);
});

it('gives each answer the time of the first, and as long again after each tap', async () => {
  const first = await device.get('/kiosk');
  const id = hiddenField(first.text, 'responseId');
  const second = await go(first, { level: 4 });
  sipas.setNow(new Date(NOON.getTime() + DRAFT_LIFETIME_MS - 1));
  await go(second, { level: 5 });
  sipas.setNow(new Date(NOON.getTime() + DRAFT_LIFETIME_MS));
  expect(await sipas.services.drafts.completeDue()).toBe(0);
  sipas.setNow(new Date(NOON.getTime() + 2 * DRAFT_LIFETIME_MS));
  expect(await sipas.services.drafts.completeDue()).toBe(1);
  expect(await stored(id)).toMatchObject([{ answers: { C15: 4, C16: 5 }, capturedAt: NOON }]);
});

it('leaves nothing of a citizen who skipped everything', async () => {
  let page = await device.get('/kiosk');
  const id = hiddenField(page.text, 'responseId');
  for (let step = 1; step <= 19; step += 1) page = await go(page, 'skip');
  expect(page.text).toContain('Xin cảm ơn Ông/Bà!');
  expect(await stored(id)).toEqual([]);
  expect(await sipas.services.connection.collection('drafts').countDocuments()).toBe(0);
});

it('lets the citizen go back and change an answer', async () => {
  const first = await device.get('/kiosk');
  const id = hiddenField(first.text, 'responseId');
  await go(first, { level: 1 });
  await go(await device.get(`/kiosk/question?draft=${id}&step=1`), { level: 5 });
  sipas.setNow(new Date(NOON.getTime() + DRAFT_LIFETIME_MS));
  await sipas.services.drafts.completeDue();
  expect(await stored(id)).toMatchObject([{ answers: { C15: 5 } }]);
});

it.each(['0', '20', '-1', '1.5', 'x', ''])('has no step "%s"', async (step) => {
  const first = await device.get('/kiosk');
  const id = hiddenField(first.text, 'responseId');
  await go(first, { level: 3 });
  const { status } = await device.get(`/kiosk/question?draft=${id}&step=${step}`);
  expect([303, 400]).toContain(status);
});

it('shows the answers in the making to no other kiosk', async () => {
  const first = await device.get('/kiosk');
  const id = hiddenField(first.text, 'responseId');
  await go(first, { level: 3 });
  const other = visitor(sipas);
  await other.get((await addSite(sipas.services, { centre: 'TT2', questionnaire: 'sipas-dvhcc-19' })).pairPath);
  expect((await other.get(`/kiosk/question?draft=${id}&step=2`)).headers['location']).toBe('/kiosk');
  const answer = await other.post('/kiosk/answers').type('form').send({ responseId: id, item: 'C15', level: '1' });
  expect(answer.headers['location']).toBe('/kiosk/thanks');
  sipas.setNow(new Date(NOON.getTime() + DRAFT_LIFETIME_MS));
  await sipas.services.drafts.completeDue();
  expect(await stored(id)).toMatchObject([{ answers: { C15: 3 }, centre: 'TT1' }]);
});
