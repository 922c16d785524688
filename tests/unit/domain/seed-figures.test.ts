import {
  formatChange,
  formatMovement,
  formatNumber,
  formatPercent,
  formatRank,
  formatStreak,
} from '../../../src/domain/format-vi.js';
import { gradeDistribution, gradeMovement, gradeOf } from '../../../src/domain/grades.js';
import { addDays, keysInRange, parsePeriod, yearAgo } from '../../../src/domain/period.js';
import { movement } from '../../../src/domain/ranking.js';
import { figures, percentage } from '../../../src/domain/rates.js';
import { topStreak } from '../../../src/domain/streak.js';
import { gradeTableNamed, readJson, scaleNamed } from './reference-data.js';

/** Figures printed in the source articles, with the inputs the articles state (data/README.md, seed-figures.json). */
interface Vector {
  id: string;
  kind: string;
  inputs: Inputs;
  expected: unknown;
}

/** All inputs that occur; which of them a vector has follows from its kind. */
interface Inputs {
  count: number;
  total: number;
  decimals: number;
  suffix?: string;
  value: number;
  values?: number[];
  previous: number | Record<string, string | string[]>;
  current: Record<string, string | string[]>;
  rank: number;
  of: number;
  previousRank: number;
  gradeTable: 'index-100' | 'tthc-18';
  counts?: Record<string, number>;
  units: Record<string, string[]>;
  inTopByYear?: Record<string, boolean>;
  rankByYear: Record<string, number>;
  topRank: number;
  dissatisfied: number;
  dateline?: string;
  posted: string;
  reviewedYear: number;
}

const vectors = readJson('tests/vectors/seed-figures.json') as Vector[];
const index100 = gradeTableNamed('index-100');

/** For each kind of figure: what our functions make of the inputs, in the layout of `expected`. */
const computed: Record<string, (inputs: Inputs, expected: unknown) => unknown> = {
  share: ({ count, total, decimals }) => formatPercent(percentage(count, total, decimals), decimals),
  rank: ({ rank, of }) => formatRank(rank, of),
  movement: ({ rank, of, previousRank }) => ({
    rank: formatRank(rank, of),
    movement: formatMovement(movement(previousRank, rank)),
  }),
  'score-change': ({ value, previous }) => formatChange(value, Number(previous)),
  grade: ({ value, gradeTable }) => gradeOf(gradeTableNamed(gradeTable), value)?.vi,
  'grade-distribution': distributionFigures,
  'grade-movement': movementFigures,
  streak: (inputs) => formatStreak(topStreak(topYears(inputs))),
  count: ({ dissatisfied }) => figures(scaleNamed('level3'), [dissatisfied, 3, 7]).rates.dissatisfied,
  format: ({ value, values, decimals, suffix }) => {
    const print = (number: number) =>
      suffix === '%' ? formatPercent(number, decimals) : formatNumber(number, decimals);
    return values ? values.map(print) : print(value);
  },
  'seed-error': ({ count, total, decimals, dateline, posted, reviewedYear }) =>
    dateline
      ? possibleDays(dateline, reviewedYear, posted).join(' or ')
      : formatPercent(percentage(count, total, decimals), decimals),
};

describe('every figure of the source articles comes out to the digit', () => {
  it.each(vectors.map((vector) => [vector.kind, vector.id, vector] as const))('%s: %s', (kind, _id, vector) => {
    const compute = computed[kind];
    if (!compute) throw new Error(`No computation for figures of kind ${kind}`);
    expect(compute(vector.inputs, vector.expected)).toEqual(vector.expected);
  });

  it('covers the whole file', () => {
    expect(vectors).toHaveLength(29);
  });
});

describe('"no dissatisfied form"', () => {
  it('cannot be said when there is no form at all', () => {
    expect(figures(scaleNamed('level3'), [0, 0, 0]).rates.dissatisfied).toBeNull();
  });
});

function distributionFigures({ counts, units }: Inputs, expected: unknown): unknown {
  const members = counts
    ? Object.entries(counts)
    : Object.entries(units).map(([grade, names]) => [grade, names.length] as const);
  const values = members.flatMap(([grade, count]) => Array.from({ length: count }, () => lowest(grade)));
  const shown = gradeDistribution(index100, values).filter(({ grade }) => members.some(([name]) => name === grade.vi));
  const all = {
    total: shown.reduce((sum, { count }) => sum + count, 0),
    counts: Object.fromEntries(shown.map(({ grade, count }) => [grade.vi, count])),
    named: Object.fromEntries(shown.slice(0, 1).map(({ grade, count }) => [grade.vi, count])),
    shares: Object.fromEntries(shown.map(({ grade, share }) => [grade.vi, formatPercent(share)])),
  };
  return Object.fromEntries(Object.entries(all).filter(([name]) => name in Object(expected)));
}

/** The lowest value of index-100 that earns the grade. */
function lowest(grade: string): number {
  return index100.bands.find(({ label }) => label.vi === grade)!.min;
}

/** Either who entered and left the one grade listed, or who went from one grade to another. */
function movementFigures({ previous, current }: Inputs, expected: unknown): unknown {
  const { grades, changes } = gradeMovement(gradesByMember(Object(previous)), gradesByMember(current));
  if ('entered' in Object(expected)) {
    const [top] = grades;
    return { entered: top?.entered, left: top?.left, change: top?.change };
  }
  return changes.map(({ from, to, keys }) => ({ from, to, count: keys.length, units: keys }))[0];
}

/** From either layout: members listed under their grade, or each member with its grade. */
function gradesByMember(listed: Record<string, string | string[]>): Map<string, string> {
  return new Map(
    Object.entries(listed).flatMap(([name, value]) =>
      typeof value === 'string' ? [[name, value] as const] : value.map((member) => [member, name] as const),
    ),
  );
}

function topYears({ inTopByYear, rankByYear, topRank }: Inputs): Map<number, boolean> {
  const entries = inTopByYear
    ? Object.entries(inTopByYear)
    : Object.entries(rankByYear).map(([year, rank]) => [year, rank <= topRank] as const);
  return new Map(entries.map(([year, inTop]) => [Number(year), inTop]));
}

/** The days a review of `year` can have been held, if the printed dateline has only its year wrong. */
function possibleDays(dateline: string, year: number, posted: string): string[] {
  const reviewed = parsePeriod(String(year))!;
  const between = keysInRange('day', { from: addDays(reviewed.range.to, 1), to: posted });
  return between.filter((day) => yearAgo(parsePeriod(day)!).key === dateline);
}
