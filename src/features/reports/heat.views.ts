import { formatNumber, formatPercent } from '../../domain/format-vi.js';
import { slotParts } from '../../domain/tally.js';
import type { Heat, HeatCell, PageInput } from './figures.views.js';
import { groupName } from './reports.names.js';
import type { ReportRow } from './reports.types.js';

/** Satisfied rates from which the shades 1 to 4 begin, in percent. */
const SHADES_FROM = [60, 75, 85, 95] as const;
const WEEKDAYS = [1, 2, 3, 4, 5, 6, 7] as const;

/** The satisfied rate by hour (rows) and weekday (columns), from the first hour with answers to the last. */
export function heatOf(slots: readonly ReportRow[], { lang, t }: PageInput): Heat {
  const bySlot = new Map(slots.map((row) => [row.key, row]));
  const hours = slots.map(({ key }) => slotParts(key).hour);
  const [first, last] = [Math.min(...hours), Math.max(...hours)];
  const weekdays = WEEKDAYS.filter((weekday) => slots.some(({ key }) => slotParts(key).weekday === weekday));
  const cellOf = (row: ReportRow | undefined): HeatCell | null => {
    if (!row || row.rates.satisfied === null) return null;
    const rate = row.rates.satisfied;
    const text = formatPercent(rate, 0, lang);
    return { text, note: t('overview.answers', { n: formatNumber(row.n, 0, lang) }), shade: shadeOf(rate) };
  };
  return {
    text: t('overview.heatText'),
    columns: weekdays.map((weekday) => groupName('weekday', String(weekday), lang, t) ?? ''),
    rows: Array.from({ length: last - first + 1 }, (_, index) => {
      const hour = first + index;
      return {
        label: groupName('hour', String(hour), lang, t) ?? '',
        cells: weekdays.map((weekday) => cellOf(bySlot.get(`${weekday}-${String(hour).padStart(2, '0')}`))),
      };
    }),
  };
}

function shadeOf(rate: number): HeatCell['shade'] {
  const shade = SHADES_FROM.filter((from) => rate >= from).length;
  return ([0, 1, 2, 3, 4] as const)[shade] ?? 4;
}
