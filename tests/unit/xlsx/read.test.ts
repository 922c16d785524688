import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { Workbook } from 'exceljs';
import { ZipFile } from 'yazl';
import { READ_ROWS_MAX, xlsxRows } from '../../../src/xlsx/read.js';
import type { Cell } from '../../../src/xlsx/sheet.js';
import { UNPACKED_MB } from '../../../src/xlsx/unpacked.js';
import { xlsxStream } from '../../../src/xlsx/workbook.js';
import { describeInLibreOffice, HARD_TEXTS, savedByLibreOffice } from '../../helpers/spreadsheets.js';

const written = (rows: readonly (readonly Cell[])[]) => buffer(xlsxStream([{ name: 'a', rows: [rows] }]));

async function readAll(file: Buffer): Promise<string[][]> {
  const rows: string[][] = [];
  for await (const batch of xlsxRows(file, '+07:00')) rows.push(...batch.map((row) => [...row]));
  return rows;
}

/** A workbook of other software, in which cells have types. */
async function typed(cells: readonly { readonly value: Date | number | boolean; readonly format?: string }[]) {
  const workbook = new Workbook();
  const row = workbook.addWorksheet('a').addRow(cells.map(({ value }) => value));
  cells.forEach(({ format }, index) => {
    if (format !== undefined) row.getCell(index + 1).numFmt = format;
  });
  return Buffer.from(await workbook.xlsx.writeBuffer());
}

describe('a workbook of ours', () => {
  it('is read back text by text, with leading zeros, formula signs and spaces', async () => {
    // An empty sheet ends at its last cell that holds anything.
    expect(await readAll(await written(HARD_TEXTS.map((text) => [text, 1])))).toEqual(
      HARD_TEXTS.map((text) => [text, '1']),
    );
  });

  it('has empty cells where nothing was written', async () => {
    const rows = await readAll(
      await written([
        ['a', '', 'c'],
        ['', null, ''],
        ['', 'b'],
      ]),
    );
    expect(rows).toEqual([
      ['a', '', 'c'],
      ['', '', ''],
      ['', 'b', ''],
    ]);
  });

  it('is refused, and says so, where it has more rows than are read', async () => {
    const row = [1];
    const file = await written(Array.from({ length: READ_ROWS_MAX + 1 }, () => row));
    await expect(readAll(file)).rejects.toMatchObject({ problem: 'too-large' });
  }, 60_000);
});

describe('a workbook of other software', () => {
  it('gives a date as its local day, and with a time as its instant in Vietnamese time', async () => {
    const day = { value: new Date('2026-11-22T00:00:00Z'), format: 'dd/mm/yyyy' };
    const instant = { value: new Date('2026-11-22T08:02:03Z'), format: 'dd/mm/yyyy hh:mm:ss' };
    expect(await readAll(await typed([day, instant]))).toEqual([['2026-11-22', '2026-11-22T08:02:03+07:00']]);
  });

  it('gives numbers without the look of a spreadsheet', async () => {
    expect(
      await readAll(await typed([{ value: 5 }, { value: 0.5, format: '0%' }, { value: 1234567, format: '#,##0' }])),
    ).toEqual([['5', '0.5', '1234567']]);
  });
});

describe('what is no workbook', () => {
  it.each([
    ['a text', Buffer.from('id,centre\n')],
    ['nothing', Buffer.alloc(0)],
    ['an archive of nothing', Buffer.concat([Buffer.from('PK\u0005\u0006'), Buffer.alloc(18)])],
    ['a part of a workbook', Buffer.from('PK\u0003\u0004 and then something else')],
  ])('is refused: %s', async (_, file) => {
    await expect(readAll(file)).rejects.toMatchObject({ problem: 'unreadable' });
  });

  it('ends the thread that reads it, and not the server, where it would fill all memory', async () => {
    const row = '<row r="4000000000"><c r="A4000000000"><v>1</v></c></row>';
    const type = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet';
    const file = await madeOf({
      'xl/workbook.xml': '<workbook xmlns:r="r"><sheets><sheet name="a" sheetId="1" r:id="rId1"/></sheets></workbook>',
      'xl/_rels/workbook.xml.rels': `<Relationships><Relationship Id="rId1" Type="${type}" Target="worksheets/sheet1.xml"/></Relationships>`,
      'xl/styles.xml': '<styleSheet/>',
      'xl/worksheets/sheet1.xml': `<worksheet><sheetData>${row}</sheetData></worksheet>`,
    });
    await expect(readAll(file)).rejects.toMatchObject({ problem: 'too-large' });
  }, 60_000);
});

describe('a workbook that grows when it is unpacked', () => {
  const heavy = { name: 'xl/worksheets/sheet1.xml', size: (UNPACKED_MB + 1) * 1024 * 1024 };

  it('is not read where it says so', async () => {
    const file = await inflated(heavy);
    expect(file.length).toBeLessThan(2_000_000);
    await expect(readAll(file)).rejects.toMatchObject({ problem: 'too-large' });
  }, 60_000);

  it('is not read where it says that it does not', async () => {
    const file = await inflated(heavy);
    const size = Buffer.alloc(4);
    size.writeUInt32LE(heavy.size);
    const small = Buffer.alloc(4);
    small.writeUInt32LE(1000);
    for (let at = file.indexOf(size); at >= 0; at = file.indexOf(size)) small.copy(file, at);
    await expect(readAll(file)).rejects.toMatchObject({ problem: 'unreadable' });
  }, 60_000);

  it('is not read where it is a thousand files', async () => {
    const parts = Array.from({ length: 1001 }, (_, index) => [`part-${index}`, ''] as const);
    await expect(readAll(await madeOf(Object.fromEntries(parts)))).rejects.toMatchObject({ problem: 'too-large' });
  });
});

/** An archive of one file of blanks. */
async function inflated({ name, size }: { readonly name: string; readonly size: number }): Promise<Buffer> {
  const zip = new ZipFile();
  const piece = Buffer.alloc(1024 * 1024, ' ');
  zip.addReadStream(Readable.from(Array.from({ length: size / piece.length }, () => piece)), name);
  zip.end();
  return buffer(zip.outputStream);
}

/** A workbook of these parts, whatever they say. */
function madeOf(parts: Readonly<Record<string, string>>): Promise<Buffer> {
  const zip = new ZipFile();
  for (const [path, xml] of Object.entries(parts)) zip.addBuffer(Buffer.from(xml), path);
  zip.end();
  return buffer(zip.outputStream);
}

describeInLibreOffice('a workbook that LibreOffice saved', () => {
  it('is read text by text as it was', async () => {
    // LibreOffice itself changes line ends, and leaves out what XML cannot hold.
    const texts = HARD_TEXTS.filter((text) => !/[\u0000-\u0008\u000B-\u001F\uFFFE\uFFFF]/.test(text));
    const saved = await savedByLibreOffice(await written(texts.map((text) => [text, 7])));
    expect(await readAll(saved)).toEqual(texts.map((text) => [text, '7']));
  }, 90_000);
});
