import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import request from 'supertest';
import { NOON, openTestApp, uniqueUri, type TestApp } from '../helpers/app.js';
import { addSite, staffToken } from '../helpers/installation.js';
import { Importer } from '../helpers/uploads.js';

const HEADER = 'code,name,kind,parent,valid_from,valid_to,decree';
const dataDir = mkdtempSync(join(tmpdir(), 'sipas-units-'));
let sipas: TestApp;
let admin: Importer;

beforeAll(async () => {
  sipas = await openTestApp(NOON, uniqueUri(), dataDir);
  admin = await Importer.signedIn(sipas, 'admin');
});
beforeEach(async () => {
  sipas.setNow(NOON);
  const { connection, catalogue } = sipas.services;
  await connection.collection('office_units').deleteMany({});
  // As what counts the imports of an account: a test makes more of them than a person.
  await connection.collection('account_counts').deleteMany({});
  await catalogue.refresh();
});
afterAll(async () => {
  await sipas.close();
  rmSync(dataDir, { recursive: true });
});

/** What the page says became of the lines, and those that were refused. */
async function imported(...lines: string[]) {
  const address = await admin.uploaded('don-vi.csv', [HEADER, ...lines].join('\r\n'), 'units');
  expect((await admin.import(address)).status).toBe(303);
  const counts = await admin.outcomes(address);
  return { counts, refused: counts['Không hợp lệ'] === '0' ? '' : await admin.refusedLines(address) };
}

const nameOn = (code: string, day?: string) => sipas.services.catalogue.unitName(code, day);

/** Bình Liêu, a commune of Quảng Ninh, as it comes with the product. */
const BINH_LIEU = '06838';
const RAISED = `${BINH_LIEU},Bình Liêu,phuong,22,2026-11-10,,12/NQ-UBTVQH16`;

describe('a list of units', () => {
  it('gives a unit another kind and name from a day on, and leaves it what it was before', async () => {
    expect((await imported(RAISED)).counts).toMatchObject({ 'Đã lưu mới': '1', 'Không hợp lệ': '0' });
    expect(nameOn(BINH_LIEU)).toBe('Phường Bình Liêu');
    expect(nameOn(BINH_LIEU, '2026-11-09')).toBe('Xã Bình Liêu');
  });

  it('ends the version before on the day before', async () => {
    await imported(RAISED);
    const versions = sipas.services.catalogue.unitVersionsOf(BINH_LIEU);
    expect(versions.map(({ validTo }) => validTo)).toEqual(['2026-11-09', null]);
  });

  it('shows a version from its day on, not before', async () => {
    await imported(RAISED.replace('2026-11-10', '2026-12-01'));
    expect(nameOn(BINH_LIEU)).toBe('Xã Bình Liêu');
    sipas.setNow(new Date('2026-11-30T17:00:00.000Z'));
    expect(nameOn(BINH_LIEU)).toBe('Phường Bình Liêu');
  });

  it('adds a commune, to which centres can be added', async () => {
    await imported('99001,Đông Mới,xa,22,2026-11-10,,12/NQ-UBTVQH16');
    await addSite(sipas.services, { centre: 'DM', unit: '99001' });
    const token = await staffToken(sipas.services, 'viewer', '22');
    const { body } = await request(sipas.app)
      .get('/api/v1/centres?unit=22')
      .set('Authorization', `Bearer ${token}`)
      .expect(200);
    expect(body.centres).toContainEqual(expect.objectContaining({ code: 'DM' }));
  });

  it('changes nothing when it is imported again', async () => {
    const lines = [RAISED, '99001,Đông Mới,xa,22,2026-11-10,,12/NQ-UBTVQH16'];
    await imported(...lines);
    expect((await imported(...lines)).counts).toMatchObject({ 'Đã lưu mới': '0', 'Không thay đổi': '2' });
  });

  it('holds each version once where two lines of it come after one another', async () => {
    const later = RAISED.replace('phuong', 'dac-khu').replace('2026-11-10', '2026-11-15');
    await imported(RAISED, later);
    expect((await imported(RAISED, later)).counts).toMatchObject({ 'Không thay đổi': '2' });
    expect(sipas.services.catalogue.unitVersionsOf(BINH_LIEU)).toHaveLength(3);
  });

  it('is corrected until its day', async () => {
    const waiting = RAISED.replace('2026-11-10', '2026-12-01');
    await imported(waiting);
    expect((await imported(waiting.replace('phuong', 'dac-khu'))).counts).toMatchObject({ 'Đã cập nhật': '1' });
    sipas.setNow(new Date('2026-12-02T05:00:00.000Z'));
    expect(nameOn(BINH_LIEU)).toBe('Đặc khu Bình Liêu');
  });

  it('is not changed any more from its day on', async () => {
    const today = RAISED.replace('2026-11-10', '2026-11-22');
    await imported(today);
    const { refused } = await imported(today.replace('phuong', 'dac-khu'));
    expect(refused).toContain('valid_from: is that of a version that was in force');
    expect(nameOn(BINH_LIEU)).toBe('Phường Bình Liêu');
  });

  it('ends a unit that went into another, whose name stays', async () => {
    const [shipped] = sipas.services.catalogue.unitVersionsOf(BINH_LIEU);
    const ended = `${BINH_LIEU},Bình Liêu,xa,22,${shipped?.validFrom},2026-11-30,${shipped?.decree}`;
    expect((await imported(ended)).counts).toMatchObject({ 'Đã cập nhật': '1' });
    expect((await imported(ended)).counts).toMatchObject({ 'Không thay đổi': '1' });
    const { text } = await admin.get(`/admin/units/${BINH_LIEU}`);
    expect(text).toContain('<th scope="row">Xã Bình Liêu</th>');
    expect(text).toContain('<td>30/11/2026</td>');
  });

  it('stays when the files of the product are loaded again', async () => {
    await imported(RAISED);
    const again = await openTestApp(NOON, sipas.uri, dataDir);
    expect(again.services.catalogue.unitName(BINH_LIEU)).toBe('Phường Bình Liêu');
    await again.services.connection.close();
  });

  it('is known to another process when it refreshes what it keeps', async () => {
    const again = await openTestApp(NOON, sipas.uri, dataDir);
    await imported(RAISED);
    await again.services.catalogue.refresh();
    expect(again.services.catalogue.unitName(BINH_LIEU)).toBe('Phường Bình Liêu');
    await again.services.connection.close();
  });

  it('is recorded with what became of its lines', async () => {
    await imported(RAISED, 'x,x,x,x,x,,x');
    const [entry] = await sipas.services.audit.list({ action: 'import' }, 1);
    expect(entry).toMatchObject({ subject: 'units', after: { stored: 1, invalid: 1 }, outcome: 'done' });
  });
});

describe('a line is refused', () => {
  it.each([
    ['of a day that is none', RAISED.replace('2026-11-10', '2026-02-30'), 'valid_from: must be a day'],
    ['of a code that is none', RAISED.replace(BINH_LIEU, '6838'), 'code: must be 2 digits'],
    ['of an unknown kind', RAISED.replace('phuong', 'huyen'), 'kind: '],
    ['without a name', RAISED.replace('Bình Liêu', ''), 'name: '],
    ['without an instrument', RAISED.replace('12/NQ-UBTVQH16', ''), 'decree: '],
    ['that ends before it begins', RAISED.replace(',,', ',2026-11-09,'), 'valid_to: is before 2026-11-10'],
    ['that begins before the newest version', RAISED.replace('2026-11-10', '2020-01-01'), 'valid_from: must be after'],
    [
      'that takes the place of what ships',
      RAISED.replace('2026-11-10', '2025-07-01'),
      'valid_from: is that of a version',
    ],
    ['that moves a commune to another province', RAISED.replace(',22,', ',24,'), 'parent: must stay 22'],
    ['of a commune without a province', '99001,Mới,xa,,2026-11-10,,x', 'parent: must be the code of a province'],
    [
      'of a commune below a commune',
      `99001,Mới,xa,${BINH_LIEU},2026-11-10,,x`,
      'parent: must be the code of a province',
    ],
    ['of a province below another', '97,Mới,tinh,22,2026-11-10,,x', 'parent: must be blank for a province'],
    ['of a province by the code of a commune', '99001,Mới,tinh,22,2026-11-10,,x', 'kind: is not that of a unit'],
  ])('%s', async (_, line, message) => {
    const { counts, refused } = await imported(line);
    expect(counts).toMatchObject({ 'Không hợp lệ': '1', 'Đã lưu mới': '0', 'Đã cập nhật': '0' });
    expect(refused).toContain(message);
  });

  it('with the code of a centre elsewhere, whose accounts would become a commune’s', async () => {
    await addSite(sipas.services, { centre: '99002' });
    const { refused } = await imported('99002,Mới,xa,22,2026-11-10,,x');
    expect(refused).toContain('code: is that of a centre in 22');
    expect(sipas.services.catalogue.unit('99002')).toBeUndefined();
  });

  it('from who administers one province, who is not offered it either', async () => {
    const local = await Importer.signedIn(sipas, 'local', '22');
    const address = await local.uploaded('don-vi.csv', [HEADER, RAISED].join('\r\n'), 'units');
    await local.import(address);
    expect(await local.refusedLines(address)).toContain('administers everything');
    expect((await local.get('/admin/units')).text).not.toContain('/imports?kind=units');
  });
});
