import fc from 'fast-check';
import { type CountsByItem, meanIndex, pooledIndex } from '../../../src/domain/index-figures.js';
import { percentage, wilsonInterval } from '../../../src/domain/rates.js';
import { questionnaireNamed, scaleNamed } from './reference-data.js';

const sipas = questionnaireNamed('sipas-dvhcc-19');
const ward = questionnaireNamed('phuong-9');
const likert5 = scaleNamed('likert5');

/** P1: 8 of 10 satisfied; P2: 1 of 2; P4: 0 of 3; the other six items unanswered. */
const counts: CountsByItem = new Map([
  ['P1', [1, 0, 1, 3, 5]],
  ['P2', [0, 0, 1, 1, 0]],
  ['P4', [0, 3, 0, 0, 0]],
]);

const countsOfSipas = fc
  .array(fc.array(fc.nat(5000), { minLength: 5, maxLength: 5 }), { minLength: 19, maxLength: 19 })
  .map((rows): CountsByItem => new Map(sipas.items.map(({ code }, index) => [code, rows[index]!])));

describe('the pooled index', () => {
  const figures = pooledIndex(ward, likert5, counts);

  it('divides all satisfied answers by all answers, neutral ones included', () => {
    expect(figures.method).toBe('top2-pooled');
    expect(figures.overall).toEqual({ n: 15, value: 60, ci95: wilsonInterval(9, 15) });
  });

  it('does the same within each factor', () => {
    expect(figures.factors.map(({ code, n, value }) => [code, n, value])).toEqual([
      ['I', 12, 75],
      ['II', 3, 0],
      ['III', 0, null],
    ]);
    expect(figures.factors[0]).toMatchObject({ name: ward.factors[0]!.name, ci95: wilsonInterval(9, 12) });
    expect(figures.factors[2]!.ci95).toBeNull();
  });

  it('lists every criterion of the questionnaire, unanswered ones with null', () => {
    expect(figures.criteria).toHaveLength(9);
    expect(figures.criteria[0]).toEqual({
      code: 'P1',
      factor: 'I',
      text: ward.items[0]!.text,
      n: 10,
      counts: [1, 0, 1, 3, 5],
      value: 80,
    });
    expect(figures.criteria[8]).toMatchObject({ code: 'P9', n: 0, counts: [0, 0, 0, 0, 0], value: null });
  });

  it('is unknown without any answer', () => {
    expect(pooledIndex(sipas, likert5, new Map()).overall).toEqual({ n: 0, value: null, ci95: null });
  });

  it('ignores counts of items the questionnaire does not have', () => {
    const withForeign = new Map([...counts, ['C15', [9, 9, 9, 9, 9]]]);
    expect(pooledIndex(ward, likert5, withForeign).overall.n).toBe(15);
  });

  it('refuses counts of another scale', () => {
    expect(() => pooledIndex(ward, likert5, new Map([['P1', [1, 2, 3]]]))).toThrow(RangeError);
  });

  it('equals the share over all answers laid end to end', () => {
    fc.assert(
      fc.property(countsOfSipas, (tallied) => {
        const { overall } = pooledIndex(sipas, likert5, tallied);
        const levels = [...tallied.values()].flatMap((row) => row.map((count, level) => ({ count, level })));
        const satisfied = levels.filter(({ level }) => level >= 3).reduce((sum, { count }) => sum + count, 0);
        const all = levels.reduce((sum, { count }) => sum + count, 0);
        expect(overall).toMatchObject({ n: all, value: percentage(satisfied, all) });
      }),
    );
  });
});

describe('the mean index', () => {
  const figures = meanIndex(ward, likert5, counts);

  it('averages the answered criteria, each counting the same', () => {
    expect(figures.method).toBe('top2-mean');
    expect(figures.overall).toMatchObject({ n: 15, value: 43.33 }); // (80 + 50 + 0) / 3
    expect(figures.factors.map(({ value }) => value)).toEqual([65, 0, null]);
  });

  it('gives no interval, because a mean of proportions is not a proportion', () => {
    expect(figures.overall.ci95).toBeNull();
    expect(figures.factors[0]!.ci95).toBeNull();
  });

  it('averages before it rounds', () => {
    const twoThirdsAndHalf = new Map([
      ['P1', [0, 1, 0, 0, 2]],
      ['P2', [0, 1, 0, 0, 1]],
    ]);
    // (66.666… + 50) / 2 = 58.333…; from the printed 66.67 it would be 58.335, so 58.34
    expect(meanIndex(ward, likert5, twoThirdsAndHalf).overall.value).toBe(58.33);
  });

  it('stays within half a hundredth of the floating-point mean', () => {
    fc.assert(
      fc.property(countsOfSipas, (tallied) => {
        const values = [...tallied.values()]
          .map(([a = 0, b = 0, c = 0, d = 0, e = 0]) => ({ satisfied: d + e, n: a + b + c + d + e }))
          .filter(({ n }) => n > 0)
          .map(({ satisfied, n }) => (100 * satisfied) / n);
        fc.pre(values.length > 0);
        const mean = values.reduce((a, b) => a + b) / values.length;
        expect(Math.abs((meanIndex(sipas, likert5, tallied).overall.value ?? NaN) - mean)).toBeLessThan(0.005_000_1);
      }),
    );
  });

  it('has the criteria of the pooled index', () => {
    expect(figures.criteria).toEqual(pooledIndex(ward, likert5, counts).criteria);
  });
});
