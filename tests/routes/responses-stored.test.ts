import { openTestApp, NOON, type TestApp } from '../helpers/app.js';
import { contents, everything, storedResponses } from '../helpers/database.js';
import { addSite, type Site } from '../helpers/installation.js';
import { fullResponse, postBatch, postResponse, validResponse } from '../helpers/responses.js';

let sipas: TestApp;
let site: Site;

beforeAll(async () => {
  sipas = await openTestApp();
  site = await addSite(sipas.services);
});
afterAll(() => sipas.close());

async function stored(body: { id: string }) {
  expect((await postResponse(sipas, site.token, body)).status).toBe(201);
  const [record] = await storedResponses(sipas.services.connection, body.id);
  if (!record) throw new Error('Nothing was stored');
  return record;
}

const SERVICE_FIELDS = ['_id', 'centre', 'kiosk', 'channel', 'receivedAt', 'day', 'hour', 'content', 'pending'];
const REQUIRED_FIELDS = ['questionnaire', 'version', 'answers', 'capturedAt'];

describe('what is stored of a response', () => {
  it('is what was sent and where it came from, and no default for what was not', async () => {
    const record = await stored(validResponse());
    expect(Object.keys(record).sort()).toEqual([...SERVICE_FIELDS, ...REQUIRED_FIELDS].sort());
  });

  it('has no default for reasons, comment and demographics sent empty', async () => {
    const record = await stored(validResponse({ reasons: [], comment: '', demographics: {} }));
    expect(Object.keys(record).sort()).toEqual([...SERVICE_FIELDS, ...REQUIRED_FIELDS].sort());
  });

  it('holds the answered items of a questionnaire and no other', async () => {
    const record = await stored(validResponse({ questionnaire: 'sipas-dvhcc-19', answers: { C33: 1, C15: 4 } }));
    expect(record.answers).toEqual({ C33: 1, C15: 4 });
  });

  it('keeps every field as it was sent', async () => {
    const body = fullResponse({ dossier: 'S-1' });
    const record = await stored(body);
    const asSent = { ...body, capturedAt: new Date(String(body['capturedAt'])) };
    const kept = Object.entries(asSent).filter(([name]) => !['id', 'dossier', 'demographics'].includes(name));
    expect(record).toMatchObject(Object.fromEntries(kept));
  });

  it('takes centre, kiosk and channel from the token', async () => {
    expect(await stored(validResponse())).toMatchObject({ centre: 'TT1', kiosk: 'TT1-K1', channel: 'kiosk' });
  });

  it('notes when it was received, by the clock of the server', async () => {
    expect((await stored(validResponse())).receivedAt).toEqual(NOON);
  });

  it('keeps demographic options that were chosen', async () => {
    const demographics = { 'gioi-tinh': 'nu', 'do-tuoi': '35-49' };
    const record = await stored(validResponse({ questionnaire: 'phuong-9', answers: { P1: 5 }, demographics }));
    expect(record.demographics).toEqual(demographics);
  });
});

describe('a dossier code', () => {
  const SECRET_CODE = '000.00.22-261122-7777';

  it('is stored nowhere, whatever became of the response', async () => {
    const body = validResponse({ dossier: SECRET_CODE });
    await postResponse(sipas, site.token, body);
    await postResponse(sipas, site.token, { ...body, answers: { overall: 2 } });
    await postResponse(sipas, site.token, validResponse({ dossier: SECRET_CODE }));
    await postBatch(sipas, site.token, [validResponse({ dossier: SECRET_CODE, version: 9 })]);
    await sipas.services.tallies.run();
    const all = await everything(sipas.services.connection);
    expect(all).toContain('dossier_marks\n{');
    expect(all).not.toContain(SECRET_CODE);
    expect(all).not.toContain(Buffer.from(SECRET_CODE).toString('base64').slice(0, 24));
  });
});

describe('a refused response leaves nothing behind', () => {
  it.each([
    ['an invalid one', () => validResponse({ answers: { overall: 9 }, dossier: 'R-1' })],
    ['one that is too far ahead', () => validResponse({ capturedAt: '2027-01-01T00:00:00Z', dossier: 'R-2' })],
    ['one about a rated dossier', () => validResponse({ dossier: 'R-rated' })],
    ['one under the id of another', (known: object) => ({ ...known, answers: { overall: 2 }, dossier: 'R-3' })],
  ])('%s', async (_, refused) => {
    const known = validResponse();
    await postResponse(sipas, site.token, known);
    await postResponse(sipas, site.token, validResponse({ dossier: 'R-rated' }));
    const before = await contents(sipas.services.connection);
    const answer = await postResponse(sipas, site.token, refused(known));
    expect([409, 422]).toContain(answer.status);
    expect(await contents(sipas.services.connection)).toBe(before);
  });
});
