import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import MongoStore from 'connect-mongo';
import request from 'supertest';
import { openTestApp, type TestApp } from '../helpers/app.js';
import { everything } from '../helpers/database.js';
import { cookieSet, hiddenField, PASSWORD, signIn, visitor, withoutNonces } from '../helpers/pages.js';

const SESSION = 'sipas_session';
let sipas: TestApp;

beforeAll(async () => {
  sipas = await openTestApp();
  for (const [username, role] of [
    ['admin', 'admin'],
    ['nguyen.lan', 'viewer'],
    ['minh', 'viewer'],
  ] as const) {
    await sipas.services.accounts.add({ username, role, scope: null, password: PASSWORD });
  }
});
afterAll(() => sipas.close());

const sessionOf = (cookie: string | undefined, path: string) =>
  request(sipas.app)
    .get(path)
    .set('Cookie', cookie ?? '');

describe('a redirect', () => {
  let server: Server;
  let url: string;
  let stored = 0;
  let slowStore: jest.SpyInstance;

  beforeAll(async () => {
    server = createServer(sipas.app).listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const store: MongoStore['set'] = Reflect.get(MongoStore.prototype, 'set');
    slowStore = jest.spyOn(MongoStore.prototype, 'set').mockImplementation(function (
      this: MongoStore,
      id,
      session,
      done,
    ) {
      return store.call(this, id, session, (error: unknown) =>
        setTimeout(() => {
          stored += 1;
          done?.(error);
        }, 100),
      );
    });
  });
  beforeEach(() => (stored = 0));
  afterAll(() => {
    slowStore.mockRestore();
    server.close();
  });

  it('to the sign-in form begins once the page that was asked for is remembered', async () => {
    const { status } = await fetch(`${url}/reports?period=2026`, { redirect: 'manual' });
    expect([status, stored]).toEqual([303, 1]);
  });

  it('after signing in begins once the session is stored', async () => {
    const form = await fetch(`${url}/login`);
    const body = new URLSearchParams({
      _csrf: hiddenField(await form.text(), '_csrf'),
      username: 'admin',
      password: PASSWORD,
    });
    stored = 0;
    const headers = { cookie: form.headers.get('set-cookie')?.split(';')[0] ?? '' };
    const { status } = await fetch(`${url}/login`, { method: 'POST', headers, body, redirect: 'manual' });
    expect([status, stored]).toEqual([303, 1]);
  });
});

describe('the sign-in form', () => {
  it('lets in who knows the password, and leads to the reports', async () => {
    const browser = visitor(sipas);
    const answer = await signIn(browser, { username: 'admin' });
    expect([answer.status, answer.headers['location']]).toEqual([303, '/reports']);
    expect((await browser.get('/reports')).status).toBe(200);
  });

  it('takes a name in any case, and a password however its diacritics were typed', async () => {
    const answer = await signIn(visitor(sipas), { username: 'Admin', password: PASSWORD.normalize('NFD') });
    expect(answer.status).toBe(303);
  });

  it('is refused without the token of its session', async () => {
    const browser = visitor(sipas);
    await browser.get('/login');
    const answer = await browser.post('/login').type('form').send({ username: 'admin', password: PASSWORD });
    expect(answer.status).toBe(403);
    expect((await browser.get('/reports')).status).toBe(303);
  });

  it('is refused with the token of another session', async () => {
    const token = hiddenField((await visitor(sipas).get('/login')).text, '_csrf');
    const browser = visitor(sipas);
    await browser.get('/login');
    const answer = await browser
      .post('/login')
      .type('form')
      .send({ _csrf: token, username: 'admin', password: PASSWORD });
    expect(answer.status).toBe(403);
  });

  it('is refused when another site had the browser send it', async () => {
    const browser = visitor(sipas);
    const token = hiddenField((await browser.get('/login')).text, '_csrf');
    const answer = await browser
      .post('/login')
      .set('Sec-Fetch-Site', 'cross-site')
      .type('form')
      .send({ _csrf: token, username: 'admin', password: PASSWORD });
    expect(answer.status).toBe(403);
  });

  it('answers a wrong password and an unknown name alike', async () => {
    const attempt = async (username: string) => {
      const { status, text } = await signIn(visitor(sipas), { username, password: 'sai mật khẩu' });
      return { status, page: withoutNonces(text).replaceAll(username, 'NAME') };
    };
    const [wrong, unknown] = [await attempt('nguyen.lan'), await attempt('nguyen.lam')];
    expect(wrong.status).toBe(401);
    expect(wrong.page).toContain('Tên đăng nhập hoặc mật khẩu không đúng.');
    expect(unknown).toEqual(wrong);
  });

  it('keeps the name that was typed, never the password', async () => {
    const { text } = await signIn(visitor(sipas), { username: '<b>lan', password: 'bí mật lắm' });
    expect(text).toContain('value="&lt;b&gt;lan"');
    expect(text).not.toContain('bí mật lắm');
  });

  it.each([
    ['no fields', {}],
    ['a list for a name', { username: ['admin', 'x'], password: PASSWORD }],
    ['an operator for a password', { username: 'admin', 'password[$ne]': '' }],
  ])('answers 401 to %s', async (_, fields) => {
    const browser = visitor(sipas);
    const token = hiddenField((await browser.get('/login')).text, '_csrf');
    const answer = await browser
      .post('/login')
      .type('form')
      .send({ _csrf: token, ...fields });
    expect(answer.status).toBe(401);
  });

  it('stops guessing at one name after ten failures, says when to try again, and lets others in', async () => {
    const attempts = [];
    for (let attempt = 0; attempt < 11; attempt += 1) {
      attempts.push(await signIn(visitor(sipas), { username: 'minh', password: 'đoán mò' }));
    }
    const last = attempts.at(-1);
    expect(attempts.map(({ status }) => status)).toEqual([...Array.from({ length: 10 }, () => 401), 429]);
    expect(last?.headers['retry-after']).toMatch(/^\d+$/);
    expect(last?.text).toContain('Đăng nhập sai quá nhiều lần');
    expect((await signIn(visitor(sipas), { username: 'nguyen.lan' })).status).toBe(303);
  });
});

describe('a session', () => {
  it('gets a new id when its owner signs in; the old one is worth nothing', async () => {
    const browser = visitor(sipas);
    const before = cookieSet(await browser.get('/login'), SESSION);
    const after = cookieSet(await signIn(browser, { username: 'admin' }), SESSION);
    expect(before).toBeDefined();
    expect(after).toBeDefined();
    expect(after).not.toBe(before);
    expect((await sessionOf(before, '/reports')).status).toBe(303);
    expect((await sessionOf(after, '/reports')).status).toBe(200);
  });

  it('is kept in a cookie that scripts cannot read and other sites do not send', async () => {
    const header = String((await visitor(sipas).get('/login')).headers['set-cookie']);
    expect(header).toMatch(/HttpOnly/);
    expect(header).toMatch(/SameSite=Lax/);
  });

  it('ends when its owner signs out', async () => {
    const browser = visitor(sipas);
    const cookie = cookieSet(await signIn(browser, { username: 'admin' }), SESSION);
    const token = hiddenField((await browser.get('/reports')).text, '_csrf');
    const answer = await browser.post('/logout').type('form').send({ _csrf: token });
    expect([answer.status, answer.headers['location']]).toEqual([303, '/']);
    expect((await sessionOf(cookie, '/reports')).status).toBe(303);
  });

  it('does not end by a form without its token', async () => {
    const browser = visitor(sipas);
    await signIn(browser, { username: 'admin' });
    expect((await browser.post('/logout').type('form').send({})).status).toBe(403);
    expect((await browser.get('/reports')).status).toBe(200);
  });

  it('ends at once when its account is disabled', async () => {
    await sipas.services.accounts.add({ username: 'tam', role: 'viewer', scope: null, password: PASSWORD });
    const browser = visitor(sipas);
    await signIn(browser, { username: 'tam' });
    expect((await browser.get('/reports')).status).toBe(200);
    await sipas.services.accounts.disable('tam');
    expect((await browser.get('/reports')).headers['location']).toBe('/login');
    expect((await signIn(visitor(sipas), { username: 'tam' })).status).toBe(401);
  });

  it('is not started by who only looks around', async () => {
    const answer = await visitor(sipas).get('/');
    expect(answer.headers['set-cookie']).toBeUndefined();
  });

  it('leaves no password in the database', async () => {
    await signIn(visitor(sipas), { username: 'admin' });
    const all = await everything(sipas.services.connection);
    expect(all).toContain('$argon2id$');
    expect(all).not.toContain(PASSWORD);
  });
});

describe('after signing in', () => {
  it('the reader returns to the page that was asked for', async () => {
    const browser = visitor(sipas);
    const asked = await browser.get('/reports?period=2026-Q4&groupBy=unit');
    expect([asked.status, asked.headers['location']]).toEqual([303, '/login']);
    const answer = await signIn(browser, { username: 'admin' });
    expect(answer.headers['location']).toBe('/reports?period=2026-Q4&groupBy=unit');
  });

  it('the sign-in page leads to the reports', async () => {
    const browser = visitor(sipas);
    await signIn(browser, { username: 'admin' });
    expect((await browser.get('/login')).headers['location']).toBe('/reports');
  });

  it('nobody is led to another site', async () => {
    const server = createServer(sipas.app).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const socket = connect(port, '127.0.0.1');
    // A request line may hold a whole address, which supertest cannot send.
    socket.write('GET http://evil.example/reports HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n');
    const chunks: Buffer[] = [];
    for await (const chunk of socket) chunks.push(Buffer.from(chunk as Uint8Array));
    server.close();
    const cookie = /set-cookie: (sipas_session=[^;]*)/i.exec(Buffer.concat(chunks).toString())?.[1];
    expect(cookie).toBeDefined();
    const { text } = await sessionOf(cookie, '/login');
    const answer = await request(sipas.app)
      .post('/login')
      .set('Cookie', cookie!)
      .type('form')
      .send({ _csrf: hiddenField(text, '_csrf'), username: 'admin', password: PASSWORD });
    expect([answer.status, answer.headers['location']]).toEqual([303, '/reports']);
  });

  it('what is shown is not kept by the browser', async () => {
    const browser = visitor(sipas);
    await signIn(browser, { username: 'admin' });
    expect((await browser.get('/reports')).headers['cache-control']).toBe('no-store');
  });
});
