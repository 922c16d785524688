import { checkTable, rowCount, valuesOf } from '../../../src/features/grade-tables/grade-tables.form.js';
import { gradeTableNamed } from '../domain/reference-data.js';

const RULES = { today: '2026-11-22', max: 100, isNew: false };
const FORM = valuesOf(gradeTableNamed('index-100'), '2026-11-23');

/** What is wrong with the form of index-100 after these changes, as `field key`. */
function problems(changes: Readonly<Record<string, string>>, rules = RULES): string[] {
  const checked = checkTable({ ...FORM, ...changes }, rules);
  return checked.ok ? [] : checked.problems.map(({ field, key }) => `${field} ${key.replace('grades.error.', '')}`);
}

it('a form filled in with a version says that version', () => {
  const { name, source, status, bands } = gradeTableNamed('index-100');
  const checked = checkTable(FORM, RULES);
  expect(checked).toEqual({ ok: true, id: '', version: { from: '2026-11-23', name, source, status, bands } });
});

it('limits are written with a comma or a point', () => {
  for (const min of ['82,5', '82.5']) {
    const checked = checkTable({ ...FORM, 'bands.1.min': min }, RULES);
    expect(checked.ok && checked.version.bands[1]?.min).toBe(82.5);
  }
});

it('empty rows are left out, wherever they are', () => {
  const checked = checkTable({ ...FORM, 'bands.1.min': '', 'bands.1.vi': ' ', 'bands.1.en': '' }, RULES);
  expect(checked.ok && checked.version.bands.map(({ min }) => min)).toEqual([90, 70, 50, 0]);
});

it.each<[string, Record<string, string>, string[]]>([
  ['no name', { name: ' ' }, ['name empty']],
  ['a name of two lines', { name: 'a\u0000b' }, ['name text']],
  ['a long name', { name: 'a'.repeat(201) }, ['name text']],
  ['no source', { source: '' }, ['source empty']],
  ['no day', { from: '' }, ['from day']],
  ['a day that does not exist', { from: '2027-02-29' }, ['from day']],
  ['today', { from: '2026-11-22' }, ['from future']],
  ['a limit above the range', { 'bands.0.min': '100,01' }, ['bands.0.min min']],
  ['a limit of three decimals', { 'bands.0.min': '90,125' }, ['bands.0.min min']],
  ['a limit below 0', { 'bands.4.min': '-1' }, ['bands.4.min min']],
  ['a limit that is no number', { 'bands.0.min': 'chín mươi' }, ['bands.0.min min']],
  ['equal limits', { 'bands.1.min': '90' }, ['bands.1.min order']],
  ['rising limits', { 'bands.1.min': '95' }, ['bands.1.min order']],
  ['a lowest limit above 0', { 'bands.4.min': '1' }, ['bands.4.min lowest']],
  ['a grade without a name', { 'bands.2.vi': '' }, ['bands.2.vi empty']],
  ['a long name of a grade', { 'bands.2.vi': 'a'.repeat(61) }, ['bands.2.vi text']],
  ['two grades of one name', { 'bands.2.vi': 'XUẤT SẮC' }, ['bands.2.vi twice']],
  ['two grades of one English name', { 'bands.0.en': 'Good', 'bands.1.en': 'good' }, ['bands.1.en twice']],
])('%s is named with its field', (_, changes, expected) => {
  expect(problems(changes)).toEqual(expected);
});

it('a single grade is no table', () => {
  const form = { name: 'Bảng', source: 'QĐ 1', from: '2026-11-23', 'bands.0.min': '0', 'bands.0.vi': 'Đạt' };
  const checked = checkTable(form, RULES);
  expect(checked.ok ? [] : checked.problems).toEqual([
    { field: 'bands.0.min', key: 'grades.error.fewest', params: { n: 2 } },
  ]);
});

it.each([['new'], ['có dấu'], [''], ['-a'], ['__proto__']])('"%s" is no code of a new table', (id) => {
  expect(problems({ id }, { ...RULES, isNew: true })).toEqual(['id id']);
});

describe('a new table', () => {
  const isNew = { ...RULES, isNew: true };

  it('may begin on a day in the past once that is confirmed', () => {
    expect(problems({ id: 'qd-12', from: '2020-01-01' }, isNew)).toEqual(['confirm confirm']);
    expect(problems({ id: 'qd-12', from: '2020-01-01', confirm: '1' }, isNew)).toEqual([]);
  });

  it('needs no confirmation for a day to come', () => {
    expect(problems({ id: 'qd-12' }, isNew)).toEqual([]);
  });
});

it.each([
  [0, 5],
  [3, 5],
  [5, 7],
  [10, 10],
])('a form about %i grades has %i rows', (grades, rows) => {
  expect(rowCount(grades)).toBe(rows);
});
