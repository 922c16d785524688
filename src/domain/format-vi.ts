import { minus, roundFraction, toFraction } from './decimal.js';
import { localTimestamp } from './period.js';
import { RATE_DECIMALS, roundHalfUp } from './rates.js';

/**
 * How figures are written on pages: Vietnamese by default (decimal comma, point for thousands, domain.md §6.2), English
 * with `lang` 'en'. What is unknown (null) is written as a dash, never as 0.
 */
const UNKNOWN = '—';

const ENGLISH_MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** The number with exactly `decimals` places, rounded half up: 3899.5, 1 → '3.899,5' ('3,899.5' in English). */
export function formatNumber(value: number | null, decimals = 0, lang = 'vi'): string {
  if (value === null) return UNKNOWN;
  const rounded = roundHalfUp(value, decimals);
  const [whole = '', fraction = ''] = Math.abs(rounded).toFixed(decimals).split('.');
  const [group, point] = lang === 'en' ? [',', '.'] : ['.', ','];
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, group);
  return `${rounded < 0 ? '-' : ''}${grouped}${fraction && point + fraction}`;
}

/** A rate in percent: 96.55 → '96,55%'. */
export function formatPercent(value: number | null, decimals: number = RATE_DECIMALS, lang = 'vi'): string {
  return value === null ? UNKNOWN : `${formatNumber(value, decimals, lang)}%`;
}

/** A day 'YYYY-MM-DD': '22/11/2026'; in English '22 Nov 2026', which no reader can take for another day. */
export function formatDay(day: string, lang = 'vi'): string {
  const [year = '', month = '', date = ''] = day.split('-');
  if (lang !== 'en') return `${date}/${month}/${year}`;
  return `${Number(date)} ${ENGLISH_MONTHS[Number(month) - 1] ?? month} ${year}`;
}

/** An instant on the local clock: '22/11/2026 08:05', with `seconds` '22/11/2026 08:05:09'. */
export function formatInstant(instant: Date, seconds = false): string {
  const local = localTimestamp(instant);
  return `${formatDay(local.slice(0, 10))} ${local.slice(11, seconds ? 19 : 16)}`;
}

/** A rank among the ranked: '2/13'. */
export function formatRank(rank: number | null, of: number): string {
  return rank === null ? UNKNOWN : `${rank}/${of}`;
}

/** Places won or lost (previous rank − rank): 10 → 'tăng 10 bậc', −2 → 'giảm 2 bậc', 0 → 'giữ nguyên'. */
export function formatMovement(movement: number | null, lang = 'vi'): string {
  if (movement === null) return UNKNOWN;
  const places = Math.abs(movement);
  if (lang === 'en') {
    if (movement === 0) return 'unchanged';
    return `${movement > 0 ? 'up' : 'down'} ${places} ${places === 1 ? 'place' : 'places'}`;
  }
  return movement === 0 ? 'giữ nguyên' : `${movement > 0 ? 'tăng' : 'giảm'} ${places} bậc`;
}

/**
 * The change of a score, at most 2 decimals, trailing zeros dropped: 89.63 after 88.83 → 'tăng 0,8 điểm'. The
 * difference is taken in decimal arithmetic, so 60.02 − 53.76 is 6.26.
 */
export function formatChange(value: number | null, previous: number | null, lang = 'vi'): string {
  if (value === null || previous === null) return UNKNOWN;
  const change = roundFraction(minus(toFraction(value), toFraction(previous)), RATE_DECIMALS);
  const points = formatNumber(Math.abs(change), placesOf(change), lang);
  if (lang === 'en') {
    if (change === 0) return 'no change';
    return `${change > 0 ? 'up' : 'down'} ${points} ${points === '1' ? 'point' : 'points'}`;
  }
  return change === 0 ? 'không đổi' : `${change > 0 ? 'tăng' : 'giảm'} ${points} điểm`;
}

/** A run of years: 5 → '5 năm liên tiếp'. One year is no run: '1 năm'. */
export function formatStreak(years: number, lang = 'vi'): string {
  if (years === 0) return UNKNOWN;
  if (lang === 'en') return years === 1 ? '1 year' : `${years} years in a row`;
  return years === 1 ? '1 năm' : `${years} năm liên tiếp`;
}

/** Decimal places needed to write a value that is already rounded to `RATE_DECIMALS`. */
function placesOf(rounded: number): number {
  let places = 0;
  while (places < RATE_DECIMALS && roundHalfUp(rounded, places) !== rounded) places += 1;
  return places;
}
