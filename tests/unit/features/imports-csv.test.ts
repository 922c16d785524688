import fc from 'fast-check';
import { csvRow, DELIMITER_NAMES, unguarded } from '../../../src/features/exports/exports.csv.js';
import { csvRows } from '../../../src/features/imports/imports.csv.js';

async function read(text: string, delimiter: (typeof DELIMITER_NAMES)[number] = ',', chunk = 7) {
  const bytes = Buffer.from(text);
  const chunks = async function* () {
    for (let at = 0; at < bytes.length; at += chunk) yield bytes.subarray(at, at + chunk);
  };
  const rows = [];
  for await (const row of csvRows(chunks(), delimiter)) rows.push('broken' in row ? row.broken : row.cells);
  return rows;
}

describe('the rows of a CSV', () => {
  const looksGuarded = /^'[=+\-@\t\r＝＋－＠]/;
  const cell = fc
    .oneof(fc.string(), fc.constantFrom('"', '""', 'a\nb', 'a\r\nb', '\u2028', ' "', ';', ',', '\t', '', '=1', "''+"))
    .filter((text) => !looksGuarded.test(text));
  const table = fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 5 });

  it('are what was written, whatever it was', async () => {
    await fc.assert(
      fc.asyncProperty(
        table,
        fc.constantFrom(...DELIMITER_NAMES),
        fc.integer({ min: 1, max: 50 }),
        async (rows, by, size) => {
          const found = await read(rows.map((row) => csvRow(row, by)).join(''), by, size);
          expect(found.map((row) => (typeof row === 'string' ? row : row.map(unguarded)))).toEqual(rows);
        },
      ),
    );
  });

  it('lose an apostrophe that looks like a guard', async () => {
    const [row] = await read(csvRow(["'=1", 'x'], ','));
    expect(typeof row === 'string' ? row : row?.map(unguarded)).toEqual(['=1', 'x']);
  });

  it.each([
    ['in a plain cell', 'a,b\n1,x"y\n3,4\n', [['a', 'b'], '1,x"y', ['3', '4']]],
    ['behind a quoted cell', 'a,b\n1,"x"y\n3,4', [['a', 'b'], '1,"x"y', ['3', '4']]],
    ['that is not closed', 'a,b\n1,"x\n3,4\n5,"6"\n', [['a', 'b'], '1,"x', ['3', '4'], ['5', '6']]],
    ['that is not closed at the end', 'a,b\n1,"x', [['a', 'b'], '1,"x']],
  ])('go on behind a quotation mark %s', async (_, text, rows) => {
    expect(await read(text)).toEqual(rows);
  });

  it('go on where a quote is open for longer than any cell is', async () => {
    const rows = Array.from({ length: 5000 }, (_, index) => `${index},dòng`);
    const found = await read(`a,"b\n${rows.join('\n')}\n`, ',', 65_536);
    expect(found).toHaveLength(1 + rows.length);
    expect(found.slice(0, 2)).toEqual(['a,"b', ['0', 'dòng']]);
  });

  it('are read without a byte order mark, lines ending as they will', async () => {
    expect(await read('\uFEFFa,b\r\n"1","2"\r\n3,4\n\n5,6')).toEqual([
      ['a', 'b'],
      ['1', '2'],
      ['3', '4'],
      [''],
      ['5', '6'],
    ]);
  });
});
