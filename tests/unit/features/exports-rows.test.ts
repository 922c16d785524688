import { serialize } from 'bson';
import fc from 'fast-check';
import { Binary, Double, Long } from 'mongodb';
import { CsvBytes } from '../../../src/features/exports/csv-bytes.js';
import { csvRow, DELIMITER_NAMES, type DelimiterName } from '../../../src/features/exports/exports.csv.js';
import { ResponseRow } from '../../../src/features/exports/exports.rows.js';

const CENTRES = new Map([
  ['QN', 'Trung tâm "Một cửa", Hạ Long'],
  ['=A', '=1+1'],
]);

/** What makes a cell special, and what only looks as if it did. */
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({
    unit: fc.constantFrom(
      '=',
      '+',
      '-',
      '@',
      '\t',
      '\r',
      '\n',
      '"',
      ',',
      ';',
      "'",
      '＝',
      '＠',
      '！',
      'ờ',
      '😐',
      'a',
      '\0',
    ),
  }),
);
const centre = fc.oneof(fc.constantFrom(...CENTRES.keys()), text);
const instant = fc.date({ noInvalidDate: true, min: new Date('0001-01-01'), max: new Date('9999-01-01') });
const number = fc.oneof(
  fc.integer(),
  fc.constantFrom(0, 9, 10, 99, 100, -1),
  fc.double({ noNaN: true }).map((n) => new Double(n)),
  fc.maxSafeInteger().map((n) => Long.fromNumber(n)),
);

const response = fc.record(
  {
    _id: fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => new Binary(bytes, 4)),
    centre,
    kiosk: text,
    channel: text,
    questionnaire: text,
    version: number,
    capturedAt: instant,
    receivedAt: instant,
    day: text,
    hour: fc.oneof(number, text),
    field: fc.oneof(text, fc.constant(null)),
    procedure: text,
    reasons: fc.array(text, { maxLength: 3 }),
    comment: text,
    synthetic: fc.boolean(),
    answers: fc.dictionary(fc.constantFrom('c1', 'c2', 'Điểm', 'x'), number),
    demographics: fc.dictionary(fc.constantFrom('age', 'sex', 'x'), text),
    content: fc.uint8Array({ maxLength: 40 }).map((bytes) => new Binary(bytes)),
    pending: fc.constant(true),
  },
  { requiredKeys: ['_id'] },
);

const newRow = (comments: 'as-written' | 'masked') =>
  new ResponseRow(['c1', 'c2', 'Điểm'], ['age', 'sex'], CENTRES, comments);

function csvOf(row: ResponseRow, delimiter: DelimiterName): string {
  const csv = new CsvBytes(delimiter);
  row.writeCsv(csv);
  return csv.written().toString('utf8');
}

describe('the row of a response', () => {
  it.each(DELIMITER_NAMES)('is the same line of CSV from its bytes as from its cells, with %s', (delimiter) => {
    const [plain, masked] = [newRow('as-written'), newRow('masked')];
    fc.assert(
      fc.property(response, fc.subarray(['too-fast', 'out-of-hours']), fc.boolean(), (stored, flags, isMasked) => {
        const bytes = Buffer.from(serialize(stored));
        const row = (isMasked ? masked : plain).read(bytes, 0, flags);
        expect(csvOf(row, delimiter)).toBe(csvRow(row.cells(), delimiter));
      }),
    );
  });

  it('is read from where it begins', () => {
    const [first, second] = ['QN', '=A'].map((code) => Buffer.from(serialize({ centre: code })));
    const row = newRow('as-written').read(Buffer.concat([first!, second!]), first!.length);
    expect(row.cells().slice(1, 3)).toEqual(['=A', '=1+1']);
  });

  it('holds nothing of the response before', () => {
    const row = newRow('as-written');
    row.read(Buffer.from(serialize({ comment: 'a', synthetic: true, answers: { c1: 5 } })), 0, ['too-fast']);
    const cells = row.read(Buffer.from(serialize({ centre: 'X' })), 0, ['too-fast']).cells();
    expect(cells.filter((cell) => cell !== '')).toEqual(['X', 'too-fast']);
  });

  it('of which a moment is none is refused in both forms', () => {
    const row = newRow('as-written').read(Buffer.from(serialize({ capturedAt: 'hôm qua' })), 0);
    expect(() => row.cells()).toThrow(RangeError);
    expect(() => csvOf(row, ',')).toThrow(RangeError);
  });
});

describe('lines of CSV', () => {
  it('are as long as they need to be', () => {
    const csv = new CsvBytes(',');
    const long = Buffer.from('ế'.repeat(100_000));
    csv.bytes(long, 0, long.length);
    csv.text(`"${'ồ'.repeat(100_000)}`);
    expect(csv.written().toString()).toBe(`${'ế'.repeat(100_000)}"""${'ồ'.repeat(100_000)}"`);
  });
});
