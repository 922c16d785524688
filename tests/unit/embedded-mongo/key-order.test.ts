import fc from 'fast-check';
import { compareValues } from '../../../src/embedded-mongo/bson/compare.js';
import { encodeKey, identity } from '../../../src/embedded-mongo/bson/key.js';
import { Decimal128, Double } from '../../../src/embedded-mongo/bson/values.js';
import { anyValue } from './values.js';

describe('index keys', () => {
  it("sort as bytes the way MongoDB's order sorts the values", () => {
    fc.assert(
      fc.property(anyValue, anyValue, (a, b) => {
        const expected = Math.sign(compareValues(a, b));
        expect(Math.sign(encodeKey(a).compare(encodeKey(b)))).toBe(expected);
      }),
      { numRuns: 5000 },
    );
  });

  it('sort the other way round for a descending field', () => {
    fc.assert(
      fc.property(anyValue, anyValue, (a, b) => {
        const expected = Math.sign(compareValues(b, a));
        expect(Math.sign(encodeKey(a, true).compare(encodeKey(b, true)))).toBe(expected);
      }),
      { numRuns: 2000 },
    );
  });

  it('begin with no other key, so that they can be written one after another', () => {
    fc.assert(
      fc.property(anyValue, anyValue, (a, b) => {
        const [left, right] = [encodeKey(a), encodeKey(b)];
        if (!left.equals(right)) expect(right.subarray(0, left.length).equals(left)).toBe(false);
      }),
      { numRuns: 2000 },
    );
  });

  it('are the same for one number in every type', () => {
    const ones = [1, new Double(1), 1n, Decimal128.fromString('1'), Decimal128.fromString('1.00')];
    expect(new Set(ones.map((one) => encodeKey(one).toString('hex'))).size).toBe(1);
    expect(new Set(ones.map(identity)).size).toBe(1);
  });

  it('keep apart integers that share a double', () => {
    expect(encodeKey(2n ** 53n).equals(encodeKey(2n ** 53n + 1n))).toBe(false);
  });

  it('agree with identities about what is equal', () => {
    fc.assert(
      fc.property(anyValue, anyValue, (a, b) => {
        expect(identity(a) === identity(b)).toBe(compareValues(a, b) === 0);
      }),
      { numRuns: 5000 },
    );
  });
});
