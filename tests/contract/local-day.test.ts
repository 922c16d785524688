import request from 'supertest';
import { openTestApp, type TestApp } from '../helpers/app.js';
import { storedResponses } from '../helpers/database.js';
import { addSite, staffToken, type Site } from '../helpers/installation.js';
import { postResponse, validResponse } from '../helpers/responses.js';

/** Invariant 7: a day is a local day of Việt Nam, wherever the server stands. Tests run in New York's time. */
let sipas: TestApp;
let site: Site;
let admin: string;

beforeAll(async () => {
  sipas = await openTestApp(new Date('2027-06-01T00:00:00Z'));
  site = await addSite(sipas.services);
  admin = await staffToken(sipas.services, 'admin');
});
afterAll(() => sipas.close());

async function stored(capturedAt: string) {
  const body = validResponse({ capturedAt });
  await postResponse(sipas, site.token, body);
  const [record] = await storedResponses(sipas.services.connection, body.id);
  return [record?.day, record?.hour];
}

async function rows(query: string): Promise<[string, number][]> {
  await sipas.services.tallies.run();
  const { body } = await request(sipas.app)
    .get(`/api/v1/reports/satisfaction?questionnaire=tthc-kiosk-5&${query}`)
    .set('Authorization', `Bearer ${admin}`);
  return body.rows.flatMap(({ key, n }: { key: string; n: number }) => (n > 0 ? [[key, n]] : []));
}

it('the process is far from Việt Nam', () => {
  expect(new Date('2026-11-22T00:00:00Z').getTimezoneOffset()).toBe(300);
});

describe('a moment belongs to the local day and hour of Việt Nam', () => {
  it.each([
    ['2026-11-21T16:59:59.999Z', '2026-11-21', 23],
    ['2026-11-21T17:00:00.000Z', '2026-11-22', 0],
    ['2026-11-22T16:59:59.999Z', '2026-11-22', 23],
    ['2026-11-30T17:00:00.000Z', '2026-12-01', 0],
    ['2026-12-31T16:59:59.999Z', '2026-12-31', 23],
    ['2026-12-31T17:00:00.000Z', '2027-01-01', 0],
    ['2026-11-01T06:30:00.000Z', '2026-11-01', 13],
    ['2026-03-08T07:30:00.000Z', '2026-03-08', 14],
    ['2026-11-21T23:59:59.999+07:00', '2026-11-21', 23],
    ['2026-11-21T12:00:00.000-05:00', '2026-11-22', 0],
  ])('%s is %s, hour %i', async (capturedAt, day, hour) => {
    expect(await stored(capturedAt)).toEqual([day, hour]);
  });
});

describe('a report counts a moment', () => {
  it('before midnight on the one day, at midnight on the next', async () => {
    await stored('2025-02-28T16:59:59.999Z');
    await stored('2025-02-28T17:00:00.000Z');
    expect(await rows('from=2025-02-01&to=2025-03-31&groupBy=day')).toEqual([
      ['2025-02-28', 1],
      ['2025-03-01', 1],
    ]);
    expect(await rows('from=2025-02-01&to=2025-03-31&groupBy=month')).toEqual([
      ['2025-02', 1],
      ['2025-03', 1],
    ]);
  });

  it('in the year it fell into', async () => {
    await stored('2023-12-31T16:59:59.999Z');
    await stored('2023-12-31T17:00:00.000Z');
    expect(await rows('from=2023-01-01&to=2024-12-31&groupBy=year')).toEqual([
      ['2023', 1],
      ['2024', 1],
    ]);
  });
});

it('today, when a report names no period, is today in Việt Nam', async () => {
  sipas.setNow(new Date('2026-12-31T17:00:00Z'));
  const { body } = await request(sipas.app)
    .get('/api/v1/reports/satisfaction?questionnaire=tthc-kiosk-5')
    .set('Authorization', `Bearer ${admin}`);
  expect([body.from, body.to]).toEqual(['2027-01-01', '2027-01-01']);
});
