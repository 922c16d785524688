import { randomUUID } from 'node:crypto';
import request from 'supertest';
import { openTestApp, type TestApp } from '../helpers/app.js';
import { storedResponses } from '../helpers/database.js';
import { addSite, type Site } from '../helpers/installation.js';
import { postBatch, postResponse, validResponse } from '../helpers/responses.js';

let sipas: TestApp;
let site: Site;

beforeAll(async () => {
  sipas = await openTestApp();
  site = await addSite(sipas.services);
});
afterAll(() => sipas.close());

const send = (responses: readonly unknown[]) => postBatch(sipas, site.token, responses);
const storedUnder = (id: string) => storedResponses(sipas.services.connection, id);
const statuses = (results: { status: string }[]) => results.map(({ status }) => status);

describe('a batch', () => {
  it('answers each response in the order sent, whatever became of the others', async () => {
    const known = validResponse();
    await postResponse(sipas, site.token, known);
    const batch = [
      validResponse(),
      validResponse({ answers: { overall: 6 } }),
      known,
      { ...known, answers: { overall: 1 } },
      'no response at all',
      validResponse(),
    ];
    const answer = await send(batch);
    expect(answer.status).toBe(200);
    expect(answer.body.results).toEqual([
      { id: (batch[0] as { id: string }).id, status: 'stored' },
      {
        id: (batch[1] as { id: string }).id,
        status: 'invalid',
        errors: [{ path: 'answers.overall', message: expect.any(String) }],
      },
      { id: known.id, status: 'duplicate' },
      { id: known.id, status: 'conflict', errors: [{ path: 'id', message: expect.any(String) }] },
      { id: null, status: 'invalid', errors: [{ path: '', message: expect.any(String) }] },
      { id: (batch[5] as { id: string }).id, status: 'stored' },
    ]);
  });

  it('stores the valid responses around an invalid one', async () => {
    const [first, last] = [validResponse(), validResponse()];
    await send([first, validResponse({ version: 99 }), last]);
    expect(await storedUnder(first.id)).toHaveLength(1);
    expect(await storedUnder(last.id)).toHaveLength(1);
  });

  it('that holds the same response twice stores it once', async () => {
    const body = validResponse({ dossier: 'B-twice' });
    const answer = await send([body, body]);
    expect(statuses(answer.body.results)).toEqual(['stored', 'duplicate']);
    expect(await storedUnder(body.id)).toHaveLength(1);
  });

  it('that holds one id with two contents keeps the first', async () => {
    const body = validResponse({ answers: { overall: 3 } });
    const answer = await send([body, { ...body, answers: { overall: 4 } }]);
    expect(statuses(answer.body.results)).toEqual(['stored', 'conflict']);
    expect(await storedUnder(body.id)).toMatchObject([{ answers: { overall: 3 } }]);
  });

  it('that rates one dossier twice keeps the first rating and names the dossier', async () => {
    const answer = await send([validResponse({ dossier: 'B-1' }), validResponse({ dossier: 'B-1' })]);
    expect(answer.body.results[1]).toMatchObject({ status: 'conflict', errors: [{ path: 'dossier' }] });
    expect(statuses(answer.body.results)).toEqual(['stored', 'conflict']);
  });

  it('in which a refused response names a dossier lets the next one rate it', async () => {
    const known = validResponse();
    await postResponse(sipas, site.token, known);
    const refused = { ...known, answers: { overall: 2 }, dossier: 'B-2' };
    const answer = await send([refused, validResponse({ dossier: 'B-2' })]);
    expect(statuses(answer.body.results)).toEqual(['conflict', 'stored']);
  });

  it('sent again as a whole stores nothing new', async () => {
    const batch = [validResponse(), validResponse({ dossier: 'B-3' }), validResponse()];
    await send(batch);
    expect(statuses((await send(batch)).body.results)).toEqual(['duplicate', 'duplicate', 'duplicate']);
  });

  it('sent five times at once stores each response once', async () => {
    const batch = Array.from({ length: 40 }, (_, index) => validResponse({ dossier: `B-rush-${index}` }));
    const answers = await Promise.all(Array.from({ length: 5 }, () => send(batch)));
    const told = answers.flatMap(({ body }) => statuses(body.results));
    expect(told.filter((status) => status === 'stored')).toHaveLength(40);
    expect(told.filter((status) => status === 'duplicate')).toHaveLength(160);
  });

  it('tells which id an invalid response had, cut short when it is long', async () => {
    const answer = await send([validResponse({ id: 'x'.repeat(5000) })]);
    expect(answer.body.results[0].id).toBe('x'.repeat(100));
  });

  it('may hold 500 responses', async () => {
    const id = randomUUID();
    const answer = await send(Array.from({ length: 500 }, () => validResponse({ id })));
    expect(statuses(answer.body.results).filter((status) => status === 'duplicate')).toHaveLength(499);
  });
});

describe('a batch that is none is refused as a whole', () => {
  it.each([
    ['no responses', { responses: [] }, 'responses'],
    ['501 responses', { responses: Array.from({ length: 501 }, () => ({})) }, 'responses'],
    ['responses that are no list', { responses: {} }, 'responses'],
    ['no field "responses"', {}, 'responses'],
    ['an unknown field', { responses: [validResponse()], dryRun: true }, 'dryRun'],
    ['a list instead of an object', [], ''],
    ['null', null, ''],
  ])('%s', async (_, body, path) => {
    const answer = await request(sipas.app)
      .post('/api/v1/responses/batch')
      .set('Authorization', `Bearer ${site.token}`)
      .set('Content-Type', 'application/json')
      .send(JSON.stringify(body));
    expect(answer.status).toBe(422);
    expect(answer.body.errors).toEqual([{ path, message: expect.any(String) }]);
  });
});
