import request from 'supertest';
import { openTestApp, NOON, type TestApp } from '../helpers/app.js';
import { addSite, staffToken, type Site } from '../helpers/installation.js';
import { postBatch, validResponse } from '../helpers/responses.js';

let sipas: TestApp;
let admin: string;
let site: Site;
let commune: Site;

/** 5 of 19 forms very satisfied: 26.32 %, as a seed article prints it; one form each in three other months. */
const LEVELS = [5, 5, 5, 5, 5, 4, 4, 4, 4, 4, 4, 4, 3, 3, 2, 2, 1, 1, 1];

beforeAll(async () => {
  sipas = await openTestApp();
  admin = await staffToken(sipas.services, 'admin');
  site = await addSite(sipas.services, { centre: 'QN', name: 'Trung tâm Quảng Ninh', unit: '22' });
  commune = await addSite(sipas.services, { centre: 'XA', unit: sipas.services.catalogue.unitsBelow('22')[0]! });
  const at = (capturedAt: string, level: number, more: object = {}) =>
    validResponse({ capturedAt, answers: { overall: level }, ...more });
  await postBatch(sipas, site.token, [
    ...LEVELS.map((level, index) =>
      at('2026-11-20T01:00:00Z', level, level <= 2 ? { reasons: index === 18 ? ['khac', 'cho-lau'] : ['khac'] } : {}),
    ),
    at('2026-08-31T16:59:59Z', 5),
    at('2026-08-31T17:00:00Z', 1),
    validResponse({ questionnaire: 'tthc-kiosk-3', answers: { attitude: 3 } }),
  ]);
  await postBatch(sipas, commune.token, [at('2026-01-05T01:00:00Z', 4)]);
  await sipas.services.tallies.run();
});
afterAll(() => sipas.close());

async function report(query: string) {
  const { status, body } = await request(sipas.app)
    .get(`/api/v1/reports/satisfaction?${query}`)
    .set('Authorization', `Bearer ${admin}`);
  expect(status).toBe(200);
  return body;
}
const kiosk5 = (query: string) => report(`questionnaire=tthc-kiosk-5&${query}`);

describe('the figures of a row', () => {
  it('are counts from worst to best, rates rounded half up to two places and the Wilson interval', async () => {
    const { rows } = await kiosk5('period=2026-11&centre=QN');
    expect(rows).toEqual([
      {
        key: 'QN',
        label: 'Trung tâm Quảng Ninh',
        responses: 19,
        n: 19,
        counts: [3, 2, 2, 7, 5],
        rates: { verySatisfied: 26.32, satisfied: 63.16, neutral: 10.53, dissatisfied: 26.32 },
        ci95: { satisfied: [41.04, 80.85] },
      },
    ]);
  });

  it('are null, not 0, where there are no answers', async () => {
    const { total, rows } = await kiosk5('period=2027-02&groupBy=month');
    expect(rows).toEqual([
      {
        key: '2027-02',
        label: 'Tháng 2/2027',
        responses: 0,
        n: 0,
        counts: [0, 0, 0, 0, 0],
        rates: { verySatisfied: null, satisfied: null, neutral: null, dissatisfied: null },
        ci95: { satisfied: null },
      },
    ]);
    expect(total).toMatchObject({ responses: 0, n: 0 });
  });

  it('have a neutral rate of 0 on a scale without a neutral level', async () => {
    const { total } = await report('questionnaire=tthc-kiosk-3&period=2026-11');
    expect(total).toMatchObject({ counts: [0, 0, 1], rates: { neutral: 0, satisfied: 100 } });
  });

  it('by reason are those of the forms that gave the reason', async () => {
    const { rows } = await kiosk5('period=2026-11&groupBy=reason');
    expect(rows.map(({ key, n, counts }: Record<string, unknown>) => [key, n, counts])).toEqual([
      ['cho-lau', 1, [1, 0, 0, 0, 0]],
      ['khac', 5, [3, 2, 0, 0, 0]],
    ]);
  });
});

describe('scales', () => {
  it('are reported side by side, never pooled, when no questionnaire is named', async () => {
    const { byScale } = await report('period=2026-11');
    expect(Object.keys(byScale).sort()).toEqual(['level3', 'likert5']);
    expect(byScale.level3.total.counts).toEqual([0, 0, 1]);
    expect(byScale.likert5.total.counts).toEqual([3, 2, 2, 7, 5]);
  });
});

describe('the period', () => {
  it.each([
    ['2026', '2026-01-01', '2026-12-31'],
    ['2026-H1', '2026-01-01', '2026-06-30'],
    ['2026-H2', '2026-07-01', '2026-12-31'],
    ['2026-9M', '2026-01-01', '2026-09-30'],
    ['2026-Q4', '2026-10-01', '2026-12-31'],
    ['2026-11', '2026-11-01', '2026-11-30'],
    ['2026-W47', '2026-11-16', '2026-11-22'],
    ['2026-W53', '2026-12-28', '2027-01-03'],
    ['2026-11-22', '2026-11-22', '2026-11-22'],
  ])('%s is %s to %s', async (period, from, to) => {
    expect(await kiosk5(`period=${period}`)).toMatchObject({ from, to });
  });

  it('is from the first to the last day, both included', async () => {
    const responses = async (range: string) => (await kiosk5(range)).total.responses;
    expect(await responses('from=2026-08-31&to=2026-08-31')).toBe(1);
    expect(await responses('from=2026-09-01&to=2026-09-01')).toBe(1);
    expect(await responses('from=2026-08-31&to=2026-09-01')).toBe(2);
    expect(await responses('from=2026-09-02&to=2026-11-19')).toBe(0);
  });

  it('is this month so far when none is given', async () => {
    expect(await kiosk5('')).toMatchObject({ from: '2026-11-01', to: '2026-11-22', scope: null });
  });

  it('may lie in the future as a whole', async () => {
    const { rows } = await kiosk5('period=2030&groupBy=quarter');
    expect(rows.map(({ key, n }: Record<string, unknown>) => [key, n])).toEqual([
      ['2030-Q1', 0],
      ['2030-Q2', 0],
      ['2030-Q3', 0],
      ['2030-Q4', 0],
    ]);
  });
});

describe('rows of time', () => {
  const keys = async (query: string) => (await kiosk5(query)).rows.map(({ key }: { key: string }) => key);

  it('stand in order and include those without answers', async () => {
    expect(await keys('from=2026-11-19&to=2026-11-22&groupBy=day')).toEqual([
      '2026-11-19',
      '2026-11-20',
      '2026-11-21',
      '2026-11-22',
    ]);
    expect(await keys('from=2026-12-27&to=2027-01-04&groupBy=week')).toEqual(['2026-W52', '2026-W53', '2027-W01']);
    expect(await keys('period=2026-9M&groupBy=quarter')).toEqual(['2026-Q1', '2026-Q2', '2026-Q3']);
    expect(await keys('from=2025-12-31&to=2027-01-01&groupBy=year')).toEqual(['2025', '2026', '2027']);
  });

  it('of hours run from 0 to 23, of weekdays from Monday to Sunday', async () => {
    expect(await keys('period=2026-11-20&groupBy=hour')).toEqual(Array.from({ length: 24 }, (_, hour) => String(hour)));
    expect(await keys('period=2026-11-20&groupBy=weekday')).toEqual(['1', '2', '3', '4', '5', '6', '7']);
  });

  it('put a moment into its hour and weekday in Việt Nam', async () => {
    const filled = async (groupBy: string) =>
      (await kiosk5(`period=2026-11-20&groupBy=${groupBy}`)).rows.filter(({ n }: { n: number }) => n > 0);
    expect(await filled('hour')).toMatchObject([{ key: '8', label: '8 – 9 giờ', n: 19 }]);
    expect(await filled('weekday')).toMatchObject([{ key: '5', label: 'Thứ Sáu', n: 19 }]);
  });
});

describe('names', () => {
  const unitLabel = async (query: string) => {
    const { rows } = await kiosk5(`${query}&groupBy=unit&centre=QN`);
    return rows.map(({ label }: { label: string }) => label);
  };

  it('of a unit are those it had at the end of the period', async () => {
    expect(await unitLabel('from=2026-01-01&to=2026-08-31')).toEqual(['Tỉnh Quảng Ninh']);
    expect(await unitLabel('from=2026-01-01&to=2026-09-01')).toEqual(['Thành phố Quảng Ninh']);
  });

  it.each([
    ['day', '2026-11-20', '20/11/2026'],
    ['week', '2026-W47', 'Tuần 47/2026'],
    ['month', '2026-11', 'Tháng 11/2026'],
    ['quarter', '2026-Q4', 'Quý IV/2026'],
    ['year', '2026', 'Năm 2026'],
    ['channel', 'kiosk', 'Máy tại quầy'],
    ['reason', 'cho-lau', 'Chờ đợi lâu'],
    ['officer', '', 'Không ghi'],
  ])('by %s: %p is called "%s"', async (groupBy, key, label) => {
    const { rows } = await kiosk5(`period=2026&groupBy=${groupBy}`);
    expect(rows.find((row: { key: string }) => row.key === key)?.label).toBe(label);
  });
});

describe('asOf', () => {
  it('is the present when everything received is counted', async () => {
    expect((await kiosk5('period=2026-11')).asOf).toBe(NOON.toISOString());
  });

  it('is when the oldest response was received that is not counted yet', async () => {
    const received = new Date(NOON.getTime() + 1000);
    sipas.setNow(received);
    await postBatch(sipas, site.token, [validResponse({ capturedAt: '2026-07-01T00:00:00Z' })]);
    sipas.setNow(new Date(NOON.getTime() + 9000));
    expect((await kiosk5('period=2026-07')).asOf).toBe(received.toISOString());
    await sipas.services.tallies.run();
    expect(await kiosk5('period=2026-07')).toMatchObject({
      asOf: new Date(NOON.getTime() + 9000).toISOString(),
      total: { responses: 1 },
    });
    sipas.setNow(NOON);
  });
});

it('a report is never kept by a cache', async () => {
  const { headers } = await request(sipas.app)
    .get('/api/v1/reports/satisfaction')
    .set('Authorization', `Bearer ${admin}`);
  expect(headers['cache-control']).toBe('no-store');
});
