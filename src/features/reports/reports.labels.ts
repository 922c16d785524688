import { formatDay } from '../../domain/format-vi.js';
import { parsePeriod, type Period } from '../../domain/period.js';
import type { Lang, MessageKey, Translate } from '../../i18n/index.js';
import type { Grouping, ReportRow } from './reports.types.js';

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

/** What a report line is called on a page; a line without a value for the grouping says so. */
export function rowLabel(grouping: Grouping, row: Pick<ReportRow, 'key' | 'label'>, lang: Lang, t: Translate): string {
  if (row.key === '') return t('reports.unrecorded');
  switch (grouping) {
    case 'day':
    case 'week':
    case 'month':
    case 'quarter':
    case 'year':
      return periodName(row.key, lang, t);
    case 'hour':
      return t('hour.range', { from: Number(row.key), to: Number(row.key) + 1 });
    case 'weekday':
      return named(WEEKDAYS, row, t);
    case 'channel':
      return named(CHANNELS, row, t);
    case 'centre':
    case 'unit':
    case 'field':
    case 'procedure':
    case 'counter':
    case 'officer':
    case 'kiosk':
    case 'reason':
      return row.label === '' ? row.key : row.label;
  }
}

function named(keys: typeof WEEKDAYS, { key, label }: Pick<ReportRow, 'key' | 'label'>, t: Translate): string {
  const message = keys[key];
  return message === undefined ? label : t(message);
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
