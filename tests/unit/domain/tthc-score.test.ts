import { gradeOf } from '../../../src/domain/grades.js';
import { INDICATORS, MAX_SCORE, NO_POINTS, scoreOf, timePoints, withComputed } from '../../../src/domain/tthc-score.js';
import { gradeTableNamed } from './reference-data.js';

const all = (points: number) => INDICATORS.map(() => points);

describe('the score of 9 indicators', () => {
  it('is 18 at most', () => {
    expect(MAX_SCORE).toBe(18);
    expect(scoreOf(all(2))).toMatchObject({ total: 18, assessed: 9 });
  });

  it('is the sum of the points, to 2 decimals', () => {
    expect(scoreOf([0.1, 0.2, 1.25, 2, 2, 2, 2, 2, 1.33]).total).toBe(12.88);
  });

  it('is 0 where every indicator has 0 points', () => {
    expect(scoreOf(all(0)).total).toBe(0);
  });

  it('has no sum while one indicator is not assessed', () => {
    expect(scoreOf([null, ...all(2).slice(1)])).toMatchObject({ total: null, assessed: 8 });
  });

  it.each([
    [18, 'Xuất sắc'],
    [15, 'Xuất sắc'],
    [14.99, 'Tốt'],
    [12, 'Tốt'],
    [11.99, 'Khá'],
    [9, 'Khá'],
    [8.99, 'Trung bình'],
    [6, 'Trung bình'],
    [5.99, 'Yếu'],
    [0, 'Yếu'],
  ])('of %s points earns the grade %s', (total, grade) => {
    expect(gradeOf(gradeTableNamed('tthc-18'), total)?.vi).toBe(grade);
  });
});

describe('points for time', () => {
  it.each([
    ['2 for dossiers returned early', { returned: 3, early: 3, onTime: 0 }, 2],
    ['1 for those returned on the day due', { returned: 3, early: 0, onTime: 3 }, 1],
    ['0 for late ones', { returned: 3, early: 0, onTime: 0 }, 0],
    ['their mean, rounded half up', { returned: 8, early: 1, onTime: 1 }, 0.38],
  ])('are %s', (_, dossiers, points) => {
    expect(timePoints(dossiers)).toBe(points);
  });

  it('are not known without dossiers', () => {
    expect(timePoints({ returned: 0, early: 0, onTime: 0 })).toBeNull();
  });
});

describe('the points an agency gives itself', () => {
  it('are those that dossiers tell in indicator 1, whatever was entered there', () => {
    expect(withComputed(all(2), { returned: 2, early: 0, onTime: 2 })).toEqual([1, ...all(2).slice(1)]);
  });

  it('are those entered where no dossier was returned, or none is known', () => {
    expect(withComputed(all(1.5), { returned: 0, early: 0, onTime: 0 })).toEqual(all(1.5));
    expect(withComputed(all(1.5), null)).toEqual(all(1.5));
  });

  it('are nothing where nothing is known', () => {
    expect(withComputed(NO_POINTS, null)).toEqual(NO_POINTS);
  });
});
