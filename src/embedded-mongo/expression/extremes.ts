import type { Value } from '../bson/values.js';

type Compare = (a: Value, b: Value) => number;

/** Keeps the smallest or largest values of those that come by; of equal ones those that MongoDB keeps. */
export interface Keeper {
  add(kept: Value[], value: Value, n: number, compare: Compare): void;
  /** What was kept, in the order it is shown. */
  shown(kept: readonly Value[]): Value[];
}

/** Puts a value behind those that are equal to it in an ascending list. */
function insertSorted(kept: Value[], value: Value, compare: Compare): void {
  let [low, high] = [0, kept.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const other = kept[middle];
    if (other !== undefined && compare(other, value) <= 0) low = middle + 1;
    else high = middle;
  }
  kept.splice(low, 0, value);
}

/** Values in ascending order, equal ones as they came; a value that is only equal to the largest comes too late. */
export const smallest: Keeper = {
  add: (kept, value, n, compare) => {
    const last = kept.at(-1);
    if (kept.length >= n && last !== undefined) {
      if (compare(last, value) <= 0) return;
      kept.pop();
    }
    insertSorted(kept, value, compare);
  },
  shown: (kept) => [...kept],
};

/** Values in descending order, equal ones the last first; a value that is only equal to the smallest comes too late. */
export const largest: Keeper = {
  add: (kept, value, n, compare) => {
    const [first] = kept;
    if (kept.length >= n && first !== undefined) {
      if (compare(first, value) >= 0) return;
      kept.shift();
    }
    insertSorted(kept, value, compare);
  },
  shown: (kept) => [...kept].reverse(),
};
