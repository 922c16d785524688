import fc from 'fast-check';
import { dossierEvents, type CountedDossier, type DossierCount } from '../../../src/domain/dossier.js';

const DAYS = ['2025-12-30', '2025-12-31', '2026-01-01', '2026-01-02', '2026-02-28'];
const day = fc.constantFrom(...DAYS);
const dossier: fc.Arbitrary<CountedDossier> = fc
  .tuple(day, day, fc.option(day))
  .filter(([received, , returned]) => returned === null || returned >= received)
  .map(([receivedDay, dueDay, returnedDay]) => ({
    ...{ centre: 'C', receivedDay, dueDay },
    ...(returnedDay === null ? {} : { returnedDay }),
  }));

const sum = (of: CountedDossier, count: DossierCount, until: string, from = ''): number =>
  dossierEvents(of)
    .filter((event) => event.count === count && from <= event.day && event.day <= until)
    .reduce((total, { amount }) => total + amount, 0);

describe('what a dossier adds to the counts of days', () => {
  it('sums up to whether it is open, and overdue, at the end of each day', () => {
    fc.assert(
      fc.property(dossier, day, (one, until) => {
        const isOpen = one.receivedDay <= until && !(one.returnedDay !== undefined && one.returnedDay <= until);
        expect(sum(one, 'open', until)).toBe(isOpen ? 1 : 0);
        expect(sum(one, 'overdue', until)).toBe(isOpen && one.dueDay <= until ? 1 : 0);
      }),
    );
  });

  it('counts it once, on the day it was returned, as early, on time or late', () => {
    fc.assert(
      fc.property(dossier, (one) => {
        const { returnedDay, dueDay } = one;
        const counted = (['early', 'onTime', 'late'] as const).filter(
          (count) => returnedDay !== undefined && sum(one, count, returnedDay, returnedDay) === 1,
        );
        const state =
          returnedDay === undefined
            ? []
            : [returnedDay < dueDay ? 'early' : returnedDay === dueDay ? 'onTime' : 'late'];
        expect(counted).toEqual(state);
        expect(dossierEvents(one).filter(({ count }) => ['early', 'onTime', 'late'].includes(count))).toHaveLength(
          state.length,
        );
      }),
    );
  });
});
