import { keysInRange, monthKey, quarterKey, yearKey, type DayRange } from '../../domain/period.js';
import { percentage } from '../../domain/rates.js';
import type { OpenCount, ReturnedCount } from '../dossiers/dossier-tallies.model.js';

/** What dossiers can be grouped by (contract §3 Reports). */
export const DOSSIER_GROUPINGS = [
  'centre',
  'unit',
  'month',
  'quarter',
  'year',
  'field',
  'procedure',
  'officer',
] as const;
export type DossierGrouping = (typeof DOSSIER_GROUPINGS)[number];

/** Dossiers returned within a range, by local day against the day due; `rate` is the share not late, in percent. */
export interface OnTimeCounts {
  readonly returned: number;
  readonly early: number;
  readonly onTime: number;
  readonly late: number;
  readonly rate: number | null;
}

export interface OnTimeRow extends OnTimeCounts {
  readonly key: string;
  readonly label: string;
  /** Received by the end of the range and not returned by then; null in rows of time. */
  readonly open: number | null;
  /** Those of them due on or before its last day. */
  readonly openOverdue: number | null;
}

type Returned = Omit<ReturnedCount, 'key'>;
type Open = Omit<OpenCount, 'key'>;

const NONE_RETURNED: Returned = { early: 0, onTime: 0, late: 0 };
const NONE_OPEN: Open = { open: 0, openOverdue: 0 };

/** Counts of returned dossiers with their total and the rate (early + on time) ÷ returned. */
export function onTimeCounts({ early, onTime, late }: Returned): OnTimeCounts {
  const returned = early + onTime + late;
  return { returned, early, onTime, late, rate: percentage(early + onTime, returned) };
}

/** The key in `grouping` of a month. */
export function timeKey(grouping: 'month' | 'quarter' | 'year', month: string): string {
  return { month: monthKey, quarter: quarterKey, year: yearKey }[grouping](month);
}

export function isTime(grouping: string): grouping is 'month' | 'quarter' | 'year' {
  return grouping === 'month' || grouping === 'quarter' || grouping === 'year';
}

/** Keys that have a row even where nothing happened. */
export function timeKeys(grouping: string, range: DayRange): string[] {
  return isTime(grouping) ? keysInRange(grouping, range) : [];
}

export interface DossierCounts {
  readonly returned: readonly ReturnedCount[];
  /** None where rows are spans of time. */
  readonly open: readonly OpenCount[];
}

/** Returned and open dossiers added up by the keys that `keyOf` gives to the keys they were counted by. */
export function dossierGroups({ returned, open }: DossierCounts, keyOf: (key: string) => string) {
  const groups = new Map<string, { returned: Returned; open: Open }>();
  const group = (key: string) => groups.get(keyOf(key)) ?? { returned: NONE_RETURNED, open: NONE_OPEN };
  for (const count of returned) {
    const before = group(count.key);
    groups.set(keyOf(count.key), { ...before, returned: sumReturned([before.returned, count]) });
  }
  for (const count of open) {
    const before = group(count.key);
    groups.set(keyOf(count.key), { ...before, open: sumOpen([before.open, count]) });
  }
  return groups;
}

export function sumReturned(counts: readonly Returned[]): Returned {
  return counts.reduce<Returned>(
    (sum, { early, onTime, late }) => ({
      early: sum.early + early,
      onTime: sum.onTime + onTime,
      late: sum.late + late,
    }),
    NONE_RETURNED,
  );
}

export function sumOpen(counts: readonly Open[]): Open {
  return counts.reduce<Open>(
    (sum, { open, openOverdue }) => ({ open: sum.open + open, openOverdue: sum.openOverdue + openOverdue }),
    NONE_OPEN,
  );
}
