import { MongoError } from '../errors.js';
import { isoWeek, localParts, sundayWeek, type LocalParts } from './calendar.js';
import { DAY, dateFromParts, fromLocal, HOUR, MINUTE, parseZone, UTC, type Zone } from './zone.js';

export const DEFAULT_FORMAT = '%Y-%m-%dT%H:%M:%S.%LZ';

const MONTH_NAMES = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

const pad = (n: number, width: number): string => String(n).padStart(width, '0');

/** @throws MongoError 18535 or 18536 when a format has an unknown specifier or ends in a single %. */
export function checkFormat(format: string, specifiers: string): void {
  for (const [, specifier] of format.matchAll(/%(.?)/gsu)) {
    if (specifier === '') throw new MongoError(18535, "Unmatched '%' at end of format string");
    if (!specifiers.includes(specifier ?? ''))
      throw new MongoError(18536, `Invalid format character '%${specifier ?? ''}' in format string`);
  }
}

export const OUTPUT_SPECIFIERS = 'dGHjLmMSwuUVYzZ%bB';
export const INPUT_SPECIFIERS = 'dGHjLmMSuVYzZ%bB';

/** An instant written in a format of `$dateToString`. */
export function formatDate(instant: number, format: string, zone: Zone): string {
  const parts = localParts(instant, zone);
  if (parts.year < 0 || parts.year > 9999)
    throw new MongoError(18537, `$dateToString is only defined on year 0-9999, tried to use year ${parts.year}`);
  const offset = zone.offset(instant) / MINUTE;
  return format.replace(/%(.)/gsu, (_, specifier: string) => formatPart(specifier, parts, offset));
}

function formatPart(specifier: string, parts: LocalParts, offset: number): string {
  switch (specifier) {
    case 'Y':
      return pad(parts.year, 4);
    case 'm':
      return pad(parts.month, 2);
    case 'd':
      return pad(parts.day, 2);
    case 'H':
      return pad(parts.hour, 2);
    case 'M':
      return pad(parts.minute, 2);
    case 'S':
      return pad(parts.second, 2);
    case 'L':
      return pad(parts.millisecond, 3);
    case 'j':
      return pad(parts.dayOfYear, 3);
    case 'w':
      return String(parts.weekday + 1);
    case 'u':
      return String(((parts.weekday + 6) % 7) + 1);
    case 'U':
      return pad(sundayWeek(parts), 2);
    case 'V':
      return pad(isoWeek(parts).week, 2);
    case 'G':
      return pad(isoWeek(parts).year, 4);
    case 'b':
      return (MONTH_NAMES[parts.month - 1] ?? '').slice(0, 3);
    case 'B':
      return MONTH_NAMES[parts.month - 1] ?? '';
    case 'z':
      return `${offset < 0 ? '-' : '+'}${pad(Math.floor(Math.abs(offset) / 60), 2)}${pad(Math.floor(Math.abs(offset) % 60), 2)}`;
    case 'Z':
      return String(Math.trunc(offset));
    default:
      return '%';
  }
}

const fail = (text: string, why: string): never => {
  throw new MongoError(241, `Error parsing date string '${text}'; ${why}`);
};

const ISO =
  /^(\d{4})-?(\d{2})-?(\d{2})(?:[T ](\d{2})(?::?(\d{2})(?::?(\d{2})(?:[.,](\d{1,9}))?)?)?)?\s*(Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?$/i;

/** Parses a date written in the manner of ISO 8601. Without an offset of its own it is local time of the zone. */
export function parseIsoDate(text: string, zone: Zone | undefined): number {
  const match = ISO.exec(text.trim()) ?? fail(text, 'only dates in the form of ISO 8601 are understood by this server');
  const [, year, month, day, hour, minute, second, fraction, offset] = match;
  if (offset !== undefined && zone && zone !== UTC) {
    fail(text, 'you cannot pass in a date/time string with time zone information together with a timezone argument');
  }
  const [m, d, h] = [Number(month), Number(day), Number(hour ?? 0)];
  if (m < 1 || m > 12 || d < 1 || d > 31 || h > 24 || Number(minute ?? 0) > 59 || Number(second ?? 0) > 60)
    fail(text, 'unexpected character');
  const millisecond = Number((fraction ?? '0').padEnd(3, '0').slice(0, 3));
  const local =
    dateFromParts(Number(year), m, d) +
    h * HOUR +
    Number(minute ?? 0) * MINUTE +
    Number(second ?? 0) * 1000 +
    millisecond;
  return fromLocal(local, offset === undefined ? (zone ?? UTC) : parseZone(offset.toUpperCase()));
}

const PATTERNS: Readonly<Record<string, string>> = {
  Y: '(\\d{4})',
  G: '(\\d{4})',
  m: '(\\d{1,2})',
  d: '(\\d{1,2})',
  H: '(\\d{1,2})',
  M: '(\\d{1,2})',
  S: '(\\d{1,2})',
  L: '(\\d{1,3})',
  j: '(\\d{1,3})',
  u: '([1-7])',
  V: '(\\d{1,2})',
  z: '([+-]\\d{2}:?\\d{2}|Z|UTC|GMT)',
  Z: '([+-]?\\d{1,4})',
  b: '([A-Za-z]{3})',
  B: '([A-Za-z]+)',
};

/** Parses a date in a format of `$dateFromString`. */
export function parseDate(text: string, format: string, zone: Zone | undefined): number {
  const names: string[] = [];
  const pattern = format.replace(/%(.)|[\s\S]/gu, (char, specifier: string | undefined) => {
    const part = specifier === undefined ? undefined : PATTERNS[specifier];
    if (part === undefined) return (specifier ?? char).replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');
    names.push(specifier ?? '');
    return part;
  });
  const match = new RegExp(`^${pattern}$`, 'u').exec(text) ?? fail(text, 'it does not match the format');
  const values = new Map(names.map((name, i) => [name, match[i + 1] ?? '']));
  return assemble(text, values, zone);
}

function assemble(text: string, values: ReadonlyMap<string, string>, zone: Zone | undefined): number {
  const number = (name: string, fallback: number): number => (values.has(name) ? Number(values.get(name)) : fallback);
  const time =
    number('H', 0) * HOUR +
    number('M', 0) * MINUTE +
    number('S', 0) * 1000 +
    Number((values.get('L') ?? '0').padEnd(3, '0'));
  const offset = values.has('Z') ? number('Z', 0) * MINUTE : undefined;
  const named = values.get('z');
  if ((offset !== undefined || named !== undefined) && zone && zone !== UTC)
    fail(text, 'it has an offset of its own beside the timezone argument');
  const used = named === undefined ? (zone ?? UTC) : parseZone(named.toUpperCase());
  const local = dayOf(text, values, number) + time;
  return offset === undefined ? fromLocal(local, used) : local - offset;
}

function dayOf(
  text: string,
  values: ReadonlyMap<string, string>,
  number: (name: string, fallback: number) => number,
): number {
  if (values.has('G')) {
    const january4 = dateFromParts(number('G', 1970), 1, 4);
    const monday = january4 - ((new Date(january4).getUTCDay() + 6) % 7) * DAY;
    return monday + ((number('V', 1) - 1) * 7 + number('u', 1) - 1) * DAY;
  }
  if (!values.has('Y')) fail(text, 'an incomplete date/time string has been found, with elements missing');
  if (values.has('j')) return dateFromParts(number('Y', 1970), 1, number('j', 1));
  const name = (values.get('b') ?? values.get('B'))?.toLowerCase();
  const month =
    name === undefined ? number('m', 1) : MONTH_NAMES.findIndex((full) => full.toLowerCase().startsWith(name)) + 1;
  if (month < 1 || month > 12 || number('d', 1) < 1 || number('d', 1) > 31) fail(text, 'unexpected character');
  return dateFromParts(number('Y', 1970), month, number('d', 1));
}
