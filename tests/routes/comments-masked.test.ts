import { parse } from 'csv-parse/sync';
import request from 'supertest';
import type { Role } from '../../src/features/access/principal.js';
import { openTestApp, type TestApp } from '../helpers/app.js';
import { addSite, staffToken } from '../helpers/installation.js';
import { PASSWORD, signIn, visitor, type Visitor } from '../helpers/pages.js';
import { postResponse, validResponse } from '../helpers/responses.js';

const COMMENT = 'Xin gọi 0912345621 hoặc lan@example.vn trước 22/11/2026';
const COVERED = 'Xin gọi 09******21 hoặc l***@example.vn trước 22/11/2026';
const EXPORT = '/exports/responses.csv?period=2026-11';
let sipas: TestApp;
let kiosk: Visitor;

beforeAll(async () => {
  sipas = await openTestApp();
  const { token, pairPath } = await addSite(sipas.services, { centre: 'QN', unit: '22' });
  kiosk = visitor(sipas);
  await kiosk.get(pairPath);
  await postResponse(sipas, token, validResponse({ comment: COMMENT }));
});
afterAll(() => sipas.close());

const commentIn = (csv: string): string | undefined => {
  const rows: Record<string, string>[] = parse(csv, { columns: true, bom: true });
  return rows[0]?.['comment'];
};

describe('a comment with a telephone number, in an export', () => {
  it.each<[string, Exclude<Role, 'kiosk'>, string | null, string]>([
    ['is as written for the people of its centre', 'manager', 'QN', COMMENT],
    ['is covered for a manager of the unit', 'manager', '22', COVERED],
    ['is covered for a manager of everything', 'manager', null, COVERED],
    ['is as written for an administrator, who can import it again', 'admin', null, COMMENT],
  ])('%s', async (_, role, scope, comment) => {
    const token = await staffToken(sipas.services, role, scope);
    const { text } = await request(sipas.app).get(`/api/v1${EXPORT}`).set('Authorization', `Bearer ${token}`);
    expect(commentIn(text)).toBe(comment);
  });

  it('is covered for who is signed in with a wider scope, too', async () => {
    await sipas.services.accounts.add({ username: 'tinh', role: 'manager', scope: '22', password: PASSWORD });
    const browser = visitor(sipas);
    await signIn(browser, { username: 'tinh' });
    expect(commentIn((await browser.get(EXPORT)).text)).toBe(COVERED);
  });
});

describe('the page about the collection', () => {
  it('says how long what is kept, in both languages, to anyone', async () => {
    const page = await visitor(sipas).get('/privacy');
    expect(page.status).toBe(200);
    expect(page.text).toContain('Ý kiến viết: 24 tháng, sau đó tự động xóa.');
    expect((await visitor(sipas).get('/privacy?lang=en')).text).toContain('Written comments: 24 months');
  });

  it('is linked from a citizen’s phone and from the entry page, but not from a kiosk, which could not come back', async () => {
    const { ticket } = await sipas.services.tickets.make({ centre: 'QN' });
    const pages = [await visitor(sipas).get(`/r/${ticket}`), await visitor(sipas).get('/'), await kiosk.get('/kiosk')];
    expect(pages.map(({ text }) => text.includes('href="/privacy"'))).toEqual([true, true, false]);
  });

  it('is summed up on the kiosk', async () => {
    const { text } = await kiosk.get('/kiosk');
    expect(text).toContain('Trung tâm lưu phiếu; ý kiến viết được xóa sau 24 tháng.');
  });
});
