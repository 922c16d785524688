import { Binary, BSONRegExp, Decimal128, Double, Long, MaxKey, MinKey, ObjectId, Timestamp, UUID } from 'mongodb';
import type { Random, Tree } from './parity-random.js';

const decimals = [
  '1',
  '1.0',
  '2.50',
  '-3',
  '0.1',
  '9007199254740993',
  'NaN',
  'Infinity',
  '1E+3',
  '-0',
  '0.00',
  '-2.5',
  '7E-3',
];
const texts = [
  '',
  'a',
  'b',
  'ab',
  'A',
  'Hộ tịch',
  'hộ tịch',
  'Đất đai',
  'đất',
  'Nguyễn Văn A',
  'ô tô',
  '2026-11-22',
  '12',
];
const instants = [
  '2024-02-29T16:59:59.999Z',
  '2024-02-29T17:00:00.000Z',
  '2024-12-29T17:00:00.000Z',
  '2025-01-01T00:00:00.000Z',
  '2025-03-09T06:59:59.000Z',
  '2025-03-09T07:30:00.000Z',
  '2025-11-02T05:30:00.000Z',
  '2025-11-02T06:30:00.000Z',
  '2026-11-22T01:02:03.456Z',
  // Whole seconds: MongoDB 7.0 itself adds months wrongly to a fraction of one before 1970.
  '1969-12-31T23:59:59.000Z',
  '1900-01-01T00:00:00.000Z',
];
const ids = ['64b000000000000000000001', '64b000000000000000000002', '500000000000000000000003'];
const uuids = ['0192f0c4-0000-7000-8000-000000000001', '0192f0c4-0000-7000-8000-000000000002'];

export const aNumber = (r: Random): unknown =>
  r.one<unknown>(
    () => r.int(-3, 6),
    () => r.int(-3, 6),
    () => r.int(0, 100),
    () => Long.fromNumber(r.int(-3, 6)),
    () => new Double(r.int(-3, 6)),
    () => new Double(r.int(-30, 60) / 10),
    () => Decimal128.fromString(r.pick(decimals)),
    () =>
      r.one<unknown>(
        () => 2_147_483_647,
        () => Long.MAX_VALUE,
        () => Long.fromString('9007199254740993'),
        () => new Double(r.pick([NaN, Infinity, -Infinity, -0, 1e300, 9007199254740992])),
      ),
  );

export const aText = (r: Random): string => r.pick(texts);
export const aDate = (r: Random): Date => new Date(r.pick(instants));

export const aScalar = (r: Random): unknown =>
  r.one<unknown>(
    () => aNumber(r),
    () => aNumber(r),
    () => aText(r),
    () => aText(r),
    () => aDate(r),
    () => new ObjectId(r.pick(ids)),
    () => new UUID(r.pick(uuids)),
    () => r.chance(0.5),
    () => null,
    () =>
      r.one<unknown>(
        () => new Binary(Buffer.from(r.pick(['', 'x', 'xy'])), 0),
        () => new Timestamp({ t: r.int(1, 3), i: r.int(1, 3) }),
        () => new BSONRegExp(r.pick(['^a', 'b']), r.pick(['', 'i'])),
        () => new MinKey(),
        () => new MaxKey(),
      ),
  );

const anObject = (r: Random): Tree =>
  Object.fromEntries(r.some(['x', 'y', 't'], 0, 3).map((name) => [name, r.chance(0.6) ? aNumber(r) : aScalar(r)]));

/** Any value, nested at most twice. */
export const aValue = (r: Random, depth = 2): unknown =>
  depth === 0 || r.chance(0.7)
    ? aScalar(r)
    : r.one<unknown>(
        () => r.many(0, 3, () => aValue(r, depth - 1)),
        () => anObject(r),
      );

const USUAL: Readonly<Record<string, (r: Random) => unknown>> = {
  n: aNumber,
  s: aText,
  d: aDate,
  k: (r) => r.int(0, 3),
  a: (r) => r.many(0, 4, () => (r.chance(0.8) ? aNumber(r) : aScalar(r))),
  o: anObject,
  l: (r) => r.many(0, 3, () => anObject(r)),
  m: aValue,
};

/** A document whose fields are mostly of the type their name stands for; some are missing, some of another type. */
export function aDocument(r: Random, id: unknown): Tree {
  const names = r.some(Object.keys(USUAL), 4, 8);
  const fields = names.map((name) => [name, r.chance(0.12) ? aValue(r) : USUAL[name]?.(r)]);
  return Object.fromEntries([['_id', id], ...fields]);
}

/** A document whose fields have the type their name stands for, for what works on one type only. */
export function aRegularDocument(r: Random, id: unknown): Tree {
  const fields = Object.entries(USUAL).map(([name, make]) => [name, make(r)]);
  return Object.fromEntries([['_id', id], ...fields.filter(() => r.chance(0.9))]);
}
