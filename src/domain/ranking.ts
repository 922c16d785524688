import { RATE_DECIMALS, roundHalfUp } from './rates.js';

/** Answers below which a centre is listed but not ranked (contract §3, query `minN`). */
export const DEFAULT_MIN_N = 30;

/** What is ranked: a higher `value` is better; null means there is no value; `n` is the answers behind it. */
export interface RankingInput {
  key: string;
  value: number | null;
  n: number;
}

/** A row with its place: `rank` from 1, null when not ranked; `of` is the number of ranked rows. */
export type Ranked<T extends RankingInput> = T & { rank: number | null; of: number };

/**
 * Competition ranking (1, 1, 3): a row's rank is 1 + the number of rows with a better value, values compared after
 * rounding half up to 2 decimals, as printed. Rows with fewer than `minN` answers or without a value get rank null and
 * do not count in `of`. Best first, then the unranked; equal rows keep the order given. Source: contract §3, domain.md §9.
 */
export function competitionRanking<T extends RankingInput>(values: readonly T[], minN = DEFAULT_MIN_N): Ranked<T>[] {
  const ranked = values
    .flatMap((row) =>
      row.value !== null && row.n >= minN ? [{ row, score: roundHalfUp(row.value, RATE_DECIMALS) }] : [],
    )
    .sort((a, b) => b.score - a.score);
  const unranked = values.filter((row) => row.value === null || row.n < minN);
  const of = ranked.length;
  let rank = 0;
  let tiedScore: number | null = null;
  const places = ranked.map(({ row, score }, position) => {
    if (score !== tiedScore) rank = position + 1;
    tiedScore = score;
    return { ...row, rank, of };
  });
  return [...places, ...unranked.map((row) => ({ ...row, rank: null, of }))];
}

/** Places won since the last period: previousRank − rank, positive is better; null when either is unknown. */
export function movement(previousRank: number | null, rank: number | null): number | null {
  return previousRank === null || rank === null ? null : previousRank - rank;
}

/** A place by a value that is only known to lie in an interval, its 95 % interval. */
export interface UncertainPlace {
  readonly rank: number;
  readonly ci95: readonly [low: number, high: number];
}

/**
 * Of each place the best and the worst rank among those whose intervals overlap with its own: the data cannot tell them
 * apart. The time it takes grows with n·log n, for there are more than three thousand communes.
 * @param places best first; each value lies within its interval, so none that is better lies wholly below a worse one
 */
export function possibleRanks(places: readonly UncertainPlace[]): (readonly [best: number, worst: number])[] {
  // The lowest end of all that are as good or better, and the highest of all that are as good or worse.
  const lowest = running(
    places.map(({ ci95 }) => ci95[0]),
    Math.min,
  );
  const highest = running(places.map(({ ci95 }) => ci95[1]).reverse(), Math.max).reverse();
  const rankAt = (index: number) => places[index]?.rank ?? NaN;
  return places.map(({ ci95: [low, high] }) => [
    rankAt(firstNot(lowest, (end) => end > high)),
    rankAt(firstNot(highest, (end) => end >= low) - 1),
  ]);
}

function running(values: readonly number[], pick: (a: number, b: number) => number): number[] {
  let sofar: number | undefined;
  return values.map((value) => (sofar = sofar === undefined ? value : pick(sofar, value)));
}

/** The index of the first value that is not so, of values that are so up to it and not from it on. */
function firstNot(values: readonly number[], isSo: (value: number) => boolean): number {
  let [from, to] = [0, values.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    const value = values[middle];
    if (value !== undefined && isSo(value)) from = middle + 1;
    else to = middle;
  }
  return from;
}
