/** Reproducible random numbers: the same seed gives the same sequence (mulberry32). */
export class SeededRandom {
  private state: number;

  constructor(seed: number) {
    this.state = seed >>> 0;
  }

  /** A number from 0, inclusive, to 1, exclusive. */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = this.state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from 0 to `below` − 1. */
  below(below: number): number {
    return Math.floor(this.next() * below);
  }

  /** One of the given things; the weights say how often each. */
  pick<T>(choices: readonly { readonly value: T; readonly weight: number }[]): T {
    const total = choices.reduce((sum, { weight }) => sum + weight, 0);
    let left = this.next() * total;
    for (const { value, weight } of choices) {
      left -= weight;
      if (left < 0) return value;
    }
    const last = choices.at(-1);
    if (!last) throw new RangeError('Nothing to pick from');
    return last.value;
  }

  /** One of the given things, each as often as another. */
  one<T>(things: readonly T[]): T {
    const thing = things[this.below(things.length)];
    if (thing === undefined) throw new RangeError('Nothing to pick from');
    return thing;
  }

  /** A UUID (version 8) that begins with `order`, from 0 to 2^32 − 1, so that ids made in order are stored in order. */
  uuid(order: number): string {
    const hex = (digits: number) =>
      this.below(16 ** digits)
        .toString(16)
        .padStart(digits, '0');
    const variant = (8 + this.below(4)).toString(16);
    return `${order.toString(16).padStart(8, '0')}-${hex(4)}-8${hex(3)}-${variant}${hex(3)}-${hex(6)}${hex(6)}`;
  }
}
