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
