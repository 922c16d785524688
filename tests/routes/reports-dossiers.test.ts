import request from 'supertest';
import { openTestApp, type TestApp } from '../helpers/app.js';
import { randomDossiers, type RandomDossier } from '../helpers/dossiers.js';
import { addSite, staffToken, type Site } from '../helpers/installation.js';
import { postBatch, validResponse } from '../helpers/responses.js';

/** On-time and response rate of random dossiers, held against counting them one by one. */
const SEED = 20_261_105;
let sipas: TestApp;
let admin: string;
let sites: readonly (Site & { unit: string })[];
let dossiers: readonly RandomDossier[];

beforeAll(async () => {
  sipas = await openTestApp();
  admin = await staffToken(sipas.services, 'admin');
  const feed = await staffToken(sipas.services, 'integration');
  const units = ['22', sipas.services.catalogue.unitsBelow('22')[3]!, '24'];
  sites = await Promise.all(
    units.map(async (unit, index) => ({ unit, ...(await addSite(sipas.services, { centre: `TT${index}`, unit })) })),
  );
  dossiers = randomDossiers(
    1500,
    SEED,
    sites.map(({ centre }) => centre),
  );
  // First as they come in, then as they are known today.
  const arriving = dossiers.map((dossier) => ({ ...dossier, returnedAt: undefined }));
  for (const stage of [arriving, dossiers]) {
    for (let start = 0; start < stage.length; start += 500) {
      const answer = await request(sipas.app)
        .post('/api/v1/dossiers/batch')
        .set('Authorization', `Bearer ${feed}`)
        .send({ dossiers: stage.slice(start, start + 500) });
      expect(answer.body.results.filter(({ status }: { status: string }) => status === 'invalid')).toEqual([]);
    }
  }
  for (const [index, { token }] of sites.entries()) {
    const forms = ['2025-12-31T16:59:59.999Z', '2025-12-31T17:00:00Z', '2026-02-10T03:00:00Z'].flatMap((capturedAt) =>
      Array.from({ length: index + 1 }, () => validResponse({ capturedAt, field: 'Hộ tịch' })),
    );
    const { body } = await postBatch(sipas, token, [...forms, validResponse({ capturedAt: '2026-02-11T03:00:00Z' })]);
    expect(body.results.every(({ status }: { status: string }) => status === 'stored')).toBe(true);
  }
  await sipas.services.tallies.run();
  await sipas.services.dossierTallies.catchUp();
});
afterAll(() => sipas.close());

const localFormat = new Intl.DateTimeFormat('en-CA', { timeZone: 'Asia/Ho_Chi_Minh' });
const local = (instant: string) => localFormat.format(new Date(instant));

function percent(part: number, n: number): number | null {
  return n === 0 ? null : Math.floor((20_000 * part + n) / (2 * n)) / 100;
}

function groupOf(dossier: RandomDossier, groupBy: string): string {
  const day = dossier.returnedAt === undefined ? '' : local(dossier.returnedAt);
  switch (groupBy) {
    case 'unit':
      return sites.find(({ centre }) => centre === dossier.centre)!.unit;
    case 'month':
      return day.slice(0, 7);
    case 'quarter':
      return `${day.slice(0, 4)}-Q${Math.ceil(Number(day.slice(5, 7)) / 3)}`;
    case 'year':
      return day.slice(0, 4);
    case 'centre':
    case 'field':
    case 'procedure':
    case 'officer':
      return dossier[groupBy] ?? '';
    default:
      throw new RangeError(groupBy);
  }
}

function slowCounts(some: readonly RandomDossier[], from: string, to: string) {
  const returned = some.flatMap(({ returnedAt, dueAt }) => {
    const day = returnedAt === undefined ? '' : local(returnedAt);
    return day >= from && day <= to ? [{ day, due: local(dueAt) }] : [];
  });
  const open = some.filter(
    ({ receivedAt, returnedAt }) => local(receivedAt) <= to && (returnedAt === undefined || local(returnedAt) > to),
  );
  const late = returned.filter(({ day, due }) => day > due).length;
  return {
    returned: returned.length,
    early: returned.filter(({ day, due }) => day < due).length,
    onTime: returned.filter(({ day, due }) => day === due).length,
    late,
    rate: percent(returned.length - late, returned.length),
    open: open.length,
    openOverdue: open.filter(({ dueAt }) => local(dueAt) <= to).length,
  };
}

const MONTHS_2026 = Array.from({ length: 12 }, (_, index) => `2026-${String(index + 1).padStart(2, '0')}`);
const TIMES: Readonly<Record<string, readonly string[]>> = {
  month: MONTHS_2026,
  quarter: ['2026-Q1', '2026-Q2', '2026-Q3', '2026-Q4'],
  year: ['2026'],
};

async function get(path: string, status = 200) {
  const answer = await request(sipas.app).get(`/api/v1/reports/${path}`).set('Authorization', `Bearer ${admin}`);
  expect(answer.status).toBe(status);
  return answer.body;
}

const bare = (row: object) => ({ ...row, label: undefined });

describe.each(['centre', 'unit', 'field', 'procedure', 'officer', 'month', 'quarter', 'year'])('by %s', (groupBy) => {
  it.each([
    ['2026-01-01', '2026-12-31', undefined],
    ['2026-02-28', '2026-09-30', '22'],
  ])(`the on-time report of ${SEED} from %s to %s in %s equals a count`, async (from, to, unit) => {
    const query = new URLSearchParams({ from, to, groupBy, ...(unit === undefined ? {} : { unit }) });
    const body = await get(`on-time?${query.toString()}`);
    const scope = unit === undefined ? ['TT0', 'TT1', 'TT2'] : ['TT0', 'TT1'];
    const asked = dossiers.filter(({ centre }) => scope.includes(centre));
    const times = TIMES[groupBy]?.filter(
      (key) => groupBy !== 'month' || (key >= from.slice(0, 7) && key <= to.slice(0, 7)),
    );
    const keys = times?.filter((key) => groupBy !== 'quarter' || unit === undefined || key !== '2026-Q4') ?? [
      ...new Set(asked.map((dossier) => groupOf(dossier, groupBy))),
    ];
    const expected = keys.map((key) => {
      const counts = slowCounts(
        asked.filter((dossier) => groupOf(dossier, groupBy) === key),
        from,
        to,
      );
      return { key, ...counts, ...(times ? { open: null, openOverdue: null } : {}) };
    });
    expect(body.rows.map(bare)).toEqual(expected.sort((a, b) => (a.key < b.key ? -1 : 1)));
    expect(bare(body.total)).toEqual({ key: '', ...slowCounts(asked, from, to) });
    expect(body).toMatchObject({ from, to, scope: unit ?? null });
  });
});

it('the response rate sets forms beside dossiers, by centre', async () => {
  const body = await get('response-rate?period=2026&groupBy=centre');
  const expected = ['TT0', 'TT1', 'TT2'].map((key, index) => {
    const { returned } = slowCounts(
      dossiers.filter(({ centre }) => centre === key),
      '2026-01-01',
      '2026-12-31',
    );
    const responses = 2 * (index + 1) + 1;
    return { key, returned, responses, rate: percent(responses, returned) };
  });
  expect(body.rows.map(bare)).toEqual(expected);
  expect(body.rows[0].label).toBe('Trung tâm TT0');
});

it('the response rate by month counts forms from the local midnight on, and has a row for every month', async () => {
  const body = await get('response-rate?period=2026&groupBy=month');
  const forms = new Map([
    ['2026-01', 6],
    ['2026-02', 9],
  ]);
  expect(body.rows.map(bare)).toEqual(
    MONTHS_2026.map((key) => {
      const { returned } = slowCounts(
        dossiers.filter((dossier) => groupOf(dossier, 'month') === key),
        '2026-01-01',
        '2026-12-31',
      );
      const responses = forms.get(key) ?? 0;
      return { key, returned, responses, rate: percent(responses, returned) };
    }),
  );
});

it('the response rate by field keeps forms without one apart', async () => {
  const body = await get('response-rate?from=2026-02-10&to=2026-02-11&groupBy=field&centre=TT2');
  const row = (key: string) => body.rows.find((one: { key: string }) => one.key === key);
  expect(row('Hộ tịch').responses).toBe(3);
  expect(row('').responses).toBe(1);
});

it('a rate of nothing is unknown, and one above 100 stays so', async () => {
  const body = await get('response-rate?period=2026-11-22&groupBy=centre&centre=TT1');
  const { returned } = slowCounts(
    dossiers.filter(({ centre }) => centre === 'TT1'),
    '2026-11-22',
    '2026-11-22',
  );
  expect(body.total).toMatchObject({ returned, responses: 0, rate: percent(0, returned) });
  const before = await get('on-time?period=2024&groupBy=year');
  expect(bare(before.rows[0])).toEqual({
    ...{ key: '2024', returned: 0, early: 0, onTime: 0, late: 0, rate: null, open: null, openOverdue: null },
  });
});

it('ranks centres by dossiers returned on time', async () => {
  const body = await get('ranking?period=2026-H1&measure=onTime&minN=1&against=year-ago');
  const expected = ['TT0', 'TT1', 'TT2'].map((centre) => {
    const { rate, returned } = slowCounts(
      dossiers.filter((dossier) => dossier.centre === centre),
      '2026-01-01',
      '2026-06-30',
    );
    return { centre, value: rate, n: returned };
  });
  const best = [...expected].sort((a, b) => b.value! - a.value!);
  const rows = body.rows.map(({ centre, value, n }: { centre: string; value: number; n: number }) => ({
    centre,
    value,
    n,
  }));
  expect(rows).toEqual(best);
  expect(body.rows[0]).toMatchObject({ rank: 1, of: 3, previousRank: null, movement: null });
});
