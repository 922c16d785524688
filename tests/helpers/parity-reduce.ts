import type { Tree } from './parity-random.js';

const isPlain = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;

/** The value with one part less, in every way that is possible; big parts first. */
function* smaller(value: unknown): Generator {
  if (Array.isArray(value)) {
    const items: readonly unknown[] = value;
    if (items.length > 3) yield items.slice(0, items.length / 2);
    if (items.length > 3) yield items.slice(items.length / 2);
    for (let i = 0; i < items.length; i++) yield items.filter((_, at) => at !== i);
    for (let i = 0; i < items.length; i++) {
      for (const less of smaller(items[i])) yield items.map((item, at) => (at === i ? less : item));
    }
  } else if (isPlain(value)) {
    const entries = Object.entries(value);
    for (const [name] of entries) yield Object.fromEntries(entries.filter(([other]) => other !== name));
    for (const [, part] of entries) if (isPlain(part) || Array.isArray(part)) yield part;
    for (const [name, part] of entries) {
      for (const less of smaller(part)) yield Object.fromEntries(entries.map(([n, v]) => [n, n === name ? less : v]));
    }
  } else if (typeof value === 'object' && value !== null) {
    yield 1;
  }
}

/** Takes parts away from a case as long as it still fails, within a number of tries. */
export async function reduceCase<T>(start: T, fails: (smallerCase: T) => Promise<boolean>, tries: number): Promise<T> {
  let best = start;
  let left = tries;
  for (let progress = true; progress && left > 0;) {
    progress = false;
    for (const candidate of smaller(best)) {
      if (left-- <= 0) break;
      // Only parts are taken away, so what is left has the shape of a case or fails to run.
      const attempt = candidate as T;
      if (await fails(attempt)) {
        best = attempt;
        progress = true;
        break;
      }
    }
  }
  return best;
}
