import fc from 'fast-check';
import { competitionRanking, movement, possibleRanks } from '../../../src/domain/ranking.js';

const row = (key: string, value: number | null, n = 100) => ({ key, value, n });
const placed = (rows: readonly { key: string; rank: number | null }[]) => rows.map(({ key, rank }) => [key, rank]);

describe('competition ranking', () => {
  it('puts the better value first and leaves a gap after a tie: 1, 1, 3', () => {
    expect(placed(competitionRanking([row('a', 80), row('b', 95), row('c', 95)]))).toEqual([
      ['b', 1],
      ['c', 1],
      ['a', 3],
    ]);
  });

  it('compares values as printed, so a difference in the third decimal is a tie', () => {
    expect(placed(competitionRanking([row('a', 90.004), row('b', 90.001), row('c', 90.005)]))).toEqual([
      ['c', 1],
      ['a', 2],
      ['b', 2],
    ]);
  });

  it('lists a centre with too few answers last, without a rank and not among the ranked', () => {
    const rows = competitionRanking([row('few', 100, 29), row('enough', 50, 30)]);
    expect(rows).toEqual([
      { key: 'enough', value: 50, n: 30, rank: 1, of: 1 },
      { key: 'few', value: 100, n: 29, rank: null, of: 1 },
    ]);
  });

  it('takes another minimum', () => {
    expect(placed(competitionRanking([row('few', 100, 5)], 5))).toEqual([['few', 1]]);
  });

  it('does not rank what has no value, even with minimum 0', () => {
    expect(placed(competitionRanking([row('none', null, 0), row('zero', 0, 0)], 0))).toEqual([
      ['zero', 1],
      ['none', null],
    ]);
  });

  it('keeps whatever else a row carries', () => {
    expect(competitionRanking([{ ...row('a', 1), label: 'Trung tâm A' }])[0]).toMatchObject({ label: 'Trung tâm A' });
  });

  it('ranks every row 1 + the number of better ones, and loses none', () => {
    const hundredths = fc.integer({ min: 9000, max: 9050 }).map((value) => value / 100);
    const rows = fc.array(fc.record({ value: fc.option(hundredths), n: fc.nat(60) }), { maxLength: 80 });
    fc.assert(
      fc.property(rows, (inputs) => {
        const keyed = inputs.map((input, index) => ({ ...input, key: String(index) }));
        const counted = keyed.filter(({ n, value }) => n >= 30 && value !== null);
        const ranking = competitionRanking(keyed);
        expect(ranking.map(({ key }) => key).sort()).toEqual(keyed.map(({ key }) => key).sort());
        for (const { key, value, rank, of } of ranking) {
          const isCounted = counted.some((candidate) => candidate.key === key);
          const better = counted.filter((candidate) => candidate.value! > value!).length;
          expect({ rank, of }).toEqual({ rank: isCounted ? 1 + better : null, of: counted.length });
        }
      }),
    );
  });
});

describe('movement', () => {
  it('is the places won', () => {
    expect(movement(12, 2)).toBe(10);
    expect(movement(1, 3)).toBe(-2);
    expect(movement(7, 7)).toBe(0);
  });

  it('is unknown when either rank is', () => {
    expect(movement(null, 2)).toBeNull();
    expect(movement(2, null)).toBeNull();
  });
});

describe('possible ranks', () => {
  it('are those of the places whose intervals overlap', () => {
    const places = [
      { rank: 1, ci95: [97, 99] },
      { rank: 2, ci95: [80, 96] },
      { rank: 3, ci95: [79, 95] },
      { rank: 4, ci95: [10, 20] },
    ] as const;
    expect(possibleRanks(places)).toEqual([
      [1, 1],
      [2, 3],
      [2, 3],
      [4, 4],
    ]);
  });

  it('equal those of a comparison of every place with every other', () => {
    const interval = fc.tuple(fc.integer({ min: 0, max: 100 }), fc.nat(30), fc.nat(30));
    fc.assert(
      fc.property(fc.array(interval, { maxLength: 40 }), (given) => {
        const inputs = given.map(([value, below, above], index) => ({
          ...{ key: String(index), value, n: 100 },
          ci95: [value - below, value + above] as const,
        }));
        const places = competitionRanking(inputs).map(({ rank, ci95 }) => ({ rank: rank ?? NaN, ci95 }));
        const slowly = places.map(({ ci95: [low, high] }) => {
          const ranks = places.filter((other) => other.ci95[0] <= high && other.ci95[1] >= low).map(({ rank }) => rank);
          return [Math.min(...ranks), Math.max(...ranks)];
        });
        expect(possibleRanks(places)).toEqual(slowly);
      }),
    );
  });
});
