import { wilsonInterval } from '../../../src/domain/rates.js';
import { parsePeriod } from '../../../src/domain/period.js';
import type { PageInput } from '../../../src/features/reports/figures.views.js';
import type { OnTimeReport, ResponseRateReport } from '../../../src/features/reports/dossier-reports.service.js';
import { onTimePage } from '../../../src/features/reports/on-time.views.js';
import type { RankingRow } from '../../../src/features/reports/ranking.service.js';
import { overviewPage } from '../../../src/features/reports/overview.views.js';
import { rankingPage } from '../../../src/features/reports/ranking.views.js';
import { trendOf } from '../../../src/features/reports/trend.views.js';
import type { Lang } from '../../../src/i18n/index.js';
import { gradeTableNamed } from '../domain/reference-data.js';
import { LANGUAGES, LIKERT5, render, report, row, textOf } from './pages.js';

function pageInput(lang: Lang = 'vi', values: Record<string, string> = {}): PageInput {
  const options = { today: '2026-11-22', centres: [], questionnaires: [] };
  return { values, errors: {}, options, scopeName: 'Tỉnh mẫu', lang, t: LANGUAGES.translator(lang) };
}

function placed(rank: number | null, centre: string, n: number, satisfied: number): RankingRow {
  const ci95 = wilsonInterval(satisfied, n);
  return {
    rank,
    of: 3,
    centre,
    label: centre,
    n,
    value: (100 * satisfied) / n,
    grade: null,
    previousRank: null,
    previousGrade: null,
    movement: null,
    ci95,
  };
}

const TABLE = { ...gradeTableNamed('index-100'), from: null };

describe('the ranking page', () => {
  const shown = (rows: RankingRow[]) => ({
    period: parsePeriod('2026')!,
    ranking: { rows, distribution: [], table: TABLE, hasOtherLimitsBefore: false },
    bestGradeYears: null,
  });
  const rows = [placed(1, 'A', 1000, 990), placed(2, 'B', 100, 80), placed(3, 'C', 100, 75), placed(null, 'D', 5, 5)];

  it('says which ranks the data cannot tell apart', () => {
    const page = rankingPage({ ...pageInput(), gradeTables: [], shown: shown(rows) });
    const possible = page.sections[0]!.rows.map(({ cells }) => cells[3]!.text);
    expect(possible).toEqual(['1', '2–3', '2–3', '—']);
  });

  it('claims no such doubt for dossiers, which are all counted', () => {
    const page = rankingPage({ ...pageInput('vi', { measure: 'onTime' }), gradeTables: [], shown: shown(rows) });
    expect(page.sections[0]!.columns.map(({ label }) => label)).not.toContain('Hạng chưa phân biệt được');
  });

  it.each(['vi', 'en'] as const)('is a whole page in %s', async (lang) => {
    const page = rankingPage({ ...pageInput(lang), gradeTables: [], shown: shown(rows) });
    const text = textOf(await render('reports/figures', page, lang));
    expect(text).toContain('1/3');
    expect(text).toContain(lang === 'vi' ? '99,00%' : '99.00%');
  });

  it.each([
    [[{ id: 'index-100', name: 'Của phần mềm' }], []],
    [
      [
        { id: 'index-100', name: 'Của phần mềm' },
        { id: 'qd-12', name: 'Của tỉnh' },
      ],
      ['Của phần mềm', 'Của tỉnh'],
    ],
  ])('lets one choose a grade table where there are several', (gradeTables, offered) => {
    const page = rankingPage({ ...pageInput(), gradeTables, shown: shown(rows) });
    const field = page.fields.find(({ name }) => name === 'grades');
    expect(field?.choices.map(({ label }) => label) ?? []).toEqual(offered);
  });

  it('links to the centre with its code escaped', () => {
    const page = rankingPage({
      ...pageInput('vi', { period: '2026' }),
      gradeTables: [],
      shown: shown([placed(1, 'A.b', 40, 30)]),
    });
    expect(page.sections[0]!.rows[0]!.href).toBe('/reports/centres/A.b?period=2026');
  });
});

const EMPTY = { from: '2026-01-01', to: '2026-11-22', scope: null };
const NOTHING = { returned: 0, early: 0, onTime: 0, late: 0, rate: null, open: 0, openOverdue: 0 };

function dossiers(counts: Partial<typeof NOTHING> = {}): { onTime: OnTimeReport; responseRate: ResponseRateReport } {
  const total = { key: '', label: 'Tổng', ...NOTHING, ...counts };
  const rate = { key: '', label: 'Tổng', returned: total.returned, responses: 0, rate: null };
  return { onTime: { ...EMPTY, total, rows: [total] }, responseRate: { ...EMPTY, total: rate, rows: [rate] } };
}

describe('the on-time page', () => {
  it('draws what was early, on time and late as shares that fill the bar', () => {
    const found = dossiers({ returned: 8, early: 4, onTime: 2, late: 2 });
    const page = onTimePage({ ...pageInput(), shown: { groupBy: 'centre', ...found } });
    expect(page.sections[0]!.rows[0]!.bar).toMatchObject({
      segments: [
        { tone: 'best', x: 0, width: 50 },
        { tone: 'good', x: 50, width: 25 },
        { tone: 'worst', x: 75, width: 25 },
      ],
      text: 'Sớm hạn 4, Đúng hạn 2, Quá hạn 2',
    });
  });

  it('says how many forms would represent the dossiers, and how many there are', () => {
    const { onTime, responseRate } = dossiers({ returned: 500 });
    const total = { ...responseRate.total, responses: 223 };
    const page = onTimePage({
      ...pageInput(),
      shown: { groupBy: 'centre', onTime, responseRate: { ...responseRate, total } },
    });
    expect(page.sections[1]!.total!.cells.slice(-2).map(({ text }) => text)).toEqual(['223', '100,00%']);
  });

  it('says so where there is nothing', async () => {
    const page = onTimePage({ ...pageInput(), shown: { groupBy: 'centre', ...dossiers() } });
    expect(textOf(await render('reports/figures', page))).toContain('Chưa có số liệu trong kỳ này.');
  });
});

describe('the overview', () => {
  const months = report(LIKERT5, [
    row(LIKERT5, '2026-10', '', [0, 0, 10, 0, 90]),
    row(LIKERT5, '2026-11', '', [0, 0, 40, 0, 60]),
  ]);
  const slots = report(LIKERT5, [
    row(LIKERT5, '1-08', '', [0, 0, 5, 0, 95]),
    row(LIKERT5, '3-10', '', [0, 0, 9, 0, 1]),
  ]);
  const none = { n: 0, satisfied: 0 };
  const fields = [{ key: '', before: none, after: { n: 10, satisfied: 9 }, points: -2.345 }];
  const compare = (before: number[], counts: number[] = [0, 0, 40, 0, 60]) => {
    const now = row(LIKERT5, '', '', counts);
    const periods = [
      { period: parsePeriod('2026-11')!, total: now },
      { period: parsePeriod('2026-10')!, total: row(LIKERT5, '', '', before) },
    ];
    const shown = {
      ...{ period: parsePeriod('2026-11')!, asOf: new Date('2026-11-22T05:00:00Z'), ...dossiers() },
      scales: [{ scale: LIKERT5, periods, months, reasons: report(LIKERT5, []), slots, weighted: null, fields }],
    };
    return overviewPage({ ...pageInput(), code: 'A', shown });
  };
  const change = (before: number[]) => compare(before).sections[0]!.rows[1]!.cells.at(-1)!.text;

  it('calls a change clear where the intervals are apart', () => {
    expect(change([0, 0, 10, 0, 90])).toBe('giảm 30 điểm (rõ rệt)');
  });

  it('does not where they overlap', () => {
    expect(change([0, 0, 42, 0, 58])).toBe('tăng 2 điểm (chưa đủ để kết luận)');
  });

  it('knows no change from a period without answers', () => {
    expect(change([0, 0, 0, 0, 0])).toBe('—');
  });

  it('shows the hours between the first and the last with answers, and the weekdays with any', async () => {
    const page = compare([0, 0, 0, 0, 0]);
    const heat = page.sections.find(({ id }) => id === 'heat-likert5')!.heat!;
    expect(heat.columns).toEqual(['Thứ Hai', 'Thứ Tư']);
    expect(heat.rows.map(({ cells }) => cells.map((one) => one && [one.text, one.note, one.shade]))).toEqual([
      [['95%', 'n = 100', 4], null],
      [null, null],
      [null, ['10%', 'n = 10', 0]],
    ]);
    expect(textOf(await render('reports/figures', page))).toContain('n = 100');
  });

  it('shows the levels from the best, in shares of all answers', () => {
    const { rows } = compare([0, 0, 0, 0, 0]).sections.find(({ id }) => id === 'distribution-likert5')!;
    expect(rows.map(({ cells }) => cells[1]!.text)).toEqual(['60,00%', '0,00%', '40,00%', '0,00%', '0,00%']);
  });

  it('says what a field did to the change, in points rounded half up', () => {
    const { rows } = compare([0, 0, 0, 0, 0]).sections.find(({ id }) => id === 'fields-likert5')!;
    expect(rows[0]!.cells.map(({ text }) => text)).toEqual(['—', '90,00%', 'giảm 2,35 điểm']);
  });

  it('warns of few answers, and of none that is dissatisfied', () => {
    expect(compare([0, 0, 0, 0, 9], [0, 0, 2, 0, 8]).alerts).toEqual([
      expect.stringContaining('Chỉ có 10 câu trả lời'),
      expect.stringContaining('Không có câu trả lời không hài lòng nào trong 10 câu'),
    ]);
    expect(compare([0, 0, 0, 0, 9], [1, 0, 2, 0, 97]).alerts).toEqual([]);
  });
});

describe('a trend', () => {
  const month = (key: string, counts: number[]) => row(LIKERT5, key, '', counts);

  it('leaves out months without answers and keeps their place', () => {
    const trend = trendOf(
      [month('2026-09', [0, 0, 0, 0, 9]), month('2026-10', [0, 0, 0, 0, 0]), month('2026-11', [0, 0, 1, 0, 9])],
      '',
      'vi',
    )!;
    expect(trend.labels.map(({ text }) => text)).toEqual(['09/26', '10/26', '11/26']);
    expect(trend.points.map(({ x }) => x)).toEqual([trend.labels[0]!.x, trend.labels[2]!.x]);
    expect(trend.points[0]!.y).toBeLessThan(trend.points[1]!.y);
  });

  it('is none of a single month', () => {
    expect(trendOf([month('2026-11', [0, 0, 1, 0, 9])], '', 'vi')).toBeNull();
  });
});
