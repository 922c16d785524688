import request from 'supertest';
import { NOON, openTestApp, uniqueUri, type TestApp } from '../helpers/app.js';
import { validDossier } from '../helpers/dossiers.js';
import { addSite, staffToken } from '../helpers/installation.js';
import { hiddenField, PASSWORD, signIn, visitor, type Visitor } from '../helpers/pages.js';
import { bytesOfAnswer, openWithExcelJs } from '../helpers/spreadsheets.js';

/** The score of 9 indicators and 18 points: what dossiers tell, and what people enter. */
let sipas: TestApp;
let province: Visitor;
let centre: Visitor;
let viewer: Visitor;

const PERIOD = '2026-Q4';
const OF_A = `period=${PERIOD}&centre=A`;
const ENTRY = '/admin/tthc-score';
const OWN = Object.fromEntries([2, 3, 4, 5, 6, 7, 8, 9].map((number) => [`self${number}`, '1,5']));

beforeAll(async () => {
  sipas = await openTestApp();
  await addSite(sipas.services, { centre: 'A', name: 'Trung tâm A' });
  await addSite(sipas.services, { centre: 'B', name: 'Trung tâm B' });
  const integration = await staffToken(sipas.services, 'integration');
  await request(sipas.app)
    .post('/api/v1/dossiers/batch')
    .set('Authorization', `Bearer ${integration}`)
    .send({ dossiers: ['2026-11-09', '2026-11-09', '2026-11-10', '2026-11-11'].map(returned) });
  await sipas.services.dossierTallies.catchUp();
  province = await staff('tinh', 'manager', '22');
  centre = await staff('quanly', 'manager', 'A');
  viewer = await staff('xem', 'viewer', '22');
});
afterAll(() => sipas.close());
beforeEach(async () => {
  await sipas.services.connection.collection('tthc_scores').deleteMany({});
});

/** A dossier of the first centre, due on 10 November. */
function returned(day: string, index: number) {
  return validDossier({ code: `H${index}`, centre: 'A', dueAt: '2026-11-10', returnedAt: day });
}

async function staff(username: string, role: 'manager' | 'viewer', scope: string, app = sipas): Promise<Visitor> {
  await app.services.accounts.add({ username, role, scope, password: PASSWORD });
  const own = visitor(app);
  await signIn(own, { username });
  return own;
}

async function send(who: Visitor, fields: Readonly<Record<string, string>>, place: object = { centre: 'A' }) {
  const _csrf = hiddenField((await who.get(`${ENTRY}?${OF_A}`)).text, '_csrf');
  return who
    .post(ENTRY)
    .type('form')
    .send({ _csrf, period: PERIOD, ...place, ...fields });
}

async function page(who: Visitor, path = `/reports/tthc-score?${OF_A}`): Promise<string> {
  return (await who.get(path)).text.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ');
}

const stored = () => sipas.services.connection.collection('tthc_scores').find({}).toArray();

/** The cells of the first rows of a form that hold a text, joined cells counted once. */
async function formRow(name: string, query: string, text: string): Promise<unknown[]> {
  const workbook = await openWithExcelJs(await bytesOfAnswer(province.get(`/exports/${name}.xlsx?${query}`)));
  const sheet = workbook.worksheets[0]!;
  const rows = Array.from({ length: sheet.rowCount }, (_, number) =>
    Array.from({ length: sheet.columnCount }, (_cell, column) => sheet.getCell(number + 1, column + 1).value),
  );
  return rows.find((row) => row.slice(0, 2).includes(text)) ?? [];
}

describe('the page of the score', () => {
  it('shows what dossiers tell, and adds nothing up while people have not entered the rest', async () => {
    const text = await page(viewer);
    expect(text).toMatch(/1\. Tổng thời gian[^0-9]+ 2 1,25 — 2: ngắn hơn[^.]*\. [^.]*\. tính từ 4 hồ sơ đã trả/);
    expect(text).toMatch(/6\. Công khai các thủ tục hành chính 2 — — [^.]*\. chưa nhập/);
    expect(text).toContain('Điểm tự chấm — đã chấm 1/9 chỉ số');
    expect(text).toContain('Tỷ lệ sớm và đúng hạn 75,00%');
  });

  it('adds up the points that people entered with those that dossiers tell, and grades the sum', async () => {
    expect((await send(centre, OWN)).status).toBe(303);
    expect(await page(viewer)).toContain('Điểm tự chấm 13,25/18 xếp loại Tốt');
  });

  it('says that the scheme was not compared with the rules in force', async () => {
    expect(await page(viewer)).toContain('chưa đối chiếu được với văn bản hiện hành');
  });

  it('of the whole country asks for a place', async () => {
    const admin = visitor(sipas);
    await sipas.services.accounts.add({ username: 'goc', role: 'admin', scope: null, password: PASSWORD });
    await signIn(admin, { username: 'goc' });
    const { status, text } = await admin.get('/reports/tthc-score');
    expect([status, text.includes('nhập mã một đơn vị')]).toEqual([200, true]);
    expect((await admin.get(`${ENTRY}?period=${PERIOD}`)).headers['location']).toBe('/reports/tthc-score');
  });

  it.each(['2026-W47', '2026-11-22', 'x'])('is of a month at least, not of %s', async (period) => {
    const { status, text } = await viewer.get(`/reports/tthc-score?period=${period}&centre=A`);
    expect([status, text.includes('Chọn một tháng, quý')]).toEqual([422, true]);
  });

  it('offers entering points to those who may', async () => {
    expect((await centre.get(`/reports/tthc-score?${OF_A}`)).text).toContain(
      `href="${ENTRY}?period=${PERIOD}&amp;centre=A"`,
    );
    expect((await viewer.get(`/reports/tthc-score?${OF_A}`)).text).not.toContain(ENTRY);
  });
});

describe('entering points', () => {
  it('shows what was entered in the form again', async () => {
    await send(centre, OWN);
    const { text } = await centre.get(`${ENTRY}?${OF_A}`);
    expect(text).toMatch(/name="self2"[^>]* value="1,50"/);
  });

  it('asks for no points that dossiers tell', async () => {
    const { text } = await centre.get(`${ENTRY}?${OF_A}`);
    expect(text).not.toContain('name="self1"');
    expect(text).toContain('1,25 (tính từ 4 hồ sơ đã trả)');
  });

  it('asks for those that dossiers would tell where there are none', async () => {
    expect((await province.get(`${ENTRY}?period=${PERIOD}&centre=B`)).text).toContain('name="self1"');
  });

  it.each(['2,1', '3', '-1', '1,234', 'hai', '1.5.5'])(
    'refuses %s, names the field, keeps what was typed and stores nothing',
    async (typed) => {
      const { status, text } = await send(centre, { ...OWN, self3: typed, self4: '0,25' });
      expect([status, text.includes('Điểm tự chấm, chỉ số 3: nhập số từ 0 đến 2')]).toEqual([422, true]);
      expect(text).toMatch(/id="self3"[^>]* aria-invalid="true"/);
      expect(text).toMatch(/name="self4"[^>]* value="0,25"/);
      expect(await stored()).toEqual([]);
    },
  );

  it('leaves out what is empty', async () => {
    await send(centre, { self2: '0', self3: '' });
    expect(await stored()).toMatchObject([{ self: [null, 0, null, null, null, null, null, null, null] }]);
  });

  it('of appraised points is for those above the place', async () => {
    expect((await centre.get(`${ENTRY}?${OF_A}`)).text).not.toContain('name="appraised1"');
    expect((await send(centre, { appraised1: '2' })).status).toBe(403);
    expect(await stored()).toEqual([]);
    expect((await send(province, { appraised1: '2' })).status).toBe(303);
  });

  it('of own points leaves appraised ones as they were', async () => {
    await send(province, { ...OWN, appraised3: '0,5' });
    await send(centre, { self2: '2' });
    expect(await stored()).toMatchObject([{ self: { 1: 2 }, appraised: { 2: 0.5 } }]);
  });

  it('is recorded with the points before and after', async () => {
    await send(centre, { self2: '1' });
    await send(centre, { self2: '2' });
    const [entry] = await sipas.services.audit.list({ action: 'score.put' }, 1);
    expect(entry).toMatchObject({
      subject: `A ${PERIOD}`,
      actor: { name: 'quanly' },
      outcome: 'done',
      before: { self2: 1 },
      after: { self2: 2, self3: null },
    });
  });

  it('needs a period and a place in scope', async () => {
    expect((await send(centre, { period: '2026-W01' })).status).toBe(400);
    expect((await send(centre, OWN, { centre: 'B' })).status).toBe(403);
    expect((await send(centre, OWN, { unit: '22' })).status).toBe(403);
    expect(await stored()).toEqual([]);
  });
});

describe('official forms with the score', () => {
  it('Mẫu 02 has own and appraised points, their sums and the grade', async () => {
    await send(province, { ...OWN, appraised1: '2' });
    expect(await formRow('mau-02', OF_A, 'Công khai các thủ tục hành chính')).toEqual([
      ...[6, 'Công khai các thủ tục hành chính', 2, 1.5, null, 'Nhập tay'],
    ]);
    expect(await formRow('mau-02', OF_A, 'Tổng điểm')).toMatchObject({ 3: 13.25, 4: null });
    expect(await formRow('mau-02', OF_A, 'Xếp loại')).toMatchObject({ 3: 'Tốt' });
  });

  it('Mẫu 03 has appraised points where all of them are there, else own ones, and ranks the centres', async () => {
    const appraised = Object.fromEntries([1, 2, 3, 4, 5, 6, 7, 8, 9].map((number) => [`appraised${number}`, '2']));
    await send(province, OWN);
    await send(province, { ...appraised, self1: '0' }, { centre: 'B' });
    const query = `period=${PERIOD}&unit=22`;
    expect((await formRow('mau-03', query, 'Trung tâm A')).slice(3, 15)).toEqual([
      ...[1.25, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 13.25, 'Tốt (tự chấm)', 2],
    ]);
    expect((await formRow('mau-03', query, 'Trung tâm B')).slice(3, 15)).toEqual([
      ...[2, 2, 2, 2, 2, 2, 2, 2, 2, 18, 'Xuất sắc', 1],
    ]);
  });
});

describe('an installation without the score', () => {
  let without: TestApp;
  let manager: Visitor;

  beforeAll(async () => {
    without = await openTestApp(NOON, uniqueUri(), '/nonexistent', { tthcScore: false });
    await addSite(without.services, { centre: 'A', name: 'Trung tâm A' });
    manager = await staff('tinh', 'manager', '22', without);
  });
  afterAll(() => without.close());

  it.each(['/reports/tthc-score', `${ENTRY}?${OF_A}`])('has nothing at %s', async (path) => {
    expect((await manager.get(path)).status).toBe(404);
  });

  it('has no link to it', async () => {
    expect((await manager.get('/reports/index')).text).not.toContain('tthc-score');
    expect((await province.get('/reports/index')).text).toContain('/reports/tthc-score');
  });

  it('still has the official forms, to be filled in by hand', async () => {
    expect((await manager.get(`/exports/mau-02.xlsx?${OF_A}`)).status).toBe(200);
  });
});
