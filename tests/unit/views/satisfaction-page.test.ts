import fc from 'fast-check';
import { periodKeys } from '../../../src/features/reports/filter.views.js';
import { satisfactionPage, type SatisfactionPageInput } from '../../../src/features/reports/reports.views.js';
import { groupName, periodName } from '../../../src/features/reports/reports.names.js';
import { translator, type Lang } from '../../../src/i18n/index.js';
import { LEVEL3, LIKERT5, NO_FILTER, pageInput, render, report, row, textOf } from './pages.js';

const t = translator('vi');
const page = (over: Partial<SatisfactionPageInput> = {}) => satisfactionPage(pageInput(over));
const html = (over: Partial<SatisfactionPageInput> = {}, lang: Lang = 'vi') =>
  render('reports/satisfaction', satisfactionPage(pageInput(over, lang)), lang);
const empty = { report: report(LIKERT5, [row(LIKERT5, 'MAU', 'Trung tâm mẫu', [0, 0, 0, 0, 0])]) };

describe('figures of the report page', () => {
  it('are written the Vietnamese way', () => {
    const { total } = page({ report: report(LIKERT5, [row(LIKERT5, 'A', 'A', [1, 2, 3, 1000, 228])]) }).sections[0]!;
    expect([total.n, total.levels[1]!.count, total.satisfied]).toEqual(['1.234', '1.000', '99,51%']);
  });

  it('are written the English way for an English reader', () => {
    const { sections } = satisfactionPage(pageInput({}, 'en'));
    expect(sections[0]!.figures[2]).toMatchObject({ label: 'Very satisfied', value: '26.32%' });
  });

  it('keep the seed figure to the digit: 5 of 19 very satisfied', () => {
    expect(page().sections[0]!.figures[2]).toMatchObject({ label: 'Tỷ lệ rất hài lòng', value: '26,32%' });
  });

  it('show levels from best to worst', () => {
    const levels = page().sections[0]!.total.levels.map(({ label, count }) => [label, count]);
    expect(levels).toEqual([
      ['Rất hài lòng', '5'],
      ['Hài lòng', '8'],
      ['Bình thường', '3'],
      ['Không hài lòng', '2'],
      ['Rất không hài lòng', '1'],
    ]);
  });

  it('show the Wilson interval beside the rate', () => {
    expect(page().sections[0]!.total).toMatchObject({ satisfied: '68,42%', interval: '46,01% – 84,64%' });
  });

  it('show n beside every rate of the table', async () => {
    expect(textOf(await html())).toMatch(/Trung tâm mẫu 19 19 68,42%/);
  });

  it('are dashes, not zeros, when nobody answered', () => {
    const { figures } = page(empty).sections[0]!;
    expect(figures.map(({ value }) => value)).toEqual(['0', '0', '—', '—', '—', '—']);
  });

  it('never read NaN, null or undefined when nobody answered', async () => {
    expect(textOf(await html(empty))).not.toMatch(/NaN|null|undefined|Infinity/);
  });

  it('say that nobody answered', async () => {
    expect(textOf(await html(empty))).toContain('Chưa có câu trả lời trong kỳ này.');
  });

  it('stay apart by scale, five levels first', () => {
    const byScale = {
      level3: report(LEVEL3, [row(LEVEL3, 'MAU', 'Trung tâm mẫu', [1, 2, 3])]),
      likert5: report(LIKERT5, [row(LIKERT5, 'MAU', 'Trung tâm mẫu', [1, 2, 3, 8, 5])]),
    };
    const sections = page({ report: { byScale } }).sections.map(({ heading, total }) => [heading, total.n]);
    expect(sections).toEqual([
      ['Thang 5 mức', '19'],
      ['Thang 3 mức', '6'],
    ]);
  });

  it('are called an internal index, not SIPAS', async () => {
    expect(textOf(await html())).toContain('Chỉ số hài lòng nội bộ (theo tiêu chí SIPAS), không phải Chỉ số SIPAS');
  });
});

describe('bar of a report line', () => {
  it('fills exactly its width whatever the counts, in the order of the levels', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(10_000), { minLength: 5, maxLength: 5 }), (counts) => {
        const { bar } = page({ report: report(LIKERT5, [row(LIKERT5, 'A', 'A', counts)]) }).sections[0]!.rows[0]!;
        const end = bar.reduce((at, { x, width }) => (Math.abs(x - at) < 1e-6 ? x + width : NaN), 0);
        return bar.length === 0 ? counts.every((count) => count === 0) : Math.abs(end - 100) < 1e-6;
      }),
    );
  });

  it('has no segment for a level without answers', () => {
    const { bar } = page({ report: report(LIKERT5, [row(LIKERT5, 'A', 'A', [1, 0, 0, 0, 3])]) }).sections[0]!.rows[0]!;
    expect(bar).toEqual([
      { tone: 'best', x: 0, width: 75 },
      { tone: 'worst', x: 75, width: 25 },
    ]);
  });

  it('is described in words for who cannot see it', async () => {
    expect(await html()).toMatch(
      /role="img" aria-labelledby="([\w-]+) ([\w-]+)"><title id="\1">Trung tâm mẫu: 19 câu trả lời<\/title><desc id="\2">Rất hài lòng 26,32%, /,
    );
  });
});

describe('filter form of the report page', () => {
  const refused = {
    report: null,
    values: { ...NO_FILTER, from: '2026-12-01', to: '<hôm qua>' },
    errors: { to: 'Ngày chưa đúng.' },
  };

  it('comes back with what was entered', async () => {
    expect(await html(refused)).toContain('value="&lt;hôm qua&gt;"');
  });

  it('ties the message to the field', async () => {
    expect(await html(refused)).toMatch(/id="to"[^>]*aria-describedby="to-error" aria-invalid="true"/);
  });

  it('links the summary to the field', async () => {
    expect(await html(refused)).toContain('<a href="#to">Ngày chưa đúng.</a>');
  });

  it('shows no figures and no downloads while it is wrong', () => {
    const { sections, downloads } = page({ ...refused, downloads: ['satisfaction'] });
    expect([sections, downloads]).toEqual([[], []]);
  });

  it('lets the code be typed when there are too many centres for a list', async () => {
    const options = { today: '2026-11-22', centres: null, questionnaires: [] };
    expect(await html({ options })).toMatch(/<input id="centre" name="centre" type="text"/);
  });

  it('keeps the chosen period selected, even one that is not in the list', () => {
    const { periodChoices } = page({ values: { ...NO_FILTER, period: '2024-W05' } });
    expect(periodChoices.filter(({ selected }) => selected)).toEqual([
      { value: '2024-W05', label: 'Tuần 5/2024', selected: true },
    ]);
  });

  it('groups by centre until something else is chosen', () => {
    const { groupByChoices } = page();
    expect(groupByChoices.filter(({ selected }) => selected).map(({ value }) => value)).toEqual(['centre']);
  });
});

describe('downloads of the report page', () => {
  const links = (values: object) =>
    page({ downloads: ['satisfaction', 'responses'], values: { ...NO_FILTER, ...values } }).downloads.map(
      ({ href }) => href,
    );

  it('carry the same query, without empty fields', () => {
    expect(links({ period: '2026-Q4', unit: '22' })).toEqual([
      '/exports/satisfaction.csv?period=2026-Q4&unit=22',
      '/exports/responses.csv?period=2026-Q4&unit=22',
    ]);
  });

  it('carry the grouping only where rows are grouped', () => {
    expect(links({ groupBy: 'kiosk' })).toEqual(['/exports/satisfaction.csv?groupBy=kiosk', '/exports/responses.csv']);
  });

  it('are absent for who may not export', async () => {
    expect(await html()).not.toContain('/exports/');
  });
});

describe('head of the report page', () => {
  it('names the period and its days', () => {
    expect(page({ values: { ...NO_FILTER, period: '2026-Q4' } }).periodText).toBe(
      'Quý IV/2026 (01/10/2026 – 31/12/2026)',
    );
  });

  it('gives the time of the figures on the local clock', () => {
    expect(page().asOfText).toBe('Số liệu đến 08:05 22/11/2026');
  });
});

it('the usual periods are today, months, quarters, half, nine months and years', () => {
  expect(periodKeys('2026-01-15', '')).toEqual([
    '2026-01-15',
    '2026-01',
    '2025-12',
    '2026-Q1',
    '2025-Q4',
    '2026-H1',
    '2026-9M',
    '2026',
    '2025',
  ]);
});

describe('names of periods and groups', () => {
  it.each([
    ['2026-11-22', '22/11/2026', '22 Nov 2026'],
    ['2026-W47', 'Tuần 47/2026', 'Week 47, 2026'],
    ['2026-11', 'Tháng 11/2026', 'Nov 2026'],
    ['2026-Q4', 'Quý IV/2026', 'Q4 2026'],
    ['2026-H1', '6 tháng đầu năm 2026', 'First half of 2026'],
    ['2026-H2', '6 tháng cuối năm 2026', 'Second half of 2026'],
    ['2026-9M', '9 tháng đầu năm 2026', 'First nine months of 2026'],
    ['2026', 'Năm 2026', '2026'],
  ])('%s reads %s and %s', (key, vi, en) => {
    expect([periodName(key, 'vi', t), periodName(key, 'en', translator('en'))]).toEqual([vi, en]);
  });

  it.each([
    ['weekday', '7', 'Chủ nhật'],
    ['hour', '8', '8 – 9 giờ'],
    ['channel', 'qr', 'Mã QR'],
    ['counter', '', 'Không ghi'],
    ['counter', 'Q3', null],
  ] as const)('%s "%s" reads %s', (grouping, key, name) => {
    expect(groupName(grouping, key, 'vi', t)).toBe(name);
  });
});
