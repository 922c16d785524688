import { generateSync } from 'otplib';
import { NOON } from '../helpers/app.js';
import { everything } from '../helpers/database.js';
import { LocalProvider } from '../helpers/local-provider.js';
import { cookieSet, hiddenField, PASSWORD, signIn, visitor } from '../helpers/pages.js';
import { BEGIN, begin, enter, isIn, lastSignIn, openWithSignOn, type SignOnApp } from '../helpers/single-sign-on.js';

const SESSION = 'sipas_session';
const UNREACHABLE = 'Hệ thống đăng nhập một lần hiện không phản hồi';

let provider: LocalProvider;
let sipas: SignOnApp;

beforeAll(async () => {
  provider = await LocalProvider.prepare();
  await provider.start();
});
afterAll(() => provider.stop());
afterEach(() => sipas.close());

describe('signing in at the provider', () => {
  beforeEach(async () => {
    sipas = await openWithSignOn(provider.config);
  });

  it('is offered beside the password', async () => {
    const { text } = await visitor(sipas).get('/login');
    expect(text).toMatch(/<a [^>]*href="\/login\/oidc">Đăng nhập một lần<\/a>/);
  });

  it('asks for a code with PKCE, state and nonce, to be brought to the exact address', async () => {
    const { searchParams } = new URL(await begin(visitor(sipas)));
    expect(Object.fromEntries(searchParams)).toEqual({
      ...{ client_id: 'sipas', response_type: 'code', scope: 'openid profile' },
      ...{ redirect_uri: 'http://127.0.0.1:3000/login/oidc/callback', code_challenge_method: 'S256' },
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      state: expect.stringMatching(/^[\w-]{43}$/),
      nonce: expect.stringMatching(/^[\w-]{43}$/),
    });
  });

  it.each(['lan#0', 'lan#1'])('lets %s in, whose name is in the id token (0) or in the userinfo (1)', async (login) => {
    const browser = visitor(sipas);
    const { status, headers } = await enter(browser, provider, login);
    expect([status, headers['location']]).toEqual([303, '/reports']);
    expect(await isIn(browser)).toBe(true);
  });

  it('is recorded with its method', async () => {
    await enter(visitor(sipas), provider, 'lan#1');
    expect(await lastSignIn(sipas)).toEqual({ subject: 'lan', outcome: 'done', after: { method: 'oidc' } });
  });

  it('begins with the person: sent by another site they come to the sign-in page', async () => {
    const { status, headers } = await visitor(sipas).get(BEGIN).set('Sec-Fetch-Site', 'cross-site');
    expect([status, headers['location']]).toEqual([303, '/login']);
  });

  it('gives a new session id', async () => {
    const browser = visitor(sipas);
    const before = cookieSet(await browser.get('/login'), SESSION);
    const after = cookieSet(await enter(browser, provider, 'lan#1'), SESSION);
    expect(after).toMatch(/^sipas_session=./);
    expect(after).not.toBe(before);
  });

  it('leads to the page that was wanted', async () => {
    const browser = visitor(sipas);
    await browser.get('/reports/overview?period=2026-11');
    expect((await enter(browser, provider, 'lan#1')).headers['location']).toBe('/reports/overview?period=2026-11');
  });

  it('leads to no other site', async () => {
    const browser = visitor(sipas);
    await browser.get('//evil.example/reports');
    const back = await provider.signIn(await begin(browser), 'lan#1');
    const { headers } = await browser.get(`${back}&returnTo=https://evil.example&next=//evil.example`);
    expect(headers['location']).toMatch(/^\/(?!\/)/);
  });

  it('ends after twelve hours at all, as with a password', async () => {
    const browser = visitor(sipas);
    await enter(browser, provider, 'lan#1');
    sipas.setNow(new Date(NOON.getTime() + 12 * 3_600_000));
    expect(await isIn(browser)).toBe(false);
  });

  it('leaves no token or secret of the provider in the database', async () => {
    await enter(visitor(sipas), provider, 'lan#1');
    const all = await everything(sipas.services.connection);
    expect(all).not.toContain('secret of sipas');
    expect(all).not.toMatch(/eyJ[\w-]+\.|access_token|id_token|code_challenge/);
  });

  it('does not ask for a new first password', async () => {
    const { accounts, identities } = sipas.services;
    await accounts.add({ username: 'minh', role: 'viewer', scope: null, password: PASSWORD, mustChange: true });
    await identities.setName('minh', 'minh');
    const browser = visitor(sipas);
    await enter(browser, provider, 'minh#1');
    expect(await isIn(browser)).toBe(true);
    expect((await browser.get('/account')).text).not.toContain('Xin đổi mật khẩu');
  });

  it('still asks for a new first password where the old one was used', async () => {
    await sipas.services.accounts.add({
      ...{ username: 'minh', role: 'viewer', scope: null, password: PASSWORD, mustChange: true },
    });
    const browser = visitor(sipas);
    await signIn(browser, { username: 'minh' });
    expect((await browser.get('/reports')).headers['location']).toBe('/account');
  });

  it('keeps passwords working', async () => {
    const browser = visitor(sipas);
    await signIn(browser, { username: 'lan' });
    expect(await isIn(browser)).toBe(true);
  });
});

describe('the second factor', () => {
  it('is still asked, and the sign-in ends with it', async () => {
    sipas = await openWithSignOn(provider.config);
    const { factors } = sipas.services;
    const sealed = factors.offer('lan');
    const secret = factors.reveal('lan', sealed)!.text.replaceAll(' ', '');
    const codeAt = (now: Date) => generateSync({ secret, epoch: now.getTime() / 1000 });
    await factors.enable('lan', sealed, codeAt(NOON));
    const browser = visitor(sipas);
    expect((await enter(browser, provider, 'lan#1')).headers['location']).toBe('/login/code');
    expect(await isIn(browser)).toBe(false);
    const after = { method: 'oidc', step: 'single sign-on' };
    expect(await lastSignIn(sipas)).toEqual({ subject: 'lan', outcome: 'done', after });

    const later = new Date(NOON.getTime() + 60_000);
    sipas.setNow(later);
    const _csrf = hiddenField((await browser.get('/login/code')).text, '_csrf');
    await browser
      .post('/login/code')
      .type('form')
      .send({ _csrf, code: codeAt(later) });
    expect(await isIn(browser)).toBe(true);
  });

  it('must be set up where the installation asks for one', async () => {
    sipas = await openWithSignOn(provider.config, 'all');
    const browser = visitor(sipas);
    await enter(browser, provider, 'lan#1');
    expect((await browser.get('/reports')).headers['location']).toBe('/account/factor');
  });
});

describe('a provider that speaks for another issuer than the one that was set', () => {
  it('is not believed', async () => {
    const { issuer } = provider.config;
    sipas = await openWithSignOn({ ...provider.config, issuer: `${issuer}/.well-known/openid-configuration` });
    expect((await visitor(sipas).get(BEGIN)).status).toBe(503);
    expect(sipas.logged.join()).toContain(`The issuer calls itself ${issuer}.`);
  });
});

describe('a provider that is away', () => {
  it('is said politely, while passwords work, and found again when it is back', async () => {
    const late = await LocalProvider.prepare();
    sipas = await openWithSignOn(late.config);
    const browser = visitor(sipas);
    const { status, text } = await browser.get(BEGIN);
    expect([status, text.includes(UNREACHABLE), text.includes('name="password"')]).toEqual([503, true, true]);
    expect(await signIn(visitor(sipas), { username: 'lan' })).toMatchObject({ status: 303 });
    await late.start();
    try {
      const path = await late.signIn(await begin(browser), 'lan#1');
      expect((await browser.get(path)).headers['location']).toBe('/reports');
    } finally {
      await late.stop();
    }
  });

  it('is said also to who comes back from it', async () => {
    const dying = await LocalProvider.prepare();
    await dying.start();
    sipas = await openWithSignOn(dying.config);
    const browser = visitor(sipas);
    const path = await dying.signIn(await begin(browser), 'lan#1').finally(() => dying.stop());
    const { status, text } = await browser.get(path);
    expect([status, text.includes(UNREACHABLE)]).toEqual([503, true]);
  });
});

describe('without a provider', () => {
  beforeEach(async () => {
    sipas = await openWithSignOn(undefined);
  });

  it('nothing is offered', async () => {
    expect((await visitor(sipas).get('/login')).text).not.toContain(BEGIN);
  });

  it.each([BEGIN, `${BEGIN}/callback`])('there is nothing at %s', async (path) => {
    expect((await visitor(sipas).get(path)).status).toBe(404);
  });
});
