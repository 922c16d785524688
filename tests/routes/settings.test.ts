import { SettingsService } from '../../src/features/settings/settings.service.js';
import { NOON, openTestApp, TEST_SECRET, uniqueUri, type TestApp } from '../helpers/app.js';
import { hiddenField, PASSWORD, signIn, visitor, type Visitor } from '../helpers/pages.js';

let sipas: TestApp;
let admin: Visitor;

const PAGE = '/admin/settings';
const DEFAULTS = { commentMonths: 24, dossierMonths: 12, requireTotp: 'none', tthcScore: true } as const;
const FORM = { commentMonths: '24', dossierMonths: '12', requireTotp: 'none', tthcScore: 'on' };

beforeAll(async () => {
  sipas = await openTestApp();
  admin = await signedIn(sipas);
});
beforeEach(async () => {
  const { connection, settings } = sipas.services;
  await connection.collection('settings').deleteMany({});
  await connection.collection('responses').deleteMany({});
  await connection.collection('accounts').updateMany({}, { $unset: { factor: 1 } });
  await settings.refresh();
});
afterAll(() => sipas.close());

async function signedIn(app: TestApp): Promise<Visitor> {
  await app.services.accounts.add({ username: 'admin', role: 'admin', scope: null, password: PASSWORD });
  const browser = visitor(app);
  await signIn(browser, { username: 'admin' });
  return browser;
}

async function send(fields: object, browser = admin) {
  const { text } = await browser.get(PAGE);
  const known = { _csrf: hiddenField(text, '_csrf'), revision: hiddenField(text, 'revision') };
  return browser
    .post(PAGE)
    .type('form')
    .send({ ...known, ...FORM, ...fields });
}

const current = () => sipas.services.settings.current;
const newestEntry = async () => (await sipas.services.audit.list({ action: 'settings.change' }, 1))[0];
const old = { day: '2025-06-01', comment: 'cũ' };

describe('a setting', () => {
  it('is as by default until somebody sets it', () => {
    expect(current()).toEqual(DEFAULTS);
  });

  it('that is set holds at once, and is recorded with what was before', async () => {
    expect((await send({ commentMonths: '36', tthcScore: 'off' })).headers['location']).toBe(`${PAGE}?done=1`);
    expect(current()).toEqual({ ...DEFAULTS, commentMonths: 36, tthcScore: false });
    expect(await newestEntry()).toMatchObject({
      actor: { name: 'admin' },
      outcome: 'done',
      before: { commentMonths: 24, tthcScore: true },
      after: { commentMonths: 36, tthcScore: false },
    });
  });

  it('that is as it was is not recorded', async () => {
    const before = await newestEntry();
    await send({});
    expect(await newestEntry()).toEqual(before);
  });

  it.each([
    ['commentMonths', '0', 'Giữ ý kiến viết của người dân (tháng): xin nhập số tháng từ 1 đến 240.'],
    ['commentMonths', '24,5', 'Giữ ý kiến viết của người dân (tháng): xin nhập số tháng từ 1 đến 240.'],
    ['dossierMonths', '11', 'Giữ dấu hồ sơ đã đánh giá (tháng): xin nhập số tháng từ 12 đến 240.'],
    ['requireTotp', 'viewer', 'Ai phải dùng xác thực hai bước: xin chọn một mục.'],
    ['tthcScore', '', 'Điểm 9 chỉ số, 18 điểm: xin chọn một mục.'],
  ])('%s cannot be "%s", and the page names it', async (field, value, message) => {
    const answer = await send({ [field]: value });
    expect(answer.status).toBe(422);
    expect(answer.text).toContain(`<a href="#${field}">${message}</a>`);
    expect(current()).toEqual(DEFAULTS);
  });

  it('that two administrators set at the same moment is that of the faster, and the slower is told', async () => {
    await send({ commentMonths: '36' });
    const late = await send({ commentMonths: '48', revision: '0' });
    expect([late.status, late.text.includes('Người khác vừa thay đổi cài đặt')]).toEqual([409, true]);
    expect(current().commentMonths).toBe(36);
  });

  it('set twice at the same instant is set once', async () => {
    const { settings } = sipas.services;
    const ended = await Promise.allSettled([30, 40].map((commentMonths) => settings.change(0, { commentMonths })));
    expect(ended.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  it('reaches the pages that it is about', async () => {
    await send({ commentMonths: '36', tthcScore: 'off' });
    expect((await visitor(sipas).get('/privacy')).text).toContain('36 tháng');
    expect((await admin.get('/reports/tthc-score')).status).toBe(404);
    await send({ commentMonths: '36', tthcScore: 'on' });
    expect((await admin.get('/reports/tthc-score')).status).toBe(200);
  });
});

describe('a setting that the environment names', () => {
  let fixed: TestApp;
  beforeAll(async () => {
    fixed = await openTestApp(NOON, uniqueUri(), '/nonexistent', { fixed: { commentMonths: 18 } });
  });
  afterAll(() => fixed.close());

  it('is shown as set there, and not changed by a form that names it all the same', async () => {
    const browser = await signedIn(fixed);
    const { text } = await browser.get(PAGE);
    expect(text).toContain('SIPAS_COMMENT_MONTHS');
    expect(text).not.toContain('name="commentMonths"');
    await send({ commentMonths: '240', dossierMonths: '24' }, browser);
    expect(fixed.services.settings.current).toEqual({ ...DEFAULTS, commentMonths: 18, dossierMonths: 24 });
  });

  it('falls back to what was set when the environment no longer names it', async () => {
    const { connection, audit } = sipas.services;
    await sipas.services.settings.change(0, { commentMonths: 36 });
    const withIt = new SettingsService(connection, { fixed: { commentMonths: 18 }, defaults: DEFAULTS }, audit);
    await withIt.refresh();
    await withIt.change(1, { dossierMonths: 24 });
    expect(withIt.current.commentMonths).toBe(18);
    await sipas.services.settings.refresh();
    expect(current()).toMatchObject({ commentMonths: 36, dossierMonths: 24 });
  });
});

describe('keeping less long', () => {
  beforeEach(async () => {
    await sipas.services.connection.collection('responses').insertMany([{ ...old }, { ...old, day: '2026-11-01' }]);
  });

  it('is asked first, with how many would be removed and when', async () => {
    const asked = await send({ commentMonths: '12' });
    expect(asked.status).toBe(200);
    expect(asked.text).toContain('1 ý kiến của các đánh giá trước ngày 22/11/2025 sẽ bị xóa');
    expect(asked.text).toContain('trong vòng 24 giờ');
    expect(current()).toEqual(DEFAULTS);
  });

  it('takes place once it is confirmed, and is then what is removed', async () => {
    await send({ commentMonths: '12', confirm: '1' });
    expect(await sipas.services.retention.apply()).toMatchObject({ comments: 1, commentsBefore: '2025-11-22' });
  });

  it('is not asked where something is kept longer', async () => {
    expect((await send({ commentMonths: '25', dossierMonths: '13' })).status).toBe(303);
  });

  it('is not done by a process that has not heard of a longer time', async () => {
    const { connection, audit, retention } = sipas.services;
    await sipas.services.settings.change(0, { commentMonths: 1 });
    const other = new SettingsService(connection, { fixed: {}, defaults: DEFAULTS }, audit);
    await other.change(1, { commentMonths: 36 });
    expect(await retention.apply()).toMatchObject({ comments: 0 });
  });
});

describe('asking fewer accounts for a second factor', () => {
  beforeEach(async () => {
    const { settings, connection } = sipas.services;
    await settings.change(0, { requireTotp: 'all' });
    const factor = { secret: 'x', lastStep: 0, recovery: [], since: NOON };
    await connection.collection('accounts').updateOne({ role: 'admin' }, { $set: { factor } });
  });

  it.each([
    ['no password', {}],
    ['a confirmation without a password', { confirm: '1' }],
    ['a wrong password', { confirm: '1', present: 'không phải mật khẩu' }],
  ])('with %s is not done', async (_, fields) => {
    const answer = await send({ requireTotp: 'admin', ...fields });
    expect(answer.text).toContain('name="present"');
    expect(current().requireTotp).toBe('all');
  });

  it('takes place with the password of who asks', async () => {
    const answer = await send({ requireTotp: 'none', confirm: '1', present: PASSWORD });
    expect(answer.headers['location']).toBe(`${PAGE}?done=1`);
    expect(current().requireTotp).toBe('none');
  });

  it('lets nobody try out passwords', async () => {
    const { text } = await admin.get(PAGE);
    const form = { ...FORM, _csrf: hiddenField(text, '_csrf'), revision: '1', confirm: '1', present: 'không đúng' };
    const tries = Array.from({ length: 11 }, () => admin.post(PAGE).type('form').send(form));
    const statuses = (await Promise.all(tries)).map(({ status }) => status);
    expect(statuses).toContain(429);
  });
});

it('asking more accounts for a second factor leads those without to set one up', async () => {
  await send({ requireTotp: 'admin' });
  expect((await admin.get('/reports')).headers['location']).toBe('/account/factor');
});

it('another process knows a change once it has looked again', async () => {
  const { connection, audit } = sipas.services;
  const other = new SettingsService(connection, { fixed: {}, defaults: DEFAULTS }, audit);
  await send({ commentMonths: '36' });
  expect(other.current.commentMonths).toBe(24);
  await other.refresh();
  expect(other.current.commentMonths).toBe(36);
});

describe('what the installation runs with', () => {
  it('is shown without its secret and without the address of its database', async () => {
    const { text } = await admin.get(PAGE);
    expect(text).toContain('MongoDB');
    expect(text).toContain('http://127.0.0.1:3000');
    expect(text).toContain('có, đặt bằng SIPAS_SECRET');
    expect(text).not.toContain(TEST_SECRET);
    expect(text).not.toContain('mongodb://');
  });
});
