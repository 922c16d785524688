import request from 'supertest';
import { NOON, openTestApp, type TestApp } from '../helpers/app.js';
import { CatalogueService } from '../../src/features/catalogue/catalogue.service.js';
import { ROOT } from '../../src/services.js';
import { officeVersion } from '../helpers/grade-tables.js';
import { addSite, staffToken } from '../helpers/installation.js';
import { hiddenField, PASSWORD, signIn, visitor, type Visitor } from '../helpers/pages.js';
import { validResponse } from '../helpers/responses.js';

let sipas: TestApp;
let admin: Visitor;
let token: string;
let tables = 0;

const FORM = {
  ...{ name: 'Bảng của tỉnh', source: 'Quyết định 12/QĐ-UBND', status: 'sourced', from: '2027-01-01' },
  ...{ 'bands.0.min': '85,5', 'bands.0.vi': 'Đạt', 'bands.0.en': 'Passed' },
  ...{ 'bands.1.min': '0', 'bands.1.vi': 'Chưa đạt' },
};

beforeAll(async () => {
  sipas = await openTestApp();
  const { services } = sipas;
  const site = await addSite(services);
  // 40 answers in each of two months, 36 of them satisfied: 90 %.
  const responses = ['2026-09-10T03:00:00Z', '2026-11-10T03:00:00Z'].flatMap((capturedAt) =>
    Array.from({ length: 40 }, (_, n) => validResponse({ capturedAt, answers: { overall: n < 36 ? 5 : 1 } })),
  );
  await request(sipas.app)
    .post('/api/v1/responses/batch')
    .set('Authorization', `Bearer ${site.token}`)
    .send({ responses });
  await services.tallies.run();
  await services.accounts.add({ username: 'admin', role: 'admin', scope: null, password: PASSWORD });
  token = await staffToken(services, 'viewer');
  admin = visitor(sipas);
  await signIn(admin, { username: 'admin' });
});
afterEach(() => sipas.setNow(NOON));
afterAll(() => sipas.close());

async function send(path: string, fields: object) {
  const { text } = await admin.get('/admin/grades/new');
  return admin
    .post(path)
    .type('form')
    .send({ _csrf: hiddenField(text, '_csrf'), ...fields });
}

/** A new table of the office with the limits 85.5 and 0 from a day on. */
async function newTable(from = '2027-01-01'): Promise<string> {
  tables += 1;
  const id = `tinh-${tables}`;
  await sipas.services.gradeTables.add(id, officeVersion(from, { 80: 'Đạt', 0: 'Chưa đạt' }));
  return id;
}

const ranking = (query: string) =>
  request(sipas.app).get(`/api/v1/reports/ranking?${query}`).set('Authorization', `Bearer ${token}`);
const gradeIn = async (query: string) => (await ranking(query)).body.rows?.[0]?.grade as unknown;
const newestEntry = async () => (await sipas.services.audit.list({}, 1))[0];

describe('the pages of grade tables', () => {
  it('list the tables of the product, and find one by its name without accents', async () => {
    const { text } = await admin.get('/admin/grades?q=thu+tuc');
    expect(text).toContain('href="/admin/grades/tthc-18"');
    expect(text).not.toContain('index-100');
  });

  it('say so where nothing is found', async () => {
    expect((await admin.get('/admin/grades?q=zzz')).text).toContain('Không có bảng xếp loại nào khớp.');
  });

  it('show each grade with its bounds, and what they rest on', async () => {
    const { text } = await admin.get('/admin/grades/index-100');
    expect(text).toContain('<th scope="row">Tốt</th><td>80</td><td>90</td>');
    expect(text).toContain('<th scope="row">Xuất sắc</th><td>90</td><td></td>');
    expect(text).toContain('mốc mặc định của phần mềm, không phải quy định');
  });

  it('add a table, which the page then shows', async () => {
    const answer = await send('/admin/grades/new', { ...FORM, id: 'qd-12' });
    expect(answer.headers['location']).toBe('/admin/grades/qd-12?done=added');
    const { text } = await admin.get('/admin/grades/qd-12?done=added');
    expect(text).toContain('Đã thêm bảng xếp loại.');
    expect(text).toContain('<th scope="row">Đạt</th><td>85,50</td><td></td>');
    expect(text).toContain('theo văn bản');
  });

  it('show the form again with what is wrong, naming the field, and keep what was typed', async () => {
    const answer = await send('/admin/grades/new', { ...FORM, id: 'qd-13', 'bands.1.min': '99', name: '<b>Bảng</b>' });
    expect(answer.status).toBe(422);
    expect(answer.text).toContain('<a href="#bands.1.min">Mức 2, Từ: phải thấp hơn mốc của mức ngay trên.</a>');
    expect(answer.text).toContain('value="&lt;b&gt;Bảng&lt;/b&gt;"');
    expect((await admin.get('/admin/grades/qd-13')).status).toBe(404);
  });

  it('refuse a code that a table of the product has', async () => {
    const answer = await send('/admin/grades/new', { ...FORM, id: 'index-100' });
    expect([answer.status, answer.text.includes('đã có bảng mang mã này')]).toEqual([409, true]);
  });

  it('correct a version that is not in force yet, and ask before they remove it', async () => {
    const id = await newTable();
    const saved = await send(`/admin/grades/${id}/version`, { ...FORM, revision: '1', 'bands.0.min': '70' });
    expect(saved.headers['location']).toBe(`/admin/grades/${id}?done=saved`);
    expect((await admin.get(`/admin/grades/${id}`)).text).toContain('<th scope="row">Đạt</th><td>70</td><td></td>');
    const { text } = await admin.get(`/admin/grades/${id}/remove`);
    expect(text).toContain('cả bảng sẽ mất');
    const removed = await send(`/admin/grades/${id}/remove`, { revision: hiddenField(text, 'revision') });
    expect(removed.headers['location']).toBe('/admin/grades?done=removed');
    expect((await admin.get(`/admin/grades/${id}`)).status).toBe(404);
  });

  it('offer no removal of a version in force', async () => {
    expect((await admin.get('/admin/grades/index-100')).text).not.toContain('/remove');
    expect((await admin.get('/admin/grades/index-100/remove')).status).toBe(404);
    expect((await send('/admin/grades/index-100/remove', { revision: '0' })).headers['location']).toBe(
      '/admin/grades/index-100?problem=changed',
    );
  });

  it('refuse a version of a known table that begins today', async () => {
    const answer = await send('/admin/grades/index-100/version', { ...FORM, revision: '0', from: '2026-11-22' });
    expect(answer.status).toBe(422);
    expect(answer.text).toContain('sớm nhất là 23/11/2026');
  });

  it('tell the slower of two administrators, and change nothing for them', async () => {
    const id = await newTable();
    await send(`/admin/grades/${id}/version`, { ...FORM, revision: '1', 'bands.0.min': '70' });
    const late = await send(`/admin/grades/${id}/version`, { ...FORM, revision: '1', 'bands.0.min': '60' });
    expect(late.status).toBe(409);
    expect(late.text).toContain('Bảng đã được người khác thay đổi');
    expect((await admin.get(`/admin/grades/${id}`)).text).toContain('<td>70</td>');
  });

  it('record what was before and what is now', async () => {
    const id = await newTable();
    await send(`/admin/grades/${id}/version`, { ...FORM, revision: '1' });
    expect(await newestEntry()).toMatchObject({
      action: 'grade-table.change',
      subject: id,
      outcome: 'done',
      actor: { name: 'admin' },
      before: { from: '2027-01-01', bands: '80 Đạt; 0 Chưa đạt' },
      after: { from: '2027-01-01', bands: '85.5 Đạt (Passed); 0 Chưa đạt', status: 'sourced' },
    });
  });
});

describe('two administrators at the same moment', () => {
  it('add one table of a code, not two', async () => {
    const { gradeTables } = sipas.services;
    const add = () => gradeTables.add('cung-luc', officeVersion('2027-01-01', { 50: 'A', 0: 'B' }));
    const ended = await Promise.allSettled([add(), add()]);
    expect(ended.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  it('change a table of the product once', async () => {
    const { gradeTables } = sipas.services;
    const put = (min: number) => gradeTables.put('tthc-18', 0, officeVersion('2027-01-01', { [min]: 'A', 0: 'B' }));
    const ended = await Promise.allSettled([put(9), put(10)]);
    expect(ended.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    await gradeTables.remove('tthc-18', 1);
  });
});

describe('a period', () => {
  it('is graded by the version in force at its end', async () => {
    const id = await newTable('2020-01-01');
    const version = officeVersion('2026-12-01', { 95: 'Đạt', 0: 'Chưa đạt' });
    await sipas.services.gradeTables.put(id, 1, version);
    expect(await gradeIn(`period=2026-11&grades=${id}`)).toBe('Đạt');
    expect(await gradeIn(`period=2026&grades=${id}`)).toBe('Chưa đạt');
  });

  it('that is over keeps its grades when the table changes', async () => {
    const id = await newTable('2020-01-01');
    const before = (await ranking(`period=2026-09&grades=${id}`)).body;
    await sipas.services.gradeTables.put(id, 1, officeVersion('2026-11-23', { 95: 'Đạt', 0: 'Chưa đạt' }));
    sipas.setNow(new Date('2027-06-01T05:00:00Z'));
    expect((await ranking(`period=2026-09&grades=${id}`)).body).toEqual(before);
  });

  it('that ended before a table began is not graded by it', async () => {
    const id = await newTable('2026-11-01');
    const answer = await ranking(`period=2026-09&grades=${id}`);
    expect([answer.status, answer.body.errors]).toEqual([
      400,
      [{ path: 'grades', message: 'was not in force at the end of 2026-09' }],
    ]);
  });

  it('compared with one that other limits were in force in says so on its page', async () => {
    const id = await newTable('2020-01-01');
    await sipas.services.gradeTables.put(id, 1, officeVersion('2026-11-23', { 95: 'Đạt', 0: 'Chưa đạt' }));
    const page = async (period: string) => (await admin.get(`/reports/ranking?period=${period}&grades=${id}`)).text;
    expect(await page('2026-11')).toContain('có hiệu lực từ 23/11/2026');
    expect(await page('2026-11')).toContain('khác mốc của kỳ này');
    expect(await page('2026-10')).not.toContain('khác mốc của kỳ này');
  });
});

describe('a version in force', () => {
  it('is neither changed nor removed, whatever is asked', async () => {
    const id = await newTable('2026-11-23');
    sipas.setNow(new Date('2026-11-23T05:00:00Z'));
    const { gradeTables } = sipas.services;
    const before = await gradeTables.find(id);
    await expect(gradeTables.remove(id, 1)).rejects.toMatchObject({ status: 409 });
    await gradeTables.put(id, 1, officeVersion('2026-12-01', { 10: 'Khác', 0: 'B' }));
    expect((await gradeTables.find(id)).versions[0]).toEqual(before.versions[0]);
  });
});

describe('another process', () => {
  /** Starts as one does: loads the files of the product and reads what there is. */
  async function start(): Promise<CatalogueService> {
    const { connection, languages } = sipas.services;
    const catalogue = new CatalogueService(connection, languages.localize, () => NOON);
    await catalogue.loadFiles(`${ROOT}/data`);
    await catalogue.open();
    return catalogue;
  }

  it('knows a change after it has looked again', async () => {
    const catalogue = await start();
    const id = await newTable();
    expect(catalogue.hasGradeTable(id)).toBe(false);
    await catalogue.refresh();
    expect(catalogue.hasGradeTable(id)).toBe(true);
  });

  it('that starts with other files leaves limits as they were', async () => {
    const { connection } = sipas.services;
    await connection.collection('catalogue_loads').deleteOne({ _id: 'gradeTables' as never });
    await connection
      .collection('grade_tables')
      .updateOne({ id: 'index-100' }, { $set: { bands: [{ min: 0, label: { vi: 'Như cũ' } }], name: 'Tên cũ' } });
    const catalogue = await start();
    expect(catalogue.gradeTable('index-100', '2026-11-22')).toMatchObject({
      name: 'Xếp loại chỉ số (thang 100 điểm)',
      bands: [{ min: 0, label: { vi: 'Như cũ' } }],
    });
  });

  it('with a table of the same code in its files leaves that of the office', async () => {
    const { connection, catalogue } = sipas.services;
    const id = await newTable('2020-01-01');
    const shipped = { id, name: 'Của bản mới', max: 100, bands: [], source: '', status: 'sourced' };
    await connection.collection('grade_tables').insertOne(shipped);
    await catalogue.refresh();
    expect(catalogue.gradeTable(id, '2026-11-22')?.name).toBe('Bảng của tỉnh');
    await connection.collection('grade_tables').deleteOne({ id });
  });
});
