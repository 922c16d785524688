import { keysInRange, monthKey, quarterKey, weekday, weekKey, yearKey, type DayRange } from '../../domain/period.js';
import type { Questionnaire } from '../../domain/questionnaire.js';
import { figures } from '../../domain/rates.js';
import { zeroCounts, type Scale } from '../../domain/scale.js';
import {
  increment,
  noCount,
  TALLY_DIMENSIONS,
  type Count,
  type TallyCounts,
  type TallyDimension,
} from '../../domain/tally.js';
import type { Grouping, ReportRow } from './reports.types.js';

/** One tally as a report sees it. */
export interface ReportedTally {
  readonly centre: string;
  /** Local day or month. */
  readonly period: string;
  readonly counts: TallyCounts;
  readonly questionnaire: Questionnaire;
}

/** Where a group's name and a centre's unit come from. */
export interface ReportNames {
  label(key: string): string;
  unitOf(centre: string): string;
}

/** The breakdown of a tally that a grouping needs; none when the tally as a whole belongs to one group. */
export function dimensionOf(grouping: Grouping): TallyDimension | undefined {
  return TALLY_DIMENSIONS.find((dimension) => dimension === grouping);
}

/** Whether a grouping tells single days apart, so that months are too coarse for it. */
export function needsDays(grouping: Grouping): boolean {
  return grouping === 'day' || grouping === 'week' || grouping === 'weekday';
}

/** The total over all tallies. */
export function totalRow(tallies: readonly ReportedTally[], scale: Scale, label: string): ReportRow {
  const total = noCount();
  for (const tally of tallies) add(total, measured(tally));
  return reportRow('', label, scale, total);
}

/** The answers to every item, from the worst level of the scale to the best. */
export function countsByItem(tallies: readonly ReportedTally[], scale: Scale): Map<string, number[]> {
  const items = new Map<string, number[]>();
  for (const { counts } of tallies) {
    for (const [item, levels] of counts.items) {
      const before = items.get(item) ?? zeroCounts(scale);
      items.set(
        item,
        scale.levels.map(({ code }, position) => (before[position] ?? 0) + (levels.get(code) ?? 0)),
      );
    }
  }
  return items;
}

/**
 * One row a group: every group with answers and, where time is the group, also those without (contract §3).
 * Time runs forward; other groups are in the order of their keys.
 */
export function groupRows(
  tallies: readonly ReportedTally[],
  grouping: Grouping,
  range: DayRange,
  scale: Scale,
  names: ReportNames,
): ReportRow[] {
  const fixed = fixedKeys(grouping, range);
  const groups = new Map<string, Count>(fixed.map((key) => [key, noCount()]));
  for (const tally of tallies) {
    for (const [key, count] of groupsOf(grouping, tally, names)) {
      const group = groups.get(key) ?? noCount();
      groups.set(key, group);
      add(group, count);
    }
  }
  const rows = [...groups].map(([key, count]) => reportRow(key, names.label(key), scale, count));
  if (fixed.length > 0) return rows;
  return rows.filter(({ n }) => n > 0).sort((a, b) => (a.key < b.key ? -1 : 1));
}

/** Keys that have a row even with no answers. */
function fixedKeys(grouping: Grouping, range: DayRange): string[] {
  switch (grouping) {
    case 'hour':
      return Array.from({ length: 24 }, (_, hour) => String(hour));
    case 'weekday':
      return Array.from({ length: 7 }, (_, index) => String(index + 1));
    case 'day':
    case 'week':
    case 'month':
    case 'quarter':
    case 'year':
      return keysInRange(grouping, range);
    default:
      return [];
  }
}

function groupsOf(
  grouping: Grouping,
  tally: ReportedTally,
  names: ReportNames,
): Iterable<readonly [string, Readonly<Count>]> {
  const dimension = dimensionOf(grouping);
  return dimension ? tally.counts.by[dimension] : [[wholeTallyKey(grouping, tally, names), measured(tally)]];
}

function wholeTallyKey(grouping: Grouping, { centre, period }: ReportedTally, names: ReportNames): string {
  // A month's tally stands for its first day, which is in the same month, quarter and year.
  const day = period.length === 'YYYY-MM'.length ? `${period}-01` : period;
  switch (grouping) {
    case 'unit':
      return names.unitOf(centre);
    case 'day':
      return day;
    case 'week':
      return weekKey(day);
    case 'weekday':
      return String(weekday(day));
    case 'month':
      return monthKey(day);
    case 'quarter':
      return quarterKey(day);
    case 'year':
      return yearKey(day);
    default:
      return centre;
  }
}

/** Forms and the level counts by which they are measured: the headline item's, or those of all items. */
function measured({ counts, questionnaire: { headline } }: ReportedTally): Count {
  if (headline !== null)
    return { forms: counts.forms, levels: counts.items.get(headline) ?? new Map<number, number>() };
  const pooled = new Map<number, number>();
  for (const levels of counts.items.values()) for (const [level, n] of levels) increment(pooled, level, n);
  return { forms: counts.forms, levels: pooled };
}

function add(into: Count, count: Readonly<Count>): void {
  into.forms += count.forms;
  for (const [level, n] of count.levels) increment(into.levels, level, n);
}

function reportRow(key: string, label: string, scale: Scale, { forms, levels }: Count): ReportRow {
  const counts = scale.levels.map(({ code }) => levels.get(code) ?? 0);
  return { key, label, responses: forms, ...figures(scale, counts) };
}
