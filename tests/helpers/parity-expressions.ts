import { Decimal128, Double, Long } from 'mongodb';
import { aDate, aNumber, aScalar, aText, aValue } from './parity-values.js';
import type { Random } from './parity-random.js';

const zones = [
  'Asia/Ho_Chi_Minh',
  'America/New_York',
  'UTC',
  '+07:00',
  '-0330',
  'Europe/London',
  'Australia/Lord_Howe',
];
const units = ['year', 'quarter', 'month', 'week', 'day', 'hour', 'minute', 'second', 'millisecond'];
const formats = ['%Y-%m-%dT%H:%M:%S.%L%z', '%G-W%V-%u', '%d/%m/%Y %j', '%U %w %Z', '%b %B %%'];

type Make = (r: Random, depth: number) => unknown;

/** Powers and logarithms of decimals are refused by the engine. */
const inDouble = (value: unknown): unknown => ({ $convert: { input: value, to: 'double', onError: 2 } });

/** Mostly what is asked for, so that a computation over many documents succeeds; now and then what fails. */
const mostly = (r: Random, usual: unknown, seldom: unknown): unknown => (r.chance(0.95) ? usual : seldom);
const orElse = (r: Random, path: string, instead: unknown): unknown => mostly(r, { $ifNull: [path, instead] }, path);
const aboveZero = (value: unknown): unknown => ({ $add: [{ $abs: value }, 1] });

/** An expression that mostly gives a number. */
const number: Make = (r, depth) => {
  const n = (): unknown => number(r, depth - 1);
  if (depth <= 0)
    return r.one<unknown>(
      () => r.pick(['$n', '$k', '$o.x', '$n']),
      () => aNumber(r),
    );
  return r.one<unknown>(
    n,
    () => ({ $add: r.many(1, 3, n) }),
    () => ({ $multiply: r.many(1, 3, n) }),
    () => ({ $subtract: [n(), n()] }),
    () => {
      const divisor = n();
      return { [r.pick(['$divide', '$mod'])]: [n(), mostly(r, aboveZero(divisor), divisor)] };
    },
    () => ({ [r.pick(['$abs', '$ceil', '$floor', '$toDecimal'])]: n() }),
    () => {
      const [input, to] = [n(), r.pick(['int', 'long', 'double'])];
      return { $convert: { input, to, onNull: null, ...(r.chance(0.95) ? { onError: 0 } : {}) } };
    },
    () => ({ [r.pick(['$round', '$trunc'])]: [n(), r.int(-2, 2)] }),
    // To 12 places: the last digit of a double is the mathematical library's own.
    () => ({ $round: [{ [r.pick(['$ln', '$log10'])]: aboveZero(inDouble(n())) }, 12] }),
    () => ({ $round: [{ $exp: { $divide: [inDouble(n()), 1000] } }, 12] }),
    () => ({ $sqrt: mostly(r, { $abs: n() }, n()) }),
    () => ({ [r.pick(['$degreesToRadians', '$radiansToDegrees'])]: n() }),
    () => ({ $pow: [inDouble(n()), r.pick([0, 1, 2, 3, new Double(0.5)])] }),
    () => ({
      [r.pick(['$sum', '$avg', '$min', '$max', '$stdDevPop', '$stdDevSamp'])]: r.pick(['$a', '$l.x', [n(), n()], '$n']),
    }),
    () => ({ $cmp: [any(r, 0), any(r, 0)] }),
    () => ({ $size: list(r, depth - 1) }),
    () => ({ [r.pick(['$strLenCP', '$strLenBytes'])]: text(r, depth - 1) }),
    () => ({ [r.pick(['$indexOfCP', '$indexOfBytes'])]: [text(r, 0), r.pick(['a', 'b', 'ị', 't'])] }),
    () => ({ $indexOfArray: [list(r, 0), n()] }),
    () => ({
      [r.pick(['$bitAnd', '$bitOr', '$bitXor'])]: [r.int(0, 9), r.pick<unknown>(['$k', 3, Long.fromNumber(5)])],
    }),
    () => ({
      [r.pick([
        '$year',
        '$month',
        '$dayOfMonth',
        '$hour',
        '$minute',
        '$isoWeek',
        '$isoWeekYear',
        '$week',
        '$dayOfWeek',
        '$isoDayOfWeek',
        '$dayOfYear',
        '$millisecond',
      ])]: { date: date(r, depth - 1), timezone: r.pick(zones) },
    }),
    () => ({
      $dateDiff: {
        startDate: date(r, 0),
        endDate: date(r, depth - 1),
        unit: r.pick(units),
        timezone: r.pick(zones),
        ...(r.chance(0.3) ? { startOfWeek: r.pick(['monday', 'fri']) } : {}),
      },
    }),
    () => ({
      $reduce: {
        input: list(r, 0),
        initialValue: 0,
        in: { $add: ['$$value', { $cond: [{ $isNumber: '$$this' }, '$$this', 1] }] },
      },
    }),
    () => ({
      $convert: {
        input: any(r, 0),
        to: r.pick(['int', 'double', 'long', 'decimal', 'bool', 'string', 'date', 'objectId']),
        onError: 'failed',
        onNull: 'none',
      },
    }),
  );
};

/** An expression that mostly gives a date. */
const date: Make = (r, depth) => {
  const d = (): unknown => date(r, depth - 1);
  if (depth <= 0)
    return r.one<unknown>(
      () => '$d',
      () => '$d',
      () => aDate(r),
    );
  return r.one<unknown>(
    d,
    () => ({
      $dateTrunc: {
        date: d(),
        unit: r.pick(units),
        binSize: r.pick([1, 1, 2, 3, 7]),
        timezone: r.pick(zones),
        ...(r.chance(0.3) ? { startOfWeek: r.pick(['monday', 'Thursday']) } : {}),
      },
    }),
    () => {
      const operator = r.pick(['$dateAdd', '$dateSubtract']);
      const [startDate, unit] = [d(), r.pick(units)];
      // Parts of a second before 1970 are not made: MongoDB then counts months one second short.
      const amount = r.int(-14, 40) * (unit === 'millisecond' ? 1000 : 1);
      return { [operator]: { startDate, unit, amount, timezone: r.pick(zones) } };
    },
    () => ({
      $dateFromParts: {
        year: r.int(1970, 2030),
        month: r.int(-2, 15),
        day: r.int(0, 40),
        hour: r.int(0, 30),
        timezone: r.pick(zones),
      },
    }),
    () => ({
      $dateFromParts: {
        isoWeekYear: r.int(1999, 2030),
        isoWeek: r.int(1, 53),
        isoDayOfWeek: r.int(1, 7),
        timezone: r.pick(zones),
      },
    }),
    () => ({
      $dateFromString: {
        dateString: r.pick(['2026-11-22', '2026-11-22T08:00:00', '2026-11-22T01:02:03.456Z', '$s']),
        timezone: r.pick(zones),
        onError: null,
      },
    }),
    () => ({ $dateFromString: { dateString: '22/11/2026 07:30', format: '%d/%m/%Y %H:%M', timezone: r.pick(zones) } }),
    () => ({ $toDate: r.pick<unknown>([Long.fromString('1700000000000'), '2025-01-31T00:00:00Z', new Double(1e12)]) }),
    () => ({ [r.pick(['$add', '$subtract'])]: [d(), r.pick([1000, 86_400_000])] }),
  );
};

/** An expression that mostly gives a text. */
const text: Make = (r, depth) => {
  const s = (): unknown => text(r, depth - 1);
  if (depth <= 0)
    return r.one<unknown>(
      () => orElse(r, '$s', ''),
      () => orElse(r, '$s', 'a'),
      () => aText(r),
    );
  return r.one<unknown>(
    s,
    () => ({ $concat: r.many(1, 3, s) }),
    () => ({ [r.pick(['$toLower', '$toUpper', '$toString', '$type'])]: r.chance(0.7) ? s() : any(r, depth - 1) }),
    () => ({ $substrCP: [s(), r.int(0, 3), r.int(0, 5)] }),
    () => ({
      [r.pick(['$trim', '$ltrim', '$rtrim'])]: {
        input: s(),
        ...(r.chance(0.5) ? { chars: r.pick(['a', 'Hộh', ' ']) } : {}),
      },
    }),
    () => ({
      [r.pick(['$replaceOne', '$replaceAll'])]: {
        input: s(),
        find: r.pick(['a', 't', 'ị']),
        replacement: r.pick(['', 'xx']),
      },
    }),
    () => ({
      $dateToString: { date: date(r, depth - 1), format: r.pick(formats), timezone: r.pick(zones), onNull: 'none' },
    }),
    () => ({ $getField: { field: r.pick(['s', 'absent']), input: '$$ROOT' } }),
    () => ({ $toString: r.chance(0.5) ? number(r, depth - 1) : date(r, 0) }),
  );
};

const truth: Make = (r, depth) => {
  const b = (): unknown => truth(r, depth - 1);
  if (depth <= 0)
    return r.one<unknown>(
      () => '$m',
      () => r.chance(0.5),
      () => ({ $gt: ['$k', 1] }),
    );
  return r.one<unknown>(
    () => ({ [r.pick(['$eq', '$ne', '$gt', '$gte', '$lt', '$lte'])]: [any(r, depth - 1), any(r, depth - 1)] }),
    () => ({ [r.pick(['$and', '$or'])]: r.many(0, 3, b) }),
    () => ({ $not: [b()] }),
    () => ({ $in: [any(r, depth - 1), list(r, 0)] }),
    () => ({ [r.pick(['$isArray', '$isNumber'])]: [any(r, depth - 1)] }),
    () => ({
      $regexMatch: { input: text(r, depth - 1), regex: r.pick(['^a', 'tịch', 'B']), options: r.pick(['', 'i']) },
    }),
    () => ({ [r.pick(['$setIsSubset', '$setEquals'])]: [list(r, 0), list(r, 0)] }),
    () => ({ [r.pick(['$anyElementTrue', '$allElementsTrue'])]: [list(r, 0)] }),
    () => ({ $toBool: r.chance(0.5) ? number(r, depth - 1) : any(r, 0) }),
  );
};

const list: Make = (r, depth) => {
  const l = (): unknown => list(r, depth - 1);
  if (depth <= 0)
    return r.one<unknown>(
      () => orElse(r, '$a', []),
      () => orElse(r, '$a', [2]),
      () => orElse(r, '$l.x', []),
      // In an array of its own, as an array in the place of arguments is the list of them.
      () => ({ $concatArrays: [[1, new Double(2), '$k', '$n']] }),
    );
  return r.one<unknown>(
    l,
    () => ({
      $map: { input: l(), as: 'e', in: r.pick<unknown>(['$$e', { $type: '$$e' }, { v: '$$e' }, { $eq: ['$$e', 1] }]) },
    }),
    () => ({
      $filter: { input: l(), as: 'e', cond: { $gt: ['$$e', 1] }, ...(r.chance(0.3) ? { limit: r.int(1, 2) } : {}) },
    }),
    () => ({ $concatArrays: [l(), l()] }),
    () => ({ $reverseArray: l() }),
    () => ({ $slice: [l(), r.int(-3, 3)] }),
    () => ({
      $sortArray: { input: orElse(r, r.pick(['$a', '$l']), []), sortBy: r.pick([1, -1, { x: 1, y: -1, t: 1 }]) },
    }),
    () => ({
      $sortArray: { input: { [r.pick(['$setUnion', '$setIntersection', '$setDifference'])]: [l(), l()] }, sortBy: 1 },
    }),
    () => ({ $range: [r.int(-2, 2), r.int(0, 6), r.pick([1, 2, -1])] }),
    () => ({ $split: [text(r, 0), r.pick(['a', ' ', 't'])] }),
    () => ({ $zip: { inputs: [l(), [1, 2, 3]], useLongestLength: r.chance(0.5) } }),
    () => ({ $objectToArray: '$o' }),
    () => ({ [r.pick(['$firstN', '$lastN', '$maxN', '$minN'])]: { n: r.int(1, 3), input: l() } }),
    () => ({ $regexFindAll: { input: text(r, 0), regex: '[aị]t?' } }),
  );
};

const document: Make = (r, depth) =>
  r.one<unknown>(
    () => ({ p: any(r, depth - 1), q: any(r, depth - 1) }),
    () => ({ $mergeObjects: ['$o', { y: any(r, depth - 1) }] }),
    () => ({ $arrayToObject: { $objectToArray: '$o' } }),
    () => ({ $setField: { field: 'x', input: '$o', value: any(r, depth - 1) } }),
    () => ({ $dateToParts: { date: date(r, depth - 1), timezone: r.pick(zones), iso8601: r.chance(0.5) } }),
    () => ({ $regexFind: { input: text(r, 0), regex: '(t)(ị)?' } }),
  );

const any: Make = (r, depth) => {
  if (depth <= 0)
    return r.one<unknown>(
      () => r.pick(['$n', '$s', '$d', '$m', '$o', '$a', '$l.y', '$absent']),
      () => ({ $literal: aValue(r, 1) }),
    );
  const v = (): unknown => any(r, depth - 1);
  return r.one<unknown>(
    () => number(r, depth),
    () => text(r, depth),
    () => date(r, depth),
    () => truth(r, depth),
    () => list(r, depth),
    () => document(r, depth),
    () => ({ $cond: [truth(r, depth - 1), v(), v()] }),
    () => ({ $switch: { branches: [{ case: truth(r, depth - 1), then: v() }], default: v() } }),
    () => ({ $ifNull: [v(), v()] }),
    () => ({ $let: { vars: { w: v() }, in: ['$$w', '$$w.x'] } }),
    () => ({ $arrayElemAt: [list(r, depth - 1), r.int(-2, 2)] }),
    () => ({ [r.pick(['$first', '$last'])]: list(r, depth - 1) }),
    () => ({
      $literal: r.one<unknown>(
        () => aScalar(r),
        () => Decimal128.fromString('1.10'),
      ),
    }),
  );
};

/** An expression of any type, over the fields of the generator's documents. */
export const anExpression = (r: Random, depth = 2): unknown => any(r, depth);
export const aNumberExpression = (r: Random, depth = 1): unknown => number(r, depth);
export const aTruthExpression = (r: Random, depth = 1): unknown => truth(r, depth);
export const aDateExpression = (r: Random, depth = 1): unknown => date(r, depth);
