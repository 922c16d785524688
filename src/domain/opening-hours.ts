import { localDay, localTimestamp, weekday } from './period.js';

/** When a centre is open, the same on each of its days. Times are local, 'HH:MM', the end not included. */
export interface OpeningHours {
  /** 1 = Monday … 7 = Sunday. */
  readonly days: readonly number[];
  readonly spans: readonly { readonly from: string; readonly to: string }[];
}

/** What most one-stop centres keep: Monday to Friday, with a pause at noon. */
export const USUAL_HOURS: OpeningHours = {
  days: [1, 2, 3, 4, 5],
  spans: [
    { from: '07:30', to: '11:30' },
    { from: '13:30', to: '17:00' },
  ],
};

/** Whether a centre with these hours is open at an instant. RangeError for an invalid Date. */
export function isOpen({ days, spans }: OpeningHours, instant: Date): boolean {
  const time = localTimestamp(instant).slice(11, 16);
  return days.includes(weekday(localDay(instant))) && spans.some(({ from, to }) => from <= time && time < to);
}

const DAY_NUMBER = /^[1-7]$/;
const SPAN = /^([01]\d|2[0-3]):([0-5]\d)-(([01]\d|2[0-3]):([0-5]\d)|24:00)$/;

/**
 * Reads opening hours as people write them: days such as '1-5' or '1,3,6' (1 = Monday … 7 = Sunday), times such as
 * '07:30-11:30, 13:30-17:00'. Null when they are none, or when a span ends before it begins or overlaps another.
 */
export function parseHours(days: string, times: string): OpeningHours | null {
  const numbers = parseDays(days);
  const spans = parseSpans(times);
  return numbers && spans ? { days: numbers, spans } : null;
}

/** '1-5' as the numbers 1 to 5, in order and once each. */
function parseDays(text: string): number[] | null {
  const parts = parted(text).map((part) => part.split('-'));
  const isValid = parts.every((ends) => ends.length <= 2 && ends.every((end) => DAY_NUMBER.test(end)));
  if (parts.length === 0 || !isValid) return null;
  const named = parts.flatMap(([from = '', to = from]) => {
    const length = Math.max(0, Number(to) - Number(from) + 1);
    return Array.from({ length }, (_, index) => Number(from) + index);
  });
  return named.length === 0 ? null : [...new Set(named)].sort((a, b) => a - b);
}

function parseSpans(text: string): OpeningHours['spans'] | null {
  const parts = parted(text);
  if (parts.length === 0 || !parts.every((part) => SPAN.test(part))) return null;
  const spans = parts
    .map((part) => ({ from: part.slice(0, 5), to: part.slice(6) }))
    .sort((a, b) => (a.from < b.from ? -1 : 1));
  const isInOrder = spans.every(({ from, to }, index) => from < to && (spans[index - 1]?.to ?? '') <= from);
  return isInOrder ? spans : null;
}

function parted(text: string): string[] {
  return text
    .replaceAll('–', '-')
    .replace(/\s+/g, '')
    .split(',')
    .filter((part) => part !== '');
}

/** The times of opening hours as {@link parseHours} reads them. */
export function timesText({ spans }: OpeningHours): string {
  return spans.map(({ from, to }) => `${from}-${to}`).join(', ');
}
