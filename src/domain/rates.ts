import { dividedBy, roundFraction, times, toFraction } from './decimal.js';
import type { Level, Scale } from './scale.js';

/** Decimal places of every published rate (contract §3). */
export const RATE_DECIMALS = 2;

/** Two-sided 95 % point of the normal distribution, as contract §3 fixes it. */
const Z95 = 1.959964;

const HUNDRED = toFraction(100);

/**
 * 100 · part / whole in percent, rounded half up to `decimals` places on exact arithmetic: 5 of 19 → 26.32,
 * 5.93 of 6 → 98.83. Null when `whole` is 0: a share of nothing is unknown, not 0.
 * May exceed 100. RangeError for negative or non-finite arguments. Source: contract §3 Reports.
 */
export function percentage(part: number, whole: number, decimals: number = RATE_DECIMALS): number | null {
  if (part < 0 || whole < 0) throw new RangeError(`A share needs non-negative numbers, got ${part} of ${whole}`);
  if (whole === 0) return null;
  const doubled = 200 * 10 ** decimals * part + whole; // ⌊(2·100·10^d·part + whole) / (2·whole)⌋ is half up
  if (Number.isInteger(part) && Number.isInteger(whole) && Number.isSafeInteger(doubled)) {
    return (doubled - (doubled % (2 * whole))) / (2 * whole) / 10 ** decimals;
  }
  return roundFraction(dividedBy(times(HUNDRED, toFraction(part)), toFraction(whole)), decimals);
}

/**
 * `value` rounded half up to `decimals` places, judged on the shortest decimal that JavaScript prints for it:
 * 1.005 → 1.01, 60.02 − 53.76 (6.260000000000005 in binary) → 6.26. Negative values round by magnitude:
 * −1.005 → −1.01. RangeError if not finite.
 */
export function roundHalfUp(value: number, decimals: number): number {
  const scaled = Math.abs(value) * 10 ** decimals;
  const nearest = Math.round(scaled);
  // Away from a tie a double is accurate enough; the exact way costs ten times as much.
  if (scaled < 1e9 && Math.abs(Math.abs(scaled - nearest) - 0.5) > 1e-6) {
    return (value < 0 ? 0 - nearest : nearest) / 10 ** decimals;
  }
  return roundFraction(toFraction(value), decimals);
}

/**
 * Wilson score interval for a proportion, 95 %, in percent, rounded half up to 2 decimals; never outside 0…100:
 * (p + z²/2n ± z·√(p(1−p)/n + z²/4n²)) / (1 + z²/n), z = 1.959964. Null for n = 0.
 * RangeError unless 0 ≤ successes ≤ n. Source: E. B. Wilson, JASA 22 (1927) 209–212; contract §3.
 */
export function wilsonInterval(successes: number, n: number): [number, number] | null {
  if (!(successes >= 0 && successes <= n)) throw new RangeError(`Not a proportion: ${successes} of ${n}`);
  if (n === 0) return null;
  const p = successes / n;
  const z2 = Z95 * Z95;
  const middle = p + z2 / (2 * n);
  const halfWidth = Z95 * Math.sqrt((p * (1 - p)) / n + z2 / (4 * n * n));
  const bound = (proportion: number): number => roundHalfUp((100 * proportion) / (1 + z2 / n), RATE_DECIMALS);
  return [bound(middle - halfWidth), bound(middle + halfWidth)];
}

/** Rates in percent with 2 decimals; all null when n = 0. */
export interface Rates {
  verySatisfied: number | null;
  satisfied: number | null;
  neutral: number | null;
  dissatisfied: number | null;
}

/** What a report row says about `n` answers; `counts` from the worst level to the best. */
export interface Figures {
  n: number;
  counts: number[];
  rates: Rates;
  ci95: { satisfied: [number, number] | null };
}

/**
 * The figures of one row (contract §3, ROW): verySatisfied = top level ÷ n, satisfied = positive levels ÷ n (the top
 * level included), neutral and dissatisfied likewise; a scale without a neutral level has neutral 0.
 * `counts` runs from the worst level to the best, one whole number per level of `scale`; RangeError otherwise.
 */
export function figures(scale: Scale, counts: readonly number[]): Figures {
  const n = answerCount(scale, counts);
  const satisfied = satisfiedCount(scale, counts);
  const rate = (wanted: (level: Level) => boolean): number | null => percentage(countWhere(scale, counts, wanted), n);
  return {
    n,
    counts: [...counts],
    rates: {
      verySatisfied: rate((level) => level.top),
      satisfied: percentage(satisfied, n),
      neutral: rate((level) => level.polarity === 'neutral'),
      dissatisfied: rate((level) => level.polarity === 'negative'),
    },
    ci95: { satisfied: wilsonInterval(satisfied, n) },
  };
}

/** Number of answers in `counts`; RangeError unless there is one whole number ≥ 0 per level of `scale`. */
export function answerCount(scale: Scale, counts: readonly number[]): number {
  return countWhere(scale, counts, () => true);
}

/** Number of answers on the positive levels ("hài lòng" and "rất hài lòng"); RangeError like `answerCount`. */
export function satisfiedCount(scale: Scale, counts: readonly number[]): number {
  return countWhere(scale, counts, (level) => level.polarity === 'positive');
}

/** Number of answers on the best level ("rất hài lòng"); RangeError like `answerCount`. */
export function topCount(scale: Scale, counts: readonly number[]): number {
  return countWhere(scale, counts, (level) => level.top);
}

function countWhere(scale: Scale, counts: readonly number[], wanted: (level: Level) => boolean): number {
  if (counts.length !== scale.levels.length || !counts.every((count) => Number.isSafeInteger(count) && count >= 0)) {
    throw new RangeError(`Counts [${counts.join(', ')}] do not fit scale ${scale.id}`);
  }
  return scale.levels.reduce((sum, level, position) => sum + (wanted(level) ? (counts[position] ?? 0) : 0), 0);
}
