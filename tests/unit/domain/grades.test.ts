import fc from 'fast-check';
import {
  gradeDistribution,
  gradeMovement,
  gradeOf,
  versionInForce,
  type GradeTable,
} from '../../../src/domain/grades.js';
import { gradeTableNamed } from './reference-data.js';

const index100 = gradeTableNamed('index-100');
const tthc18 = gradeTableNamed('tthc-18');

describe('a grade', () => {
  it.each([
    [100, 'Xuất sắc'],
    [90, 'Xuất sắc'],
    [89.99, 'Tốt'],
    [89.63, 'Tốt'],
    [80, 'Tốt'],
    [79.99, 'Khá'],
    [70, 'Khá'],
    [69.99, 'Trung bình'],
    [50, 'Trung bình'],
    [49.99, 'Yếu'],
    [0, 'Yếu'],
  ])('of %d out of 100 is %s', (value, grade) => {
    expect(gradeOf(index100, value)?.vi).toBe(grade);
  });

  it('of exactly 15 out of 18 is the best one', () => {
    expect(gradeOf(tthc18, 15)?.vi).toBe('Xuất sắc');
  });

  it('agrees with the value as printed: 89.995 prints 90,00', () => {
    expect(gradeOf(index100, 89.995)?.vi).toBe('Xuất sắc');
    expect(gradeOf(index100, 89.994)?.vi).toBe('Tốt');
  });

  it('is unknown without a value or below every band', () => {
    expect(gradeOf(index100, null)).toBeNull();
    expect(gradeOf(index100, -1)).toBeNull();
  });

  it('does not depend on the order of the bands in an edited table', () => {
    const shuffled: GradeTable = { ...index100, bands: [...index100.bands].reverse() };
    expect(gradeOf(shuffled, 95)?.vi).toBe('Xuất sắc');
  });
});

describe('the distribution of grades', () => {
  it('lists every grade of the table, best first, with its share of the graded', () => {
    const values = [95, 92, 85, null, 70];
    expect(gradeDistribution(index100, values)).toEqual([
      { grade: { vi: 'Xuất sắc' }, count: 2, share: 50 },
      { grade: { vi: 'Tốt' }, count: 1, share: 25 },
      { grade: { vi: 'Khá' }, count: 1, share: 25 },
      { grade: { vi: 'Trung bình' }, count: 0, share: 0 },
      { grade: { vi: 'Yếu' }, count: 0, share: 0 },
    ]);
  });

  it('has no shares when nothing is graded', () => {
    expect(gradeDistribution(index100, [null]).map(({ share }) => share)).toEqual([null, null, null, null, null]);
  });

  it('counts every value once, under the grade its band says', () => {
    const hundredths = fc.array(fc.nat(10_000));
    fc.assert(
      fc.property(hundredths, (values) => {
        const between = (from: number, below: number) => values.filter((v) => v >= from && v < below).length;
        expect(
          gradeDistribution(
            index100,
            values.map((v) => v / 100),
          ).map(({ count }) => count),
        ).toEqual([
          between(9000, 10_001),
          between(8000, 9000),
          between(7000, 8000),
          between(5000, 7000),
          between(0, 5000),
        ]);
      }),
    );
  });
});

describe('movement between grades', () => {
  const previous = new Map([
    ['A', 'Khá'],
    ['B', 'Khá'],
    ['C', 'Xuất sắc'],
    ['D', 'Tốt'],
    ['gone', 'Tốt'],
  ]);
  const current = new Map([
    ['A', 'Tốt'],
    ['B', 'Tốt'],
    ['C', 'Tốt'],
    ['D', 'Tốt'],
    ['new', 'Xuất sắc'],
  ]);

  it('groups who went from where to where', () => {
    expect(gradeMovement(previous, current).changes).toEqual([
      { from: 'Khá', to: 'Tốt', keys: ['A', 'B'] },
      { from: 'Xuất sắc', to: 'Tốt', keys: ['C'] },
      { from: null, to: 'Xuất sắc', keys: ['new'] },
      { from: 'Tốt', to: null, keys: ['gone'] },
    ]);
  });

  it('says per grade who entered, who left and how its number changed', () => {
    expect(gradeMovement(previous, current).grades).toEqual([
      { grade: 'Tốt', entered: ['A', 'B', 'C'], left: ['gone'], change: 2 },
      { grade: 'Xuất sắc', entered: ['new'], left: ['C'], change: 0 },
      { grade: 'Khá', entered: [], left: ['A', 'B'], change: -2 },
    ]);
  });

  it('is empty when nobody moved', () => {
    expect(gradeMovement(current, current).changes).toEqual([]);
  });
});

describe('the version in force', () => {
  const versions = [null, '2026-07-01', '2027-01-01'].map((from) => ({ ...index100, from }));

  it.each([
    ['2020-01-01', null],
    ['2026-06-30', null],
    ['2026-07-01', '2026-07-01'],
    ['2026-12-31', '2026-07-01'],
    ['2030-01-01', '2027-01-01'],
  ])('on %s is the one from %s', (day, from) => {
    expect(versionInForce(versions, day)?.from).toBe(from);
  });

  it('is none before the first day of all', () => {
    expect(versionInForce(versions.slice(1), '2026-06-30')).toBeUndefined();
  });
});
