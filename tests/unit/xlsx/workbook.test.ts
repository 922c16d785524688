import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { MAX_ROWS, type Sheet } from '../../../src/xlsx/sheet.js';
import { xlsxStream } from '../../../src/xlsx/workbook.js';
import { cellText, columnLetters, fromCellText } from '../../../src/xlsx/xml.js';
import {
  describeInLibreOffice,
  HARD_TEXTS,
  openWithExcelJs,
  readWithExcelJs,
  readWithLibreOffice,
} from '../../helpers/spreadsheets.js';

const xlsx = (sheets: readonly Sheet[], maxRows = MAX_ROWS) => buffer(xlsxStream(sheets, maxRows));

describe('a text in a cell', () => {
  it('is read back as it was, whatever it is', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => fromCellText(parsed(cellText(text))) === text));
    expect(HARD_TEXTS.map((text) => fromCellText(parsed(cellText(text))))).toEqual(HARD_TEXTS);
  });

  /** What an XML parser makes of the entities. */
  function parsed(text: string): string {
    const entities = { '&lt;': '<', '&gt;': '>', '&#13;': '\r', '&amp;': '&' };
    return text.replace(/&[^;]*;/g, (entity) => entities[entity as keyof typeof entities]);
  }
});

describe('the name of a column', () => {
  it.each([
    [0, 'A'],
    [25, 'Z'],
    [26, 'AA'],
    [701, 'ZZ'],
    [702, 'AAA'],
  ])('%i is %s', (index, letters) => {
    expect(columnLetters(index)).toBe(letters);
  });
});

describe('a workbook', () => {
  const rows = [HARD_TEXTS.map((text) => [text, 'sau'])];

  it('holds every text as it was, as exceljs reads it', async () => {
    const { a } = await readWithExcelJs(await xlsx([{ name: 'a', rows }]));
    expect(a!.map(([text]) => (typeof text === 'string' ? fromCellText(text) : text))).toEqual(HARD_TEXTS);
  });

  it('has numbers as numbers, and nothing where there is nothing', async () => {
    const { a } = await readWithExcelJs(await xlsx([{ name: 'a', rows: [[[1, 0, -2.5, '', null, '7', 98.55]]] }]));
    expect(a).toEqual([[1, 0, -2.5, '', '', '7', 98.55]]);
  });

  it('has no formula in it, and what looks like one stays a text when somebody edits it', async () => {
    const workbook = await openWithExcelJs(await xlsx([{ name: 'a', rows: [[['=1+1', 'một']]] }]));
    const [like, plain] = [workbook.getWorksheet('a')!.getCell('A1'), workbook.getWorksheet('a')!.getCell('B1')];
    expect([like.formula, like.value, like.numFmt, plain.numFmt]).toEqual([undefined, '=1+1', '@', undefined]);
  });

  it('goes on in another sheet where one is full, under the same header', async () => {
    const batches = [[['1'], ['2'], ['3']], [], [['4'], ['5']]];
    const sheets = await readWithExcelJs(await xlsx([{ name: 'a', header: ['số'], rows: batches }], 3));
    expect(sheets).toEqual({
      a: [['số'], ['1'], ['2']],
      'a (2)': [['số'], ['3'], ['4']],
      'a (3)': [['số'], ['5']],
    });
  });

  it('has no second sheet when the first is just full', async () => {
    const sheets = await readWithExcelJs(await xlsx([{ name: 'a', header: ['số'], rows: [[['1'], ['2']]] }], 3));
    expect(Object.keys(sheets)).toEqual(['a']);
  });

  it('without rows has its header all the same', async () => {
    expect(await readWithExcelJs(await xlsx([{ name: 'a', header: ['số'], rows: [] }]))).toEqual({ a: [['số']] });
  });

  it('of equal rows is equal byte by byte', async () => {
    expect(await xlsx([{ name: 'a', rows }])).toEqual(await xlsx([{ name: 'a', rows }]));
  });
});

describeInLibreOffice('a workbook in LibreOffice', () => {
  it('holds every text, with line breaks of its own kind, and numbers', async () => {
    const texts = HARD_TEXTS.map((text) => text.replace(/\r\n?/g, '\n')).filter((text) => !text.includes('\0'));
    const { a } = await readWithLibreOffice(
      await xlsx([
        { name: 'a', header: ['chữ', 'số'], rows: [texts.map((text, index) => [text, index + 0.5])] },
        { name: 'b', rows: [[['hai']]] },
      ]),
    );
    expect(a).toEqual([['chữ', 'số'], ...texts.map((text, index) => [text, String(index + 0.5)])]);
  });
});
