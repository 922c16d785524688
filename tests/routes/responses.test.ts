import { randomUUID } from 'node:crypto';
import { openTestApp, NOON, type TestApp } from '../helpers/app.js';
import { contents, storedResponses } from '../helpers/database.js';
import { addSite, type Site } from '../helpers/installation.js';
import { fullResponse, postResponse, validResponse } from '../helpers/responses.js';

let sipas: TestApp;
let here: Site;
let elsewhere: Site;

beforeAll(async () => {
  sipas = await openTestApp();
  here = await addSite(sipas.services, { centre: 'TT1', unit: '22' });
  elsewhere = await addSite(sipas.services, { centre: 'TT2', unit: '24' });
});
afterAll(() => sipas.close());

const post = (body: object, site = here) => postResponse(sipas, site.token, body);
const storedUnder = (id: string) => storedResponses(sipas.services.connection, id);

describe('a response', () => {
  it('is stored and answered 201', async () => {
    const body = fullResponse();
    const answer = await post(body);
    expect([answer.status, answer.body]).toEqual([201, { id: body.id, status: 'stored' }]);
    expect(await storedUnder(body.id)).toHaveLength(1);
  });

  it('sent again with the same content is a duplicate, answered 200 and kept once', async () => {
    const body = validResponse();
    await post(body);
    const answer = await post(body);
    expect([answer.status, answer.body]).toEqual([200, { id: body.id, status: 'duplicate' }]);
    expect(await storedUnder(body.id)).toHaveLength(1);
  });

  it('is the same response with its fields and reasons in another order', async () => {
    const body = fullResponse({ dossier: undefined });
    await post(body);
    const reordered = Object.fromEntries(Object.entries({ ...body, reasons: ['cho-lau', 'thai-do'] }).reverse());
    expect((await post(reordered)).body.status).toBe('duplicate');
  });

  it('is the same response with its id in capital letters', async () => {
    const body = validResponse();
    await post(body);
    const answer = await post({ ...body, id: body.id.toUpperCase() });
    expect([answer.status, answer.body.status]).toEqual([200, 'duplicate']);
    expect(await storedUnder(body.id)).toHaveLength(1);
  });

  it.each([
    ['answers', { answers: { overall: 4 } }],
    ['reasons', { reasons: ['khac'] }],
    ['comment', { comment: 'khác' }],
    ['moment', { capturedAt: '2026-11-22T01:02:03.457Z' }],
    ['officer', { officer: 'CB1' }],
    ['dossier', { dossier: 'H-1' }],
  ])('with a stored id but other %s is a conflict and changes nothing', async (_, other) => {
    const body = validResponse();
    await post(body);
    const before = await contents(sipas.services.connection);
    const answer = await post({ ...body, ...other });
    expect([answer.status, answer.type, answer.body.type]).toEqual([
      409,
      'application/problem+json',
      'urn:sipas:problem:other-content',
    ]);
    expect(await contents(sipas.services.connection)).toBe(before);
  });

  it('with the id of a response of another centre is a conflict', async () => {
    const body = validResponse();
    await post(body, here);
    const answer = await post(body, elsewhere);
    expect(answer.status).toBe(409);
    expect(await storedUnder(body.id)).toMatchObject([{ centre: 'TT1' }]);
  });

  it('posted twenty times at once is stored once, told once that it is new', async () => {
    const body = fullResponse({ dossier: 'H-20' });
    const answers = await Promise.all(Array.from({ length: 20 }, () => post(body)));
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses).toEqual([...Array.from({ length: 19 }, () => 200), 201]);
    expect(await storedUnder(body.id)).toHaveLength(1);
  });
});

describe('a dossier', () => {
  it('is rated once: a second response about it is a conflict', async () => {
    const dossier = 'H-once';
    await post(validResponse({ dossier }));
    const second = validResponse({ dossier });
    const answer = await post(second);
    expect([answer.status, answer.body.type]).toEqual([409, 'urn:sipas:problem:dossier-rated']);
    expect(await storedUnder(second.id)).toEqual([]);
  });

  it('is rated once however many citizens try at the same moment', async () => {
    const attempts = Array.from({ length: 10 }, () => validResponse({ dossier: 'H-rush' }));
    const answers = await Promise.all(attempts.map((body) => post(body)));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array.from({ length: 9 }, () => 409)]);
  });

  it('may be named again by a retry of the response that rated it', async () => {
    const body = validResponse({ dossier: 'H-retry' });
    await post(body);
    expect((await post(body)).body.status).toBe('duplicate');
  });

  it('of a refused response can still be rated by another', async () => {
    const body = validResponse();
    await post(body);
    await post({ ...body, answers: { overall: 2 }, dossier: 'H-free' });
    expect((await post(validResponse({ dossier: 'H-free' }))).status).toBe(201);
  });
});

describe('the moment of capture', () => {
  const at = (offsetMs: number) => validResponse({ capturedAt: new Date(NOON.getTime() + offsetMs).toISOString() });
  const FIVE_MINUTES = 300_000;

  it('may be exactly five minutes ahead of the server', async () => {
    expect((await post(at(FIVE_MINUTES))).status).toBe(201);
  });

  it('may not be a millisecond more than five minutes ahead', async () => {
    const answer = await post(at(FIVE_MINUTES + 1));
    expect([answer.status, answer.body.errors[0].path]).toEqual([422, 'capturedAt']);
  });

  it.each(['1970-01-01T00:00:00Z', '1900-01-01T00:00:00+07:00', '0001-01-01T00:00:00Z'])(
    'may be as long ago as %s',
    async (capturedAt) => {
      expect((await post(validResponse({ capturedAt }))).status).toBe(201);
    },
  );

  it('must be in a year of our calendar, whatever its offset', async () => {
    const answer = await post(validResponse({ capturedAt: '0000-01-01T00:00:00+14:00' }));
    expect([answer.status, answer.body.errors[0].path]).toEqual([422, 'capturedAt']);
  });

  it('is the same instant in any offset', async () => {
    const id = randomUUID();
    await post(validResponse({ id, capturedAt: '2026-11-22T01:02:03.456Z' }));
    const answer = await post(validResponse({ id, capturedAt: '2026-11-22T08:02:03.456+07:00' }));
    expect(answer.body.status).toBe('duplicate');
  });
});
