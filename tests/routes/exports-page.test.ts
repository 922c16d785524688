import request from 'supertest';
import { NOON, openTestApp, type TestApp } from '../helpers/app.js';
import { addSite, exhaustExports, staffToken } from '../helpers/installation.js';
import { PASSWORD, signIn, visitor, type Visitor } from '../helpers/pages.js';
import { postBatch, validResponse } from '../helpers/responses.js';

let sipas: TestApp;
let manager: Visitor;

async function signedIn(username: string, role: 'manager' | 'viewer', scope: string): Promise<Visitor> {
  await sipas.services.accounts.add({ username, role, scope, password: PASSWORD });
  const browser = visitor(sipas);
  await signIn(browser, { username });
  return browser;
}

beforeAll(async () => {
  sipas = await openTestApp();
  const site = await addSite(sipas.services, { centre: 'QN' });
  await postBatch(sipas, site.token, [
    validResponse(),
    validResponse(),
    validResponse({ questionnaire: 'tthc-kiosk-3', answers: { attitude: 2 } }),
  ]);
  await sipas.services.tallies.run();
  manager = await signedIn('quanly', 'manager', '22');
});
afterAll(() => sipas.close());

/** Where the links to files lead, entities read. */
function fileLinks(html: string): string[] {
  return [...html.matchAll(/href="(\/exports\/(?!jobs)[^"]*)"/g)].map(([, href]) =>
    href!.replaceAll('&amp;', '&').replaceAll('&#38;', '&'),
  );
}

describe('the page of exports', () => {
  it('offers every file for what was chosen', async () => {
    const { text } = await manager.get('/exports?period=2026-11&centre=QN&questionnaire=tthc-kiosk-5').expect(200);
    const tables = ['responses', 'satisfaction', 'criteria'].flatMap((name) => [
      ...[`/exports/${name}.xlsx`, `/exports/${name}.csv`].map(
        (path) => `${path}?period=2026-11&centre=QN&questionnaire=tthc-kiosk-5`,
      ),
      `/exports/${name}.csv?period=2026-11&centre=QN&questionnaire=tthc-kiosk-5&delimiter=%3B`,
    ]);
    const forms = ['02', '03'].map((form) => `/exports/mau-${form}.xlsx?period=2026-11&centre=QN`);
    expect(fileLinks(text)).toEqual([...tables, ...forms]);
  });

  it('leads to files that are there', async () => {
    const { text } = await manager.get('/exports?period=2026-11');
    const statuses = await Promise.all(fileLinks(text).map(async (link) => (await manager.get(link)).status));
    expect(new Set(statuses)).toEqual(new Set([200]));
  });

  it('says how many forms were chosen', async () => {
    const { text } = await manager.get('/exports?period=2026-11&lang=vi');
    expect(text).toMatch(/<dt>Số phiếu<\/dt><dd>3<\/dd>/);
  });

  it('begins with the last quarter that is over', async () => {
    const { text } = await manager.get('/exports');
    expect(fileLinks(text)[0]).toBe('/exports/responses.xlsx?period=2026-Q3');
  });

  it('says that forms need a whole period where days were chosen', async () => {
    const { text } = await manager.get('/exports?from=2026-11-01&to=2026-11-20&lang=vi').expect(200);
    expect(fileLinks(text).filter((link) => link.includes('mau-'))).toEqual([]);
    expect(text).toContain('Mẫu biểu lập cho trọn một kỳ');
  });

  it.each([
    ['period=2026-13', 'period'],
    ['from=2026-11-02&to=2026-11-01', 'to'],
    ['centre=NONE', 'centre'],
    ['unit=01', 'unit'],
    ['questionnaire=none', 'questionnaire'],
  ])('says which field is wrong, and offers nothing: %s', async (query, field) => {
    const { status, text } = await manager.get(`/exports?${query}`);
    expect(status).toBe(422);
    expect(text).toContain(`<a href="#${field}">`);
    expect(fileLinks(text)).toEqual([]);
  });

  it('is in English where asked for', async () => {
    const { text } = await manager.get('/exports?period=2026-11&lang=en');
    expect(text).toContain('<h1>Exports</h1>');
  });

  it('is for those who may export, and linked only for them', async () => {
    const viewer = await signedIn('nguoixem', 'viewer', '22');
    expect((await viewer.get('/exports')).status).toBe(403);
    expect((await viewer.get('/reports')).text).not.toContain('href="/exports"');
    expect((await manager.get('/reports')).text).toContain('href="/exports"');
  });
});

describe('the limit of exports', () => {
  const get = (token: string) =>
    request(sipas.app).get('/api/v1/exports/satisfaction.csv?period=2026-11').set('Authorization', `Bearer ${token}`);
  const other = () => staffToken(sipas.services, 'manager');
  const tired = { name: 'tired', role: 'manager' } as const;
  let token: string;

  beforeAll(async () => {
    token = await sipas.services.tokens.create({ ...tired, scope: null });
    await exhaustExports(sipas.services, tired);
  });
  afterEach(() => sipas.setNow(NOON));

  it('refuses what is beyond it and says how long to wait', async () => {
    sipas.setNow(new Date(NOON.getTime() + 60_000));
    const { status, headers, body } = await get(token);
    expect(status).toBe(429);
    expect(headers['retry-after']).toBe('540');
    expect(body).toMatchObject({ type: 'urn:sipas:problem:too-many', detail: expect.stringContaining('300 exports') });
  });

  it('is that of one account', async () => {
    expect((await get(await other())).status).toBe(200);
  });

  it('ends with its ten minutes', async () => {
    sipas.setNow(new Date(NOON.getTime() + 600_000));
    expect((await get(token)).status).toBe(200);
  });

  it('counts what is asked for at once', async () => {
    const eager = { name: 'eager', role: 'manager' } as const;
    const tries = Array.from({ length: 305 }, () => sipas.services.exportLimit.take(eager));
    const outcomes = await Promise.allSettled(tries);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(300);
  });
});
