import { compareText } from '../../../src/embedded-mongo/bson/compare.js';
import { Doc, type Value } from '../../../src/embedded-mongo/bson/values.js';
import { compileUpdate } from '../../../src/embedded-mongo/update/update.js';
import { upsertBase } from '../../../src/embedded-mongo/update/upsert.js';

const refuse = (): never => {
  throw new Error('not in this test');
};
const context = { query: { compareText, compileCondition: refuse }, now: new Date(0) };

function bson(value: unknown): Value {
  if (Array.isArray(value)) return value.map(bson);
  if (typeof value !== 'object' || value === null || value.constructor !== Object) return value as Value;
  return Doc.from(Object.entries(value).map(([key, item]) => [key, bson(item)]));
}

const plain = (value: Value): unknown => {
  if (Array.isArray(value)) return value.map(plain);
  return value instanceof Doc
    ? Object.fromEntries([...value.entries()].map(([key, item]) => [key, plain(item)]))
    : value;
};

const asDoc = (value: unknown): Doc => {
  const doc = bson(value);
  if (doc instanceof Doc) return doc;
  throw new TypeError('not a document');
};

interface Case {
  readonly before: object;
  readonly update: object;
  readonly filters?: object[];
  readonly matched?: number;
}

const updated = ({ before, update, filters, matched }: Case): unknown => {
  const compiled = compileUpdate(asDoc(update), filters?.map(bson), context, refuse);
  return plain(compiled.apply(asDoc({ _id: 1, ...before }), false, () => matched));
};

describe('updates', () => {
  it.each<[string, Case, object]>([
    [
      'make the documents of a path',
      { before: {}, update: { $inc: { 'by.hour._08.5': 1 } } },
      { by: { hour: { _08: { 5: 1 } } } },
    ],
    [
      'fill an array up to a position',
      { before: { a: [1] }, update: { $set: { 'a.3': 4 } } },
      { a: [1, null, null, 4] },
    ],
    [
      'change the matched element',
      { before: { a: [1, 2] }, update: { $set: { 'a.$': 9 } }, matched: 1 },
      { a: [1, 9] },
    ],
    ['change every element', { before: { a: [1, 2] }, update: { $inc: { 'a.$[]': 1 } } }, { a: [2, 3] }],
    [
      'change the elements a filter names',
      {
        before: { a: [{ n: 1 }, { n: 5 }] },
        update: { $set: { 'a.$[big].x': 1 } },
        filters: [{ 'big.n': { $gt: 2 } }],
      },
      { a: [{ n: 1 }, { n: 5, x: 1 }] },
    ],
    ['leave null where an element was', { before: { a: [1, 2] }, update: { $unset: { 'a.0': '' } } }, { a: [null, 2] }],
    [
      'push, sort and cut',
      { before: { a: [3] }, update: { $push: { a: { $each: [1, 2], $sort: 1, $slice: 2 } } } },
      { a: [1, 2] },
    ],
    ['add what is not there', { before: { a: [1] }, update: { $addToSet: { a: { $each: [1, 2] } } } }, { a: [1, 2] }],
    [
      'pull what satisfies a condition',
      { before: { a: [{ n: 1 }, { n: 5 }] }, update: { $pull: { a: { n: { $gt: 2 } } } } },
      { a: [{ n: 1 }] },
    ],
    ['rename into a path', { before: { a: 1 }, update: { $rename: { a: 'b.c' } } }, { b: { c: 1 } }],
    ['keep the greater', { before: { a: 3 }, update: { $max: { a: 2, b: 1 } } }, { a: 3, b: 1 }],
    ['replace all but the id', { before: { a: 1 }, update: { b: 2 } }, { b: 2 }],
  ])('%s', (_, change, after) => {
    expect(updated(change)).toEqual({ _id: 1, ...after });
  });

  it.each<[string, Case, number]>([
    ['two changes of one path', { before: {}, update: { $set: { a: 1 }, $inc: { 'a.b': 1 } } }, 40],
    ['another id', { before: {}, update: { $set: { _id: 2 } } }, 66],
    ['a field of a number', { before: { a: 1 }, update: { $set: { 'a.b': 1 } } }, 28],
    ['an increment of text', { before: { a: 'x' }, update: { $inc: { a: 1 } } }, 14],
    ['an increment beyond 64 bits', { before: { a: 2n ** 63n - 1n }, update: { $inc: { a: 1 } } }, 2],
    ['a position that nothing matched', { before: { a: [1] }, update: { $set: { 'a.$': 1 } } }, 2],
    ['an unknown operator', { before: {}, update: { $frobnicate: { a: 1 } } }, 9],
    ['a filter that no path uses', { before: {}, update: { $set: { a: 1 } }, filters: [{ x: 1 }] }, 9],
  ])('refuse %s', (_, change, code) => {
    expect(() => updated(change)).toThrow(expect.objectContaining({ code }));
  });

  it('begin an upsert with the fields that the filter fixes', () => {
    const filter = { _id: 7, 'a.b': { $eq: 1 }, n: { $gt: 3 }, $and: [{ c: { $in: ['x'] } }] };
    expect(plain(upsertBase(asDoc(filter)))).toEqual({ _id: 7, a: { b: 1 }, c: 'x' });
  });
});
