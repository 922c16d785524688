import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Workbook } from 'exceljs';
import { NOON, openTestApp, uniqueUri, type TestApp } from '../helpers/app.js';
import { Importer } from '../helpers/uploads.js';

const dataDir = mkdtempSync(join(tmpdir(), 'sipas-centres-'));
let sipas: TestApp;
let admin: Importer;

beforeAll(async () => {
  sipas = await openTestApp(NOON, uniqueUri(), dataDir);
  admin = await Importer.signedIn(sipas, 'admin');
});
beforeEach(async () => {
  const { connection } = sipas.services;
  await Promise.all(['centres', 'revisions'].map((name) => connection.collection(name).deleteMany({})));
});
afterAll(async () => {
  await sipas.close();
  rmSync(dataDir, { recursive: true });
});

async function imported(kind: string, name: string, content: string | Buffer, by = admin) {
  const address = await by.uploaded(name, content, kind);
  const { status } = await by.import(address);
  expect(status).toBe(303);
  return { address, counts: await by.outcomes(address) };
}

const refusedLines = (address: string) => admin.refusedLines(address);

const CENTRES = [
  'Mã trung tâm;Tên trung tâm;Mã đơn vị',
  'QN-1;Trung tâm Hạ Long;06688',
  'QN-2;Trung tâm tỉnh;22',
  'QN-3;;22',
  'QN-4;Trung tâm lạ;99999',
  'QN-1;Trung tâm khác;22',
].join('\r\n');

describe('a list of centres', () => {
  it('is chosen on the page to which the list of centres leads', async () => {
    expect((await admin.get('/admin/centres')).text).toContain('href="/imports?kind=centres"');
    expect((await admin.get('/imports?kind=centres')).text).toContain('value="centres" checked');
  });

  it('adds those that are right, and gives the others back with reasons', async () => {
    const { address, counts } = await imported('centres', 'ds.csv', CENTRES);
    expect(counts).toEqual({ 'Đã lưu mới': '2', 'Không thay đổi': '0', 'Không hợp lệ': '3' });
    expect(await sipas.services.centres.inUnits('all')).toEqual([
      { code: 'QN-1', name: 'Trung tâm Hạ Long', unit: '06688', level: 'commune' },
      { code: 'QN-2', name: 'Trung tâm tỉnh', unit: '22', level: 'province' },
    ]);
    const refused = (await refusedLines(address)).split('\r\n');
    expect(refused[1]).toContain('QN-3;;22;Tên trung tâm: is required');
    expect(refused[2]).toContain('Mã đơn vị: there is no unit 99999');
    expect(refused[3]).toContain('Mã trung tâm: there is another centre QN-1 already');
  });

  it('adds nothing twice', async () => {
    await imported('centres', 'ds.csv', CENTRES);
    const { counts } = await imported('centres', 'ds.csv', CENTRES);
    expect(counts).toEqual({ 'Đã lưu mới': '0', 'Không thay đổi': '2', 'Không hợp lệ': '3' });
  });

  it('is completed by importing it again after the server died half way', async () => {
    await sipas.services.centres.add({ code: 'QN-1', name: 'Trung tâm Hạ Long', unit: '06688' });
    await imported('centres', 'ds.csv', CENTRES);
    expect(await sipas.services.centres.inUnits('all')).toHaveLength(2);
  });

  it('may be a workbook', async () => {
    const book = new Workbook();
    book.addWorksheet('Danh sách').addRows([
      ['code', 'name', 'unit', 'level'],
      ['QN-1', 'Một cửa', '06688', 'commune'],
    ]);
    const { counts } = await imported('centres', 'ds.xlsx', Buffer.from(await book.xlsx.writeBuffer()));
    expect(counts).toMatchObject({ 'Đã lưu mới': '1' });
  });

  it('cannot say what no form can', async () => {
    const line = JSON.stringify({ code: 'QN-1', name: 'Một cửa', unit: '22', synthetic: true });
    const { address, counts } = await imported('centres', 'ds.ndjson', line);
    expect(counts).toMatchObject({ 'Đã lưu mới': '0', 'Không hợp lệ': '1' });
    expect(await refusedLines(address)).toContain('"path":"synthetic","message":"unknown field"');
  });

  it('is refused for units outside the scope of who sends it', async () => {
    const hue = await Importer.signedIn(sipas, 'hue', '46');
    const rows = ['code,name,unit', 'A,Một cửa A,46', 'B,Một cửa B,22'].join('\r\n');
    const { counts } = await imported('centres', 'ds.csv', rows, hue);
    expect(counts).toMatchObject({ 'Đã lưu mới': '1', 'Không hợp lệ': '1' });
    expect(await sipas.services.centres.find('B')).toBeNull();
  });

  it('is recorded with the codes it added', async () => {
    await imported('centres', 'ds.csv', CENTRES);
    const [entry] = await sipas.services.audit.list({ action: 'centre.import' }, 1);
    expect(entry).toMatchObject({ actor: { name: 'admin' }, after: { codes: 'QN-1 QN-2' }, outcome: 'done' });
  });
});

describe('a list of counters', () => {
  const COUNTERS = ['centre,counter,name', 'QN-1,Q1,Hộ tịch', 'QN-1,Q2,Đất đai', 'NONE,Q1,x', 'QN-1,,x'].join('\r\n');
  beforeEach(() => sipas.services.centres.add({ code: 'QN-1', name: 'Một cửa', unit: '22' }));

  it('adds counters, and gives back those without a code and of centres that do not exist', async () => {
    const { address, counts } = await imported('counters', 'quay.csv', COUNTERS);
    expect(counts).toMatchObject({ 'Đã lưu mới': '2', 'Không hợp lệ': '2' });
    expect(await sipas.services.centres.counters.of('QN-1')).toEqual([
      { code: 'Q1', name: 'Hộ tịch' },
      { code: 'Q2', name: 'Đất đai' },
    ]);
    const refused = await refusedLines(address);
    expect(refused).toContain('centre: There is no centre NONE.');
    expect(refused).toContain('QN-1,,x,counter: is required');
  });

  it('renames those that are there, and keeps closed ones closed', async () => {
    await imported('counters', 'quay.csv', COUNTERS);
    await sipas.services.centres.counters.setClosed('QN-1', 'Q2', true);
    const renamed = COUNTERS.replace('Đất đai', 'Môi trường');
    expect((await imported('counters', 'quay.csv', renamed)).counts).toMatchObject({
      'Đã lưu mới': '0',
      'Đã cập nhật': '1',
      'Không thay đổi': '1',
    });
    expect(await sipas.services.centres.counters.of('QN-1')).toContainEqual({
      ...{ code: 'Q2', name: 'Môi trường', closed: true },
    });
  });
});
