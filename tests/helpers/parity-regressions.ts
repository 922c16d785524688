import { Decimal128, Double, Long, MinKey } from 'mongodb';
import type { IndexSpec } from './parity-queries.js';
import type { Tree } from './parity-random.js';

export interface Regression {
  readonly name: string;
  readonly docs: readonly Tree[];
  readonly other?: readonly Tree[];
  readonly indexes?: readonly IndexSpec[];
  readonly out?: readonly Tree[];
  readonly command: Tree;
}

const aggregate = (...pipeline: Tree[]): Tree => ({ aggregate: 'docs', pipeline, cursor: {} });
const update = (...updates: Tree[]): Tree => ({ update: 'docs', updates });
const compute = (e: unknown): Tree => aggregate({ $project: { e } });
const windowed = (sortBy: Tree, w: Tree): Tree => aggregate({ $setWindowFields: { sortBy, output: { w } } });

/** The least cases of differences that were found and put right. */
export const regressions: readonly Regression[] = [
  {
    name: 'distinct gives its values in the order of values',
    docs: [
      { _id: 1, k: 'z' },
      { _id: 2, k: 2 },
      { _id: 3, k: [1, 0] },
      { _id: 4, k: 'a' },
    ],
    command: { distinct: 'docs', key: 'k', query: {} },
  },
  {
    name: 'a sum of doubles and decimals is exact to 34 digits',
    docs: [
      { _id: 1, n: new Double(2.6) },
      { _id: 2, n: Decimal128.fromString('1') },
      { _id: 3, n: new Double(3) },
    ],
    command: aggregate({ $group: { _id: null, sum: { $sum: '$n' }, mean: { $avg: '$n' } } }),
  },
  {
    name: 'of equal items of two types an intersection keeps that of the smaller set',
    docs: [{ _id: 1, a: [Long.fromNumber(2)] }],
    command: compute({ $setIntersection: [[1, new Double(2)], '$a'] }),
  },
  {
    name: '%z of an offset with seconds leaves the seconds out',
    docs: [{ _id: 1, d: new Date('1899-12-31T00:00:00Z') }],
    command: compute({ $dateToString: { date: '$d', format: '%z', timezone: 'Asia/Ho_Chi_Minh' } }),
  },
  {
    name: '$shift gives its default for a missing field too',
    docs: [{ _id: 1 }, { _id: 2 }],
    command: windowed({ _id: 1 }, { $shift: { output: '$n', by: -1, default: 'none' } }),
  },
  {
    name: 'bounds of a range need an ascending sort',
    docs: [{ _id: 1 }],
    command: windowed({ _id: -1 }, { $count: {}, window: { range: [-2, 2] } }),
  },
  {
    name: '$last of a window computes for the last document only',
    docs: [{ _id: 1 }, { _id: 2, d: 'no date' }, { _id: 3, d: new Date(0) }],
    command: windowed({ _id: 1 }, { $last: { $year: '$d' }, window: { documents: [1, 2] } }),
  },
  {
    name: 'an array filter of an empty $all names no field',
    docs: [{ _id: 1, a: [1] }],
    command: {
      update: 'docs',
      updates: [{ q: {}, u: { $mul: { 'a.$[e]': 2 } }, arrayFilters: [{ e: { $all: [] } }] }],
    },
  },
  {
    name: 'a group of one missing field in a document has null for it',
    docs: [{ _id: 1 }],
    command: aggregate({ $group: { _id: { v: '$m' } } }),
  },
  {
    name: 'a decimal is rounded to exactly the places asked for',
    docs: [{ _id: 1, n: Decimal128.fromString('1E+3') }],
    command: compute([{ $round: ['$n', 1] }, { $trunc: ['$n', -4] }, { $round: ['$n', 0] }, { $floor: '$n' }]),
  },
  {
    name: '$topN reads the paths of sortBy as expressions',
    docs: [
      { _id: 1, k: 1 },
      { _id: 2, k: 2, a: [1], m: [3] },
    ],
    command: aggregate({
      $group: {
        _id: null,
        p: { $topN: { n: 2, sortBy: { 'a.0': 1, _id: 1 }, output: '$k' } },
        q: { $topN: { n: 2, sortBy: { 'm.x': 1, _id: 1 }, output: '$k' } },
      },
    }),
  },
  {
    name: 'bits of decimals are tested',
    docs: [
      { _id: 1, n: Decimal128.fromString('9007199254740993') },
      { _id: 2, n: Decimal128.fromString('1.5') },
    ],
    command: { find: 'docs', filter: { n: { $bitsAnySet: [0, 2] } } },
  },
  {
    name: '$indexOfCP has codes of its own',
    docs: [{ _id: 1, s: 7 }],
    command: compute({ $indexOfCP: ['$s', 'b'] }),
  },
  {
    name: 'a negative double that is rounded away stays negative',
    docs: [{ _id: 1, n: new Double(-3) }],
    command: compute({ $round: ['$n', -1] }),
  },
  ...['$dateAdd', '$dateSubtract'].map((name) => ({
    name: `${name} refuses what is not a date with a code of its own`,
    docs: [{ _id: 1, d: 'x' }],
    command: compute({ [name]: { startDate: '$d', unit: 'day', amount: 1 } }),
  })),
  {
    name: '$dateDiff refuses what is not a date with a code of its own',
    docs: [{ _id: 1, d: 'x' }],
    command: compute({ $dateDiff: { startDate: '$d', endDate: new Date(0), unit: 'day' } }),
  },
  {
    name: '$dateTrunc refuses what is not a date with a code of its own',
    docs: [{ _id: 1, d: 'x' }],
    command: compute({ $dateTrunc: { date: '$d', unit: 'day' } }),
  },
  {
    name: '$indexOfArray of null does not look at its other arguments',
    docs: [{ _id: 1 }],
    command: compute({ $indexOfArray: ['$a', { $size: '$a' }] }),
  },
  {
    name: 'an upsert takes no fields from a filter with an expression',
    docs: [],
    command: update({ q: { a: 1, $expr: { $eq: ['$b', 1] } }, u: { $set: { c: 1 } }, upsert: true }),
  },
  {
    name: 'an upsert takes one of equal values, and nothing from a filter that is false',
    docs: [],
    command: update(
      { q: { _id: 1, n: { $in: [2, new Double(2)] } }, u: { $set: { c: 1 } }, upsert: true },
      { q: { n: 9, l: { $all: [] } }, u: { $set: { _id: 2 } }, upsert: true },
      { q: { '_id.x': 3 }, u: { c: 1 }, upsert: true },
    ),
  },
  {
    name: 'a change to an equal number of the same type is none',
    docs: [{ _id: 1, n: Decimal128.fromString('0') }],
    command: update({ q: {}, u: { $mul: { n: -1 } } }),
  },
  {
    name: 'a statement that fails counts none of its changes',
    docs: [
      { _id: 1, n: 1 },
      { _id: 2, n: 'text' },
    ],
    command: update({ q: {}, u: { $inc: { n: 1 } }, multi: true }),
  },
  {
    name: 'an element that matches comes behind the fields that are kept',
    docs: [{ _id: 1, l: [{ x: 1 }], k: 2 }],
    command: { find: 'docs', projection: { l: { $elemMatch: { x: 1 } }, k: 1 } },
  },
  {
    name: 'of equal values $maxN shows the last first and a set keeps the first',
    docs: [{ _id: 1, a: [1, Decimal128.fromString('1'), new Double(1)] }],
    command: compute([{ $maxN: { n: 2, input: '$a' } }, { $setIntersection: ['$a', [1, 5, 6, 7]] }]),
  },
  {
    name: 'a window sets its path in every element of an array',
    docs: [{ _id: 1, o: [{}, 2, []] }],
    command: aggregate({ $setWindowFields: { sortBy: { _id: 1 }, output: { 'o.w': { $documentNumber: {} } } } }),
  },
  {
    name: 'the places of a very large double are all there is',
    docs: [{ _id: 1, n: new Double(8e240) }],
    command: compute({ $round: ['$n', 12] }),
  },
  {
    name: '$merge sets fields in the order of their names',
    docs: [{ _id: 1, z: 1, b: 2 }],
    out: [{ _id: 1, k: 1 }],
    command: aggregate({ $merge: { into: 'out', whenMatched: 'merge' } }),
  },
  {
    name: '$merge fails for what it does not find when all is done',
    docs: [
      { _id: 5, k: 1 },
      { _id: 1, k: 2 },
    ],
    out: [
      { _id: 1, k: 1 },
      { _id: 2, k: 2 },
    ],
    command: aggregate({ $merge: { into: 'out', whenMatched: 'replace', whenNotMatched: 'fail' } }),
  },
  {
    name: 'months are densified from the last date',
    docs: [
      { _id: 1, d: new Date('2024-12-31T00:00:00Z') },
      { _id: 2, d: new Date('2025-05-10T00:00:00Z') },
    ],
    command: aggregate({ $densify: { field: 'd', range: { step: 1, unit: 'month', bounds: 'full' } } }),
  },
  {
    name: 'an order of case needs a strength that tells case',
    docs: [],
    command: { find: 'docs', collation: { locale: 'vi', strength: 1, caseFirst: 'upper' } },
  },
  {
    name: 'an index on _id takes no options',
    docs: [],
    command: { createIndexes: 'docs', indexes: [{ key: { _id: 1 }, name: 'again', unique: true }] },
  },
  {
    name: 'the remainder of a decimal is exact beyond the doubles',
    docs: [{ _id: 1, n: Decimal128.fromString('9007199254740993') }],
    command: { find: 'docs', filter: { n: { $mod: [2, 1] } } },
  },
  {
    name: 'what is no decimal is added up before the decimals',
    docs: [
      { _id: 1, n: new Double(-1.4) },
      { _id: 2, n: 1 },
      { _id: 3, n: Decimal128.fromString('1.0') },
    ],
    command: aggregate({ $group: { _id: null, sum: { $sum: '$n' } } }),
  },
  {
    name: '%Z of an offset with seconds is of whole minutes',
    docs: [{ _id: 1, d: new Date('1900-01-01T00:00:00Z') }],
    command: compute({ $dateToString: { date: '$d', format: '%Z', timezone: 'Asia/Ho_Chi_Minh' } }),
  },
  {
    name: '$graphLookup by null reaches only fields that are there',
    docs: [{ _id: 1, a: [null], k: 1 }, { _id: 2, k: null }, { _id: 3 }],
    command: aggregate({
      $graphLookup: { from: 'docs', startWith: null, connectFromField: 'a', connectToField: 'k', as: 'net' },
    }),
  },
  {
    name: 'an element above the least key is the one that matched',
    docs: [{ _id: 1, a: [1] }],
    command: update({ q: { a: { $gt: new MinKey() } }, u: { $set: { 'a.$': -2 } } }),
  },
  {
    name: 'a size names no element',
    docs: [{ _id: 1, a: [1] }],
    command: update({ q: { a: { $size: 1 } }, u: { $set: { 'a.$': 2 } } }),
  },
  {
    name: 'that an array exists names its first element',
    docs: [{ _id: 1, a: [1, 2] }],
    command: update({ q: { a: { $exists: true } }, u: { $set: { 'a.$': 3 } } }),
  },
  {
    name: 'a double that 34 digits do not hold has all 34 in a sum',
    docs: [
      { _id: 1, n: new Double(-1.4) },
      { _id: 2, n: new Double(0.9) },
      { _id: 3, n: Decimal128.fromString('1.0') },
    ],
    command: aggregate({ $group: { _id: null, sum: { $sum: '$n' } } }),
  },
  {
    name: 'that a field does not exist names no element',
    docs: [{ _id: 10, l: [{}] }],
    command: update({ q: { 'l.x': { $exists: false } }, u: { $set: { 'l.$.x': 1 } } }),
  },
  {
    name: 'a whole divisor leaves integers integers',
    docs: [{ _id: 1, n: new Double(7), m: 6, l: new Long('6') }],
    command: compute([{ $mod: ['$m', '$n'] }, { $mod: ['$l', '$n'] }, { $mod: ['$n', '$m'] }]),
  },
  {
    name: 'a linear fill has the last digit of a slope that is divided first',
    docs: [{ _id: 0, n: 63 }, { _id: 4 }, { _id: 5, n: -3 }],
    command: aggregate({ $fill: { sortBy: { _id: 1 }, output: { n: { method: 'linear' } } } }),
  },
  {
    name: 'a double is written in six digits where text is wanted',
    docs: [{ _id: 1 }],
    command: compute(
      [2147483647, 0.00001234567, 123456.7, -0.000123, 1e22, 999999.5, -0].map((value) => ({
        $toUpper: { $literal: new Double(value) },
      })),
    ),
  },
  {
    name: 'what is no number is written by its type where text is wanted',
    docs: [{ _id: 1 }],
    command: compute(
      [new Double(NaN), new Double(-Infinity), Decimal128.fromString('NaN'), Decimal128.fromString('-Infinity')].map(
        (value) => ({ $toLower: { $literal: value } }),
      ),
    ),
  },
  {
    name: 'array filters are checked where a replacement has no use for them',
    docs: [{ _id: 1 }],
    command: update({ q: {}, u: {}, arrayFilters: [{}] }),
  },
  {
    name: 'a duplicate is reported with the first key in the order of the index',
    docs: [{ _id: 1, u: [10, 64] }, { _id: 2 }],
    indexes: [{ key: { u: -1 }, name: 'u_-1', unique: true }],
    command: update({ q: { _id: 2 }, u: { $set: { u: [10, 64] } } }),
  },
];
