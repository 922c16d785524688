import type { Response } from 'supertest';
import type { Questionnaire } from '../../src/domain/questionnaire.js';
import { valuesOf } from '../../src/features/questionnaires/questionnaires.form.js';
import { NOON, openTestApp, type TestApp } from '../helpers/app.js';
import { addSite } from '../helpers/installation.js';
import { hiddenField, PASSWORD, signIn, visitor, type Visitor } from '../helpers/pages.js';
import { shippedQuestionnaire } from '../helpers/questionnaires.js';

let sipas: TestApp;
let admin: Visitor;
let drafts = 0;

beforeAll(async () => {
  sipas = await openTestApp();
  await sipas.services.accounts.add({ username: 'admin', role: 'admin', scope: null, password: PASSWORD });
  admin = visitor(sipas);
  await signIn(admin, { username: 'admin' });
});
beforeEach(() => sipas.setNow(NOON));
afterAll(() => sipas.close());

const LIST = '/admin/questionnaires';
const token = async () => hiddenField((await admin.get(LIST)).text, '_csrf');

async function send(path: string, fields: object = {}): Promise<Response> {
  return admin
    .post(`${LIST}${path}`)
    .type('form')
    .send({ _csrf: await token(), ...fields });
}

async function paste(json: string): Promise<Response> {
  return admin
    .post(`${LIST}/upload`)
    .field('_csrf', await token())
    .field('json', json);
}

/** A draft with the content of `tthc-kiosk-5`, under an id of its own. */
async function newDraft(from = 'tthc-kiosk-5'): Promise<string> {
  drafts += 1;
  const id = `draft-${drafts}`;
  await sipas.services.questionnaires.copy(from, id, 'Bộ của tỉnh');
  return id;
}

async function newPublished(from?: string): Promise<string> {
  const id = await newDraft(from);
  await sipas.services.questionnaires.publish(id, 1);
  return id;
}

const history = (id: string) => sipas.services.questionnaires.find(id);
const draftOf = async (id: string): Promise<Questionnaire> => (await history(id)).draft!;
const formOf = async (id: string) => ({
  ...valuesOf(await draftOf(id)),
  revision: String((await history(id)).draft?.revision),
});
const page = async (path: string) => (await admin.get(`${LIST}${path}`)).text;

describe('the list', () => {
  it('shows every questionnaire with its state', async () => {
    const id = await newDraft();
    const text = await page('');
    expect(text).toMatch(/<td>sipas-dvhcc-19<\/td><td>Đang dùng/);
    expect(text).toMatch(new RegExp(`<td>${id}</td><td>Bản nháp`));
  });

  it('is searched by name, with or without accents, and by code', async () => {
    expect(await page('?q=sipas-dvh')).toContain('<td>sipas-dvhcc-19</td>');
    expect(await page(`?q=${encodeURIComponent('khong co bo nay')}`)).toContain('Không có bộ câu hỏi nào khớp.');
  });
});

describe('a copy', () => {
  it('is a draft with the same questions that no kiosk can be given yet', async () => {
    const answer = await send('/copy', { from: 'phuong-9', id: 'tinh-9', title: 'Bộ của tỉnh' });
    expect(answer.headers['location']).toBe(`${LIST}/tinh-9/edit?done=added`);
    expect((await draftOf('tinh-9')).items).toEqual(shippedQuestionnaire('phuong-9').items);
    expect(sipas.services.catalogue.questionnaire('tinh-9')).toBeUndefined();
  });

  it.each([
    ['a code that is taken', { from: 'phuong-9', id: 'tthc-kiosk-5', title: 'Tên' }, 'id'],
    ['a code with accents', { from: 'phuong-9', id: 'tỉnh', title: 'Tên' }, 'id'],
    ['a code that every object has', { from: 'phuong-9', id: 'constructor', title: 'Tên' }, 'id'],
    ['the address of another page', { from: 'phuong-9', id: 'new', title: 'Tên' }, 'id'],
    ['no name', { from: 'phuong-9', id: 'abc', title: ' ' }, 'title'],
    ['nothing to copy', { from: 'none', id: 'abc', title: 'Tên' }, 'from'],
  ])('with %s is refused beside the field', async (_, fields, field) => {
    const { status, text } = await send('/copy', fields);
    expect(status).toBe(422);
    expect(text).toContain(`id="${field}-error"`);
  });
});

describe('a file', () => {
  const file = (change: object = {}) => ({ ...shippedQuestionnaire('phuong-9'), id: 'from-file', ...change });

  it('becomes a draft', async () => {
    const { headers } = await paste(JSON.stringify(file()));
    expect(headers['location']).toBe(`${LIST}/from-file?done=added`);
    expect((await history('from-file')).draft).toMatchObject(file());
  });

  it('downloaded, with the next number, is the next version', async () => {
    const id = await newPublished();
    const { text } = await admin.get(`${LIST}/${id}/versions/1.json`);
    await paste(text.replace('"version": 1', '"version": 2'));
    expect(await draftOf(id)).toMatchObject({ version: 2, items: shippedQuestionnaire('tthc-kiosk-5').items });
  });

  const item = (change: object) => file({ items: [{ code: 'A', factor: 'I', text: { vi: 'Câu' }, ...change }] });
  it.each([
    ['an empty text', item({ text: { vi: ' ' } }), 'items[0].text.vi: không được để trống'],
    ['no text', item({ text: {} }), 'items[0].text.vi: còn thiếu'],
    ['a field nobody knows', item({ $where: 1 }), 'items[0].$where: là mục không có trong mẫu'],
    ['a language nobody knows', item({ text: { vi: 'Câu', fr: 'x' } }), 'items[0].text.fr: là mục không có'],
    ['a factor that is not there', item({ factor: 'X' }), 'items[0].factor: xin chọn một nhóm'],
    ['a code with a dot', item({ code: 'a.b' }), 'items[0].code: phải gồm'],
    ['a text that is too long', item({ text: { vi: 'x'.repeat(601) } }), 'items[0].text.vi: dài quá 600 ký tự'],
    ['a control character', item({ text: { vi: 'a\u0000b' } }), 'items[0].text.vi: có ký tự điều khiển'],
    ['no questions', file({ items: [] }), 'items: phải có ít nhất 1'],
    ['a number for a text', file({ title: { vi: 5 } }), 'title.vi: không đúng kiểu'],
    ['a scale nobody knows', file({ scale: 'ten' }), 'scale: không có thang đo này'],
    ['an overall question that is not asked', file({ headline: 'Z' }), 'headline: không phải là một câu hỏi'],
    ['a version that is not the next', file({ version: 7 }), 'version: phải là 1'],
    ['a code twice', file({ factors: [...file().factors, file().factors[0]] }), 'factors[3].code: trùng'],
    [
      'a reason that means something else elsewhere',
      file({ reasons: [{ code: 'thai-do', text: { vi: 'Trời mưa' } }] }),
      'reasons[0].code: đã dùng ở bộ ',
    ],
  ])('with %s is refused by the path of the field', async (_, content, message) => {
    const { status, text } = await paste(JSON.stringify({ ...content, id: 'refused' }));
    expect(status).toBe(422);
    expect(text).toContain(message);
  });

  it.each(['{"__proto__":{"a":1},', '{"source":{"title":"","note":"","__proto__":{}},'])(
    'with %s is refused by name',
    async (start) => {
      const rest = JSON.stringify({
        ...file(),
        id: 'refused',
        ...(start.includes('source') ? { source: undefined } : {}),
      });
      const { status, text } = await paste(start + rest.slice(1));
      expect(status).toBe(422);
      expect(text).toMatch(/__proto__: là mục không có trong mẫu/);
    },
  );

  it.each([
    ['no JSON', '{"id":', 'Nội dung không phải là JSON'],
    ['nothing', '', 'Xin chọn một tệp'],
    ['a list', '[]', 'không đúng kiểu dữ liệu'],
    ['nesting without end', '['.repeat(60_000), 'Nội dung không phải là JSON'],
    ['nesting that ends', `${'['.repeat(60_000)}${']'.repeat(60_000)}`, 'không đúng kiểu dữ liệu'],
  ])('that is %s is refused', async (_, json, message) => {
    const { status, text } = await paste(json);
    expect(status).toBe(422);
    expect(text).toContain(message);
  });

  it('larger than allowed is refused', async () => {
    expect((await paste(' '.repeat(300_000))).status).toBe(413);
  });
});

describe('the form of a draft', () => {
  it('changes texts, adds, moves and removes questions', async () => {
    const id = await newDraft('phuong-9');
    const { headers } = await send(`/${id}/edit`, {
      ...(await formOf(id)),
      'title.en': 'Ward',
      'items.0.vi': 'Câu đã sửa',
      'items.1.remove': '1',
      'items.8.order': '0',
      'items.n1.vi': 'Câu mới',
      'items.n1.factor': 'II',
    });
    expect(headers['location']).toBe(`${LIST}/${id}?done=saved`);
    const { title, items } = await draftOf(id);
    expect(title['en']).toBe('Ward');
    expect(items.map(({ code }) => code)).toEqual(['P9', 'P1', 'P3', 'P4', 'P5', 'P6', 'P7', 'P8', 'Q1']);
    expect(items[1]?.text.vi).toBe('Câu đã sửa');
    expect(items[8]).toEqual({ code: 'Q1', factor: 'II', text: { vi: 'Câu mới' } });
  });

  it('keeps everything when nothing is changed', async () => {
    const id = await newDraft('sipas-dvhcc-19');
    const before = await draftOf(id);
    await send(`/${id}/edit`, await formOf(id));
    expect(await draftOf(id)).toEqual({ ...before, revision: 2 });
  });

  it('names the row of what is wrong and keeps what was typed', async () => {
    const id = await newDraft();
    const typed = { ...(await formOf(id)), 'reasons.1.vi': '', 'title.vi': 'Đang gõ dở' };
    const { status, text } = await send(`/${id}/edit`, typed);
    expect(status).toBe(422);
    expect(text).toContain('<a href="#reasons.1.vi">Lý do 2: không được để trống.</a>');
    expect(text).toContain('>Đang gõ dở</textarea>');
  });

  it('gives a reason whose words were changed in a copy a code of its own', async () => {
    const id = await newDraft();
    await send(`/${id}/edit`, { ...(await formOf(id)), 'reasons.0.vi': 'Trời mưa' });
    expect((await draftOf(id)).reasons[0]).toEqual({ code: 'R1', text: { vi: 'Trời mưa' } });
  });

  it('says so when somebody else has saved meanwhile, and saves nothing', async () => {
    const id = await newDraft();
    const mine = { ...(await formOf(id)), 'title.vi': 'Của tôi' };
    await send(`/${id}/edit`, { ...(await formOf(id)), 'title.vi': 'Của người khác' });
    const { status, text } = await send(`/${id}/edit`, mine);
    expect(status).toBe(409);
    expect(text).toContain('>Của tôi</textarea>');
    expect((await draftOf(id)).title.vi).toBe('Của người khác');
  });
});

describe('publishing', () => {
  it('is asked first, with the kiosks that will change', async () => {
    const id = await newPublished();
    await addSite(sipas.services, { centre: 'ASK', questionnaire: id });
    await send(`/${id}/draft`);
    expect(await page(`/${id}/publish`)).toContain('ASK-K1');
    expect((await history(id)).draft?.version).toBe(2);
  });

  it('gives kiosks the new version and keeps the old one as it was', async () => {
    const id = await newPublished();
    const { pairPath } = await addSite(sipas.services, { centre: 'PUB', questionnaire: id });
    const device = visitor(sipas);
    await device.get(pairPath);
    const [before] = (await history(id)).published;
    await send(`/${id}/draft`);
    await send(`/${id}/edit`, { ...(await formOf(id)), 'items.0.vi': 'Ông/Bà thấy thế nào?' });
    expect((await device.get('/kiosk')).text).not.toContain('Ông/Bà thấy thế nào?');
    await send(`/${id}/publish`, { revision: '2' });
    expect((await device.get('/kiosk')).text).toContain('Ông/Bà thấy thế nào?');
    expect((await history(id)).published[0]).toEqual(before);
  });

  it('takes only what was shown', async () => {
    const id = await newDraft();
    await send(`/${id}/edit`, await formOf(id));
    const { headers } = await send(`/${id}/publish`, { revision: '1' });
    expect(headers['location']).toContain('problem=');
    expect((await history(id)).published).toEqual([]);
  });

  it('a second tap changes nothing', async () => {
    const id = await newDraft();
    await send(`/${id}/publish`, { revision: '1' });
    const once = await history(id);
    sipas.setNow(new Date(NOON.getTime() + 60_000));
    await send(`/${id}/publish`, { revision: '1' });
    expect(await history(id)).toEqual(once);
  });

  it('and then a code of an older version stands for nothing else', async () => {
    const id = await newPublished('phuong-9');
    for (const change of [{ 'items.8.remove': '1' }, {}]) {
      await send(`/${id}/draft`);
      await send(`/${id}/edit`, { ...(await formOf(id)), ...change });
      await send(`/${id}/publish`, { revision: '2' });
    }
    const again = { ...shippedQuestionnaire('phuong-9'), id, version: 4 };
    expect((await paste(JSON.stringify(again))).text).toContain('items[8].code: đã dùng ở phiên bản 1');
  });

  it.each([
    ['scale', { scale: 'level3' }, 'scale: phải là likert5'],
    ['overall question', { headline: null }, 'headline: phải là overall'],
  ])('and then the %s stays', async (_, change, message) => {
    const id = await newPublished();
    const next = { ...shippedQuestionnaire('tthc-kiosk-5'), id, version: 2, ...change };
    expect((await paste(JSON.stringify(next))).text).toContain(message);
  });

  it('leaves no way to change what is published', async () => {
    const id = await newPublished();
    const values = valuesOf((await history(id)).published[0]!);
    expect((await send(`/${id}/edit`, { ...values, 'title.vi': 'Khác', revision: '1' })).status).toBe(409);
    expect((await admin.get(`${LIST}/${id}/edit`)).status).toBe(404);
    await send(`/${id}/discard`, { revision: '1' });
    expect((await history(id)).published).toHaveLength(1);
  });
});

describe('retiring', () => {
  it('is asked first and takes a questionnaire off the lists of kiosks and tickets, until it is used again', async () => {
    const id = await newPublished();
    expect(await page(`/${id}/retire`)).toContain(`Ngừng dùng ${id}?`);
    const offered = async () => (await admin.get('/admin/tickets')).text.includes(`value="${id}"`);
    expect(await offered()).toBe(true);
    await send(`/${id}/retire`);
    expect(await offered()).toBe(false);
    await send(`/${id}/reinstate`);
    expect(await offered()).toBe(true);
  });

  it.each(['a kiosk shows it', 'it is the one for all'])('is refused while %s', async (why) => {
    const id = why === 'a kiosk shows it' ? await newPublished() : 'tthc-kiosk-5';
    if (id !== 'tthc-kiosk-5') await addSite(sipas.services, { centre: 'USED', questionnaire: id });
    const { headers } = await send(`/${id}/retire`);
    expect(await page(String(headers['location']).replace(LIST, ''))).toContain('Chưa ngừng dùng được');
    expect(sipas.services.catalogue.isRetired(id)).toBe(false);
  });
});

it('a draft is thrown away when asked to', async () => {
  const id = await newDraft();
  expect(await page(`/${id}/discard`)).toContain('không lấy lại được');
  const { headers } = await send(`/${id}/discard`, { revision: '1' });
  expect(headers['location']).toBe(`${LIST}?done=discarded`);
  expect((await admin.get(`${LIST}/${id}`)).status).toBe(404);
});

it('the preview shows questions, answers and reasons in both languages', async () => {
  const text = await page('/tthc-kiosk-5');
  for (const shown of ['Rất hài lòng', 'Very satisfied', 'Thái độ phục vụ chưa tốt', 'lang="en">How satisfied']) {
    expect(text).toContain(shown);
  }
});

it('markup in texts is shown as text on the pages and at the kiosk', async () => {
  const evil = '<script>alert(1)</script>"\'><img src=x>';
  const content = shippedQuestionnaire('tthc-kiosk-5');
  const items = [{ code: 'overall', factor: 'CHUNG', text: { vi: evil, en: evil } }];
  const reasons = [{ code: 'evil', text: { vi: evil } }];
  await paste(JSON.stringify({ ...content, id: 'evil', title: { vi: evil }, items, reasons }));
  const pages = [await page(''), await page('/evil'), await page('/evil/edit'), await page('/evil/publish')];
  await send('/evil/publish', { revision: '1' });
  const { pairPath } = await addSite(sipas.services, { centre: 'EVIL', questionnaire: 'evil' });
  const device = visitor(sipas);
  await device.get(pairPath);
  pages.push(
    (await device.get('/kiosk')).text,
    (await admin.get('/admin/kiosks')).text,
    (await admin.get('/admin/audit')).text,
  );
  for (const text of pages) expect(text).not.toMatch(/<script>alert|<img src=x/);
  expect(pages[4]).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
});

it('a change is recorded with what was there before and after', async () => {
  const id = await newDraft();
  await send(`/${id}/edit`, { ...(await formOf(id)), 'title.vi': 'Tên mới' });
  await send(`/${id}/publish`, { revision: '2' });
  const [published, changed, added] = await sipas.services.audit.list({ subject: `${id} v1` }, 10);
  expect(added).toMatchObject({ action: 'questionnaire.add', outcome: 'done', after: { source: 'tthc-kiosk-5 v1' } });
  expect(changed).toMatchObject({
    action: 'questionnaire.change',
    actor: { name: 'admin' },
    before: { 'title/vi': 'Bộ của tỉnh' },
    after: { 'title/vi': 'Tên mới' },
  });
  expect(published).toMatchObject({
    action: 'questionnaire.publish',
    before: { state: 'draft' },
    after: { version: 1 },
  });
});

describe('the page of a kiosk', () => {
  const choose = async (questionnaire: string) =>
    admin
      .post('/admin/kiosks/CHOICE-K1/questionnaire')
      .type('form')
      .send({ _csrf: await token(), questionnaire });

  it('lets it ask another questionnaire, at once, and no retired one', async () => {
    const { pairPath } = await addSite(sipas.services, { centre: 'CHOICE' });
    const device = visitor(sipas);
    await device.get(pairPath);
    const id = await newPublished('phuong-9');
    await choose(id);
    expect((await device.get('/kiosk')).text).toContain('Công chức có thái độ giao tiếp lịch sự.');
    const retired = await newPublished();
    await sipas.services.questionnaires.retire(retired);
    const { status, text } = await choose(retired);
    expect([status, text.includes('id="questionnaire-error"')]).toEqual([422, true]);
  });
});
