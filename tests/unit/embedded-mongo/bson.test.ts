import { deserialize, Double, Int32, Long, serialize } from 'bson';
import fc from 'fast-check';
import { validateDocument } from '../../../src/embedded-mongo/bson/read.js';
import { Doc } from '../../../src/embedded-mongo/bson/values.js';
import { encodeDocument } from '../../../src/embedded-mongo/bson/write.js';
import { ProtocolError } from '../../../src/embedded-mongo/errors.js';
import { anyDocument } from './values.js';

/** The same document from parsed fields, so that writing cannot just copy the bytes. */
const rebuilt = (bytes: Buffer): Doc => Doc.from(Doc.view(bytes).entries());

describe('BSON documents', () => {
  it('come out byte for byte as they went in', () => {
    fc.assert(
      fc.property(anyDocument, (doc) => {
        const bytes = encodeDocument(doc);
        expect(validateDocument(bytes, 0, bytes.length)).toBe(bytes.length);
        expect(encodeDocument(rebuilt(bytes)).equals(bytes)).toBe(true);
      }),
    );
  });

  it('keep the types of numbers', () => {
    const bytes = Buffer.from(serialize({ int: new Int32(5), double: new Double(5), long: Long.fromNumber(5) }));
    const back = deserialize(encodeDocument(rebuilt(bytes)), { promoteValues: false });
    expect(back).toEqual({ int: new Int32(5), double: new Double(5), long: Long.fromNumber(5) });
  });

  it('keep the order of their fields, numbers as names included', () => {
    const doc = Doc.from([
      ['b', 1],
      ['2', 2],
      ['a', 3],
      ['1', 4],
    ]);
    expect([...Doc.view(encodeDocument(doc)).keys()]).toEqual(['b', '2', 'a', '1']);
  });

  it('give a field without reading the others', () => {
    const doc = Doc.view(Buffer.from(serialize({ first: 'x', họ: { tên: 'An' }, last: [1, { a: 2 }] })));
    expect(doc.get('họ')).toBeInstanceOf(Doc);
    expect(doc.get('las')).toBeUndefined();
    expect(doc.get('last')).toHaveLength(2);
  });

  it('are refused when a byte of a length or a type is wrong', () => {
    const bytes = Buffer.from(serialize({ a: 'text', b: { c: 1 } }));
    for (const [at, value] of [
      [0, 200],
      [4, 0x55],
      [7, 200],
      [bytes.length - 1, 1],
    ] as const) {
      const changed = Buffer.from(bytes);
      changed[at] = value;
      expect(() => validateDocument(changed, 0, changed.length)).toThrow(ProtocolError);
    }
  });
});
