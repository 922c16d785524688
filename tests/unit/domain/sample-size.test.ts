import fc from 'fast-check';
import { postStratified, sampleSize } from '../../../src/domain/sample-size.js';

describe('the sample size', () => {
  it.each([
    [500, 223],
    [1000, 286],
    [5000, 371],
    [10_000, 385],
    [400, 200],
    [1, 1],
    [0, 0],
  ])('for %d transactions is %d forms', (transactions, forms) => {
    expect(sampleSize(transactions)).toBe(forms);
  });

  it('is everybody when no error is allowed', () => {
    expect(sampleSize(1234, 0)).toBe(1234);
  });

  it.each([
    [-1, 0.05],
    [1.5, 0.05],
    [NaN, 0.05],
    [100, 1],
    [100, -0.1],
    [100, NaN],
  ])('refuses %d transactions with margin %d', (transactions, margin) => {
    expect(() => sampleSize(transactions, margin)).toThrow(RangeError);
  });

  it('is the smallest whole number that reaches N / (1 + N·e²)', () => {
    fc.assert(
      fc.property(fc.nat(100_000_000), fc.nat(999), (transactions, thousandths) => {
        const size = BigInt(sampleSize(transactions, thousandths / 1000));
        // size · (1 + N·e²) ≥ N, multiplied by 10⁶
        const reaches = (forms: bigint): boolean =>
          forms * (1_000_000n + BigInt(transactions) * BigInt(thousandths) ** 2n) >= 1_000_000n * BigInt(transactions);
        expect(reaches(size)).toBe(true);
        expect(size === 0n || !reaches(size - 1n)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('the post-stratified rate', () => {
  it('weights each centre by its transactions, not by its forms', () => {
    const strata = [
      { transactions: 900, responses: 10, satisfied: 5 },
      { transactions: 100, responses: 90, satisfied: 90 },
    ];
    expect(postStratified(strata)).toEqual({ n: 100, unweighted: 95, weighted: 55, coverage: 100 });
  });

  it('speaks for the centres with forms, and says how much of the whole they are', () => {
    const strata = [
      { transactions: 300, responses: 4, satisfied: 3 },
      { transactions: 100, responses: 0, satisfied: 0 },
    ];
    expect(postStratified(strata)).toEqual({ n: 4, unweighted: 75, weighted: 75, coverage: 75 });
  });

  it('is unknown without forms or without transactions', () => {
    expect(postStratified([])).toEqual({ n: 0, unweighted: null, weighted: null, coverage: null });
    expect(postStratified([{ transactions: 0, responses: 2, satisfied: 1 }])).toMatchObject({
      unweighted: 50,
      weighted: null,
    });
  });

  it.each([
    { transactions: -1, responses: 1, satisfied: 1 },
    { transactions: 1, responses: 1, satisfied: 2 },
    { transactions: 1, responses: 0.5, satisfied: 0 },
  ])('refuses %j', (stratum) => {
    expect(() => postStratified([stratum])).toThrow(RangeError);
  });

  it('equals the plain rate when forms were collected in proportion to transactions', () => {
    const stratum = fc.tuple(fc.integer({ min: 1, max: 1000 }), fc.nat(1000));
    fc.assert(
      fc.property(
        fc.array(stratum, { minLength: 1, maxLength: 20 }),
        fc.integer({ min: 1, max: 50 }),
        (pairs, factor) => {
          const { weighted, unweighted } = postStratified(
            pairs.map(([responses, satisfied]) => ({
              transactions: responses * factor,
              responses,
              satisfied: Math.min(responses, satisfied),
            })),
          );
          expect(weighted).toBe(unweighted);
        },
      ),
    );
  });

  it('equals the weighted mean with the weights (T_h/T) ÷ (R_h/R)', () => {
    const stratum = fc.record({
      transactions: fc.integer({ min: 1, max: 100_000 }),
      responses: fc.integer({ min: 1, max: 5000 }),
      satisfied: fc.nat(5000),
    });
    fc.assert(
      fc.property(fc.array(stratum, { minLength: 1, maxLength: 20 }), (drawn) => {
        const strata = drawn.map((one) => ({ ...one, satisfied: Math.min(one.satisfied, one.responses) }));
        const total = (of: 'transactions' | 'responses') => strata.reduce((sum, one) => sum + one[of], 0);
        const weight = (one: (typeof strata)[number]) =>
          one.transactions / total('transactions') / (one.responses / total('responses'));
        const satisfied = strata.reduce((sum, one) => sum + weight(one) * one.satisfied, 0);
        const forms = strata.reduce((sum, one) => sum + weight(one) * one.responses, 0);
        expect(Math.abs((postStratified(strata).weighted ?? NaN) - (100 * satisfied) / forms)).toBeLessThan(
          0.005_000_1,
        );
      }),
    );
  });
});
