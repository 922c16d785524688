import { formatDay } from '../../domain/format-vi.js';
import { localTimestamp, parsePeriod, type DayRange, type Period } from '../../domain/period.js';
import type { Lang, MessageKey, Translate } from '../../i18n/index.js';
import type { Grouping } from './reports.types.js';

const WEEKDAYS: Readonly<Record<string, MessageKey>> = {
  1: 'weekday.1',
  2: 'weekday.2',
  3: 'weekday.3',
  4: 'weekday.4',
  5: 'weekday.5',
  6: 'weekday.6',
  7: 'weekday.7',
};

const CHANNELS: Readonly<Record<string, MessageKey>> = {
  kiosk: 'channel.kiosk',
  qr: 'channel.qr',
  paper: 'channel.paper',
  import: 'channel.import',
};

/**
 * The name of a group that needs no catalogue, in the reader's language: a period, an hour, a weekday, a channel, or no
 * value at all (key ''). Null for the codes of centres, procedures and the like.
 */
export function groupName(grouping: Grouping, key: string, lang: Lang, t: Translate): string | null {
  if (key === '') return t('reports.unrecorded');
  switch (grouping) {
    case 'day':
    case 'week':
    case 'month':
    case 'quarter':
    case 'year':
      return periodName(key, lang, t);
    case 'hour':
      return t('hour.range', { from: Number(key), to: Number(key) + 1 });
    case 'weekday':
      return named(WEEKDAYS, key, t);
    case 'channel':
      return named(CHANNELS, key, t);
    case 'centre':
    case 'unit':
    case 'field':
    case 'procedure':
    case 'counter':
    case 'officer':
    case 'kiosk':
    case 'reason':
      return null;
  }
}

function named(keys: typeof WEEKDAYS, key: string, t: Translate): string | null {
  const message = keys[key];
  return message === undefined ? null : t(message);
}

/** A period in words: '2026-Q4' → 'Quý 4/2026', '2026-11-22' → '22/11/2026'. RangeError for what is no period. */
export function periodName(key: string, lang: Lang, t: Translate): string {
  const period = parsePeriod(key);
  if (!period) throw new RangeError(`Not a period: ${key}`);
  return NAMES[period.kind](period, lang, t);
}

const NAMES: Readonly<Record<Period['kind'], (period: Period, lang: Lang, t: Translate) => string>> = {
  day: ({ key }, lang) => formatDay(key, lang),
  week: ({ key }, _, t) => t('period.week', { week: Number(key.slice(6)), year: key.slice(0, 4) }),
  month: ({ key }, _, t) =>
    t('period.month', { month: Number(key.slice(5)), name: monthName(key), year: key.slice(0, 4) }),
  quarter: ({ key }, _, t) =>
    t('period.quarter', { quarter: key.slice(6), roman: ROMAN[Number(key.slice(6))] ?? '', year: key.slice(0, 4) }),
  half: ({ key }, _, t) => t(key.endsWith('1') ? 'period.firstHalf' : 'period.secondHalf', { year: key.slice(0, 4) }),
  nineMonths: ({ key }, _, t) => t('period.nineMonths', { year: key.slice(0, 4) }),
  year: ({ key }, _, t) => t('period.year', { year: key }),
};

/** Official Vietnamese texts number quarters in Roman numerals. */
const ROMAN: readonly string[] = ['', 'I', 'II', 'III', 'IV'];

/** English abbreviation of a month '2026-11': 'Nov'. */
function monthName(key: string): string {
  return formatDay(`${key}-01`, 'en').split(' ')[1] ?? '';
}

/** The days reported on, with the name of the period if one was asked for. */
export function rangeText({ from, to }: DayRange, asked: string, lang: Lang, t: Translate): string {
  const days =
    from === to ? formatDay(from, lang) : t('reports.fromTo', { from: formatDay(from, lang), to: formatDay(to, lang) });
  const period = parsePeriod(asked);
  return period && period.kind !== 'day' ? `${periodName(period.key, lang, t)} (${days})` : days;
}

/** An instant on the local clock: '08:05 22/11/2026'. */
export function instantText(instant: Date, lang: Lang): string {
  const local = localTimestamp(instant);
  return `${local.slice(11, 16)} ${formatDay(local.slice(0, 10), lang)}`;
}
