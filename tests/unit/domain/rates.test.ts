import fc from 'fast-check';
import { figures, percentage, roundHalfUp, wilsonInterval } from '../../../src/domain/rates.js';
import { scaleNamed } from './reference-data.js';

const likert5 = scaleNamed('likert5');
const level3 = scaleNamed('level3');

/** The number 'digits · 10^-places', read as text so that no arithmetic of ours is involved. */
const decimal = (digits: number | bigint, places: number): number => Number(`${digits}e-${places}`);

describe('percentage', () => {
  it.each([
    [5, 19, 26.32],
    [14, 19, 73.68],
    [6, 11, 54.55],
    [5.93, 6, 98.83],
    [1, 800, 0.13], // 0.125 exactly: half goes up
    [201, 20_000, 1.01], // 1.005 exactly, which binary floating point holds as 1.00499…
    [0, 7, 0],
    [7, 7, 100],
    [3, 2, 150],
    [4_503_599_627_370_496, 9_007_199_254_740_991, 50], // too large for exact products in a double
  ])('%d of %d is %d percent', (part, whole, expected) => {
    expect(percentage(part, whole)).toBe(expected);
  });

  it('is unknown when the whole is 0', () => {
    expect(percentage(0, 0)).toBeNull();
  });

  it('rounds to the places asked for', () => {
    expect(percentage(1, 8, 0)).toBe(13);
    expect(percentage(1, 3, 4)).toBe(33.3333);
  });

  it.each([
    [-1, 5],
    [1, -5],
    [Number.NaN, 5],
    [1, Infinity],
  ])('refuses %d of %d', (part, whole) => {
    expect(() => percentage(part, whole)).toThrow(RangeError);
  });

  it('is the one multiple of 0.01 within half a step of the exact share, the upper one at a tie', () => {
    const count = fc.oneof(fc.nat(2000), fc.nat(20_000_000), fc.maxSafeNat());
    fc.assert(
      fc.property(count, count, (part, whole) => {
        fc.pre(whole > 0 && part <= 1000 * whole); // so that hundredths stay exact in a double
        const hundredths = BigInt(Math.round((percentage(part, whole) ?? NaN) * 100));
        const [p, w] = [BigInt(part), BigInt(whole)];
        // hundredths − ½ ≤ 10000·p/w < hundredths + ½
        expect((2n * hundredths - 1n) * w <= 20_000n * p && 20_000n * p < (2n * hundredths + 1n) * w).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it('treats decimals as the decimals they are written as', () => {
    const digits = fc.nat(99_999_999);
    const places = fc.nat(4);
    fc.assert(
      fc.property(digits, places, digits, places, (part, partPlaces, whole, wholePlaces) => {
        fc.pre(whole > 0);
        const asDecimals = percentage(decimal(part, partPlaces), decimal(whole, wholePlaces));
        const asIntegers = percentage(part * 10 ** wholePlaces, whole * 10 ** partPlaces);
        expect(asDecimals).toBe(asIntegers);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('rounding half up', () => {
  it.each([
    [60.02 - 53.76, 2, 6.26],
    [87.17 - 82.87, 2, 4.3],
    [1.005, 2, 1.01],
    [2.5, 0, 3],
    [-1.005, 2, -1.01],
    [-2.5, 0, -3],
    [1e-7, 2, 0],
    [1e21, 2, 1e21],
    [1.7976931348623157e308, 2, 1.7976931348623157e308],
  ])('takes %d with %d places to %d', (value, decimals, expected) => {
    expect(roundHalfUp(value, decimals)).toBe(expected);
  });

  it('never gives minus zero, which would print a sign', () => {
    expect(Object.is(roundHalfUp(-0.001, 2), 0)).toBe(true);
  });

  it('refuses what is not a number', () => {
    expect(() => roundHalfUp(Number.NaN, 2)).toThrow(RangeError);
  });

  it('agrees with rounding on paper: look at the first digit dropped', () => {
    const onPaper = (digits: string, places: number, decimals: number): number => {
      const padded = digits.padStart(places + 1, '0');
      const dropped = places - decimals;
      if (dropped <= 0) return Number(`${digits}e-${places}`);
      const kept = BigInt(`0${padded.slice(0, -dropped)}`);
      const up = Number(padded[padded.length - dropped] ?? '0') >= 5;
      return Number(`${kept + (up ? 1n : 0n)}e-${decimals}`);
    };
    fc.assert(
      fc.property(
        fc.nat(999_999_999_999_999),
        fc.nat(12),
        fc.nat(4),
        fc.boolean(),
        (digits, places, decimals, minus) => {
          const expected = onPaper(String(digits), places, decimals);
          const value = decimal(digits, places);
          if (minus && expected !== 0) expect(roundHalfUp(-value, decimals)).toBe(-expected);
          else expect(roundHalfUp(value, decimals)).toBe(expected);
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe('the Wilson interval', () => {
  it.each([
    [8, 10, [49.02, 94.33]],
    [0, 10, [0, 27.75]],
    [10, 10, [72.25, 100]],
    [1, 1, [20.65, 100]],
    [0, 1, [0, 79.35]],
    [50, 100, [40.38, 59.62]],
  ])('of %d out of %d is %j percent', (successes, n, expected) => {
    expect(wilsonInterval(successes, n)).toEqual(expected);
  });

  it('is unknown without answers', () => {
    expect(wilsonInterval(0, 0)).toBeNull();
  });

  it.each([
    [3, 2],
    [-1, 2],
    [Number.NaN, 2],
  ])('refuses %d out of %d', (successes, n) => {
    expect(() => wilsonInterval(successes, n)).toThrow(RangeError);
  });

  it('ends where the observed share is z standard errors away, found by bisection', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000 }), fc.double({ min: 0, max: 1, noNaN: true }), (n, share) => {
        const successes = Math.round(n * share);
        const [low, high] = wilsonInterval(successes, n) ?? [NaN, NaN];
        expect([low >= 0, high <= 100]).toEqual([true, true]);
        expect(Math.abs(low - 100 * boundByBisection(successes, n, 0))).toBeLessThan(0.005_001);
        expect(Math.abs(high - 100 * boundByBisection(successes, n, 1))).toBeLessThan(0.005_001);
      }),
      { numRuns: 500 },
    );
  });
});

/** The share between the observed one and `end` whose distance from the observed one is z of its standard errors. */
function boundByBisection(successes: number, n: number, end: 0 | 1): number {
  const observed = successes / n;
  const isInside = (share: number): boolean => (observed - share) ** 2 <= (1.959964 ** 2 * share * (1 - share)) / n;
  let [inside, outside] = [observed, end as number];
  if (observed === end) return end;
  for (let step = 0; step < 60; step += 1) {
    const middle = (inside + outside) / 2;
    if (isInside(middle)) inside = middle;
    else outside = middle;
  }
  return inside;
}

describe('the figures of a report row', () => {
  it('follow the contract on five levels', () => {
    expect(figures(likert5, [1, 2, 3, 4, 9])).toEqual({
      n: 19,
      counts: [1, 2, 3, 4, 9],
      rates: { verySatisfied: 47.37, satisfied: 68.42, neutral: 15.79, dissatisfied: 15.79 },
      ci95: { satisfied: [46.01, 84.64] },
    });
  });

  it('count three levels with neutral 0, because that scale has no neutral level', () => {
    expect(figures(level3, [1, 2, 17]).rates).toEqual({
      verySatisfied: 85,
      satisfied: 95,
      neutral: 0,
      dissatisfied: 5,
    });
  });

  it('are unknown without answers, on any scale', () => {
    const unknown = { verySatisfied: null, satisfied: null, neutral: null, dissatisfied: null };
    expect(figures(level3, [0, 0, 0])).toEqual({
      n: 0,
      counts: [0, 0, 0],
      rates: unknown,
      ci95: { satisfied: null },
    });
    expect(figures(likert5, [0, 0, 0, 0, 0]).rates).toEqual(unknown);
  });

  it.each([[[1, 2, 3]], [[1, 2, 3, 4, 5, 6]], [[1, 2, 3, 4, -5]], [[1, 2, 3, 4, 0.5]], [[1, 2, 3, 4, NaN]]])(
    'refuse counts %j that do not fit five levels',
    (counts) => {
      expect(() => figures(likert5, counts)).toThrow(RangeError);
    },
  );

  it('do not share the array they were given', () => {
    const counts = [0, 0, 1];
    const row = figures(level3, counts);
    counts[0] = 9;
    expect(row.counts).toEqual([0, 0, 1]);
  });

  it('agree with counting the answers one by one', () => {
    const answers = fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 300 });
    fc.assert(
      fc.property(answers, (codes) => {
        const { n, counts, rates } = figures(
          likert5,
          [1, 2, 3, 4, 5].map((code) => codes.filter((answer) => answer === code).length),
        );
        const share = (...wanted: number[]): number | null =>
          percentage(codes.filter((answer) => wanted.includes(answer)).length, codes.length);
        expect(n).toBe(codes.length);
        expect(counts.reduce((a, b) => a + b)).toBe(codes.length);
        expect(rates).toEqual({
          verySatisfied: share(5),
          satisfied: share(4, 5),
          neutral: share(3),
          dissatisfied: share(1, 2),
        });
      }),
    );
  });
});
