import { Decimal128 } from 'bson';
import { compareText } from '../../../src/embedded-mongo/bson/compare.js';
import { identity } from '../../../src/embedded-mongo/bson/key.js';
import { Doc, Double, type Value } from '../../../src/embedded-mongo/bson/values.js';
import { Scope } from '../../../src/embedded-mongo/expression/compile.js';
import { OPERATORS } from '../../../src/embedded-mongo/expression/operators.js';

const scope = new Scope(new Date(0), compareText, OPERATORS, identity);
const root = Doc.of({ list: [Doc.of({ a: 1 }), Doc.of({ a: 2 }), 3] });

/** A plain object as documents all the way down. */
function bson(value: unknown): Value {
  if (Array.isArray(value)) return value.map(bson);
  if (typeof value !== 'object' || value === null || value.constructor !== Object) return value as Value;
  return Doc.from(Object.entries(value).map(([key, item]) => [key, bson(item)]));
}

const evaluate = (expression: unknown): Value | undefined => scope.compile(bson(expression))(root);
const date = new Date('2026-03-05T06:07:08.009Z');
const hanoi = 'Asia/Ho_Chi_Minh';

// Every expected value was read from a MongoDB 7.0.15.
describe('expressions', () => {
  it.each<[string, unknown, unknown]>([
    [
      'a day begins at local midnight',
      { $dateTrunc: { date, unit: 'day', timezone: hanoi } },
      new Date('2026-03-04T17:00:00Z'),
    ],
    [
      'weeks count from a local Sunday',
      { $dateTrunc: { date, unit: 'week', binSize: 2, timezone: hanoi } },
      new Date('2026-02-21T17:00:00Z'),
    ],
    [
      'hours count from local midnight of 2000',
      { $dateTrunc: { date, unit: 'hour', binSize: 2, timezone: hanoi } },
      new Date('2026-03-05T05:00:00Z'),
    ],
    [
      'quarters in bins',
      { $dateTrunc: { date, unit: 'quarter', binSize: 3, timezone: hanoi } },
      new Date('2025-06-30T17:00:00Z'),
    ],
    [
      'a day more keeps the time of day over a clock change',
      {
        $dateAdd: { startDate: new Date('2026-03-08T06:30:00Z'), unit: 'day', amount: 1, timezone: 'America/New_York' },
      },
      new Date('2026-03-09T05:30:00Z'),
    ],
    [
      'a month more ends with the month',
      { $dateAdd: { startDate: new Date('2026-01-31T00:00:00Z'), unit: 'month', amount: 1 } },
      new Date('2026-02-28T00:00:00Z'),
    ],
    [
      'dates are written in a zone',
      { $dateToString: { date, timezone: '+05:30', format: '%Y-%m-%d %H:%M %z %j %U %V' } },
      '2026-03-05 11:37 +0530 064 09 10',
    ],
    [
      'ISO weeks begin on Monday',
      { $dateFromParts: { isoWeekYear: 2026, isoWeek: 1, isoDayOfWeek: 1 } },
      new Date('2025-12-29T00:00:00Z'),
    ],
    ['integers that overflow grow', { $add: [2147483647, 1] }, 2147483648n],
    ['integers divided are doubles', { $divide: [6, 3] }, new Double(2)],
    ['remainders keep the sign', { $mod: [-7, 3] }, -1],
    ['halves are rounded to even', { $round: [25, -1] }, 20],
    ['doubles are rounded as what they are', { $round: [1.005, 2] }, new Double(1)],
    ['decimals keep their digits', { $multiply: [Decimal128.fromString('0.10'), 3] }, Decimal128.fromString('0.30')],
    ['doubles are written short', { $toString: 1e-7 }, '1e-07'],
    ['only ASCII changes its case', { $toUpper: 'àb' }, 'àB'],
    ['paths enter the documents of an array', '$list.a', [1, 2]],
    ['missing values are not null', { $type: '$none' }, 'missing'],
    ['types order before values', { $cmp: [1, 'a'] }, -1],
    [
      'sets are sorted',
      {
        $setUnion: [
          [3, 1],
          [2, 1],
        ],
      },
      [1, 2, 3],
    ],
    ['arrays are cut from the end', { $slice: [[1, 2, 3, 4], -3, 2] }, [2, 3]],
    ['a null argument is enough', { $concatArrays: ['$none', { $range: [0, 'x'] }] }, null],
  ])('%s', (_, expression, expected) => {
    expect(evaluate(expression)).toEqual(expected);
  });

  it.each<[string, unknown, number]>([
    ['an unknown operator', { $frobnicate: 1 }, 168],
    ['an undefined variable', '$$nobody', 17276],
    ['a wrong number of arguments', { $subtract: [1] }, 16020],
    ['text that is no number', { $toInt: '1.5' }, 241],
    ['a division by zero', { $divide: [1, 0] }, 2],
    ['an unknown time zone', { $hour: { date, timezone: 'Mars/Olympus' } }, 40485],
  ])('refuse %s', (_, expression, code) => {
    expect(() => evaluate(expression)).toThrow(expect.objectContaining({ code }));
  });
});
