import fc from 'fast-check';
import { contributions, type GroupAnswers } from '../../../src/domain/contribution.js';

const group = (n: number, satisfied: number): GroupAnswers => ({ n, satisfied });
const answers = fc
  .tuple(fc.nat({ max: 500 }), fc.double({ min: 0, max: 1, noNaN: true }))
  .map(([n, share]) => group(n, Math.round(n * share)));
const period = fc
  .dictionary(fc.constantFrom('a', 'b', 'c', 'd'), answers)
  .map((groups) => new Map(Object.entries(groups)));

function rate(groups: ReadonlyMap<string, GroupAnswers>): number {
  const all = [...groups.values()];
  return all.reduce((sum, { satisfied }) => sum + satisfied, 0) / all.reduce((sum, { n }) => sum + n, 0);
}

describe('what explains a change of the satisfied rate', () => {
  it('adds up to the change', () => {
    fc.assert(
      fc.property(period, period, (before, after) => {
        const found = contributions(before, after);
        fc.pre(found.length > 0);
        const points = found.reduce((sum, one) => sum + one.points, 0);
        expect(points).toBeCloseTo(100 * (rate(after) - rate(before)), 9);
      }),
    );
  });

  it('is all of the one group whose rate fell', () => {
    const before = new Map([
      ['land', group(100, 90)],
      ['civil', group(100, 90)],
    ]);
    const after = new Map([
      ['land', group(100, 50)],
      ['civil', group(100, 90)],
    ]);
    const [land, civil] = contributions(before, after);
    expect(land).toMatchObject({ key: 'land', points: expect.closeTo(-20, 9) });
    expect(civil?.points).toBeCloseTo(0, 9);
  });

  it('is that of a group which grew, although no rate changed', () => {
    const before = new Map([
      ['good', group(10, 10)],
      ['poor', group(90, 45)],
    ]);
    const after = new Map([
      ['good', group(50, 50)],
      ['poor', group(50, 25)],
    ]);
    expect(contributions(before, after).every(({ points }) => points > 0)).toBe(true);
  });

  it('is unknown where a period has no answers', () => {
    expect(contributions(new Map(), new Map([['a', group(1, 1)]]))).toEqual([]);
    expect(contributions(new Map([['a', group(1, 1)]]), new Map([['a', group(0, 0)]]))).toEqual([]);
  });
});
