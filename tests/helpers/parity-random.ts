/** Choices that follow from a seed alone (mulberry32). */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** In [0, 1). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from `low` to `high`, both included. */
  int(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(from: readonly T[]): T {
    const chosen = from[this.int(0, from.length - 1)];
    if (chosen === undefined) throw new Error('nothing to pick from');
    return chosen;
  }

  /** The value of one of several makers. */
  one<T>(...makers: readonly (() => T)[]): T {
    return this.pick(makers)();
  }

  many<T>(low: number, high: number, make: () => T): T[] {
    return Array.from({ length: this.int(low, high) }, make);
  }

  /** Some of the items, at least `low` of them, in random order. */
  some<T>(from: readonly T[], low: number, high: number): T[] {
    const left = [...from];
    const count = Math.min(this.int(low, high), left.length);
    return Array.from({ length: count }, () => left.splice(this.int(0, left.length - 1), 1)).flat();
  }
}

/** What is sent to a server: documents, filters, commands. */
export type Tree = Record<string, unknown>;
