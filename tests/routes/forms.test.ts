import request from 'supertest';
import type { Worksheet } from 'exceljs';
import { openTestApp, type TestApp } from '../helpers/app.js';
import { validDossier } from '../helpers/dossiers.js';
import { addSite, staffToken } from '../helpers/installation.js';
import { expectProblem } from '../helpers/problem.js';
import { postBatch, validResponse } from '../helpers/responses.js';
import {
  bytesOfAnswer,
  describeInLibreOffice,
  openWithExcelJs,
  printWithLibreOffice,
} from '../helpers/spreadsheets.js';

let sipas: TestApp;
let admin: string;

beforeAll(async () => {
  sipas = await openTestApp();
  admin = await staffToken(sipas.services, 'admin');
  const first = await addSite(sipas.services, { centre: 'A', name: 'Trung tâm A' });
  const second = await addSite(sipas.services, { centre: 'B', name: '=Trung tâm B' });
  await addSite(sipas.services, { centre: 'C', name: 'Trung tâm C' });
  await postBatch(
    sipas,
    first.token,
    [5, 5, 4, 3, 2, 1, 1].map((overall) => validResponse({ answers: { overall } })),
  );
  await postBatch(sipas, second.token, [level3(3), level3(3), level3(2)]);
  const integration = await staffToken(sipas.services, 'integration');
  await request(sipas.app)
    .post('/api/v1/dossiers/batch')
    .set('Authorization', `Bearer ${integration}`)
    .send({ dossiers: ['2026-11-09', '2026-11-09', '2026-11-10', '2026-11-11'].map(returned) });
  await sipas.services.tallies.run();
  await sipas.services.dossierTallies.catchUp();
});
afterAll(() => sipas.close());

function level3(attitude: number) {
  return validResponse({ questionnaire: 'tthc-kiosk-3', answers: { attitude } });
}

/** A dossier of the first centre, due on 10 November. */
function returned(day: string, index: number) {
  return validDossier({ code: `H${index}`, centre: 'A', dueAt: '2026-11-10', returnedAt: day });
}

const get = (path: string) => request(sipas.app).get(`/api/v1/exports/${path}`).set('Authorization', `Bearer ${admin}`);

async function form(path: string): Promise<Worksheet> {
  const workbook = await openWithExcelJs(await bytesOfAnswer(get(path)));
  return workbook.worksheets[0]!;
}

/** The values of the first row that has this text in its first columns, joined cells counted once. */
function rowOf(sheet: Worksheet, text: string): unknown[] {
  for (let number = 1; number <= sheet.rowCount; number += 1) {
    const row = sheet.getRow(number);
    const cells = Array.from({ length: sheet.columnCount }, (_, index) => row.getCell(index + 1));
    const values = cells.filter((cell) => !cell.isMerged || cell.master === cell).map(({ value }) => value);
    if (values.slice(0, 2).includes(text)) return values;
  }
  throw new Error(`No row of ${text}`);
}

describe('Mẫu 02', () => {
  it('has the heading of an official paper and names agency, period and forms', async () => {
    const sheet = await form('mau-02.xlsx?period=2026-Q4&unit=22');
    expect(sheet.getCell('A1').value).toBe('THÀNH PHỐ QUẢNG NINH');
    expect(sheet.getCell('C1').value).toBe('CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM');
    expect(sheet.getCell('C2').value).toBe('Độc lập - Tự do - Hạnh phúc');
    expect(sheet.getCell('C3').value).toContain('ngày 22 tháng 11 năm 2026');
    expect(rowOf(sheet, 'Kỳ báo cáo: Quý IV/2026')).toHaveLength(1);
    expect(rowOf(sheet, 'Số phiếu đánh giá: 10')).toHaveLength(1);
    expect(sheet.getCell('A1').font).toMatchObject({ name: 'Times New Roman', bold: true });
    expect(sheet.pageSetup).toMatchObject({ paperSize: 9, orientation: 'landscape', fitToWidth: 1 });
  });

  it('gives the indicator that dossiers tell, and leaves every other to people', async () => {
    const sheet = await form('mau-02.xlsx?period=2026-Q4&centre=A');
    const known = rowOf(sheet, 'Tổng thời gian giải quyết thủ tục hành chính so với thời gian quy định');
    expect(known).toEqual([1, expect.any(String), 2, 1.25, null, expect.stringContaining('4 hồ sơ')]);
    const unknown = rowOf(sheet, 'Công khai các thủ tục hành chính');
    expect(unknown).toEqual([6, expect.any(String), 2, null, null, 'Đơn vị tự nhập']);
    expect(rowOf(sheet, 'Tổng điểm')).toEqual([null, 'Tổng điểm', 18, null, null, 'Đã chấm 1/9 chỉ số']);
  });

  it('shows the answers of each scale apart, with their number', async () => {
    const sheet = await form('mau-02.xlsx?period=2026-Q4&unit=22');
    expect(rowOf(sheet, 'Không hài lòng (thang 5 mức)')).toMatchObject({ 2: 7, 3: 42.86 });
    expect(rowOf(sheet, 'Rất hài lòng (thang 5 mức)')).toMatchObject({ 2: 7, 3: 28.57 });
    expect(rowOf(sheet, 'Hài lòng (thang 5 mức)')).toMatchObject({ 2: 7, 3: 14.29 });
    expect(rowOf(sheet, 'Hài lòng (thang 3 mức)')).toMatchObject({ 2: 3, 3: 33.33 });
  });

  it('of a period without answers says so and fills in nothing', async () => {
    const sheet = await form('mau-02.xlsx?period=2025');
    expect(rowOf(sheet, 'Chưa có phiếu trong kỳ')).toMatchObject({ 2: null, 3: null });
    expect(rowOf(sheet, 'Số phiếu đánh giá: 0')).toHaveLength(1);
  });
});

describe('Mẫu 03', () => {
  it('has a row for every centre and one for all', async () => {
    const sheet = await form('mau-03.xlsx?period=2026-Q4&unit=22');
    const blank = (count: number) => Array.from({ length: count }, () => null);
    const none = (count: number) => Array.from({ length: count }, () => '—');
    expect(rowOf(sheet, 'Trung tâm A')).toEqual([
      ...[1, 'Trung tâm A', 7, 1.25, ...blank(11), ...none(4)],
      ...[7, 42.86, 14.29, 14.29, 28.57],
    ]);
    expect(rowOf(sheet, '=Trung tâm B')).toEqual([2, '=Trung tâm B', 3, ...blank(12), 3, 0, 33.33, 66.67, ...none(5)]);
    expect(rowOf(sheet, 'Trung tâm C')).toEqual([3, 'Trung tâm C', 0, ...blank(12), ...none(9)]);
    expect(rowOf(sheet, 'Tổng số').slice(2, 4)).toEqual([10, 1.25]);
  });

  it('repeats its head on every page', async () => {
    const sheet = await form('mau-03.xlsx?period=2026-Q4');
    expect(sheet.pageSetup.printTitlesRow).toBe('8:9');
    expect(sheet.getCell('A8').value).toBe('TT');
  });
});

describe('a form', () => {
  it('is of a whole period', async () => expectProblem(await get('mau-02.xlsx?unit=22'), 400, ['period']));
  it('is of a place in scope', async () => expectProblem(await get('mau-03.xlsx?period=2026&unit=99999'), 404));
});

describeInLibreOffice('forms in LibreOffice', () => {
  it.each(['mau-02', 'mau-03'])('%s is one page wide', async (name) => {
    const pdf = await printWithLibreOffice(await bytesOfAnswer(get(`${name}.xlsx?period=2026-Q4&unit=22`)));
    expect(pdf.toString('latin1').match(/\/Type\s*\/Page\b/g)!.length).toBeLessThanOrEqual(2);
  });
});
