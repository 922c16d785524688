import request from 'supertest';
import { openTestApp, type TestApp } from '../helpers/app.js';
import { addSite, staffToken } from '../helpers/installation.js';
import { expectProblem } from '../helpers/problem.js';
import { postBatch, validResponse } from '../helpers/responses.js';

/** A commune of Quảng Ninh (22) and one of Bắc Ninh (24). */
let sipas: TestApp;
let commune: string;
let otherCommune: string;

beforeAll(async () => {
  sipas = await openTestApp();
  const { catalogue } = sipas.services;
  commune = catalogue.unitsBelow('22')[0]!;
  otherCommune = catalogue.unitsBelow('24')[0]!;
  const sites = [
    await addSite(sipas.services, { centre: 'QN', unit: '22' }),
    await addSite(sipas.services, { centre: 'QN-XA', unit: commune }),
    await addSite(sipas.services, { centre: 'BN', unit: '24' }),
    await addSite(sipas.services, { centre: 'BN-XA', unit: otherCommune }),
  ];
  for (const [index, { token }] of sites.entries()) {
    await postBatch(
      sipas,
      token,
      Array.from({ length: index + 1 }, () => validResponse()),
    );
  }
  await sipas.services.tallies.run();
});
afterAll(() => sipas.close());

async function get(
  path: string,
  scope: string | null,
  role: 'manager' | 'viewer' = 'manager',
): Promise<request.Response> {
  const token = await staffToken(sipas.services, role, scope);
  return request(sipas.app).get(`/api/v1${path}`).set('Authorization', `Bearer ${token}`);
}

const REPORT = '/reports/satisfaction?period=2026-11&questionnaire=tthc-kiosk-5';

async function centresInReport(query: string, scope: string | null): Promise<string[]> {
  const answer = await get(REPORT + query, scope);
  expect(answer.status).toBe(200);
  return answer.body.rows.map(({ key }: { key: string }) => key);
}

describe('without naming a part of the country, a report covers', () => {
  it('everything for who has no scope', async () => {
    expect(await centresInReport('', null)).toEqual(['BN', 'BN-XA', 'QN', 'QN-XA']);
  });

  it('the province and its communes for a province', async () => {
    expect(await centresInReport('', '22')).toEqual(['QN', 'QN-XA']);
  });

  it('the commune alone for a commune', async () => {
    expect(await centresInReport('', commune)).toEqual(['QN-XA']);
  });

  it('the centre alone for a centre', async () => {
    expect(await centresInReport('', 'QN')).toEqual(['QN']);
  });
});

describe('a report about a part of the country', () => {
  it('covers the commune asked for inside the province of the asker', async () => {
    expect(await centresInReport(`&unit=${commune}`, '22')).toEqual(['QN-XA']);
  });

  it('covers the centre asked for inside the province of the asker', async () => {
    expect(await centresInReport('&centre=QN-XA', '22')).toEqual(['QN-XA']);
  });

  it('names what it covers, and counts nothing else', async () => {
    const { body } = await get(`${REPORT}&unit=22`, null);
    expect([body.scope, body.total.responses]).toEqual(['22', 3]);
  });
});

describe.each(['/reports/satisfaction', '/exports/responses.csv', '/exports/satisfaction.csv'])('%s', (path) => {
  it.each([
    ['a province', 'another province', '22', 'unit=24'],
    ['a province', 'a commune of another province', '22', () => `unit=${otherCommune}`],
    ['a province', 'a centre of another province', '22', 'centre=BN'],
    ['a commune', 'its province', () => commune, 'unit=22'],
    ['a commune', 'the centre of its province', () => commune, 'centre=QN'],
    ['a centre', 'another centre', 'QN', 'centre=QN-XA'],
    ['a centre', 'its own unit', 'QN', 'unit=22'],
  ])('refuses who has the scope of %s and asks about %s', async (_, __, scope, query) => {
    const resolved = (text: string | (() => string)) => (typeof text === 'string' ? text : text());
    expectProblem(await get(`${path}?${resolved(query)}`, resolved(scope)), 403);
  });

  it.each(['unit=99', 'centre=NONE', 'centre=22', 'unit=QN', 'unit=__proto__', 'centre=%00'])(
    'answers 404 to the unknown code %s, inside and outside a scope alike',
    async (query) => {
      expectProblem(await get(`${path}?${query}`, null), 404);
      expectProblem(await get(`${path}?${query}`, '22'), 404);
    },
  );
});

describe('a list of centres', () => {
  it('holds only those in scope', async () => {
    const { body } = await get('/centres', '22', 'viewer');
    expect(body.centres.map(({ code }: { code: string }) => code)).toEqual(['QN', 'QN-XA']);
  });

  it('of a unit out of scope is refused', async () =>
    expectProblem(await get('/centres?unit=24', '22', 'viewer'), 403));
});

describe('an export', () => {
  it('holds only responses in scope', async () => {
    const { text } = await get('/exports/responses.csv?period=2026-11', commune);
    const rows = text.trim().split('\r\n').slice(1);
    expect(rows.map((row) => row.split(',')[1])).toEqual(['QN-XA', 'QN-XA']);
  });
});

describe('the code of a centre', () => {
  it('cannot be that of a unit it does not belong to, since a scope could then mean either', async () => {
    await expect(sipas.services.centres.add({ code: '22', name: 'Trung tâm', unit: '24' })).rejects.toMatchObject({
      status: 422,
      errors: [{ path: 'code' }],
    });
  });
});
