import fc from 'fast-check';
import {
  formatChange,
  formatDay,
  formatInstant,
  formatMovement,
  formatNumber,
  formatPercent,
  formatRank,
  formatStreak,
} from '../../../src/domain/format-vi.js';

describe('numbers on pages', () => {
  it.each([
    [3899.5, 1, '3.899,5', '3,899.5'],
    [1234, 0, '1.234', '1,234'],
    [999, 0, '999', '999'],
    [1234567.891, 2, '1.234.567,89', '1,234,567.89'],
    [82.5, 2, '82,50', '82.50'],
    [1.005, 2, '1,01', '1.01'],
    [-1234.5, 1, '-1.234,5', '-1,234.5'],
    [-0.001, 2, '0,00', '0.00'],
    [0, 0, '0', '0'],
    [null, 0, '—', '—'],
  ])('%d with %d places is %s, in English %s', (value, decimals, vietnamese, english) => {
    expect(formatNumber(value, decimals)).toBe(vietnamese);
    expect(formatNumber(value, decimals, 'en')).toBe(english);
  });

  it('are grouped and pointed as the platform does for Vietnamese and for English', () => {
    fc.assert(
      fc.property(fc.integer({ min: -99_999_999_999, max: 99_999_999_999 }), fc.nat(3), (digits, decimals) => {
        const value = Number(`${digits}e-${decimals}`);
        const options = { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
        expect(formatNumber(value, decimals)).toBe(value.toLocaleString('vi-VN', options));
        expect(formatNumber(value, decimals, 'en')).toBe(value.toLocaleString('en-US', options));
      }),
      { numRuns: 500 },
    );
  });
});

describe('percentages on pages', () => {
  it.each([
    [96.55, '96,55%', '96.55%'],
    [100, '100,00%', '100.00%'],
    [0, '0,00%', '0.00%'],
    [null, '—', '—'],
  ])('%d is %s, in English %s', (value, vietnamese, english) => {
    expect(formatPercent(value)).toBe(vietnamese);
    expect(formatPercent(value, 2, 'en')).toBe(english);
  });
});

describe('days on pages', () => {
  it('have the day first', () => {
    expect(formatDay('2026-11-22')).toBe('22/11/2026');
    expect(formatDay('2026-01-02')).toBe('02/01/2026');
  });

  it('name the month in English', () => {
    expect(formatDay('2026-01-02', 'en')).toBe('2 Jan 2026');
  });
});

describe('ranks and their movement on pages', () => {
  it('show the rank among the ranked', () => {
    expect(formatRank(2, 13)).toBe('2/13');
    expect(formatRank(null, 13)).toBe('—');
  });

  it.each([
    [10, 'tăng 10 bậc', 'up 10 places'],
    [1, 'tăng 1 bậc', 'up 1 place'],
    [-2, 'giảm 2 bậc', 'down 2 places'],
    [0, 'giữ nguyên', 'unchanged'],
    [null, '—', '—'],
  ])('movement %d is "%s", in English "%s"', (movement, vietnamese, english) => {
    expect(formatMovement(movement)).toBe(vietnamese);
    expect(formatMovement(movement, 'en')).toBe(english);
  });
});

describe('changes of a score on pages', () => {
  it.each([
    [89.63, 88.83, 'tăng 0,8 điểm', 'up 0.8 points'],
    [60.02, 53.76, 'tăng 6,26 điểm', 'up 6.26 points'],
    [87.17, 82.87, 'tăng 4,3 điểm', 'up 4.3 points'],
    [82.87, 87.17, 'giảm 4,3 điểm', 'down 4.3 points'],
    [80.005, 70, 'tăng 10,01 điểm', 'up 10.01 points'], // 10.00499… in binary
    [91, 90, 'tăng 1 điểm', 'up 1 point'],
    [90.5, 90.5, 'không đổi', 'no change'],
    [null, 90, '—', '—'],
    [90, null, '—', '—'],
  ])('%d after %d is "%s", in English "%s"', (value, previous, vietnamese, english) => {
    expect(formatChange(value, previous)).toBe(vietnamese);
    expect(formatChange(value, previous, 'en')).toBe(english);
  });

  it('print the difference of two published figures exactly', () => {
    const hundredths = fc.nat(10_000);
    fc.assert(
      fc.property(hundredths, hundredths, (now, before) => {
        fc.pre(now > before);
        const expected = String(Number(`${now - before}e-2`)).replace('.', ',');
        expect(formatChange(Number(`${now}e-2`), Number(`${before}e-2`))).toBe(`tăng ${expected} điểm`);
      }),
    );
  });
});

describe('runs of years on pages', () => {
  it.each([
    [5, '5 năm liên tiếp', '5 years in a row'],
    [1, '1 năm', '1 year'],
    [0, '—', '—'],
  ])('%d is "%s", in English "%s"', (years, vietnamese, english) => {
    expect(formatStreak(years)).toBe(vietnamese);
    expect(formatStreak(years, 'en')).toBe(english);
  });
});

describe('an instant on pages', () => {
  it.each([
    [false, '23/11/2026 00:00'],
    [true, '23/11/2026 00:00:09'],
  ])('is that of the clock in Việt Nam, with seconds (%s) where order matters', (seconds, text) => {
    expect(formatInstant(new Date('2026-11-22T17:00:09Z'), seconds)).toBe(text);
  });
});
