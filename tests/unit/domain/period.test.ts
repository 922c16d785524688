import fc from 'fast-check';
import {
  addDays,
  coverRange,
  type Run,
  daysIn,
  isDay,
  keysInRange,
  monthKey,
  parsePeriod,
  type Period,
  previousPeriod,
  quarterKey,
  weekday,
  weekKey,
  yearAgo,
  yearKey,
} from '../../../src/domain/period.js';

interface CalendarDay {
  day: string;
  weekday: number;
  week: string;
  month: string;
  quarter: string;
  year: string;
}

/** Every day 1996–2044 (29 leap-year and week-53 patterns), found by stepping a Date one day at a time. */
const calendar = stepThrough('1996-01-01', '2044-12-31');
const position = new Map(calendar.map(({ day }, index) => [day, index]));

function stepThrough(first: string, last: string): CalendarDay[] {
  const days: CalendarDay[] = [];
  const date = new Date(`${first}T12:00:00Z`); // a Monday, 1996-W01
  let week = { year: '1996', number: 0 };
  while (date.toISOString().slice(0, 10) <= last) {
    const day = date.toISOString().slice(0, 10);
    const [year = '', month = ''] = day.split('-');
    if (date.getUTCDay() === 1) week = nextWeek(date, week);
    days.push({
      day,
      weekday: date.getUTCDay() === 0 ? 7 : date.getUTCDay(),
      week: `${week.year}-W${String(week.number).padStart(2, '0')}`,
      month: `${year}-${month}`,
      quarter: `${year}-Q${['01,02,03', '04,05,06', '07,08,09', '10,11,12'].findIndex((q) => q.includes(month)) + 1}`,
      year,
    });
    date.setUTCDate(date.getUTCDate() + 1);
  }
  return days;
}

function nextWeek(monday: Date, week: { year: string; number: number }): { year: string; number: number } {
  const thursday = new Date(monday);
  thursday.setUTCDate(thursday.getUTCDate() + 3);
  const year = String(thursday.getUTCFullYear());
  return { year, number: year === week.year ? week.number + 1 : 1 };
}

const someDay = fc.nat(calendar.length - 1).map((index) => calendar[index]!.day);
/** Up to about two and a half years, and sometimes empty. */
const someRange = fc
  .tuple(fc.nat(calendar.length - 1001), fc.integer({ min: -1, max: 900 }))
  .filter(([start, length]) => start + length >= 0)
  .map(([start, length]) => ({ from: calendar[start]!.day, to: calendar[start + length]!.day }));

function daysOf({ from, to }: { from: string; to: string }): CalendarDay[] {
  return calendar.slice(position.get(from), position.get(to)! + 1);
}

function period(text: string): Period {
  const parsed = parsePeriod(text);
  if (!parsed) throw new Error(`${text} is not a period`);
  return parsed;
}

describe('the calendar', () => {
  it('gives every day the weekday, week, month, quarter and year that counting day by day gives', () => {
    const computed = calendar.map(({ day }) => ({
      day,
      weekday: weekday(day),
      week: weekKey(day),
      month: monthKey(day),
      quarter: quarterKey(day),
      year: yearKey(day),
    }));
    expect(computed).toEqual(calendar);
  });

  it.each([
    ['2026-11-22', '2026-W47'],
    ['2026-12-31', '2026-W53'],
    ['2027-01-03', '2026-W53'],
    ['2027-01-04', '2027-W01'],
    ['2024-12-30', '2025-W01'],
  ])('puts %s in week %s', (day, week) => {
    expect(weekKey(day)).toBe(week);
  });

  it('calls a Sunday 7, also before 1970', () => {
    expect(weekday('2026-11-22')).toBe(7);
    expect(weekday('1969-12-28')).toBe(7);
    expect(weekday('1900-01-01')).toBe(1);
  });

  it('adds days as counting does', () => {
    fc.assert(
      fc.property(someDay, someDay, (from, to) => {
        const distance = position.get(to)! - position.get(from)!;
        expect(addDays(from, distance)).toBe(to);
        expect(daysIn({ from, to })).toBe(Math.max(0, distance + 1));
      }),
    );
  });

  it('refuses to count from what is not a day', () => {
    expect(() => addDays('2026-13-01', 1)).toThrow(RangeError);
    expect(() => addDays('9999-12-31', 1)).toThrow(RangeError);
  });
});

describe('a day', () => {
  it.each(['2026-11-22', '2024-02-29', '2000-02-29', '1900-01-01', '2999-12-31'])('can be %s', (text) => {
    expect(isDay(text)).toBe(true);
  });

  it.each([
    '2026-02-29',
    '1900-02-29',
    '2026-02-30',
    '2026-04-31',
    '2026-11-31',
    '2026-13-01',
    '2026-00-10',
    '2026-01-00',
    '2026-1-1',
    '26-11-22',
    '22/11/2026',
    '2026-11-22T00:00',
    ' 2026-11-22',
    '2026-11-22\n',
    '',
    '1899-12-31',
    '3000-01-01',
    '٢٠٢٦-11-22',
  ])('cannot be %j', (text) => {
    expect(isDay(text)).toBe(false);
  });
});

describe('a period', () => {
  it.each([
    ['2026', 'year', '2026-01-01', '2026-12-31'],
    ['2026-H1', 'half', '2026-01-01', '2026-06-30'],
    ['2026-H2', 'half', '2026-07-01', '2026-12-31'],
    ['2026-9M', 'nineMonths', '2026-01-01', '2026-09-30'],
    ['2026-Q1', 'quarter', '2026-01-01', '2026-03-31'],
    ['2026-Q4', 'quarter', '2026-10-01', '2026-12-31'],
    ['2026-11', 'month', '2026-11-01', '2026-11-30'],
    ['2024-02', 'month', '2024-02-01', '2024-02-29'],
    ['2026-W47', 'week', '2026-11-16', '2026-11-22'],
    ['2026-W53', 'week', '2026-12-28', '2027-01-03'],
    ['2025-W01', 'week', '2024-12-30', '2025-01-05'],
    ['2026-11-22', 'day', '2026-11-22', '2026-11-22'],
  ])('%s is a %s from %s to %s', (key, kind, from, to) => {
    expect(parsePeriod(key)).toEqual({ kind, key, range: { from, to } });
  });

  it.each([
    '',
    '26',
    '20266',
    '1899',
    '3000',
    '2026-H0',
    '2026-H3',
    '2026-h1',
    '2026-6M',
    '2026-Q0',
    '2026-Q5',
    '2026-00',
    '2026-13',
    '2026-1',
    '2026-W00',
    '2026-W54',
    '2025-W53',
    '2026-W7',
    '2026-02-29',
    '2026-11-22 ',
    '2026-Q4\n',
    'abcd-Q1',
    '2e3-Q1',
  ])('is not %j', (text) => {
    expect(parsePeriod(text)).toBeNull();
  });

  it.each([
    ['2026', '2025'],
    ['2026-H1', '2025-H2'],
    ['2026-H2', '2026-H1'],
    ['2026-9M', '2025-9M'],
    ['2026-Q1', '2025-Q4'],
    ['2026-Q4', '2026-Q3'],
    ['2026-01', '2025-12'],
    ['2026-11', '2026-10'],
    ['2026-W01', '2025-W52'],
    ['2027-W01', '2026-W53'],
    ['2026-01-01', '2025-12-31'],
    ['2024-03-01', '2024-02-29'],
  ])('%s comes after %s', (key, previous) => {
    expect(previousPeriod(period(key))).toEqual(period(previous));
  });

  it.each([
    ['2026', '2025'],
    ['2026-H1', '2025-H1'],
    ['2026-9M', '2025-9M'],
    ['2026-Q4', '2025-Q4'],
    ['2026-02', '2025-02'],
    ['2026-W47', '2025-W47'],
    ['2026-W53', '2025-W52'],
    ['2026-W01', '2025-W01'],
    ['2024-02-29', '2023-02-28'],
    ['2025-02-28', '2024-02-28'],
  ])('%s is compared with %s of the year before', (key, before) => {
    expect(yearAgo(period(key))).toEqual(period(before));
  });

  it('can be compared even in the first year that can be asked for', () => {
    expect(previousPeriod(period('1900')).range).toEqual({ from: '1899-01-01', to: '1899-12-31' });
    expect(yearAgo(period('1900-05-01')).range).toEqual({ from: '1899-05-01', to: '1899-05-01' });
  });

  it('ends the day before the next one starts, whatever its kind', () => {
    const keys = someDay.chain((day) =>
      fc.constantFrom(yearKey(day), `${yearKey(day)}-H2`, quarterKey(day), monthKey(day), weekKey(day), day),
    );
    fc.assert(
      fc.property(keys, (key) => {
        const current = period(key);
        const previous = previousPeriod(current);
        expect(previous.kind).toBe(current.kind);
        expect(addDays(previous.range.to, 1)).toBe(current.range.from);
        expect(parsePeriod(previous.key)).toEqual(previous);
      }),
    );
  });

  it('is 358 to 371 days after the same period of the year before, and that is a real period', () => {
    const keys = someDay.chain((day) => fc.constantFrom(monthKey(day), weekKey(day), day, `${yearKey(day)}-9M`));
    fc.assert(
      fc.property(keys, (key) => {
        const current = period(key);
        const before = yearAgo(current);
        const distance = daysIn({ from: before.range.from, to: current.range.from }) - 1;
        expect(distance).toBeGreaterThanOrEqual(357);
        expect(distance).toBeLessThanOrEqual(371);
        expect(parsePeriod(before.key)).toEqual(before);
      }),
    );
  });
});

describe('the keys in a range', () => {
  it('start and end with the partly covered ones', () => {
    const range = { from: '2026-11-22', to: '2027-01-05' };
    expect(keysInRange('month', range)).toEqual(['2026-11', '2026-12', '2027-01']);
    expect(keysInRange('quarter', range)).toEqual(['2026-Q4', '2027-Q1']);
    expect(keysInRange('year', range)).toEqual(['2026', '2027']);
    expect(keysInRange('week', range)).toEqual([
      '2026-W47',
      '2026-W48',
      '2026-W49',
      '2026-W50',
      '2026-W51',
      '2026-W52',
      '2026-W53',
      '2027-W01',
    ]);
  });

  it.each(['day', 'week', 'month', 'quarter', 'year'] as const)('are the distinct %s keys of its days', (groupBy) => {
    fc.assert(
      fc.property(someRange, (range) => {
        expect(keysInRange(groupBy, range)).toEqual([...new Set(daysOf(range).map((entry) => entry[groupBy]))]);
      }),
    );
  });

  it('are none when the range is empty, even inside one month', () => {
    expect(keysInRange('month', { from: '2026-11-22', to: '2026-11-21' })).toEqual([]);
  });
});

describe('the cover of a range', () => {
  const run = (kind: Run['kind'], from: string, to = from): Run => ({ kind, from, to });

  it('takes whole years, then whole months, and the edges by day', () => {
    expect(coverRange({ from: '2023-11-30', to: '2026-02-02' }, 'year')).toEqual([
      run('day', '2023-11-30'),
      run('month', '2023-12'),
      run('year', '2024', '2025'),
      run('month', '2026-01'),
      run('day', '2026-02-01', '2026-02-02'),
    ]);
  });

  it('takes nothing longer than it is told to', () => {
    const range = { from: '2024-01-01', to: '2024-12-31' };
    expect(coverRange(range, 'year')).toEqual([run('year', '2024')]);
    expect(coverRange(range, 'month')).toEqual([run('month', '2024-01', '2024-12')]);
    expect(coverRange(range, 'day')).toEqual([run('day', '2024-01-01', '2024-12-31')]);
  });

  it('is one month for exactly that month, and days only for a part of it', () => {
    const kinds = (from: string, to: string) => coverRange({ from, to }, 'year').map(({ kind }) => kind);
    expect(kinds('2024-02-01', '2024-02-29')).toEqual(['month']);
    expect(kinds('2024-02-01', '2024-02-28')).toEqual(['day']);
    expect(kinds('2024-02-02', '2024-02-29')).toEqual(['day']);
  });

  it('is nothing for an empty range', () => {
    expect(coverRange({ from: '2024-02-02', to: '2024-02-01' }, 'year')).toEqual([]);
  });

  it('holds every day of the range once and nothing else, in order', () => {
    fc.assert(
      fc.property(someRange, fc.constantFrom('year', 'month', 'day'), (range, longest) => {
        const covered = coverRange(range, longest).flatMap(({ kind, from, to }) =>
          calendar.filter((entry) => from <= entry[kind] && entry[kind] <= to).map(({ day }) => day),
        );
        expect(covered).toEqual(daysOf(range).map(({ day }) => day));
      }),
    );
  });

  it('never leaves a whole month as days, nor a whole year as months', () => {
    fc.assert(
      fc.property(someRange, (range) => {
        const runs = coverRange(range, 'year');
        const left = (kind: Run['kind'], longer: 'year' | 'month') =>
          runs
            .filter((one) => one.kind === kind)
            .flatMap(({ from, to }) => calendar.filter((entry) => from <= entry[kind] && entry[kind] <= to))
            .reduce(
              (days, entry) => days.set(entry[longer], (days.get(entry[longer]) ?? 0) + 1),
              new Map<string, number>(),
            );
        for (const [key, days] of left('day', 'month')) expect(days).toBeLessThan(daysIn(period(key).range));
        for (const [key, days] of left('month', 'year')) expect(days).toBeLessThan(daysIn(period(key).range));
      }),
    );
  });
});
