import request from 'supertest';
import { openTestApp, type TestApp } from '../helpers/app.js';
import { addSite, staffToken, type Site } from '../helpers/installation.js';
import { expectProblem } from '../helpers/problem.js';
import { PASSWORD, signIn, visitor } from '../helpers/pages.js';
import { postBatch, validResponse } from '../helpers/responses.js';

/** Index, ranking, on-time and response rate: what they take, refuse and show. */
let sipas: TestApp;
let admin: string;
let sites: Site[];

beforeAll(async () => {
  sipas = await openTestApp();
  admin = await staffToken(sipas.services, 'admin');
  sites = [
    await addSite(sipas.services, { centre: 'QN1', unit: '22' }),
    await addSite(sipas.services, { centre: 'QN2', unit: '22' }),
    await addSite(sipas.services, { centre: 'QN3', unit: '22' }),
    await addSite(sipas.services, { centre: 'BN', unit: '24' }),
  ];
  await rate(sites[0]!, '2026-11-20', 40, 38);
  await rate(sites[1]!, '2026-11-20', 40, 38);
  await rate(sites[2]!, '2026-11-20', 40, 30);
  await rate(sites[0]!, '2026-10-20', 40, 20);
  await rate(sites[2]!, '2026-10-20', 40, 40);
  await rate(sites[3]!, '2026-11-20', 29, 29);
  await postBatch(sipas, sites[3]!.token, [
    validResponse({ questionnaire: 'tthc-kiosk-3', answers: { attitude: 3 }, capturedAt: '2026-09-01T03:00:00Z' }),
    validResponse({ capturedAt: '2026-09-01T03:00:00Z' }),
  ]);
  await sipas.services.tallies.run();
});
afterAll(() => sipas.close());

async function rate(site: Site, day: string, n: number, satisfied: number): Promise<void> {
  const responses = Array.from({ length: n }, (_, index) =>
    validResponse({ answers: { overall: index < satisfied ? 4 : 2 }, capturedAt: `${day}T03:00:00Z` }),
  );
  await postBatch(sipas, site.token, responses);
}

async function ask(path: string, token = admin): Promise<request.Response> {
  return request(sipas.app).get(`/api/v1/reports/${path}`).set('Authorization', `Bearer ${token}`);
}

describe('a ranking by one field', () => {
  const field = 'Hộ tịch';
  const asked = `period=2024-11&minN=1&field=${encodeURIComponent(field)}`;

  beforeAll(async () => {
    const rated = (site: Site, of: string, ratings: number[]) =>
      postBatch(
        sipas,
        site.token,
        ratings.map((overall) =>
          validResponse({ answers: { overall }, field: of, capturedAt: '2024-11-20T03:00:00Z' }),
        ),
      );
    await rated(sites[0]!, field, [5, 4, 2]);
    await rated(sites[0]!, 'Đất đai', [5, 5, 5]);
    await rated(sites[1]!, field, [5, 5]);
    await sipas.services.tallies.run();
  });

  it('counts the answers on that field only', async () => {
    const { body } = await ask(`ranking?${asked}`);
    const rows = body.rows as { centre: string; rank: number; n: number; value: number }[];
    const places = rows.filter(({ n }) => n > 0).map(({ centre, rank, n, value }) => ({ centre, rank, n, value }));
    expect(places).toEqual([
      { centre: 'QN2', rank: 1, n: 2, value: 100 },
      { centre: 'QN1', rank: 2, n: 3, value: 66.67 },
    ]);
  });

  it('says on its page which field it is of', async () => {
    const browser = visitor(sipas);
    await sipas.services.accounts.add({ username: 'xem', role: 'viewer', scope: null, password: PASSWORD });
    await signIn(browser, { username: 'xem' });
    const { text } = await browser.get(`/reports/ranking?${asked}`);
    expect(text).toContain('Lĩnh vực: Hộ tịch');
  });
});

describe.each(['index?questionnaire=tthc-kiosk-5&', 'on-time?', 'response-rate?'])('the query of %s', (report) => {
  it.each([
    ['from=2026-11-23&to=2026-11-22', ['to']],
    ['from=2026-02-30&to=2026-03-01', ['from']],
    ['from=1900-01-01&to=2100-01-01', ['from']],
    ['period=2026-13', ['period']],
    ['period=2026&from=2026-01-01', ['period']],
    ['unit=22&centre=QN1', ['centre']],
    ['colour=red', ['colour']],
  ])('is refused with %s', async (query, paths) => expectProblem(await ask(report + query), 400, paths));

  it.each(['unit=99', 'centre=none'])('answers 404 to the unknown code %s', async (query) =>
    expectProblem(await ask(report + query), 404),
  );
});

describe.each([
  ['index?questionnaire=tthc-kiosk-5&period=2026'],
  ['ranking?period=2026-11'],
  ['on-time?period=2026'],
  ['response-rate?period=2026'],
])('%s', (path) => {
  it('is for managers and viewers of the scope, nobody else', async () => {
    for (const role of ['manager', 'viewer'] as const) {
      const token = await staffToken(sipas.services, role, '22');
      expect((await ask(`${path}&unit=22`, token)).status).toBe(200);
      expectProblem(await ask(`${path}&unit=24`, token), 403);
      expectProblem(await ask(`${path}&centre=BN`, token), 403);
    }
    expectProblem(await ask(path, await staffToken(sipas.services, 'integration')), 403);
    expectProblem(await ask(path, sites[0]!.token), 403);
  });

  it('is kept by no cache', async () => {
    expect((await ask(path)).headers['cache-control']).toBe('no-store');
  });
});

it.each([
  ['index?period=2026', 'questionnaire'],
  ['index?questionnaire=tthc-kiosk-5&method=mean', 'method'],
  ['on-time?groupBy=hour', 'groupBy'],
  ['response-rate?groupBy=kiosk', 'groupBy'],
  ['ranking', 'period'],
  ['ranking?period=2026-Q5', 'period'],
  ['ranking?period=2026&measure=speed', 'measure'],
  ['ranking?period=2026&against=last', 'against'],
  ['ranking?period=2026&minN=-1', 'minN'],
  ['ranking?period=2026&minN=1.5', 'minN'],
  ['ranking?period=2026&from=2026-01-01', 'from'],
  ['ranking?period=2026-09&minN=1', 'questionnaire'],
  ['ranking?period=2026&measure=onTime&channel=kiosk', 'measure'],
])('%s is refused under %s', async (path, field) => expectProblem(await ask(path), 400, [field]));

it.each(['index?questionnaire=none', 'ranking?period=2026&questionnaire=none', 'ranking?period=2026&grades=none'])(
  '%s names something unknown',
  async (path) => expectProblem(await ask(path), 404),
);

it('equal values share a place, the next place is left out, and small samples have none', async () => {
  const { body } = await ask('ranking?period=2026-11');
  expect(body).toEqual({
    rows: [
      { ...place(1, 'QN1', 40, 95), grade: 'Xuất sắc', previousRank: 2, movement: 1 },
      { ...place(1, 'QN2', 40, 95), grade: 'Xuất sắc', previousRank: null, movement: null },
      { ...place(3, 'QN3', 40, 75), grade: 'Khá', previousRank: 1, movement: -2 },
      { ...place(null, 'BN', 29, 100), grade: null, previousRank: null, movement: null },
    ],
    distribution: [
      { grade: 'Xuất sắc', count: 2, share: 66.67 },
      { grade: 'Tốt', count: 0, share: 0 },
      { grade: 'Khá', count: 1, share: 33.33 },
      { grade: 'Trung bình', count: 0, share: 0 },
      { grade: 'Yếu', count: 0, share: 0 },
    ],
  });
});

function place(rank: number | null, centre: string, n: number, value: number) {
  return { rank, of: 3, centre, label: `Trung tâm ${centre}`, n, value };
}

it('a ranking without answers lists every centre without a place', async () => {
  const { body } = await ask('ranking?period=2025');
  expect(body.rows.map(({ rank, of, n, value }: Record<string, unknown>) => [rank, of, n, value])).toEqual(
    Array.from({ length: 4 }, () => [null, 0, 0, null]),
  );
  expect(body.distribution[0]).toEqual({ grade: 'Xuất sắc', count: 0, share: null });
});

it('answers on two scales are ranked one questionnaire at a time', async () => {
  const { body } = await ask('ranking?period=2026-09&minN=1&questionnaire=tthc-kiosk-3');
  expect(body.rows[0]).toMatchObject({ rank: 1, of: 1, centre: 'BN', n: 1, value: 100 });
});

it('an index without answers shows the criteria of the newest version, empty', async () => {
  const { body } = await ask('index?questionnaire=sipas-dvhcc-19&period=2030');
  expect(body.overall).toEqual({ n: 0, value: null, ci95: null });
  expect(body.factors).toHaveLength(5);
  expect(body.criteria).toHaveLength(19);
  expect(body.criteria[0]).toMatchObject({ code: 'C15', factor: 'I', n: 0, counts: [0, 0, 0, 0, 0], value: null });
});
