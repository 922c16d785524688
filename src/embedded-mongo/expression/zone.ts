import { MongoError } from '../errors.js';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** A time zone: its offset from UTC at any time. */
export interface Zone {
  /** Milliseconds that local time is ahead of UTC at an instant. */
  offset(instant: number): number;
}

export const UTC: Zone = { offset: () => 0 };

const zones = new Map<string, Zone>();

/** The zone of an Olson name or of an offset like `+07`, `+0700`, `+07:00`. @throws MongoError 40485 when it is neither. */
export function parseZone(name: string): Zone {
  if (name === 'UTC' || name === 'GMT' || name === 'Z') return UTC;
  const known = zones.get(name);
  if (known) return known;
  const zone = fixedZone(name) ?? namedZone(name);
  if (zones.size > 200) zones.clear();
  zones.set(name, zone);
  return zone;
}

function fixedZone(name: string): Zone | undefined {
  const match = /^([+-])(\d{2})(?::?(\d{2}))?$/.exec(name);
  if (!match) return undefined;
  const offset = (match[1] === '-' ? -1 : 1) * (Number(match[2]) * HOUR + Number(match[3] ?? 0) * MINUTE);
  return { offset: () => offset };
}

/** Zones change their offset on quarter hours only; within one the answer is remembered. */
const STEP = 15 * MINUTE;

function namedZone(name: string): Zone {
  const format = formatFor(name);
  const offsets = new Map<number, number>();
  return {
    offset: (instant) => {
      const step = Math.floor(instant / STEP);
      let offset = offsets.get(step);
      if (offset === undefined) {
        offset = measure(format, step * STEP);
        if (offsets.size > 50_000) offsets.clear();
        offsets.set(step, offset);
      }
      return offset;
    },
  };
}

function formatFor(name: string): Intl.DateTimeFormat {
  try {
    if (!/^[A-Za-z][\w+/-]*$/.test(name)) throw new RangeError(name);
    return new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch {
    throw new MongoError(40485, `unrecognized time zone identifier: "${name}"`);
  }
}

function measure(format: Intl.DateTimeFormat, instant: number): number {
  const parts = new Map(format.formatToParts(instant).map(({ type, value }) => [type, value]));
  const number = (type: Intl.DateTimeFormatPartTypes): number => Number(parts.get(type));
  const year = parts.get('era') === 'BC' ? 1 - number('year') : number('year');
  const local =
    dateFromParts(year, number('month'), number('day')) +
    number('hour') * HOUR +
    number('minute') * MINUTE +
    number('second') * 1000;
  return local - instant;
}

/** Milliseconds from 1970 to the beginning of a day; months and days beyond the calendar carry over. */
export function dateFromParts(year: number, month: number, day: number): number {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return date.getTime();
}

/** Local time as if it were UTC. */
export const toLocal = (instant: number, zone: Zone): number => instant + zone.offset(instant);

/** The instant of a local time; one that a clock change skips counts on from before it. */
export function fromLocal(local: number, zone: Zone): number {
  const guess = local - zone.offset(local);
  const before = zone.offset(guess);
  const instant = local - before;
  return zone.offset(instant) === before ? instant : Math.max(guess, instant);
}
