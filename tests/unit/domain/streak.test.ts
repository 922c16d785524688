import { topStreak } from '../../../src/domain/streak.js';

const years = (...inTop: [number, boolean][]) => new Map(inTop);

describe('years in a row in the top group', () => {
  it('count back from the latest year to the first one outside', () => {
    expect(topStreak(years([2019, true], [2020, false], [2021, true], [2022, true], [2023, true]))).toBe(3);
  });

  it('end at a year that is not known', () => {
    expect(topStreak(years([2020, true], [2022, true], [2023, true]))).toBe(2);
  });

  it('are none when the latest year was outside', () => {
    expect(topStreak(years([2022, true], [2023, false]))).toBe(0);
  });

  it('count back from the year asked for', () => {
    const known = years([2021, true], [2022, true], [2023, false]);
    expect(topStreak(known, 2022)).toBe(2);
    expect(topStreak(known, 2024)).toBe(0);
  });

  it('are none when no year is known', () => {
    expect(topStreak(years())).toBe(0);
  });
});
