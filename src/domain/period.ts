/**
 * Local days and reporting periods. A day is the text 'YYYY-MM-DD' of a calendar day in Asia/Ho_Chi_Minh; days and
 * months compare correctly as text. Only UTC methods of Date are used, so the process's own time zone never matters.
 */

/** Vietnam is UTC+7 all year, without daylight saving, since 1975: a fixed offset is exact and needs no zone data. */
export const LOCAL_OFFSET = '+07:00';
const LOCAL_OFFSET_MS = 7 * 60 * 60 * 1000;
const DAY_MS = 24 * 60 * 60 * 1000;

/** Days and periods outside these years are typing errors, not something to report on. */
export const MIN_YEAR = 1900;
export const MAX_YEAR = 2999;

/** The local day of an instant: 2026-11-21T17:00:00Z → '2026-11-22'. RangeError for an invalid Date. */
export function localDay(instant: Date): string {
  return localClock(instant).toISOString().slice(0, 10);
}

/** The local hour of an instant, 0–23. */
export function localHour(instant: Date): number {
  return localClock(instant).getUTCHours();
}

/** The instant in local time with its offset: '2026-11-22T08:02:03.456+07:00'. RangeError for an invalid Date. */
export function localTimestamp(instant: Date): string {
  return localClock(instant).toISOString().slice(0, -1) + LOCAL_OFFSET;
}

/** A Date whose UTC fields read as local time. */
function localClock(instant: Date): Date {
  return new Date(instant.getTime() + LOCAL_OFFSET_MS);
}

/** Days from `from` to `to`, both inclusive; empty when `from` is after `to`. */
export interface DayRange {
  from: string;
  to: string;
}

/** Whether `text` is a real calendar day 'YYYY-MM-DD' of the years 1900–2999: '2026-02-29' is not. */
export function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text) || !isReportingYear(Number(text.slice(0, 4)))) return false;
  const midnight = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(text);
}

/** The day `n` days after `day` (before it, if negative). RangeError if `day` is not a day or the result has no year 0000–9999. */
export function addDays(day: string, n: number): string {
  return dayAt(dayNumber(day) + n);
}

/** The same day `n` months earlier, or the last day of that month where it is shorter. RangeError if `day` is no day. */
export function monthsBefore(day: string, n: number): string {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  const lastOfMonth = new Date(Date.UTC(year, month - n, 0));
  const wanted = Math.min(date, lastOfMonth.getUTCDate());
  return new Date(lastOfMonth.setUTCDate(wanted)).toISOString().slice(0, 10);
}

/** Number of days in the range, both ends counted; 0 when empty. */
export function daysIn(range: DayRange): number {
  return Math.max(0, dayNumber(range.to) - dayNumber(range.from) + 1);
}

/** 1 = Monday … 7 = Sunday (ISO 8601). */
export function weekday(day: string): number {
  const fromMonday = (dayNumber(day) + 3) % 7; // day 0, 1970-01-01, was a Thursday
  return ((fromMonday + 7) % 7) + 1;
}

/** ISO 8601 week of a day, '2026-W47'; its year is that of the week's Thursday: 2027-01-01 → '2026-W53'. */
export function weekKey(day: string): string {
  return weekOf(day).key;
}

/** '2026-11'. */
export function monthKey(day: string): string {
  return day.slice(0, 7);
}

/** '2026-Q4'. */
export function quarterKey(day: string): string {
  return `${yearKey(day)}-Q${partOf('quarter', day)}`;
}

/** '2026'. */
export function yearKey(day: string): string {
  return day.slice(0, 4);
}

export type PeriodKind = 'year' | 'half' | 'nineMonths' | 'quarter' | 'month' | 'week' | 'day';

/** A reporting period: its key as written in queries ('2026-Q4') and the days it covers. */
export type Period = { kind: PeriodKind; key: string; range: DayRange };

type MonthlyKind = Exclude<PeriodKind, 'week' | 'day'>;

const MONTHS: Record<MonthlyKind, number> = { year: 12, half: 6, nineMonths: 9, quarter: 3, month: 1 };
const PARTS_PER_YEAR: Record<MonthlyKind, number> = { year: 1, half: 2, nineMonths: 1, quarter: 4, month: 12 };
const NOTATIONS: readonly [MonthlyKind, RegExp][] = [
  ['year', /^(\d{4})$/],
  ['half', /^(\d{4})-H([12])$/],
  ['nineMonths', /^(\d{4})-9M$/],
  ['quarter', /^(\d{4})-Q([1-4])$/],
  ['month', /^(\d{4})-(0[1-9]|1[0-2])$/],
];

/**
 * The period written as '2026', '2026-H1', '2026-9M' (January–September), '2026-Q4', '2026-11', '2026-W47' (ISO 8601
 * week) or '2026-11-22'; null for anything else, a week or day that does not exist, or a year outside 1900–2999.
 */
export function parsePeriod(text: string): Period | null {
  if (!isReportingYear(Number(text.slice(0, 4)))) return null;
  for (const [kind, notation] of NOTATIONS) {
    const match = notation.exec(text);
    if (match) return monthly(kind, Number(match[1]), Number(match[2] ?? 1));
  }
  if (/^\d{4}-W\d{2}$/.test(text)) return parseWeek(text);
  return isDay(text) ? dayPeriod(text) : null;
}

/**
 * The period just before: '2026-H1' → '2025-H2', '2026-W01' → '2025-W52'. Nine months have no predecessor inside the
 * year, so '2026-9M' → '2025-9M'.
 */
export function previousPeriod(p: Period): Period {
  if (p.kind === 'day') return dayPeriod(addDays(p.range.from, -1));
  if (p.kind === 'week') return weekOf(addDays(p.range.from, -7));
  const year = yearOf(p.range.from);
  const part = partOf(p.kind, p.range.from);
  return part > 1 ? monthly(p.kind, year, part - 1) : monthly(p.kind, year - 1, PARTS_PER_YEAR[p.kind]);
}

/** The same period one year earlier; week 53 → the last week that year had, 29 February → 28 February. */
export function yearAgo(p: Period): Period {
  if (p.kind === 'week') {
    const year = Number(p.key.slice(0, 4)) - 1;
    return isoWeek(year, Math.min(Number(p.key.slice(6)), weeksIn(year)));
  }
  const year = yearOf(p.range.from) - 1;
  if (p.kind === 'day') return dayPeriod(`${pad(year, 4)}${p.key.slice(4).replace('-02-29', '-02-28')}`);
  return monthly(p.kind, year, partOf(p.kind, p.range.from));
}

/** What is mostly reported on: the key of the last quarter that is over on a local day. */
export function lastQuarter(today: string): string {
  return previousPeriod(periodAt('quarter', today)).key;
}

export type CalendarGrouping = 'day' | 'week' | 'month' | 'quarter' | 'year';

/** Keys of every day, week, … that has a day in the range, in order, including those only partly inside. */
export function keysInRange(groupBy: CalendarGrouping, range: DayRange): string[] {
  return periodsInRange(groupBy, range).map(({ key }) => key);
}

function periodsInRange(groupBy: CalendarGrouping, range: DayRange): Period[] {
  const periods: Period[] = [];
  for (let day = range.from; day <= range.to;) {
    const period = periodAt(groupBy, day);
    periods.push(period);
    day = addDays(period.range.to, 1);
  }
  return periods;
}

/** Unbroken years, months or days, by the keys of the first and the last of them. */
export interface Run {
  readonly kind: keyof typeof FINER;
  readonly from: string;
  readonly to: string;
}

const FINER = { year: 'month', month: 'day', day: 'day' } as const;

/** A range in as few runs as cover exactly its days, in order, of periods no longer than `longest`. */
export function coverRange(range: DayRange, longest: Run['kind']): Run[] {
  if (range.from > range.to) return [];
  const whole = periodsInRange(longest, range).filter(
    ({ range: { from, to } }) => range.from <= from && to <= range.to,
  );
  const [first, last] = [whole[0], whole.at(-1)];
  if (!first || !last) return coverRange(range, FINER[longest]);
  const before = { from: range.from, to: addDays(first.range.from, -1) };
  const after = { from: addDays(last.range.to, 1), to: range.to };
  const finer = FINER[longest];
  return [...coverRange(before, finer), { kind: longest, from: first.key, to: last.key }, ...coverRange(after, finer)];
}

/** The calendar period of the given kind that contains `day`. */
function periodAt(groupBy: CalendarGrouping, day: string): Period {
  if (groupBy === 'day') return dayPeriod(day);
  if (groupBy === 'week') return weekOf(day);
  return monthly(groupBy, yearOf(day), partOf(groupBy, day));
}

function dayPeriod(day: string): Period {
  return { kind: 'day', key: day, range: { from: day, to: day } };
}

/** The `part`-th (from 1) period of that kind in the year. */
function monthly(kind: MonthlyKind, year: number, part: number): Period {
  const last = part * MONTHS[kind];
  const first = last - MONTHS[kind] + 1;
  const lastDay = new Date(Date.UTC(year, last, 0)).getUTCDate();
  const from = `${pad(year, 4)}-${pad(first, 2)}-01`;
  const to = `${pad(year, 4)}-${pad(last, 2)}-${pad(lastDay, 2)}`;
  return { kind, key: `${pad(year, 4)}${suffix(kind, part)}`, range: { from, to } };
}

function suffix(kind: MonthlyKind, part: number): string {
  switch (kind) {
    case 'year':
      return '';
    case 'half':
      return `-H${part}`;
    case 'nineMonths':
      return '-9M';
    case 'quarter':
      return `-Q${part}`;
    case 'month':
      return `-${pad(part, 2)}`;
  }
}

function parseWeek(text: string): Period | null {
  const week = isoWeek(Number(text.slice(0, 4)), Number(text.slice(6)));
  return week.key === text ? week : null;
}

/** Week 1 is the one with 4 January in it (ISO 8601); a week the year does not have runs into the next year's. */
function isoWeek(year: number, week: number): Period {
  return weekOf(addDays(`${pad(year, 4)}-01-04`, 7 * (week - 1)));
}

/** A week belongs to the year of its Thursday, and is as many weeks into it as that day (ISO 8601). */
function weekOf(day: string): Period {
  const monday = dayNumber(day) - weekday(day) + 1;
  const thursday = monday + 3;
  const year = dayAt(thursday).slice(0, 4);
  const week = Math.floor((thursday - dayNumber(`${year}-01-01`)) / 7) + 1;
  return { kind: 'week', key: `${year}-W${pad(week, 2)}`, range: { from: dayAt(monday), to: dayAt(monday + 6) } };
}

/** 52 or 53: 28 December is always in the last week. */
function weeksIn(year: number): number {
  return Number(weekOf(`${pad(year, 4)}-12-28`).key.slice(6));
}

function partOf(kind: MonthlyKind, day: string): number {
  return Math.ceil(Number(day.slice(5, 7)) / MONTHS[kind]);
}

function yearOf(day: string): number {
  return Number(day.slice(0, 4));
}

function isReportingYear(year: number): boolean {
  return year >= MIN_YEAR && year <= MAX_YEAR;
}

/** Days since 1970-01-01. */
function dayNumber(day: string): number {
  const midnight = Date.parse(`${day}T00:00:00Z`);
  if (Number.isNaN(midnight)) throw new RangeError(`Not a day: ${day}`);
  return midnight / DAY_MS;
}

function dayAt(number: number): string {
  const text = new Date(number * DAY_MS).toISOString();
  if (!/^\d{4}-/.test(text)) throw new RangeError(`Outside the years 0000–9999: ${text}`);
  return text.slice(0, 10);
}

function pad(value: number, width: number): string {
  return String(value).padStart(width, '0');
}
