import { keysInRange, monthKey, quarterKey, weekKey, yearKey, type DayRange } from '../../domain/period.js';
import type { Questionnaire } from '../../domain/questionnaire.js';
import { figures } from '../../domain/rates.js';
import { zeroCounts, type Scale } from '../../domain/scale.js';
import {
  addCount,
  noCount,
  slotParts,
  TALLY_DIMENSIONS,
  type Count,
  type LevelCounts,
  type TallyDimension,
  type TallyKind,
} from '../../domain/tally.js';
import type { Breakdown, ReportRow } from './reports.types.js';

/** A key of a breakdown, with its counts. */
export type Group = readonly [string, Readonly<Count>];

/** One tally as a report sees it. */
export interface ReportedTally {
  readonly centre: string;
  /** Local day, month or year. */
  readonly period: string;
  readonly questionnaire: Questionnaire;
  /** Forms, and the answers they are measured by. */
  readonly measured: Readonly<Count>;
  /** The answers to each item, if they were asked for. */
  readonly items: readonly (readonly [string, LevelCounts])[];
  /** The counts by each breakdown that was asked for. */
  readonly groups: ReadonlyMap<TallyDimension, readonly Group[]>;
}

/** Where a group's name and a centre's unit come from. */
export interface ReportNames {
  label(key: string): string;
  unitOf(centre: string): string;
}

/** The breakdown of a tally that a grouping needs; none when the tally as a whole belongs to one group. */
export function dimensionOf(grouping: Breakdown): TallyDimension | undefined {
  if (grouping === 'hour' || grouping === 'weekday') return 'slot';
  return TALLY_DIMENSIONS.find((dimension) => dimension === grouping);
}

/** The longest period a tally may cover for a grouping to tell its groups apart. */
export function longestFor(grouping: Breakdown): TallyKind {
  if (grouping === 'day' || grouping === 'week') return 'day';
  return grouping === 'month' || grouping === 'quarter' ? 'month' : 'year';
}

/** The total over all tallies. */
export function totalRow(tallies: readonly ReportedTally[], scale: Scale, label: string): ReportRow {
  const total = noCount();
  for (const tally of tallies) addCount(total, tally.measured);
  return reportRow('', label, scale, total);
}

/** The answers to what is measured, from the worst level of the scale to the best. */
export function countsByLevel(tallies: readonly ReportedTally[], scale: Scale): number[] {
  const counts = zeroCounts(scale);
  for (const { measured } of tallies) {
    scale.levels.forEach(({ code }, position) => {
      counts[position] = (counts[position] ?? 0) + (measured.levels.get(code) ?? 0);
    });
  }
  return counts;
}

/** The answers to every item, from the worst level of the scale to the best. */
export function countsByItem(tallies: readonly ReportedTally[], scale: Scale): Map<string, number[]> {
  const items = new Map<string, number[]>();
  for (const tally of tallies) {
    for (const [item, levels] of tally.items) {
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
  grouping: Breakdown,
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
      addCount(group, count);
    }
  }
  const rows = [...groups].map(([key, count]) => reportRow(key, names.label(key), scale, count));
  if (fixed.length > 0) return rows;
  return rows.filter(({ n }) => n > 0).sort((a, b) => (a.key < b.key ? -1 : 1));
}

/** Keys that have a row even with no answers. */
function fixedKeys(grouping: Breakdown, range: DayRange): string[] {
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

function groupsOf(grouping: Breakdown, tally: ReportedTally, names: ReportNames): readonly Group[] {
  const dimension = dimensionOf(grouping);
  const groups = dimension && (tally.groups.get(dimension) ?? []);
  if (groups && (grouping === 'hour' || grouping === 'weekday')) {
    return groups.map(([slot, count]) => [String(slotParts(slot)[grouping]), count]);
  }
  if (groups) return groups;
  return [[wholeTallyKey(grouping, tally, names), tally.measured]];
}

function wholeTallyKey(grouping: Breakdown, { centre, period }: ReportedTally, names: ReportNames): string {
  // A longer tally stands for its first day, which is in the same month, quarter and year.
  const day = period + 'YYYY-01-01'.slice(period.length);
  switch (grouping) {
    case 'unit':
      return names.unitOf(centre);
    case 'day':
      return day;
    case 'week':
      return weekKey(day);
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

function reportRow(key: string, label: string, scale: Scale, { forms, levels }: Count): ReportRow {
  const counts = scale.levels.map(({ code }) => levels.get(code) ?? 0);
  return { key, label, responses: forms, ...figures(scale, counts) };
}
