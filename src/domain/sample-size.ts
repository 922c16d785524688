import { dividedBy, type Fraction, plus, roundFraction, times, toFraction } from './decimal.js';
import { percentage, RATE_DECIMALS } from './rates.js';

/** Margin of error of the 2013 guidance. */
const DEFAULT_MARGIN = 0.05;

/**
 * Forms to collect for `transactions` transactions at margin of error `margin` (0–1, default 5 %):
 * n = ⌈N / (1 + N·e²)⌉, on exact arithmetic: 500 → 223, 10,000 → 385. 0 for N = 0.
 * RangeError unless N is a whole number ≥ 0 and 0 ≤ e < 1. Source: 2013 guidance, domain.md §1.8 [S21].
 */
export function sampleSize(transactions: number, margin: number = DEFAULT_MARGIN): number {
  if (!Number.isSafeInteger(transactions) || transactions < 0) {
    throw new RangeError(`Transactions must be a whole number, got ${transactions}`);
  }
  if (!(margin >= 0 && margin < 1)) throw new RangeError(`The margin must be at least 0 and below 1, got ${margin}`);
  const population = toFraction(transactions);
  const e = toFraction(margin);
  return roundUp(dividedBy(population, plus(toFraction(1), times(population, times(e, e)))));
}

function roundUp({ numerator, denominator }: Fraction): number {
  return Number((numerator + denominator - 1n) / denominator);
}

/** One stratum, such as a centre: its transactions, and the forms it returned with the satisfied ones among them. */
export interface Stratum {
  transactions: number;
  responses: number;
  satisfied: number;
}

export interface PostStratified {
  n: number;
  /** Satisfied forms ÷ forms, percent, 2 decimals. */
  unweighted: number | null;
  /** The same with every stratum weighted by its transactions. */
  weighted: number | null;
  /** Percent of all transactions that belong to strata with forms: below 100, `weighted` speaks for those only. */
  coverage: number | null;
}

/**
 * Post-stratification: forms of stratum h get the weight (T_h / T) ÷ (R_h / R), so the weighted rate is
 * Σ T_h · (satisfied_h / R_h) ÷ Σ T_h over the strata with forms; null without transactions or forms there. To be shown
 * beside the unweighted rate. RangeError for negative numbers or more satisfied forms than forms. Source: domain.md §1.8.
 */
export function postStratified(strata: readonly Stratum[]): PostStratified {
  strata.forEach(checkStratum);
  const answered = strata.filter(({ responses }) => responses > 0);
  const n = sum(answered.map(({ responses }) => responses));
  const represented = sum(answered.map(({ transactions }) => transactions));
  return {
    n,
    unweighted: percentage(sum(answered.map(({ satisfied }) => satisfied)), n),
    weighted: represented === 0 ? null : weightedPercentage(answered, represented),
    coverage: percentage(represented, sum(strata.map(({ transactions }) => transactions))),
  };
}

function checkStratum({ transactions, responses, satisfied }: Stratum): void {
  const counts = [transactions, responses, satisfied];
  if (!counts.every((count) => Number.isSafeInteger(count) && count >= 0) || satisfied > responses) {
    throw new RangeError(`Not a stratum: ${transactions} transactions, ${satisfied} satisfied of ${responses} forms`);
  }
}

function weightedPercentage(answered: readonly Stratum[], represented: number): number {
  const total = answered
    .map(({ transactions, responses, satisfied }) =>
      times(toFraction(transactions), dividedBy(toFraction(satisfied), toFraction(responses))),
    )
    .reduce(plus);
  return roundFraction(dividedBy(times(toFraction(100), total), toFraction(represented)), RATE_DECIMALS);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
