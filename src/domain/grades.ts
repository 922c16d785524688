import { percentage, RATE_DECIMALS, roundHalfUp } from './rates.js';
import type { LocalizedText } from './text.js';

/** A grade and the lowest value that earns it. */
export interface GradeBand {
  min: number;
  label: LocalizedText;
}

/** A grade table in the shape of `data/grades.json`. Cut-offs differ by index, place and level (domain.md §6.3). */
export interface GradeTable {
  id: string;
  name: string;
  /** The highest value there can be; the lowest is 0. */
  max: number;
  bands: readonly GradeBand[];
  source: string;
  status: GradeStatus;
}

/** What rankings grade are percentages, and so are the values of every table that an office adds. */
export const HIGHEST_PERCENTAGE = 100;

/** What the limits rest on: a document, someone's memory of one, this software, or the office's own decision. */
export const GRADE_STATUSES = ['sourced', 'from-memory', 'design-default', 'office'] as const;
export type GradeStatus = (typeof GRADE_STATUSES)[number];

/** A table as it is from a local day on; null: from the beginning. */
export interface GradeTableVersion extends GradeTable {
  from: string | null;
}

/** The version, of all those of a table with the oldest first, that is in force on a local day; undefined before the first. */
export function versionInForce(versions: readonly GradeTableVersion[], day: string): GradeTableVersion | undefined {
  return versions.findLast(({ from }) => from === null || from <= day);
}

/** The bands of a table, best grade first. */
export function bestFirst({ bands }: Pick<GradeTable, 'bands'>): GradeBand[] {
  return [...bands].sort((a, b) => b.min - a.min);
}

/**
 * The grade of a value: the highest band whose `min` the value reaches, after rounding half up to 2 decimals so that the
 * grade agrees with the printed figure. Null for a null value or one below every band. Source: data/README.md.
 */
export function gradeOf(table: GradeTable, value: number | null): LocalizedText | null {
  if (value === null) return null;
  const rounded = roundHalfUp(value, RATE_DECIMALS);
  let best: GradeBand | null = null;
  for (const band of table.bands) if (rounded >= band.min && (best === null || band.min > best.min)) best = band;
  return best?.label ?? null;
}

export interface GradeShare {
  grade: LocalizedText;
  count: number;
  /** Percent of the graded values, 2 decimals; null when none is graded. */
  share: number | null;
}

/** How many values earn each grade of the table, best grade first, grades nobody earned included. */
export function gradeDistribution(table: GradeTable, values: readonly (number | null)[]): GradeShare[] {
  const earned = values.flatMap((value) => gradeOf(table, value) ?? []);
  return bestFirst(table).map(({ label }) => {
    const count = earned.filter((grade) => grade.vi === label.vi).length;
    return { grade: label, count, share: percentage(count, earned.length) };
  });
}

/** Grade by key (a centre or unit code). A grade is named by its Vietnamese label; an ungraded key is absent. */
export type GradesByKey = ReadonlyMap<string, string>;

export interface GradeMovement {
  /** Per grade: who entered it, who left it, and the change of its number of members. */
  grades: { grade: string; entered: string[]; left: string[]; change: number }[];
  /** Who went from which grade to which; null = not graded in that period. */
  changes: { from: string | null; to: string | null; keys: string[] }[];
}

/** Who changed grade between two periods ("từ xếp loại khá lên loại tốt"); keys in the order of `current`, then `previous`. */
export function gradeMovement(previous: GradesByKey, current: GradesByKey): GradeMovement {
  const moves = [...new Set([...current.keys(), ...previous.keys()])]
    .map((key) => ({ key, from: previous.get(key) ?? null, to: current.get(key) ?? null }))
    .filter(({ from, to }) => from !== to);
  const names = new Set([...current.values(), ...previous.values()]);
  return {
    grades: [...names].map((grade) => {
      const entered = moves.filter(({ to }) => to === grade).map(({ key }) => key);
      const left = moves.filter(({ from }) => from === grade).map(({ key }) => key);
      return { grade, entered, left, change: entered.length - left.length };
    }),
    changes: groupMoves(moves),
  };
}

function groupMoves(moves: { key: string; from: string | null; to: string | null }[]): GradeMovement['changes'] {
  const changes: GradeMovement['changes'] = [];
  for (const { key, from, to } of moves) {
    const change = changes.find((known) => known.from === from && known.to === to);
    if (change) change.keys.push(key);
    else changes.push({ from, to, keys: [key] });
  }
  return changes;
}
