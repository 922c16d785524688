import { SESSION_LIMIT_MS, LINK_LIFETIME_MS } from '../../src/features/accounts/accounts.service.js';
import { NOON, openTestApp, type TestApp } from '../helpers/app.js';
import { everything } from '../helpers/database.js';
import { cookieSet, hiddenField, PASSWORD, signIn, visitor, type Visitor } from '../helpers/pages.js';

const NEW_PASSWORD = 'mật khẩu mới đủ dài';
let sipas: TestApp;
let admin: Visitor;

beforeEach(async () => {
  sipas = await openTestApp();
  const { accounts } = sipas.services;
  await accounts.add({ username: 'admin', role: 'admin', scope: null, password: PASSWORD });
  await accounts.add({ username: 'lan', role: 'viewer', scope: '22', password: PASSWORD });
  admin = await signedIn('admin');
});
afterEach(() => sipas.close());

async function signedIn(username: string, password = PASSWORD): Promise<Visitor> {
  const browser = visitor(sipas);
  await signIn(browser, { username, password });
  return browser;
}

async function send(browser: Visitor, path: string, fields: object = {}, from = '/account') {
  const _csrf = hiddenField((await browser.get(from)).text, '_csrf');
  return browser
    .post(path)
    .type('form')
    .send({ _csrf, ...fields });
}

const passwords = (wanted: string, repeated = wanted) => ({ present: PASSWORD, wanted, repeated });
const may = async (browser: Visitor) => (await browser.get('/reports')).status === 200;
const linkIn = (html: string) => /<code>http:\/\/[^/]+(\/password\/[\w-]{43})<\/code>/.exec(html)?.[1] ?? '';

describe('an administrator', () => {
  it('adds an account and hands over a link; its owner chooses the password and signs in', async () => {
    const { text } = await send(admin, '/admin/accounts', { username: 'Minh.Q', role: 'manager', scope: '22' });
    const [owner, link] = [visitor(sipas), linkIn(text)];
    const answer = await send(owner, link, passwords(NEW_PASSWORD), link);
    expect([answer.status, answer.headers['location']]).toEqual([303, '/login']);
    expect(await may(await signedIn('minh.q', NEW_PASSWORD))).toBe(true);
  });

  it.each([
    ['a name that is taken', { username: 'LAN', role: 'viewer' }, 'username'],
    ['no valid name', { username: '<script>alert(1)</script>', role: 'viewer' }, 'username'],
    ['a name that every object has', { username: '__proto__', role: 'viewer' }, 'username'],
    ['an unknown role', { username: 'moi', role: 'kiosk' }, 'role'],
    ['an unknown scope', { username: 'moi', role: 'viewer', scope: '99' }, 'scope'],
    ['an operator for a scope', { username: 'moi', role: 'viewer', scope: 'constructor' }, 'scope'],
  ])('is told which field is wrong: %s', async (_, fields, field) => {
    const { status, text } = await send(admin, '/admin/accounts', fields);
    expect(status).toBe(422);
    expect(text).toContain(`id="${field}-error"`);
    expect(text).not.toContain('<script>alert');
  });

  it('sets a role and scope and nothing else, whatever else a form holds', async () => {
    await send(admin, '/admin/accounts/lan/rights', { role: 'manager', scope: '22', mustChange: 'true', _id: 'x' });
    const record = await sipas.services.connection.collection<{ _id: string }>('accounts').findOne({ _id: 'lan' });
    expect(record).toMatchObject({ role: 'manager', scope: '22' });
    expect(record).not.toHaveProperty('mustChange');
  });

  it('changes rights that hold at once, in sessions that are open', async () => {
    const lan = await signedIn('lan');
    expect((await lan.get('/admin/kiosks')).status).toBe(403);
    await send(admin, '/admin/accounts/lan/rights', { role: 'manager', scope: '22' });
    expect((await lan.get('/admin/kiosks')).status).toBe(200);
  });

  it('cannot take the last administrator’s rights away: their own', async () => {
    expect((await send(admin, '/admin/accounts/admin/disable')).status).toBe(403);
    expect((await send(admin, '/admin/accounts/admin/rights', { role: 'viewer' })).status).toBe(422);
    expect((await admin.get('/admin/accounts')).status).toBe(200);
  });

  it('disables an account, ending its sessions and its open link, and enables it again', async () => {
    const lan = await signedIn('lan');
    const link = linkIn((await send(admin, '/admin/accounts/lan/link')).text);
    await send(admin, '/admin/accounts/lan/disable');
    expect([await may(lan), (await visitor(sipas).get(link)).status]).toEqual([false, 404]);
    await send(admin, '/admin/accounts/lan/enable');
    expect([await may(lan), await may(await signedIn('lan'))]).toEqual([false, true]);
  });

  it('ends the sessions of an account', async () => {
    const lan = await signedIn('lan');
    sipas.setNow(new Date(NOON.getTime() + 1000));
    await send(admin, '/admin/accounts/lan/sessions');
    expect(await may(lan)).toBe(false);
  });

  it('finds accounts by a part of their name, which is no pattern, page by page', async () => {
    const records = Array.from({ length: 60 }, (_, index) => ({
      _id: `nv.${String(index).padStart(2, '0')}`,
      ...{ role: 'viewer', scope: null, passwordHash: 'x', createdAt: NOON },
    }));
    await sipas.services.connection.collection<{ _id: string }>('accounts').insertMany(records);
    const rows = async (query: string) =>
      (await admin.get(`/admin/accounts?${query}`)).text.split('href="/admin/accounts/').length - 1;
    expect([await rows('q=nv.'), await rows('q=nv.&page=2'), await rows('q=.*'), await rows('q=nv.07')]).toEqual([
      50, 10, 0, 1,
    ]);
  });
});

describe('a search for accounts', () => {
  it.each([
    ['a NUL', '%00'],
    ['a bracket', '('],
    ['a backslash', '%5C'],
    ['letters that no name has', 'ễ'],
  ])('with %s finds none', async (_, text) => {
    const { status, text: page } = await admin.get(`/admin/accounts?q=${encodeURI(decodeURIComponent(text))}`);
    expect([status, page.includes('href="/admin/accounts/')]).toEqual([200, false]);
  });
});

describe('a link to set a password', () => {
  const make = async () => linkIn((await send(admin, '/admin/accounts/lan/link')).text);

  it('works once, and ends the sessions of whoever had the old password', async () => {
    const [lan, link, owner] = [await signedIn('lan'), await make(), visitor(sipas)];
    await send(owner, link, passwords(NEW_PASSWORD), link);
    expect([await may(lan), await may(await signedIn('lan', NEW_PASSWORD))]).toEqual([false, true]);
    expect((await owner.get(link)).status).toBe(404);
  });

  it('expires', async () => {
    const link = await make();
    sipas.setNow(new Date(NOON.getTime() + LINK_LIFETIME_MS));
    expect((await visitor(sipas).get(link)).status).toBe(404);
  });

  it('stops working when another one is made', async () => {
    const link = await make();
    await make();
    expect((await visitor(sipas).get(link)).status).toBe(404);
  });

  it('is stored nowhere but as a hash', async () => {
    const link = await make();
    expect(await everything(sipas.services.connection)).not.toContain(link.slice('/password/'.length));
  });

  it('sets no password that is easily guessed', async () => {
    const [link, owner] = [await make(), visitor(sipas)];
    expect((await send(owner, link, passwords('Lan@123456'), link)).text).toContain('id="wanted-error"');
    expect((await owner.get(link)).status).toBe(200);
  });

  it('stays open when the two entries differ or are too short', async () => {
    const [link, owner] = [await make(), visitor(sipas)];
    expect((await send(owner, link, passwords(NEW_PASSWORD, 'khác'), link)).text).toContain('id="repeated-error"');
    expect((await send(owner, link, passwords('ngắn'), link)).text).toContain('id="wanted-error"');
    expect((await owner.get(link)).status).toBe(200);
  });

  it('is refused from another site and without the token of the session', async () => {
    const [link, owner] = [await make(), visitor(sipas)];
    await owner.get(link);
    expect((await owner.post(link).type('form').send(passwords(NEW_PASSWORD))).status).toBe(403);
  });
});

describe('one’s own account', () => {
  it('changes its password; other sessions end, this one goes on under a new id', async () => {
    const [here, there] = [await signedIn('lan'), await signedIn('lan')];
    const answer = await send(here, '/account/password', passwords(NEW_PASSWORD));
    expect(cookieSet(answer, 'sipas_session')).toBeDefined();
    expect([await may(here), await may(there), await may(await signedIn('lan'))]).toEqual([true, false, false]);
    expect(await may(await signedIn('lan', NEW_PASSWORD))).toBe(true);
  });

  it('needs the present password, and stops guessing at it', async () => {
    const lan = await signedIn('lan');
    const fields = { ...passwords(NEW_PASSWORD), present: 'đoán' };
    const first = await send(lan, '/account/password', fields);
    expect([first.status, first.text.includes('id="present-error"')]).toEqual([422, true]);
    for (let attempt = 0; attempt < 9; attempt += 1) await send(lan, '/account/password', fields);
    expect((await send(lan, '/account/password', passwords(NEW_PASSWORD))).status).toBe(429);
  });

  it('lists its sessions without their secret and ends one of them', async () => {
    const [here, there] = [await signedIn('lan'), await signedIn('lan')];
    const { text } = await here.get('/account');
    const keys = [...text.matchAll(/name="key" value="(\w+)"/g)].map(([, key]) => key);
    expect(keys).toHaveLength(1);
    await send(here, '/account/sessions', { key: keys[0] });
    expect([await may(here), await may(there)]).toEqual([true, false]);
  });

  it('cannot end the sessions of others', async () => {
    const [lan] = await sipas.services.accounts.sessions.of('admin');
    await send(await signedIn('lan'), '/account/sessions', { key: lan!.key });
    expect(await may(admin)).toBe(true);
  });

  it('shows nothing else before a password that somebody else knows is changed', async () => {
    const account = { username: 'moi', role: 'viewer', scope: null, password: PASSWORD, mustChange: true } as const;
    await sipas.services.accounts.add(account);
    const fresh = await signedIn('moi');
    expect((await fresh.get('/reports')).headers['location']).toBe('/account');
    expect((await fresh.get('/exports/responses.csv')).status).toBe(303);
    await send(fresh, '/account/password', passwords(NEW_PASSWORD));
    expect(await may(fresh)).toBe(true);
  });

  it('is signed out after a working day, however much it is used', async () => {
    const lan = await signedIn('lan');
    sipas.setNow(new Date(NOON.getTime() + SESSION_LIMIT_MS - 1));
    expect(await may(lan)).toBe(true);
    sipas.setNow(new Date(NOON.getTime() + SESSION_LIMIT_MS));
    expect(await may(lan)).toBe(false);
  });

  it('is signed out after an hour without use', async () => {
    const lan = await signedIn('lan');
    const stored = await sipas.services.connection.collection('sessions').findOne({ 'session.username': 'lan' });
    const left = new Date(stored?.['expires']).getTime() - Date.now();
    expect(left).toBeLessThanOrEqual(3_600_000);
    await sipas.services.connection
      .collection('sessions')
      .updateOne({ _id: stored!._id }, { $set: { expires: new Date(Date.now() - 1) } });
    expect(await may(lan)).toBe(false);
  });
});
