import fc from 'fast-check';
import {
  Binary,
  BSONRegExp,
  Decimal128,
  Doc,
  double,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
  type Value,
} from '../../../src/embedded-mongo/bson/values.js';

const number = fc.oneof(
  fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  fc.integer({ min: -3, max: 3 }),
  fc.double().map(double),
  fc.constantFrom(double(0), double(1), -0, NaN, Infinity, -Infinity, 2 ** 53, 2 ** 63),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.constantFrom(1n, 0n, 2n ** 53n, 2n ** 53n + 1n),
  fc
    .tuple(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), fc.integer({ min: -30, max: 30 }))
    .map(([c, e]) => Decimal128.fromString(`${c}E${e}`)),
  fc
    .constantFrom('1', '1.0', '0.1', '-0', 'NaN', 'Infinity', '-Infinity', '9007199254740993', '1E-6000', '9.99E+6000')
    .map((text) => Decimal128.fromString(text)),
);

const scalar: fc.Arbitrary<Value> = fc.oneof(
  { weight: 4, arbitrary: number },
  { weight: 3, arbitrary: fc.string({ unit: 'grapheme', maxLength: 5 }) },
  fc.constantFrom('', 'a', 'a\0', 'a\0b', 'ab', '\u{1f600}', '\uffff'),
  fc.constant(null),
  fc.boolean(),
  fc.integer({ min: -(10 ** 12), max: 10 ** 13 }).map((ms) => new Date(ms)),
  fc.uint8Array({ minLength: 12, maxLength: 12 }).map((bytes) => new ObjectId(bytes)),
  fc
    .tuple(fc.uint8Array({ maxLength: 4 }), fc.constantFrom(0, 4, 5))
    .map(([bytes, subtype]) => new Binary(Buffer.from(bytes), subtype)),
  fc.tuple(fc.nat(), fc.nat()).map(([t, i]) => new Timestamp({ t, i })),
  fc
    .tuple(fc.constantFrom('a', 'b'), fc.constantFrom('', 'i'))
    .map(([pattern, options]) => new BSONRegExp(pattern, options)),
  fc.constantFrom(new MinKey(), new MaxKey()),
);

/** Any BSON value, nested a little; small values often, so that equal ones occur. */
export const anyValue: fc.Arbitrary<Value> = fc.letrec<{ value: Value; doc: Doc; list: Value[] }>((tie) => ({
  value: fc.oneof({ maxDepth: 2, withCrossShrink: true }, { weight: 6, arbitrary: scalar }, tie('list'), tie('doc')),
  list: fc.array(tie('value'), { maxLength: 3 }),
  doc: fc
    .array(fc.tuple(fc.constantFrom('a', 'b', '1', 'ç', ''), tie('value')), { maxLength: 3 })
    .map((entries) => Doc.from(entries)),
})).value;

/** A document with fields that share names with those of other documents. */
export const anyDocument: fc.Arbitrary<Doc> = fc
  .uniqueArray(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd'), anyValue), { maxLength: 4, selector: ([name]) => name })
  .map((entries) => Doc.from(entries));
