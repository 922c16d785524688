import { double, isNumeric, type Value } from '../bson/values.js';
import { MongoError } from '../errors.js';
import { toNumber } from '../query/types.js';

/** @throws MongoError when a rank is not a number from 0 to 1. */
export function percentileRanks(value: Value | undefined): number[] {
  if (!Array.isArray(value) || value.length === 0)
    throw new MongoError(7750300, "The $percentile 'p' field must be an array of numbers from [0.0, 1.0]");
  return value.map((rank) => {
    const p = isNumeric(rank) ? toNumber(rank) : NaN;
    if (!(p >= 0 && p <= 1))
      throw new MongoError(7750303, "The $percentile 'p' field must be an array of numbers from [0.0, 1.0]");
    return p;
  });
}

/** The values at the given ranks: the smallest with at least that share of the values at or below it. */
export function percentiles(numbers: number[], ranks: readonly number[]): Value[] {
  const sorted = numbers.filter((x) => !Number.isNaN(x)).sort((a, b) => a - b);
  return ranks.map((p) => {
    const value = sorted[Math.max(0, Math.ceil(p * sorted.length) - 1)];
    return value === undefined ? null : double(value);
  });
}
