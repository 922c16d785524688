import { isOpen, USUAL_HOURS } from '../../../src/domain/opening-hours.js';

describe('usual opening hours', () => {
  it.each([
    ['opens at 07:30', '2026-11-23T07:30:00+07:00', true],
    ['is closed a moment before', '2026-11-23T07:29:59+07:00', false],
    ['closes at noon, 11:30 being closed', '2026-11-23T11:30:00+07:00', false],
    ['opens again at 13:30', '2026-11-23T13:30:00+07:00', true],
    ['is open at 16:59', '2026-11-23T16:59:59+07:00', true],
    ['is closed in the evening', '2026-11-23T17:00:00+07:00', false],
    ['is closed on Sunday', '2026-11-22T09:00:00+07:00', false],
    ['goes by the local day, not by that of London', '2026-11-23T00:45:00Z', true],
  ])('%s', (_, instant, open) => {
    expect(isOpen(USUAL_HOURS, new Date(instant))).toBe(open);
  });
});
