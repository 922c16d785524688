import type request from 'supertest';
import { openTestApp, type TestApp } from '../helpers/app.js';
import { addSite } from '../helpers/installation.js';
import { hiddenField, PASSWORD, signIn, visitor, type Visitor } from '../helpers/pages.js';
import { postResponse, validResponse } from '../helpers/responses.js';

const HOA_CHAU = '20014';
let sipas: TestApp;
let admin: Visitor;
let csrf = '';

beforeAll(async () => {
  sipas = await openTestApp();
  admin = await signedIn('admin', null);
  csrf = hiddenField((await admin.get('/account')).text, '_csrf');
});
afterAll(() => sipas.close());

async function signedIn(username: string, scope: string | null): Promise<Visitor> {
  await sipas.services.accounts.add({ username, role: 'admin', scope, password: PASSWORD });
  const browser = visitor(sipas);
  await signIn(browser, { username });
  return browser;
}

const send = (path: string, fields: object = {}): request.Test =>
  admin
    .post(path)
    .type('form')
    .send({ _csrf: csrf, ...fields });

/** Codes of the rows of a list, in its order. */
const codesIn = (html: string) => [...html.matchAll(/<tr><td>([^<]+)<\/td><th scope="row">/g)].map(([, code]) => code);

let added = 0;
async function newCentre(unit = '22'): Promise<string> {
  added += 1;
  const code = `NEW-${added}`;
  await sipas.services.centres.add({ code, name: `Trung tâm ${code}`, unit });
  return code;
}

describe('the list of centres', () => {
  it('says so when there are none', async () => {
    expect((await admin.get('/admin/centres')).text).toContain('Chưa có trung tâm nào.');
  });

  describe('of two provinces', () => {
    beforeAll(async () => {
      const { centres } = sipas.services;
      const many = Array.from({ length: 60 }, (_, index) => ({
        ...{ code: `HN-${String(index).padStart(2, '0')}`, name: `Một cửa ${index}`, unit: '01' },
      }));
      await centres.addAll([{ code: 'HC', name: 'Bộ phận Một cửa', unit: HOA_CHAU }, ...many]);
    });

    it.each(['hoa chau', 'HOÀ CHÂU', 'chau mot cua hoa'])('is searched without regard to diacritics: %s', async (q) => {
      const { text } = await admin.get('/admin/centres').query({ q });
      expect(codesIn(text)).toEqual(['HC']);
      expect(text).toContain('href="/admin/centres/HC"');
    });

    it('is that of one unit where it is chosen', async () => {
      const { text } = await admin.get('/admin/centres').query({ unit: HOA_CHAU });
      expect(codesIn(text)).toEqual(['HC']);
      expect(text).toContain(`<option value="${HOA_CHAU}" selected>Phường Hóa Châu</option>`);
    });

    it('comes in pages that keep what was searched for', async () => {
      const first = await admin.get('/admin/centres').query({ q: 'một cửa', unit: '01' });
      const next = /rel="next" href="([^"]*)"/.exec(first.text)?.[1]?.replaceAll('&amp;', '&') ?? '';
      const second = await admin.get(next);
      expect([codesIn(first.text).length, codesIn(second.text).length]).toEqual([50, 10]);
      expect(second.text).toContain('51–60 trong 60');
    });

    it('says so when nothing matches', async () => {
      expect((await admin.get('/admin/centres?q=zzz')).text).toContain('Không có trung tâm nào khớp.');
    });

    it('holds what is in the scope of who asks alone', async () => {
      const scoped = await signedIn('hue', '46');
      expect(codesIn((await scoped.get('/admin/centres')).text)).toEqual(['HC']);
      await scoped.get('/admin/units/01').expect(403);
      await scoped.get('/admin/centres/HN-00/close').expect(403);
    });
  });
});

describe('the list of units', () => {
  it('begins with the provinces, and goes down from there', async () => {
    const { text } = await admin.get('/admin/units');
    expect(codesIn(text)).toHaveLength(34);
    expect(text).toContain('href="/admin/units/22"');
    expect((await admin.get('/admin/units/22')).text).toContain('href="/admin/units?parent=22"');
    expect(codesIn((await admin.get('/admin/units?parent=22')).text).slice(0, 2)).toEqual(['22', '06652']);
  });

  it('is searched without regard to diacritics, and by code', async () => {
    expect(codesIn((await admin.get('/admin/units?q=phuong+hoa+chau')).text)).toEqual([HOA_CHAU]);
    expect(codesIn((await admin.get(`/admin/units?q=${HOA_CHAU}`)).text)).toEqual([HOA_CHAU]);
  });

  it('finds words by their beginnings, not by letters inside of others', async () => {
    const { text } = await admin.get('/admin/units?q=ha+long&parent=22');
    expect(codesIn(text)).toEqual(['06688']);
    expect((await admin.get('/admin/units?q=ha+long')).text).not.toContain('Xã Thanh Long');
  });

  it('shows what a unit was called, and until when', async () => {
    expect((await admin.get('/admin/units/22')).text).toMatch(
      /Tỉnh Quảng Ninh<\/th><td>01\/07\/2025<\/td><td>31\/08\/2026/,
    );
  });

  it('has no page of a unit that does not exist', () => admin.get('/admin/units/99').expect(404));
});

describe('a centre that is added', () => {
  it('belongs to the unit on whose page it was, and is told of', async () => {
    const { status, headers } = await send('/admin/units/06688/centres', { code: 'HL', name: ' Một cửa Hạ Long ' });
    expect([status, headers['location']]).toEqual([303, '/admin/centres/HL?done=added']);
    expect(await sipas.services.centres.find('HL')).toEqual({
      ...{ code: 'HL', name: 'Một cửa Hạ Long', unit: '06688', level: 'commune' },
    });
    expect((await admin.get('/admin/centres/HL?done=added')).text).toContain('role="status">Đã thêm trung tâm.');
  });

  it.each([
    ['without a name', { code: 'X1' }, 'name'],
    ['with a name that is too long', { code: 'X1', name: 'a'.repeat(201) }, 'name'],
    ['without a code', { name: 'Trung tâm' }, 'code'],
    ['with a code that is none', { code: 'a b', name: 'Trung tâm' }, 'code'],
    ['with the code of another unit', { code: '01', name: 'Trung tâm' }, 'code'],
    ['with a code that is taken', { code: 'TAKEN', name: 'Trung tâm' }, 'code'],
  ])('%s is refused beside the field, with what was entered', async (_, fields: object, field) => {
    if (!(await sipas.services.centres.find('TAKEN'))) {
      await sipas.services.centres.add({ code: 'TAKEN', name: 'x', unit: '22' });
    }
    const { status, text } = await send('/admin/units/22/centres', fields);
    expect(status).toBe(422);
    expect(text).toContain(`id="${field}-error"`);
    if ('name' in fields && fields.name === 'Trung tâm') expect(text).toContain('value="Trung tâm"');
  });
});

describe('a centre', () => {
  it('is given another name, and the audit has the one before', async () => {
    const code = await newCentre();
    await send(`/admin/centres/${code}/name`, { name: 'Tên mới' }).expect(303);
    expect(await sipas.services.centres.find(code)).toMatchObject({ name: 'Tên mới', unit: '22' });
    const [entry] = await sipas.services.audit.list({ subject: code, action: 'centre.change' }, 1);
    expect(entry).toMatchObject({ before: { name: `Trung tâm ${code}` }, after: { name: 'Tên mới' }, outcome: 'done' });
  });

  it('keeps its name when the new one is empty', async () => {
    const code = await newCentre();
    const { status, text } = await send(`/admin/centres/${code}/name`, { name: ' ' });
    expect([status, text.includes('id="name-error"')]).toEqual([422, true]);
    expect(await sipas.services.centres.find(code)).toMatchObject({ name: `Trung tâm ${code}` });
  });

  it('is not moved to another unit, whatever a form says', async () => {
    const code = await newCentre();
    await send(`/admin/centres/${code}/name`, { name: 'Tên', unit: '01', level: 'commune' }).expect(303);
    expect(await sipas.services.centres.find(code)).toMatchObject({ unit: '22', level: 'province' });
  });
});

describe('the counters of a centre', () => {
  it('are added, renamed, closed and opened again', async () => {
    const code = await newCentre();
    const path = `/admin/centres/${code}/counters`;
    const counters = () => sipas.services.centres.counters.of(code);
    await send(path, { counter: 'Quầy 3', name: 'Hộ tịch' }).expect(303);
    await send(`${path}/name`, { counter: 'Quầy 3', name: 'Hộ tịch – Chứng thực' }).expect(303);
    expect(await counters()).toEqual([{ code: 'Quầy 3', name: 'Hộ tịch – Chứng thực' }]);
    await send(`${path}/close`, { counter: 'Quầy 3' }).expect(303);
    expect(await counters()).toMatchObject([{ closed: true }]);
    expect((await admin.get(`/admin/centres/${code}`)).text).toMatch(/<td>Đã đóng<\/td>/);
    await send(`${path}/reopen`, { counter: 'Quầy 3' }).expect(303);
    expect(await counters()).toMatchObject([{ closed: false }]);
  });

  it.each([
    ['without a code', { name: 'Hộ tịch' }, 'counter'],
    ['without a name', { counter: 'Q9' }, 'counter-name'],
    ['with a code that is taken', { counter: 'Q1', name: 'Hộ tịch' }, 'counter'],
  ])('are not added %s', async (_, fields, field) => {
    const code = await newCentre();
    await sipas.services.centres.counters.add(code, { code: 'Q1', name: 'Quầy 1' });
    const { status, text } = await send(`/admin/centres/${code}/counters`, fields);
    expect([status, text.includes(`id="${field}-error"`)]).toEqual([422, true]);
    expect(await sipas.services.centres.counters.of(code)).toHaveLength(1);
  });

  it('keep their names when a new one is empty, told beside that counter', async () => {
    const code = await newCentre();
    for (const one of ['A', 'B']) await sipas.services.centres.counters.add(code, { code: one, name: one });
    const { status, text } = await send(`/admin/centres/${code}/counters/name`, { counter: 'B', name: '' });
    expect([status, text.includes('id="counter-1-error"')]).toEqual([422, true]);
  });

  it('are unknown where nobody added them', async () => {
    const code = await newCentre();
    await send(`/admin/centres/${code}/counters/close`, { counter: '$where' }).expect(404);
  });

  it('are refused for new kiosks and tickets once they are closed, and their answers are still taken', async () => {
    const { centre, token } = await addSite(sipas.services, { centre: 'CLOSING', counter: 'Q1' });
    await sipas.services.centres.counters.add(centre, { code: 'Q1', name: 'Quầy 1' });
    await send(`/admin/centres/${centre}/counters/close`, { counter: 'Q1' }).expect(303);
    const refusal = { status: 422, errors: [{ path: 'counter', message: 'the counter Q1 is closed' }] };
    await expect(sipas.services.kiosks.add({ centre, code: 'K9', counter: 'Q1' })).rejects.toMatchObject(refusal);
    await expect(sipas.services.tickets.make({ centre, counter: 'Q1' })).rejects.toMatchObject(refusal);
    await postResponse(sipas, token, validResponse({ counter: 'Q1' })).expect(201);
  });

  it('are named in the reports of their centre, and by their codes in those of several', async () => {
    const { centre, token } = await addSite(sipas.services, { centre: 'NAMED' });
    await sipas.services.centres.counters.add(centre, { code: 'Q5', name: 'Hộ tịch' });
    await postResponse(sipas, token, validResponse({ counter: 'Q5' })).expect(201);
    await sipas.services.tallies.run();
    const rows = async (place: string) =>
      (await admin.get(`/exports/satisfaction.csv?period=2026-11&groupBy=counter&${place}`)).text;
    expect(await rows('centre=NAMED')).toContain('Q5,Hộ tịch,');
    expect(await rows('unit=22')).toContain('Q5,Q5,');
  });

  it('that kiosks stand at and nobody listed are named', async () => {
    const { centre } = await addSite(sipas.services, { centre: 'UNLISTED', counter: 'Q7' });
    expect((await admin.get(`/admin/centres/${centre}`)).text).toContain('Máy đang đặt ở quầy chưa khai báo: Q7.');
  });
});

it('texts of a centre are shown as they are, never as HTML', async () => {
  const code = await newCentre();
  await send(`/admin/centres/${code}/name`, { name: '<b>"x"</b>' }).expect(303);
  await send(`/admin/centres/${code}/counters`, { counter: '<i>', name: '<script>' }).expect(303);
  for (const path of [
    `/admin/centres/${code}`,
    '/admin/centres?q=x',
    `/admin/centres/${code}/close`,
    '/admin/units/22',
  ]) {
    expect((await admin.get(path)).text).not.toMatch(/<b>|<i>|<script>/);
  }
});
