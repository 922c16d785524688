import { parse } from 'csv-parse/sync';
import request from 'supertest';
import { openTestApp, type TestApp } from '../helpers/app.js';
import { addSite, staffToken, type Site } from '../helpers/installation.js';
import { fullResponse, postBatch, validResponse } from '../helpers/responses.js';
import {
  bytesOfAnswer,
  describeInLibreOffice,
  openWithExcelJs,
  readWithExcelJs,
  readWithLibreOffice,
} from '../helpers/spreadsheets.js';
import { unguarded } from '../../src/features/exports/exports.csv.js';

let sipas: TestApp;
let admin: string;
let site: Site;

const MONTH = 'period=2026-09';
const COMMENTS = ['=1+1', 'Chờ lâu 😐\nquá', 'ý'.repeat(1000), '-2', '  cách ', '<b>&', '007'];

beforeAll(async () => {
  sipas = await openTestApp();
  admin = await staffToken(sipas.services, 'admin');
  site = await addSite(sipas.services, { centre: 'QN', name: '=Trung tâm, "QN"' });
  const at = (index: number) => ({ capturedAt: `2026-09-${String(index + 1).padStart(2, '0')}T01:02:03.456Z` });
  await postBatch(sipas, site.token, [
    ...COMMENTS.map((comment, index) => fullResponse({ ...at(index), comment, dossier: undefined })),
    validResponse({
      ...at(20),
      questionnaire: 'phuong-9',
      answers: { P3: 2 },
      demographics: { 'gioi-tinh': 'nu' },
    }),
  ]);
  await sipas.services.tallies.run();
});
afterAll(() => sipas.close());

const get = (path: string, token = admin) =>
  request(sipas.app).get(`/api/v1/exports/${path}`).set('Authorization', `Bearer ${token}`);
const download = (path: string) => bytesOfAnswer(get(path));

/** The rows of the same export as CSV, as texts. */
async function csvRows(path: string): Promise<string[][]> {
  const rows: string[][] = parse(await download(path), { bom: true, record_delimiter: '\r\n' });
  return rows.map((row) => row.map(unguarded));
}

const asText = (rows: readonly (readonly unknown[])[]) => rows.map((row) => row.map((value) => String(value)));

describe('responses.xlsx', () => {
  it('holds cell by cell what the CSV holds', async () => {
    const { responses } = await readWithExcelJs(await download(`responses.xlsx?${MONTH}`));
    expect(asText(responses!)).toEqual(await csvRows(`responses.csv?${MONTH}`));
    expect(responses).toHaveLength(1 + COMMENTS.length + 1);
  });

  it('has versions, hours and answers as numbers, and all else as text', async () => {
    const { responses } = await readWithExcelJs(await download(`responses.xlsx?${MONTH}&questionnaire=tthc-kiosk-5`));
    const [header, row] = responses!;
    const numbers = header!.filter((_, index) => typeof row![index] === 'number');
    expect(numbers).toEqual(['version', 'hour', 'overall']);
  });

  it('says what it is', async () => {
    const { headers } = await get(`responses.xlsx?${MONTH}`);
    expect(headers).toMatchObject({
      'content-type': 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
      'content-disposition': 'attachment; filename="phieu_2026-09-01_2026-09-30.xlsx"',
      'cache-control': 'no-store',
    });
  });

  it('explains every column and code in its codebook', async () => {
    const { responses, codebook } = await readWithExcelJs(await download(`responses.xlsx?${MONTH}`));
    const codes = (kind: string) => codebook!.filter(([of]) => of === kind).map((row) => String(row[3]));
    const explained = [...codes('column'), ...codes('item'), ...codes('demographic').map((code) => `demo_${code}`)];
    expect(explained).toEqual(expect.arrayContaining([...responses![0]!]));
    expect(codebook).toContainEqual([
      ...['level', 'tthc-kiosk-5', 1, 5, 'likert5', 'Rất hài lòng', 'Very satisfied', 'positive, top'],
    ]);
    expect(codebook).toContainEqual([
      'reason',
      'tthc-kiosk-5',
      1,
      'thai-do',
      '',
      'Thái độ phục vụ chưa tốt',
      'Poor attitude',
      '',
    ]);
    expect(codebook).toContainEqual(['option', 'phuong-9', 1, 'nu', 'gioi-tinh', 'Nữ', '', '']);
  });

  it('has a codebook of one questionnaire when one is named', async () => {
    const { codebook } = await readWithExcelJs(await download(`responses.xlsx?${MONTH}&questionnaire=phuong-9`));
    expect(new Set(codebook!.slice(1).map(([, id]) => id))).toEqual(new Set(['', 'phuong-9']));
  });

  it('keeps its header in view', async () => {
    const workbook = await openWithExcelJs(await download(`responses.xlsx?${MONTH}`));
    expect(workbook.getWorksheet('responses')!.views).toMatchObject([{ state: 'frozen', ySplit: 1 }]);
  });

  it('is for those who may export, and takes no delimiter', async () => {
    const viewer = await staffToken(sipas.services, 'viewer');
    expect((await get(`responses.xlsx?${MONTH}`, viewer)).status).toBe(403);
    expect((await get(`responses.xlsx?${MONTH}&delimiter=tab`)).status).toBe(400);
  });
});

describe('satisfaction.xlsx', () => {
  it('holds cell by cell what the CSV holds, figures as numbers', async () => {
    const query = `${MONTH}&groupBy=month`;
    const { satisfaction } = await readWithExcelJs(await download(`satisfaction.xlsx?${query}`));
    expect(asText(satisfaction!)).toEqual(await csvRows(`satisfaction.csv?${query}`));
    const [header, row] = satisfaction!;
    expect(row![header!.indexOf('n')]).toEqual(expect.any(Number));
  });
});

describeInLibreOffice('exports in LibreOffice', () => {
  it('hold cell by cell what the CSV holds', async () => {
    const { responses } = await readWithLibreOffice(await download(`responses.xlsx?${MONTH}`));
    expect(responses).toEqual(await csvRows(`responses.csv?${MONTH}`));
  });
});
