import { serialize } from 'bson';
import { Binary, Double, Int32, Long } from 'mongodb';
import { StoredFields, UUID_BYTES } from '../../../src/database/stored-fields.js';

/** The fields of a stored document as one of their readings gives them. */
function read<T>(document: Record<string, unknown>, reading: (field: StoredFields) => T): [string, T][] {
  const found: [string, T][] = [];
  for (const fields = new StoredFields(Buffer.from(serialize(document))); fields.advance();) {
    found.push([fields.name, reading(fields)]);
  }
  return found;
}

describe('the fields of a stored response', () => {
  it('are texts in any script, and nothing where they are something else', () => {
    const found = read({ a: 'Hộ tịch 😐\u0000', b: '', c: 5, d: null, e: ['x'] }, (field) => field.text());
    expect(found).toEqual(Object.entries({ a: 'Hộ tịch 😐\u0000', b: '', c: '', d: '', e: '' }));
  });

  it('are numbers however they are stored', () => {
    const stored = { a: new Int32(-3), b: new Double(2), c: Long.fromNumber(2 ** 40), d: Long.fromNumber(-1), e: '5' };
    expect(read(stored, (field) => field.number()).map(([, value]) => value)).toEqual([-3, 2, 2 ** 40, -1, '']);
  });

  it('are moments to the millisecond, before 1970 too', () => {
    const moments = [new Date('2026-11-22T01:02:03.456Z'), new Date('1969-12-31T23:59:59.999Z'), new Date(0)];
    expect(
      read({ a: moments[0], b: moments[1], c: moments[2] }, (field) => field.time()).map(([, value]) => value),
    ).toEqual(moments.map((moment) => moment.getTime()));
  });

  it('hold lists and documents, which are passed over unless asked for', () => {
    const names = (field: StoredFields) => {
      const inside: string[] = [];
      for (const inner = field.inner(); inner.advance();) inside.push(`${inner.name}=${inner.text()}`);
      return inside;
    };
    expect(read({ a: ['x', 'y'], b: { p: 'q' }, c: 'text', d: true }, names)).toEqual(
      Object.entries({ a: ['0=x', '1=y'], b: ['p=q'], c: [], d: [] }),
    );
  });

  it('hold a UUID as its 16 bytes', () => {
    const bytes = Buffer.from('0192f0c4000070008000000000000001', 'hex');
    const stored = Buffer.from(serialize({ _id: new Binary(bytes, 4) }));
    const field = new StoredFields(stored);
    field.advance();
    expect(stored.subarray(field.uuidStart, field.uuidStart + UUID_BYTES)).toEqual(bytes);
  });

  it('are refused where they are of a type that no response holds', () => {
    expect(() => read({ a: /x/ }, (field) => field.text())).toThrow(/field a of BSON type 11/);
  });
});
