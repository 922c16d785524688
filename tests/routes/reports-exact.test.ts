import { parse } from 'csv-parse/sync';
import request from 'supertest';
import type { Questionnaire } from '../../src/domain/questionnaire.js';
import { SeededRandom } from '../../src/features/demo/demo.random.js';
import { openTestApp, type TestApp } from '../helpers/app.js';
import { addSite, staffToken, type Site } from '../helpers/installation.js';
import { randomArrivals, STRANGE_TEXTS } from '../helpers/random-responses.js';

/**
 * Index, ranking and response rate of random responses (two versions of a questionnaire, midnights, year ends), held
 * against a recount from what the product itself exports as CSV.
 */
const SEED = 5_112_026;
const COUNT = 20_000;
/** Answers that some centres have to a questionnaire in a period, and some have not. */
const MANY = 205;
const CENTRES = 9;

type Row = Record<string, string>;

let sipas: TestApp;
let admin: string;
let sites: readonly (Site & { unit: string })[];
let exported: readonly Row[];
let province: string;

beforeAll(async () => {
  sipas = await openTestApp();
  const { catalogue, connection, responses, tallies } = sipas.services;
  admin = await staffToken(sipas.services, 'admin');
  province = '22';
  const units = [...catalogue.unitsBelow('22').slice(0, CENTRES - 2), '22', '24'];
  sites = await Promise.all(
    units.map(async (unit, index) => ({ unit, ...(await addSite(sipas.services, { centre: `TT${index}`, unit })) })),
  );
  const older = randomArrivals(COUNT / 2, SEED, { catalogue, sites });
  await connection
    .collection('questionnaires')
    .insertOne({ ...nextVersion(catalogue.questionnaire('sipas-dvhcc-19')!) });
  await catalogue.open();
  const newer = randomArrivals(COUNT / 2, SEED + 1, { catalogue, sites });
  const arrivals = [...older, ...newer];
  for (let start = 0; start < arrivals.length; start += 500) {
    await responses.receiveMany(arrivals.slice(start, start + 500));
  }
  await tallies.run();
  const csv = await get('/exports/responses.csv?from=2000-01-01&to=2026-12-31').expect(200);
  exported = parse(csv.text, { bom: true, columns: true });
}, 600_000);
afterAll(() => sipas.close());

/** Version 2: one criterion gone, one new in the first factor, one that moved to another factor. */
function nextVersion(old: Questionnaire): Questionnaire {
  const [first, second, ...rest] = old.items;
  const items = [
    { ...second!, factor: 'II' },
    ...rest,
    { code: 'C99', factor: first!.factor, text: { vi: 'Tiêu chí mới.' } },
  ];
  return { ...old, version: 2, items };
}

function get(path: string): request.Test {
  return request(sipas.app).get(`/api/v1${path}`).set('Authorization', `Bearer ${admin}`);
}

async function report(name: string, query: Record<string, string>) {
  const answer = await get(`/reports/${name}?${new URLSearchParams(query).toString()}`);
  expect({ status: answer.status, errors: answer.body.errors }).toEqual({ status: 200, errors: undefined });
  return answer.body;
}

/** Percent, half up to two places, on whole numbers. */
function percent(part: number, n: number): number | null {
  return n === 0 ? null : Math.floor((20_000 * part + n) / (2 * n)) / 100;
}

function wilson(k: number, n: number): [number, number] | null {
  if (n === 0) return null;
  const z = 1.959964;
  const side = (sign: number) =>
    (k + (z * z) / 2 + sign * z * Math.sqrt((k * (n - k)) / n + (z * z) / 4)) / (n + z * z);
  const bound = (share: number) => Math.round(Math.min(1, Math.max(0, share)) * 10_000) / 100;
  return [bound(side(-1)), bound(side(1))];
}

const RANGES: Readonly<Record<string, [string, string]>> = {
  '2026': ['2026-01-01', '2026-12-31'],
  '2025': ['2025-01-01', '2025-12-31'],
  '2024': ['2024-01-01', '2024-12-31'],
  '2026-H1': ['2026-01-01', '2026-06-30'],
  '2025-H2': ['2025-07-01', '2025-12-31'],
  '2025-H1': ['2025-01-01', '2025-06-30'],
  '2026-Q1': ['2026-01-01', '2026-03-31'],
  '2025-Q4': ['2025-10-01', '2025-12-31'],
  '2025-Q1': ['2025-01-01', '2025-03-31'],
  '2026-9M': ['2026-01-01', '2026-09-30'],
  '2025-9M': ['2025-01-01', '2025-09-30'],
  '2026-11-22': ['2026-11-22', '2026-11-22'],
};

function inRange([from, to]: readonly [string, string], wanted: (row: Row) => boolean = () => true): Row[] {
  return exported.filter((row) => {
    const day = row['captured_at']!.slice(0, 10);
    return day >= from && day <= to && wanted(row);
  });
}

function centresOf(unit?: string): string[] {
  const { catalogue } = sipas.services;
  return sites
    .filter((site) => unit === undefined || site.unit === unit || catalogue.unit(site.unit)?.parent === unit)
    .map(({ centre }) => centre)
    .sort();
}

function versionOf(row: Row): Questionnaire {
  return sipas.services.catalogue.questionnaire(row['questionnaire']!, Number(row['version']))!;
}

/** Levels from the worst to the best, satisfied from 2 of 3 or 4 of 5 on. */
const SCALES: Readonly<Record<string, { size: number; satisfiedFrom: number }>> = {
  level3: { size: 3, satisfiedFrom: 2 },
  likert5: { size: 5, satisfiedFrom: 4 },
};

function answersTo(rows: readonly Row[], item: string): number[] {
  return rows.flatMap((row) => {
    const cell = row[item] ?? '';
    return cell === '' ? [] : [Number(cell)];
  });
}

/** The index over the criteria of the versions that were answered, the newest first. */
function slowIndex(rows: readonly Row[], id: string, method: string) {
  const versions = sipas.services.catalogue.versions(id);
  const answered = versions.filter(({ version }) => rows.some((row) => Number(row['version']) === version)).reverse();
  const used = answered.length > 0 ? answered : versions.slice(-1);
  const { size, satisfiedFrom } = SCALES[used[0]!.scale]!;
  const items = used
    .flatMap((version) => version.items)
    .filter((item, index, all) => all.findIndex(({ code }) => code === item.code) === index);
  const criteria = items.map((item) => {
    const answers = answersTo(rows, item.code);
    const satisfied = answers.filter((level) => level >= satisfiedFrom).length;
    const counts = Array.from({ length: size }, (_, index) => answers.filter((level) => level === index + 1).length);
    return { item, n: answers.length, satisfied, counts };
  });
  const combine = (some: typeof criteria) => {
    const n = some.reduce((sum, one) => sum + one.n, 0);
    const satisfied = some.reduce((sum, one) => sum + one.satisfied, 0);
    if (method === 'top2-pooled') return { n, value: percent(satisfied, n), ci95: wilson(satisfied, n) };
    const shares = some.filter((one) => one.n > 0).map((one) => (100 * one.satisfied) / one.n);
    const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
    return { n, value: n === 0 ? null : Math.floor(mean * 100 + 0.5 + 1e-8) / 100, ci95: null };
  };
  return {
    method,
    overall: combine(criteria),
    factors: used[0]!.factors.map(({ code, name }) => ({
      code,
      name: name.vi,
      ...combine(criteria.filter(({ item }) => item.factor === code)),
    })),
    criteria: criteria.map(({ item, n, counts, satisfied }) => ({
      code: item.code,
      factor: item.factor,
      text: item.text.vi,
      n,
      counts,
      value: percent(satisfied, n),
    })),
  };
}

const INDEX_CASES = ['sipas-dvhcc-19', 'phuong-9', 'tthc-kiosk-5', 'tthc-kiosk-3'].flatMap((questionnaire) =>
  ['2026', '2025-Q4', '2026-9M', '2026-11-22', '2024'].flatMap((period) =>
    ['top2-pooled', 'top2-mean'].map((method) => ({ questionnaire, period, method })),
  ),
);

it.each(INDEX_CASES)(
  `the ${SEED} index by $method of $questionnaire in $period equals a recount`,
  async ({ questionnaire, period, method }) => {
    for (const unit of [undefined, province]) {
      const body = await report('index', { questionnaire, period, method, ...(unit === undefined ? {} : { unit }) });
      const centres = centresOf(unit);
      const rows = inRange(
        RANGES[period]!,
        (row) => row['questionnaire'] === questionnaire && centres.includes(row['centre']!),
      );
      expect(body).toEqual(slowIndex(rows, questionnaire, method));
    }
  },
);

/** The measured answers of forms: of the headline item, else of all items. */
function measured(rows: readonly Row[]): number[] {
  return rows.flatMap((row) => {
    const { headline, items } = versionOf(row);
    const codes = headline === null ? items.map(({ code }) => code) : [headline];
    return codes.flatMap((code) => answersTo([row], code));
  });
}

function slowValue(rows: readonly Row[], measure: string, scale: string): { n: number; value: number | null } {
  const { size, satisfiedFrom } = SCALES[scale]!;
  if (measure === 'index') {
    const codes = [...new Set(rows.flatMap((row) => versionOf(row).items.map(({ code }) => code)))];
    const answers = codes.flatMap((code) => answersTo(rows, code));
    return { n: answers.length, value: percent(answers.filter((level) => level >= 4).length, answers.length) };
  }
  const answers = measured(rows);
  const from = measure === 'verySatisfied' ? size : satisfiedFrom;
  return { n: answers.length, value: percent(answers.filter((level) => level >= from).length, answers.length) };
}

/** What rows must say, each column by itself; the same for the same seed. */
function randomFilters(seed: number): Readonly<Record<string, string>> {
  const random = new SeededRandom(seed);
  const pick = <T>(values: readonly T[]): T => random.pick(values.map((value) => ({ value, weight: 1 })));
  const given = Object.entries(FILTER_VALUES).flatMap(([name, values]) =>
    random.next() < 0.45 ? [[name, pick(values)] as const] : [],
  );
  return given.length > 0 ? Object.fromEntries(given) : { channel: 'kiosk' };
}

const FILTER_VALUES: Readonly<Record<string, readonly string[]>> = {
  field: [...STRANGE_TEXTS, 'none'],
  procedure: ['1.001612', '__proto__'],
  counter: ['Q1', 'Q2', '$'],
  officer: ['CB1', 'CB.2', 'CB%3'],
  channel: ['kiosk', 'qr', 'paper', 'import'],
};

const says = (row: Row, filters: Readonly<Record<string, string>>) =>
  Object.entries(filters).every(([name, value]) => row[name] === value);

/** Of single filters to all five together. */
const FILTERED = Array.from({ length: 24 }, (_, index) => {
  const filters = randomFilters(SEED + index);
  const questionnaire = ['sipas-dvhcc-19', 'phuong-9', 'tthc-kiosk-5'][index % 3] ?? '';
  const period = ['2026', '2026-9M', '2025-Q4', '2026-11-22'][index % 4] ?? '';
  return { filters, questionnaire, period, name: new URLSearchParams(filters).toString() };
});

describe.each(FILTERED)(`of ${SEED}, $questionnaire in $period with $name`, ({ filters, questionnaire, period }) => {
  const rowsOf = (range: readonly [string, string]) =>
    inRange(range, (row) => row['questionnaire'] === questionnaire && says(row, filters));

  it.each(['top2-pooled', 'top2-mean'])('the index by %s equals a recount', async (method) => {
    const body = await report('index', { questionnaire, period, method, ...filters });
    expect(body).toEqual(slowIndex(rowsOf(RANGES[period]!), questionnaire, method));
  });

  it.each(['satisfied', 'verySatisfied', 'index'])('the ranking by %s equals a recount', async (measure) => {
    const body = await report('ranking', {
      period: '2026',
      measure,
      questionnaire,
      unit: province,
      minN: '5',
      ...filters,
    });
    const { scale } = sipas.services.catalogue.questionnaire(questionnaire)!;
    const places = (range: [string, string]) =>
      slowRanking(rowsOf(range), centresOf(province), measure, scale, 5).sort((a, b) => (a.centre < b.centre ? -1 : 1));
    const before = new Map(places(RANGES['2025']!).map(({ centre, rank }) => [centre, rank]));
    const rows = body.rows as (SlowRank & { previousRank: number | null })[];
    expect(
      rows
        .map(({ centre, n, value, rank, previousRank }) => ({ centre, n, value, rank, previousRank }))
        .sort((a, b) => (a.centre < b.centre ? -1 : 1)),
    ).toEqual(places(RANGES['2026']!).map((place) => ({ ...place, previousRank: before.get(place.centre) ?? null })));
  });

  it('the export of criteria equals a recount', async () => {
    const query = new URLSearchParams({ period, questionnaire, ...filters }).toString();
    const criteria: Row[] = parse((await get(`/exports/criteria.csv?${query}`)).text, { bom: true, columns: true });
    const rows = rowsOf(RANGES[period]!);
    const unitOf = (row: Row) => sites.find(({ centre }) => centre === row['centre'])!.unit;
    const answered = criteria.map(({ unit, criterion, n, satisfied }) => ({ unit, criterion, n, satisfied }));
    expect(answered).toEqual(
      [...new Set(rows.map(unitOf))]
        .sort()
        .concat(rows.length > 0 ? [''] : [])
        .flatMap((unit) =>
          slowIndex(rows, questionnaire, 'top2-pooled').criteria.map(({ code }) => {
            const answers = answersTo(
              rows.filter((row) => unit === '' || unitOf(row) === unit),
              code,
            );
            const satisfied = answers.filter((level) => level >= 4).length;
            return {
              unit,
              criterion: code,
              n: String(answers.length),
              satisfied: String(percent(satisfied, answers.length) ?? ''),
            };
          }),
        ),
    );
  });
});

it('the random filters are one or several, and leave something or nothing', () => {
  const left = FILTERED.map(({ filters, questionnaire }) => [
    Object.keys(filters).length,
    exported.some((row) => row['questionnaire'] === questionnaire && says(row, filters)),
  ]);
  expect(left).toEqual(
    expect.arrayContaining([
      [1, true],
      [2, true],
      [3, true],
    ]),
  );
  expect(left.filter(([names]) => Number(names) > 3).length).toBeGreaterThan(0);
});

interface SlowRank {
  centre: string;
  n: number;
  value: number | null;
  rank: number | null;
}

function slowRanking(
  rows: readonly Row[],
  centres: readonly string[],
  measure: string,
  scale: string,
  minN: number,
): SlowRank[] {
  const values = centres.map((centre) => ({
    centre,
    ...slowValue(
      rows.filter((row) => row['centre'] === centre),
      measure,
      scale,
    ),
  }));
  const ranked = values.filter(({ n, value }) => value !== null && n >= minN);
  return values.map((one) => {
    const better = ranked.filter(({ value }) => value! > one.value!).length;
    return { ...one, rank: ranked.includes(one) ? better + 1 : null };
  });
}

const GRADES: readonly [number, string][] = [
  [90, 'Xuất sắc'],
  [80, 'Tốt'],
  [70, 'Khá'],
  [50, 'Trung bình'],
  [0, 'Yếu'],
];

const EARLIER: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  '2026': { previous: '2025', 'year-ago': '2025' },
  '2026-H1': { previous: '2025-H2', 'year-ago': '2025-H1' },
  '2026-Q1': { previous: '2025-Q4', 'year-ago': '2025-Q1' },
  '2026-9M': { previous: '2025-9M', 'year-ago': '2025-9M' },
};

const RANKING_CASES = [
  { measure: 'satisfied', questionnaire: 'tthc-kiosk-5' },
  { measure: 'verySatisfied', questionnaire: 'tthc-kiosk-3' },
  { measure: 'satisfied', questionnaire: 'sipas-dvhcc-19' },
  { measure: 'index', questionnaire: 'sipas-dvhcc-19' },
].flatMap((one) =>
  Object.keys(EARLIER).flatMap((period) =>
    ['previous', 'year-ago'].map((against, index) => ({ ...one, period, against, minN: index === 0 ? 30 : MANY })),
  ),
);

it.each(RANKING_CASES)(
  `the ${SEED} ranking by $measure of $questionnaire in $period against $against (minN $minN) equals a recount`,
  async ({ measure, questionnaire, period, against, minN }) => {
    const body = await report('ranking', {
      period,
      measure,
      questionnaire,
      against,
      unit: province,
      minN: String(minN),
    });
    const centres = centresOf(province);
    const { scale } = sipas.services.catalogue.questionnaire(questionnaire)!;
    const places = (range: [string, string]) =>
      slowRanking(
        inRange(range, (row) => row['questionnaire'] === questionnaire),
        centres,
        measure,
        scale,
        minN,
      );
    const now = places(RANGES[period]!);
    const before = new Map(places(RANGES[EARLIER[period]![against]!]!).map(({ centre, rank }) => [centre, rank]));
    const of = now.filter(({ rank }) => rank !== null).length;
    const grade = (value: number | null) => GRADES.find(([min]) => value! >= min)![1];
    const expected = now.map(({ centre, n, value, rank }) => {
      const previousRank = before.get(centre) ?? null;
      return {
        ...{ rank, of, centre, label: `Trung tâm ${centre}`, n, value, previousRank },
        grade: rank === null ? null : grade(value),
        movement: rank === null || previousRank === null ? null : previousRank - rank,
      };
    });
    const order = (row: { rank: number | null; centre: string }) =>
      `${String(row.rank ?? 999).padStart(3, '0')} ${row.centre}`;
    expect(body.rows).toEqual(expected.sort((a, b) => (order(a) < order(b) ? -1 : 1)));
    const graded = expected.filter(({ rank }) => rank !== null);
    expect(body.distribution).toEqual(
      GRADES.map(([, name]) => {
        const count = graded.filter((row) => row.grade === name).length;
        return { grade: name, count, share: percent(count, graded.length) };
      }),
    );
  },
);

it('the random responses fill both versions, and some centres stay below minN, others not', () => {
  const versions = new Set(
    exported.filter((row) => row['questionnaire'] === 'sipas-dvhcc-19').map((row) => row['version']),
  );
  expect([...versions].sort()).toEqual(['1', '2']);
  const places = slowRanking(
    inRange(RANGES['2026-Q1']!, (row) => row['questionnaire'] === 'tthc-kiosk-5'),
    centresOf(province),
    'satisfied',
    'likert5',
    MANY,
  );
  expect(places.some(({ rank }) => rank === null)).toBe(true);
  expect(places.some(({ rank }) => rank !== null)).toBe(true);
});
