import { parse } from 'csv-parse/sync';
import request from 'supertest';
import { GROUPINGS } from '../../src/features/reports/reports.types.js';
import type { Arrival } from '../../src/features/responses/responses.service.js';
import { openTestApp, type TestApp } from '../helpers/app.js';
import { addSite, staffToken, type Site } from '../helpers/installation.js';
import { randomArrivals } from '../helpers/random-responses.js';
import { compareKeys, slowReport, type SlowReport } from '../helpers/slow-report.js';

/** Reports read tallies; here each is held against a count over the responses themselves. */
const SEED = 20_261_122;
/** `EXACT_RESPONSES=20000` takes the longer run. */
const COUNT = Number(process.env['EXACT_RESPONSES'] ?? 900);
let sipas: TestApp;
let admin: string;
let sites: readonly (Site & { unit: string })[];
let arrivals: readonly Arrival[];

beforeAll(async () => {
  sipas = await openTestApp();
  const { catalogue, responses, tallies } = sipas.services;
  admin = await staffToken(sipas.services, 'admin');
  const units = ['22', catalogue.unitsBelow('22')[3]!, '24'];
  sites = await Promise.all(
    units.map(async (unit, index) => ({ unit, ...(await addSite(sipas.services, { centre: `TT${index}`, unit })) })),
  );
  arrivals = randomArrivals(COUNT, SEED, { catalogue, sites });
  for (let start = 0; start < arrivals.length; start += 300) {
    const outcomes = await responses.receiveMany(arrivals.slice(start, start + 300));
    expect(new Set(outcomes)).toEqual(new Set(['stored']));
    await tallies.run();
  }
}, 600_000);
afterAll(() => sipas.close());

interface Asked {
  readonly from: string;
  readonly to: string;
  readonly questionnaire?: string;
  readonly unit?: string;
  readonly centre?: string;
}
type Filters = Readonly<Record<string, string>>;

const QUERIES: readonly Asked[] = [
  { from: '2024-02-29', to: '2026-11-22' },
  { from: '2026-01-01', to: '2026-12-31', questionnaire: 'tthc-kiosk-5' },
  { from: '2025-12-31', to: '2026-03-01', questionnaire: 'sipas-dvhcc-19' },
  { from: '2026-11-22', to: '2026-11-22', unit: '22' },
  { from: '2026-02-28', to: '2026-10-31', centre: 'TT2' },
  { from: '2026-06-30', to: '2026-07-01', questionnaire: 'tthc-kiosk-3' },
];

function expected(
  { from, to, questionnaire, unit, centre }: Asked,
  grouping: string,
  scale: string,
  filters?: Filters,
): SlowReport {
  const { catalogue } = sipas.services;
  const inScope = sites.filter(
    (site) =>
      (centre === undefined || site.centre === centre) &&
      (unit === undefined || site.unit === unit || catalogue.unit(site.unit)?.parent === unit),
  );
  const query = { from, to, grouping, questionnaire, scale, filters, centres: inScope.map((site) => site.centre) };
  return slowReport(arrivals, query, catalogue, (code) => sites.find((site) => site.centre === code)!.unit);
}

/** The figures of an answer, without labels; rows in the order of their keys. */
function figuresOf(report: { total: { label: string }; rows: { key: string; label: string }[] }) {
  const bare = (row: { label: string }) => ({ ...row, label: undefined });
  return { total: bare(report.total), rows: [...report.rows].sort((a, b) => compareKeys(a.key, b.key)).map(bare) };
}

const cases = GROUPINGS.flatMap((groupBy) =>
  QUERIES.map((asked) => ({ groupBy, asked, query: new URLSearchParams({ ...asked, groupBy }).toString() })),
);

it.each(cases)(`a report of ${SEED} by $query equals a count over the responses`, async ({ asked, groupBy, query }) => {
  const { status, body } = await request(sipas.app)
    .get(`/api/v1/reports/satisfaction?${query}`)
    .set('Authorization', `Bearer ${admin}`);
  expect(status).toBe(200);
  if (asked.questionnaire === undefined) {
    expect(Object.keys(body.byScale).sort()).toEqual(['level3', 'likert5']);
    for (const scale of ['level3', 'likert5']) {
      expect(figuresOf(body.byScale[scale])).toEqual(expected(asked, groupBy, scale));
    }
  } else {
    expect(body.scale).toBe(asked.questionnaire === 'tthc-kiosk-3' ? 'level3' : 'likert5');
    expect(figuresOf(body)).toEqual(expected(asked, groupBy, body.scale));
  }
});

/** Alone, and several together; what the tallies keep apart, and what they do not. */
const FILTERS: readonly Filters[] = [
  { field: '__proto__' },
  { field: 'a.b' },
  { field: '$inc' },
  { field: 'Không có lĩnh vực này' },
  { procedure: '1.001612' },
  { counter: '$' },
  { officer: 'CB%3' },
  { channel: 'kiosk' },
  { field: 'a.b', channel: 'qr' },
  { procedure: '__proto__', officer: 'CB.2' },
  { counter: 'Q1', officer: 'CB%3', channel: 'paper' },
  { procedure: '1.001612', counter: '$', officer: 'CB1' },
  { field: 'Hộ tịch', procedure: '2.000815', counter: 'Q2', officer: 'CB1', channel: 'import' },
  { counter: 'Q1', officer: 'Không có' },
];
const FILTERED = FILTERS.flatMap((filters) =>
  GROUPINGS.flatMap((groupBy) =>
    QUERIES.slice(0, 2).map((asked) => ({
      ...{ filters, groupBy, asked },
      name: new URLSearchParams({ ...filters, ...asked }).toString(),
    })),
  ),
);

it.each(FILTERED)(
  `a report of ${SEED} with $name by $groupBy equals a count over the responses`,
  async ({ filters, groupBy, asked }) => {
    const query = new URLSearchParams({ ...asked, groupBy, ...filters });
    const { status, body } = await request(sipas.app)
      .get(`/api/v1/reports/satisfaction?${query.toString()}`)
      .set('Authorization', `Bearer ${admin}`);
    expect(status).toBe(200);
    const report = asked.questionnaire === undefined ? body.byScale['likert5'] : body;
    expect(figuresOf(report)).toEqual(expected(asked, groupBy, 'likert5', filters));
  },
);

it.each(['field=a.b', 'counter=Q1&officer=CB1', 'procedure=1.001612&channel=qr'])(
  'an export with %s has as many rows as the report of the same query has forms',
  async (filters) => {
    const query = `from=2026-01-01&to=2026-12-31&questionnaire=tthc-kiosk-5&${filters}`;
    const get = (path: string) => request(sipas.app).get(path).set('Authorization', `Bearer ${admin}`);
    const report = await get(`/api/v1/reports/satisfaction?${query}`);
    const csv = await get(`/api/v1/exports/responses.csv?${query}`);
    expect(report.body.total.responses).toBeGreaterThan(0);
    expect(parse(csv.text, { bom: true })).toHaveLength(1 + Number(report.body.total.responses));
  },
);

it('the random responses reach every kind of row', () => {
  const whole = expected(QUERIES[0]!, 'field', 'likert5');
  expect(whole.total.responses).toBeGreaterThan(500);
  expect(whole.rows.map(({ key }) => key)).toEqual(expect.arrayContaining(['', '__proto__', 'a.b', '$inc', '100%']));
  expect(expected(QUERIES[3]!, 'hour', 'likert5').total.n).toBeGreaterThan(0);
  expect(expected(QUERIES[0]!, 'hour', 'likert5', FILTERS[10]).total.n).toBeGreaterThan(0);
});
