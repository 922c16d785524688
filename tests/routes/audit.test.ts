import request from 'supertest';
import type { AuditQuery } from '../../src/features/audit/audit.service.js';
import { openTestApp, type TestApp } from '../helpers/app.js';
import { newestDownload } from '../helpers/audit.js';
import { addSite, staffToken, type Site } from '../helpers/installation.js';
import { hiddenField, PASSWORD, signIn, visitor, type Visitor } from '../helpers/pages.js';
import { postBatch, validResponse } from '../helpers/responses.js';

let sipas: TestApp;
let site: Site;
let admin: Visitor;

beforeAll(async () => {
  sipas = await openTestApp();
  site = await addSite(sipas.services);
  await postBatch(sipas, site.token, [validResponse(), validResponse()]);
  await sipas.services.accounts.add({ username: 'admin', role: 'admin', scope: null, password: PASSWORD });
  admin = visitor(sipas);
  await signIn(admin, { username: 'admin' });
});
afterAll(() => sipas.close());

const newest = async (query: AuditQuery) => (await sipas.services.audit.list(query, 1))[0];
const send = async (path: string, fields: object = {}) => {
  const _csrf = hiddenField((await admin.get('/admin/kiosks')).text, '_csrf');
  return admin
    .post(path)
    .type('form')
    .send({ _csrf, ...fields });
};

describe('an entry', () => {
  it('of a sign-in names the account and the address', async () => {
    await signIn(visitor(sipas), { username: 'admin' });
    expect(await newest({ action: 'sign-in' })).toMatchObject({
      actor: { kind: 'visitor', address: expect.stringContaining('127.0.0.1') },
      subject: 'admin',
      outcome: 'done',
    });
  });

  it('of a failed sign-in does not hold a name that nobody has, which may be a password', async () => {
    await signIn(visitor(sipas), { username: 'mat-khau-bi-mat', password: 'x' });
    expect(await newest({ action: 'sign-in' })).toMatchObject({ subject: '', outcome: 'refused' });
  });

  it('of a change by a form names who sent it, and the request', async () => {
    const answer = await send(`/admin/kiosks/${site.kiosk}/pause`);
    expect(await newest({ action: 'kiosk.pause' })).toMatchObject({
      actor: { kind: 'account', name: 'admin', request: answer.headers['x-request-id'] },
      subject: site.kiosk,
      outcome: 'done',
    });
  });

  it('of changed settings has them before and after', async () => {
    const settings = { idleSeconds: 40, thanksSeconds: 5, repeatSeconds: 4, flagSeconds: 10 };
    await send(`/admin/kiosks/${site.kiosk}/settings`, settings);
    expect(await newest({ action: 'kiosk.settings' })).toMatchObject({
      before: { idleSeconds: 30 },
      after: { idleSeconds: 40 },
    });
  });

  it('of an export by a token says how many rows it took', async () => {
    const token = await staffToken(sipas.services, 'manager', '22');
    const path = '/api/v1/exports/responses.csv?period=2026-11';
    await request(sipas.app).get(path).set('Authorization', `Bearer ${token}`);
    expect(await newestDownload(sipas.services)).toMatchObject({
      actor: { kind: 'token' },
      subject: 'responses',
      after: { from: '2026-11-01', to: '2026-11-30', scope: '22', rows: 2, complete: true },
    });
  });

  it('of a new token or password holds neither', async () => {
    const token = await sipas.services.tokens.create({ name: 'cổng', role: 'viewer', scope: null });
    const all = await sipas.services.connection.collection('audit').find({}).toArray();
    expect(JSON.stringify(all)).toContain('cổng');
    expect(JSON.stringify(all)).not.toContain(token);
    expect(JSON.stringify(all)).not.toContain(PASSWORD);
  });
});

describe('the page', () => {
  const rows = (html: string) => html.split('<tr id="entry-').length - 1;

  it('shows the newest entries first, fifty at a time, down to the very first', async () => {
    for (let turn = 0; turn < 60; turn += 1) await sipas.services.audit.note({ action: 'import', subject: '' }, 'done');
    const first = (await admin.get('/admin/audit?action=import')).text;
    const older = /href="([^"]*below=[^"]*)"/.exec(first)?.[1]?.replaceAll('&amp;', '&') ?? '';
    const second = (await admin.get(older)).text;
    expect([rows(first), rows(second)]).toEqual([50, 10]);
    expect(second).not.toContain('Các mục cũ hơn');
  });

  it('filters by who did it, what it was about and the day', async () => {
    const of = async (query: string) => rows((await admin.get(`/admin/audit?${query}`)).text);
    expect(await of('subject=TT1-K1&action=kiosk.pause&actor=admin&from=2026-11-22&to=2026-11-22')).toBe(1);
    expect(await of('subject=TT1-K1&action=kiosk.pause&to=2026-11-21')).toBe(0);
    expect(await of('actor=nobody')).toBe(0);
  });

  it.each([
    'from=2026-02-30',
    'to=x',
    'from=2026-11-22&to=2026-11-21',
    'action=drop',
    'below=-1',
    `actor=${'a'.repeat(101)}`,
  ])('names the field that is wrong in ?%s', async (query) => {
    const answer = await admin.get(`/admin/audit?${query}`);
    expect(answer.status).toBe(422);
    expect(answer.text).toContain('role="alert"');
  });

  it('takes an operator for what it is: no text', async () => {
    expect((await admin.get('/admin/audit?actor[$ne]=x&subject[$gt]=')).status).toBe(200);
    expect((await admin.get('/admin/audit.csv?actor[$ne]=x')).status).toBe(400);
  });

  it('shows a name as text, whatever it looks like', async () => {
    await sipas.services.audit.note({ action: 'import', subject: '<script>alert(1)</script>' }, 'done');
    const { text } = await admin.get('/admin/audit?action=import');
    expect(text).toContain('&lt;script&gt;alert(1)');
    expect(text).not.toContain('<script>alert');
  });

  it('gives all that match as a file, and records that too', async () => {
    const { text, headers } = await admin.get('/admin/audit.csv?action=kiosk.pause');
    expect(headers['content-type']).toContain('text/csv');
    expect(text.trim().split('\r\n')).toHaveLength(2);
    expect(text).toContain('kiosk.pause,TT1-K1,done');
    expect(await newestDownload(sipas.services)).toMatchObject({
      subject: 'audit',
      after: { rows: 1, complete: true },
    });
  });
});
