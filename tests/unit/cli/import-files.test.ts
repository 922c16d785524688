import { Readable } from 'node:stream';
import { ImportFileError } from '../../../src/features/imports/imports.errors.js';
import { columnOf, openImport, openTable } from '../../../src/features/imports/imports.files.js';

const HEADER = ['id', 'centre', 'questionnaire', 'version', 'captured_at', 'overall'];

/** A stream that comes in pieces of a few bytes, cut anywhere, even within a letter. */
function source(text: string, piece = 3): Readable {
  const bytes = Buffer.from(text);
  const pieces = Array.from({ length: Math.ceil(bytes.length / piece) }, (_, index) =>
    bytes.subarray(index * piece, (index + 1) * piece),
  );
  return Readable.from(pieces, { objectMode: false });
}

async function* broken(text: string): AsyncGenerator<Buffer> {
  yield Buffer.from(text);
  throw new Error('the disk is gone');
}

async function readAll(text: string | AsyncIterable<Buffer>, name = '-') {
  const from = typeof text === 'string' ? source(text) : text;
  const file = await openImport(from, name, new Set(['overall']));
  const lines = [];
  for await (const line of file.lines) lines.push(line);
  return { format: file.format, lines };
}

describe('the format of an import file', () => {
  test.each([
    ['r.ndjson', 'id,centre', 'ndjson'],
    ['r.jsonl.rejected', 'id,centre', 'ndjson'],
    ['-', '\n\n {"a":1}', 'ndjson'],
    ['r.txt', '\uFEFF{"a":1}', 'ndjson'],
    ['r.txt', HEADER.join(','), 'csv'],
  ])('of %p beginning %p is %s', async (name, text, format) => {
    expect(await readAll(text, name)).toMatchObject({ format });
  });

  test.each(['r.csv', 'r.CSV.rejected.rejected'])('of %p is CSV whatever it begins with', async (name) => {
    await expect(readAll('{"a":1}', name)).rejects.toThrow(ImportFileError);
  });
});

describe('a CSV', () => {
  test.each([',', ';', '\t'])('separated by %p is read', async (separator) => {
    const row = ['a', 'TT1', 'q', '1', '2025', '5'];
    const text = [HEADER, row].map((cells) => cells.join(separator)).join('\r\n');
    expect((await readAll(text)).lines).toMatchObject([
      {
        number: 2,
        raw: row,
        fields: { id: 'a', centre: 'TT1', version: 1, capturedAt: '2025', answers: { overall: 5 } },
      },
    ]);
  });

  test('numbers its rows as a spreadsheet does, empty ones too', async () => {
    const { rows } = await openTable(source('a,b\n\n1,2\r\n,\n3,4'));
    const read = [];
    for await (const row of rows) read.push(row);
    expect(read).toEqual([
      { number: 3, cells: ['1', '2'] },
      { number: 5, cells: ['3', '4'] },
    ]);
  });

  test.each([
    ['an unknown column', `${HEADER.join(',')},colour\n`, 'The CSV has columns that are not known: colour.'],
    ['columns missing', 'id,centre,overall\n', 'The CSV lacks the columns questionnaire, version, captured_at.'],
    ['a column twice', `${HEADER.join(',')},id\n`, 'The CSV has columns twice: id.'],
    ['nothing in it', '', 'The file is empty.'],
  ])('with %s is refused', async (_, text, message) => {
    await expect(readAll(text)).rejects.toThrow(message);
  });

  test('whose stream breaks is no shorter CSV', async () => {
    await expect(readAll(broken(`${HEADER.join(',')}\na,b,c,1,d,5\n`))).rejects.toThrow('the disk is gone');
  });
});

describe('NDJSON', () => {
  test('is read line by line, without its byte order mark and empty lines', async () => {
    const { lines } = await readAll('\uFEFF{"a":"đẹp"}\r\n\n{"b":1}');
    expect(lines.map(({ number, fields }) => ({ number, fields }))).toEqual([
      { number: 1, fields: { a: 'đẹp' } },
      { number: 3, fields: { b: 1 } },
    ]);
  });

  test.each([
    ['{', /^is not valid JSON/],
    ['[1]', /^is not a JSON object/],
    ['null', /^is not a JSON object/],
  ])('line %p is kept with what is wrong with it', async (text, problem) => {
    const { lines } = await readAll(text, 'r.ndjson');
    expect(lines).toEqual([{ number: 1, raw: text, fields: {}, problem: expect.stringMatching(problem) }]);
  });

  test('of rejected lines stands for what was rejected', async () => {
    const errors = [{ path: '', message: 'x' }];
    const lines = [
      { line: 7, errors, item: { a: 1 } },
      { line: 8, errors, raw: '{"b":2}' },
    ];
    const read = await readAll(lines.map((line) => JSON.stringify(line)).join('\n'));
    expect(read.lines.map(({ fields }) => fields)).toEqual([{ a: 1 }, { b: 2 }]);
  });

  test('whose stream breaks is no shorter file', async () => {
    await expect(readAll(broken('{"a":1}\n'))).rejects.toThrow('the disk is gone');
  });
});

test.each([
  ['capturedAt', 'captured_at'],
  ['centre', 'centre'],
  ['answers.overall', 'overall'],
  ['reasons[1]', 'reasons'],
  ['demographics.do-tuoi', 'demo_do-tuoi'],
  ['answers', ''],
  ['', ''],
])('the error path %p stands in the column %p', (path, column) => expect(columnOf(path)).toBe(column));
