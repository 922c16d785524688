import { isOpen, parseHours, timesText, USUAL_HOURS } from '../../../src/domain/opening-hours.js';

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

describe('opening hours as people write them', () => {
  it.each([
    ['1-5', '07:30-11:30, 13:30-17:00', USUAL_HOURS],
    ['5,4,3,2,1', '13:30–17:00,07:30 - 11:30', USUAL_HOURS],
    ['1-3, 3, 7', '00:00-24:00', { days: [1, 2, 3, 7], spans: [{ from: '00:00', to: '24:00' }] }],
  ])('%s at %s', (days, times, hours) => {
    expect(parseHours(days, times)).toEqual(hours);
  });

  it.each([
    ['', '07:30-11:30'],
    ['1-5', ''],
    ['0', '07:30-11:30'],
    ['1-8', '07:30-11:30'],
    ['5-1', '07:30-11:30'],
    ['1-2-3', '07:30-11:30'],
    ['1', '7:30-11:30'],
    ['1', '07:30'],
    ['1', '11:30-07:30'],
    ['1', '07:30-07:30'],
    ['1', '07:30-25:00'],
    ['1', '07:30-11:30,11:00-12:00'],
    ['thứ hai', 'sáng'],
  ])('"%s" at "%s" are none', (days, times) => {
    expect(parseHours(days, times)).toBeNull();
  });

  it('are written as they are read', () => {
    expect(parseHours('1-5', timesText(USUAL_HOURS))).toEqual(USUAL_HOURS);
  });

  it('to the end of the day include its last minute', () => {
    const hours = parseHours('7', '22:00-24:00')!;
    expect(isOpen(hours, new Date('2026-11-22T23:59:59+07:00'))).toBe(true);
  });
});
