import { encodeDocument } from '../../../src/embedded-mongo/bson/write.js';
import { Doc, type Value } from '../../../src/embedded-mongo/bson/values.js';
import { byteInclusion, type KeptField } from '../../../src/embedded-mongo/query/inclusion.js';

const doc = (fields: Record<string, Value>): Doc => Doc.view(encodeDocument(Doc.of(fields)));
const whole = (name: string): KeptField => ({ name, below: undefined });
const kept = (source: Doc, ...fields: KeptField[]): Buffer | undefined => {
  const copy = byteInclusion(fields)(source);
  return copy && encodeDocument(copy);
};

describe('a document of some fields, copied as bytes', () => {
  const source = doc({ _id: 1, a: 'x', ab: Doc.of({ c: 2, d: Doc.of({ e: 3, f: 4 }) }), list: [1, 2], ệ: null });

  it('holds the named fields in the order of the document', () => {
    const expected = encodeDocument(Doc.of({ _id: 1, a: 'x', ệ: null }));
    expect(kept(source, whole('ệ'), whole('a'), whole('_id'), whole('missing'))).toEqual(expected);
  });

  it('holds whole arrays and documents as they are', () => {
    const expected = encodeDocument(Doc.of({ ab: Doc.of({ c: 2, d: Doc.of({ e: 3, f: 4 }) }), list: [1, 2] }));
    expect(kept(source, whole('ab'), whole('list'))).toEqual(expected);
  });

  it('holds a part of a document below, even an empty one', () => {
    const part = { name: 'ab', below: [{ name: 'd', below: [whole('f')] }] };
    expect(kept(source, part)).toEqual(encodeDocument(Doc.of({ ab: Doc.of({ d: Doc.of({ f: 4 }) }) })));
    expect(kept(source, { name: 'ab', below: [whole('z')] })).toEqual(encodeDocument(Doc.of({ ab: Doc.of({}) })));
  });

  it('leaves out a plain value of which a part is wanted', () => {
    expect(kept(source, { name: 'a', below: [whole('z')] })).toEqual(encodeDocument(Doc.of({})));
  });

  it('is not made where parts of the elements of an array are wanted', () => {
    expect(kept(source, { name: 'list', below: [whole('z')] })).toBeUndefined();
  });

  it('stays as it is when the next copy is made', () => {
    const copy = byteInclusion([whole('a')]);
    const first = copy(source);
    copy(doc({ a: 'another' }));
    expect(first?.get('a')).toBe('x');
  });
});
