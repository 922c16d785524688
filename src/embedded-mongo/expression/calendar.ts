import { MongoError } from '../errors.js';
import { DAY, HOUR, MINUTE, dateFromParts, fromLocal, toLocal, type Zone } from './zone.js';

export type Unit = 'year' | 'quarter' | 'month' | 'week' | 'day' | 'hour' | 'minute' | 'second' | 'millisecond';

const FIXED: Readonly<Record<string, number>> = { hour: HOUR, minute: MINUTE, second: 1000, millisecond: 1 };
const MONTHS: Readonly<Record<string, number>> = { month: 1, quarter: 3, year: 12 };
const UNITS = new Set<string>([...Object.keys(FIXED), ...Object.keys(MONTHS), 'day', 'week']);

const isUnit = (text: string): text is Unit => UNITS.has(text);

/** @throws MongoError 9 when it is not the name of a unit. */
export function parseUnit(text: string): Unit {
  if (isUnit(text)) return text;
  throw new MongoError(9, `unknown time unit value: ${text}`);
}

const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];

/** 0 (Sunday) to 6. @throws MongoError 9 when it is not a name of a weekday. */
export function parseWeekday(text: string): number {
  const name = text.toLowerCase();
  const day = WEEKDAYS.findIndex((weekday) => weekday === name || weekday.slice(0, 3) === name);
  if (day < 0) throw new MongoError(9, `unknown day of week value: ${text}`);
  return day;
}

export interface LocalParts {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly millisecond: number;
  /** 0 (Sunday) to 6. */
  readonly weekday: number;
  readonly dayOfYear: number;
}

/** The calendar fields of local time. */
export function localParts(instant: number, zone: Zone): LocalParts {
  const local = new Date(toLocal(instant, zone));
  const year = local.getUTCFullYear();
  return {
    year,
    month: local.getUTCMonth() + 1,
    day: local.getUTCDate(),
    hour: local.getUTCHours(),
    minute: local.getUTCMinutes(),
    second: local.getUTCSeconds(),
    millisecond: local.getUTCMilliseconds(),
    weekday: local.getUTCDay(),
    dayOfYear: Math.floor((local.getTime() - dateFromParts(year, 1, 1)) / DAY) + 1,
  };
}

/** ISO 8601 week and the year it belongs to. */
export function isoWeek({ year, month, day, weekday }: LocalParts): { year: number; week: number } {
  const thursday = new Date(dateFromParts(year, month, day + 3 - ((weekday + 6) % 7)));
  const isoYear = thursday.getUTCFullYear();
  return { year: isoYear, week: Math.floor((thursday.getTime() - dateFromParts(isoYear, 1, 1)) / (7 * DAY)) + 1 };
}

/** Week of the year, weeks begin on Sunday; 0 before the first Sunday. */
export const sundayWeek = ({ dayOfYear, weekday }: LocalParts): number => Math.floor((dayOfYear - 1 + 7 - weekday) / 7);

/** The beginning of the day that an ISO week date names, as local time. */
export function fromIsoWeek(year: number, week: number, weekday: number): number {
  const january4 = dateFromParts(year, 1, 4);
  const monday = january4 - ((new Date(january4).getUTCDay() + 6) % 7) * DAY;
  return monday + ((week - 1) * 7 + weekday - 1) * DAY;
}

const mod = (a: number, b: number): number => ((a % b) + b) % b;
/** Bins are counted from here. */
const REFERENCE = dateFromParts(2000, 1, 1);

/** The beginning of the bin of `size` units that the instant lies in. */
export function truncate(instant: number, unit: Unit, size: number, zone: Zone, startOfWeek: number): number {
  const fixed = FIXED[unit];
  if (fixed !== undefined) {
    const reference = fromLocal(REFERENCE, zone);
    return instant - mod(instant - reference, size * fixed);
  }
  const local = toLocal(instant, zone);
  const months = MONTHS[unit];
  if (months !== undefined) {
    const date = new Date(local);
    const count = (date.getUTCFullYear() - 2000) * 12 + date.getUTCMonth();
    return fromLocal(dateFromParts(2000, 1 + count - mod(count, months * size), 1), zone);
  }
  const days = unit === 'week' ? 7 * size : size;
  const first = unit === 'week' ? REFERENCE + mod(startOfWeek - new Date(REFERENCE).getUTCDay(), 7) * DAY : REFERENCE;
  return fromLocal(local - mod(local - first, days * DAY), zone);
}

/** How many boundaries of the unit lie between two instants. */
export function difference(from: number, to: number, unit: Unit, zone: Zone, startOfWeek: number): number {
  if (unit === 'millisecond') return to - from;
  if (unit === 'second') return Math.floor(to / 1000) - Math.floor(from / 1000);
  if (unit === 'minute') return Math.floor(to / MINUTE) - Math.floor(from / MINUTE);
  const [start, end] = [toLocal(from, zone), toLocal(to, zone)];
  if (unit === 'hour') {
    return Math.floor(end / HOUR) - Math.floor(start / HOUR) - Math.trunc((zone.offset(to) - zone.offset(from)) / HOUR);
  }
  const [startDay, endDay] = [Math.floor(start / DAY), Math.floor(end / DAY)];
  if (unit === 'day') return endDay - startDay;
  // Day 0 of 1970 was a Thursday (4).
  const weekOf = (day: number): number => Math.floor((day + 4 - startOfWeek) / 7);
  if (unit === 'week') return weekOf(endDay) - weekOf(startDay);
  const monthOf = (local: number): number => new Date(local).getUTCFullYear() * 12 + new Date(local).getUTCMonth();
  const months = MONTHS[unit] ?? 1;
  return Math.floor(monthOf(end) / months) - Math.floor(monthOf(start) / months);
}

/** An instant moved by some units; days and longer units keep the local time of day. */
export function addUnits(instant: number, unit: Unit, amount: number, zone: Zone): number {
  const fixed = FIXED[unit];
  if (fixed !== undefined) return instant + amount * fixed;
  const local = toLocal(instant, zone);
  if (unit === 'day' || unit === 'week') return fromLocal(local + amount * (unit === 'week' ? 7 : 1) * DAY, zone);
  const date = new Date(local);
  const month = date.getUTCMonth() + 1 + amount * (MONTHS[unit] ?? 1);
  const lastDay = new Date(dateFromParts(date.getUTCFullYear(), month + 1, 0)).getUTCDate();
  const day = dateFromParts(date.getUTCFullYear(), month, Math.min(date.getUTCDate(), lastDay));
  return fromLocal(day + mod(local, DAY), zone);
}
