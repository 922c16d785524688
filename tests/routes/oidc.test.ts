import { generateSync } from 'otplib';
import pino from 'pino';
import { LIMITS } from '../../src/features/accounts/accounts.attempts.js';
import { accountCollection } from '../../src/features/accounts/accounts.model.js';
import { FLOW_MS } from '../../src/features/accounts/accounts.oidc.js';
import { NOON, openTestApp, uniqueUri, type TestApp } from '../helpers/app.js';
import { everything } from '../helpers/database.js';
import { LocalProvider } from '../helpers/local-provider.js';
import { cookieSet, hiddenField, PASSWORD, signIn, visitor, type Visitor } from '../helpers/pages.js';
import type { OidcConfig } from '../../src/config.js';

const SESSION = 'sipas_session';
const BEGIN = '/login/oidc';
const REFUSED = 'Chưa đăng nhập được bằng cách này';
const UNREACHABLE = 'Hệ thống đăng nhập một lần hiện không phản hồi';

let provider: LocalProvider;
let sipas: TestApp;

beforeAll(async () => {
  provider = await LocalProvider.prepare();
  await provider.start();
});
afterAll(() => provider.stop());

/** What was logged since the test began. */
let logged: string[];
const log = pino({ level: 'info' }, { write: (line) => void logged.push(line) });
beforeEach(() => (logged = []));

const open = (oidc: OidcConfig | undefined, requireTotp: 'none' | 'all' = 'none') =>
  openTestApp(NOON, uniqueUri(), '/nonexistent', requireTotp, true, oidc, log);

/** An installation where lan's account belongs to whoever is called lan at the provider. */
async function prepare(oidc: OidcConfig | undefined = provider.config, requireTotp: 'none' | 'all' = 'none') {
  sipas = await open(oidc, requireTotp);
  const { accounts, identities } = sipas.services;
  await accounts.add({ username: 'admin', role: 'admin', scope: null, password: PASSWORD });
  await accounts.add({ username: 'lan', role: 'viewer', scope: null, password: PASSWORD });
  await identities.setName('lan', 'lan');
}
afterEach(() => sipas.close());

/** Where a browser is sent that chose single sign-on. */
async function begin(browser: Visitor): Promise<string> {
  const { status, headers } = await browser.get(BEGIN);
  expect(status).toBe(303);
  return String(headers['location']);
}

/** The way of a whole sign-in, to the answer to the return. */
async function enter(browser: Visitor, login: string) {
  return browser.get(await provider.signIn(await begin(browser), login));
}

const isIn = async (browser: Visitor) => (await browser.get('/reports')).status === 200;

async function lastSignIn() {
  const [entry] = await sipas.services.audit.list({ action: 'sign-in' }, 1);
  return entry && { subject: entry.subject, outcome: entry.outcome, after: entry.after };
}

/** An administrator saves a name for single sign-on on the page of an account. */
async function saveName(username: string, identity: string) {
  const browser = visitor(sipas);
  await signIn(browser, { username: 'admin' });
  const page = `/admin/accounts/${username}`;
  const _csrf = hiddenField((await browser.get(page)).text, '_csrf');
  return browser.post(`${page}/identity`).type('form').send({ _csrf, identity });
}

describe('signing in at the provider', () => {
  beforeEach(() => prepare());

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
    const { status, headers } = await enter(browser, login);
    expect([status, headers['location']]).toEqual([303, '/reports']);
    expect(await isIn(browser)).toBe(true);
  });

  it('is recorded with its method', async () => {
    await enter(visitor(sipas), 'lan#1');
    expect(await lastSignIn()).toEqual({ subject: 'lan', outcome: 'done', after: { method: 'oidc' } });
  });

  it('begins with the person: sent by another site they come to the sign-in page', async () => {
    const { status, headers } = await visitor(sipas).get(BEGIN).set('Sec-Fetch-Site', 'cross-site');
    expect([status, headers['location']]).toEqual([303, '/login']);
  });

  it('gives a new session id', async () => {
    const browser = visitor(sipas);
    const before = cookieSet(await browser.get('/login'), SESSION);
    const after = cookieSet(await enter(browser, 'lan#1'), SESSION);
    expect(after).toMatch(/^sipas_session=./);
    expect(after).not.toBe(before);
  });

  it('leads to the page that was wanted', async () => {
    const browser = visitor(sipas);
    await browser.get('/reports/overview?period=2026-11');
    expect((await enter(browser, 'lan#1')).headers['location']).toBe('/reports/overview?period=2026-11');
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
    await enter(browser, 'lan#1');
    sipas.setNow(new Date(NOON.getTime() + 12 * 3_600_000));
    expect(await isIn(browser)).toBe(false);
  });

  it('leaves no token or secret of the provider in the database', async () => {
    await enter(visitor(sipas), 'lan#1');
    const all = await everything(sipas.services.connection);
    expect(all).not.toContain('secret of sipas');
    expect(all).not.toMatch(/eyJ[\w-]+\.|access_token|id_token|code_challenge/);
  });

  it('does not ask for a new first password', async () => {
    const { accounts, identities } = sipas.services;
    await accounts.add({ username: 'minh', role: 'viewer', scope: null, password: PASSWORD, mustChange: true });
    await identities.setName('minh', 'minh');
    const browser = visitor(sipas);
    await enter(browser, 'minh#1');
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
    await prepare();
    const { factors } = sipas.services;
    const sealed = factors.offer('lan');
    const secret = factors.reveal('lan', sealed)!.text.replaceAll(' ', '');
    const codeAt = (now: Date) => generateSync({ secret, epoch: now.getTime() / 1000 });
    await factors.enable('lan', sealed, codeAt(NOON));
    const browser = visitor(sipas);
    expect((await enter(browser, 'lan#1')).headers['location']).toBe('/login/code');
    expect(await isIn(browser)).toBe(false);
    const after = { method: 'oidc', step: 'single sign-on' };
    expect(await lastSignIn()).toEqual({ subject: 'lan', outcome: 'done', after });

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
    await prepare(provider.config, 'all');
    const browser = visitor(sipas);
    await enter(browser, 'lan#1');
    expect((await browser.get('/reports')).headers['location']).toBe('/account/factor');
  });
});

describe('nobody is let in, with the same words and an entry in the audit,', () => {
  beforeEach(() => prepare());

  /** What an answer tells whoever gets it, without the id and the token that differ each time. */
  const told = (html: string) =>
    html.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'ID').replace(/name="_csrf" value="[^"]*"/g, '');

  async function expectRefusal(browser: Visitor, path: string, after: object, subject = '') {
    const answer = await browser.get(path);
    expect([answer.status, answer.headers['cache-control']]).toEqual([401, 'no-store']);
    expect(answer.text).toContain(REFUSED);
    expect(answer.text).toContain(answer.headers['x-request-id']);
    expect(await isIn(browser)).toBe(false);
    expect(await lastSignIn()).toEqual({ subject, outcome: 'refused', after: { method: 'oidc', ...after } });
    return told(answer.text).replace(/callback[^"]*/g, '');
  }

  const back = async (browser: Visitor, login = 'lan#1') => provider.signIn(await begin(browser), login);
  const changed = (address: string, name: string, value: string) => {
    const url = new URL(address, 'http://here');
    url.searchParams.set(name, value);
    return url.host === 'here' ? url.pathname + url.search : url.href;
  };

  it('with another state', async () => {
    const browser = visitor(sipas);
    await expectRefusal(browser, changed(await back(browser), 'state', 'x'.repeat(43)), { reason: 'proof' });
  });

  it('in a browser that began nothing', async () => {
    await expectRefusal(visitor(sipas), await back(visitor(sipas)), { reason: 'proof' });
  });

  it('in a browser that began something else', async () => {
    const victim = visitor(sipas);
    await begin(victim);
    await expectRefusal(victim, await back(visitor(sipas)), { reason: 'proof' });
  });

  it('with the code of another browser under the own state, which PKCE finds out', async () => {
    const [victim, attacker] = [visitor(sipas), visitor(sipas)];
    const code = new URL(await back(attacker), 'http://here').searchParams.get('code')!;
    await expectRefusal(victim, changed(await back(victim), 'code', code), { reason: 'proof' });
  });

  it('a second time with the same return, and who is in stays in', async () => {
    const browser = visitor(sipas);
    const path = await back(browser);
    const session = cookieSet(await browser.get(path), SESSION);
    await expectRefusal(visitor(sipas), path, { reason: 'proof' });
    const again = await browser.get(path);
    expect([again.status, again.headers['location'], cookieSet(again, SESSION)]).toEqual([303, '/reports', session]);
  });

  it('after a return that was refused: what was begun is over, however it ended', async () => {
    const browser = visitor(sipas);
    const path = await back(browser);
    await browser.get(changed(path, 'state', 'x'.repeat(43)));
    await expectRefusal(browser, path, { reason: 'proof' });
  });

  it('after ten minutes', async () => {
    const browser = visitor(sipas);
    const path = await back(browser);
    sipas.setNow(new Date(NOON.getTime() + FLOW_MS));
    await expectRefusal(browser, path, { reason: 'proof' });
  });

  it('when the id token answers another request', async () => {
    const browser = visitor(sipas);
    const path = await provider.signIn(changed(await begin(browser), 'nonce', 'y'.repeat(43)), 'lan#1');
    await expectRefusal(browser, path, { reason: 'proof' });
  });

  it('when the id token was altered after it was signed', async () => {
    await enter(visitor(sipas), 'lan#1');
    const browser = visitor(sipas);
    await expectRefusal(browser, await back(browser, 'lan#1.tampered'), { reason: 'proof' });
  });

  it('when the provider says no', async () => {
    const browser = visitor(sipas);
    const state = new URL(await begin(browser)).searchParams.get('state');
    const path = `${BEGIN}/callback?error=access_denied&error_description=%3Cb%3E&state=${state}`;
    await expectRefusal(browser, path, { reason: 'proof' });
  });

  it('whom no administrator has entered, and no account is made', async () => {
    const browser = visitor(sipas);
    await expectRefusal(browser, await back(browser, 'la#1'), { reason: 'unknown name', name: 'la' });
    expect((await sipas.services.accounts.list()).map(({ username }) => username)).toEqual(['admin', 'lan']);
  });

  it('whose name differs in capitals alone', async () => {
    const browser = visitor(sipas);
    await expectRefusal(browser, await back(browser, 'Lan#1'), { reason: 'unknown name', name: 'Lan' });
  });

  it('whose account is disabled', async () => {
    await enter(visitor(sipas), 'lan#1');
    await sipas.services.accounts.disable('lan');
    const browser = visitor(sipas);
    await expectRefusal(browser, await back(browser), { reason: 'disabled' }, 'lan');
  });

  it('whose account was disabled before the first sign-in, and nobody is bound', async () => {
    await sipas.services.accounts.disable('lan');
    const browser = visitor(sipas);
    await expectRefusal(browser, await back(browser), { reason: 'disabled', name: 'lan' }, 'lan');
    expect((await sipas.services.identities.summary('lan'))?.since).toBeNull();
  });

  it('who has taken over the name of another person', async () => {
    await enter(visitor(sipas), 'lan#1');
    const browser = visitor(sipas);
    await expectRefusal(browser, await back(browser, 'lan#2'), { reason: 'other person', name: 'lan' }, 'lan');
  });

  it('and the log says why, under the id that the page shows, without the code', async () => {
    const browser = visitor(sipas);
    const path = await back(browser, 'la#1');
    const { headers } = await browser.get(path);
    const line = { msg: 'single sign-on refused', reason: 'unknown name', requestId: headers['x-request-id'] };
    expect(logged.map((text): unknown => JSON.parse(text))).toMatchObject([line]);
    for (const secret of new URL(path, 'http://here').searchParams.values())
      expect(logged.join()).not.toContain(secret);
  });

  it('and nobody can tell a stranger from a disabled account', async () => {
    await sipas.services.accounts.disable('lan');
    const [one, other] = [visitor(sipas), visitor(sipas)];
    const disabled = await expectRefusal(one, await back(one), { reason: 'disabled', name: 'lan' }, 'lan');
    const unknown = await expectRefusal(other, await back(other, 'la#1'), { reason: 'unknown name', name: 'la' });
    expect(unknown).toBe(disabled);
  });

  it(`after ${LIMITS.returns} returns in vain from one address, and the audit does not grow further`, async () => {
    const browser = visitor(sipas);
    for (let tries = 0; tries < LIMITS.returns; tries += 1) await browser.get(`${BEGIN}/callback?code=x`);
    const before = await sipas.services.audit.list({ action: 'sign-in' }, 500);
    const { status, headers } = await browser.get(`${BEGIN}/callback?code=x`);
    expect([status, headers['retry-after']]).toEqual([429, '60']);
    expect((await sipas.services.audit.list({ action: 'sign-in' }, 500)).length).toBe(before.length);
    expect((await signIn(browser, { username: 'lan' })).headers['location']).toBe('/reports');
  });
});

describe('returns that let somebody in', () => {
  it('do not count', async () => {
    await prepare();
    const attempts = () => sipas.services.connection.collection('sign_in_attempts').findOne({ failures: { $gt: 0 } });
    await enter(visitor(sipas), 'lan#1');
    expect(await attempts()).toBeNull();
  });
});

describe('the person of an account', () => {
  beforeEach(() => prepare());

  it('is known by issuer and subject from the first sign-in on, whatever their name', async () => {
    await enter(visitor(sipas), 'lan#1');
    const records = accountCollection(sipas.services.connection);
    const { issuer } = provider.config;
    const stored = await records.findOne({ _id: 'lan' });
    expect(stored?.identity).toEqual({ name: 'lan', issuer, subject: 'lan#1', since: NOON });
    await records.updateOne({ _id: 'lan' }, { $set: { 'identity.name': 'lan cũ' } });
    const browser = visitor(sipas);
    await enter(browser, 'lan#1');
    expect(await isIn(browser)).toBe(true);
  });

  it('is entered on the page of the account', async () => {
    expect((await saveName('admin', '  quản.trị ')).status).toBe(303);
    expect(await sipas.services.identities.summary('admin')).toEqual({ name: 'quản.trị', since: null });
    const [entry] = await sipas.services.audit.list({ action: 'account.identity' }, 1);
    expect([entry?.subject, entry?.actor.name, entry?.before, entry?.after]).toEqual([
      ...['admin', 'admin'],
      ...[{ name: null }, { name: 'quản.trị' }],
    ]);
  });

  it('has a name that no other account has', async () => {
    const { status, text } = await saveName('admin', 'lan');
    expect([status, text.includes('id="identity-error"')]).toEqual([422, true]);
    expect(text).toContain('value="lan"');
    expect(await sipas.services.identities.summary('admin')).toBeNull();
  });

  it('has a name of at most 200 characters', async () => {
    expect((await saveName('admin', 'x'.repeat(201))).status).toBe(422);
    expect((await saveName('admin', 'x'.repeat(200))).status).toBe(303);
  });

  it('keeps open sessions when a first name is entered', async () => {
    const browser = visitor(sipas);
    await signIn(browser, { username: 'admin' });
    await saveName('admin', 'an');
    expect(await isIn(browser)).toBe(true);
  });

  it.each([
    ['changed', 'lan.moi'],
    ['removed', ''],
    ['saved anew', 'lan'],
  ])('is unbound and signed out when the name is %s', async (_what, name) => {
    const browser = visitor(sipas);
    await enter(browser, 'lan#1');
    await saveName('lan', name);
    expect(await isIn(browser)).toBe(false);
    expect(await sipas.services.identities.summary('lan')).toEqual(name === '' ? null : { name, since: null });
  });

  it('may be another one after the name was saved anew', async () => {
    await enter(visitor(sipas), 'lan#1');
    await saveName('lan', 'lan');
    const browser = visitor(sipas);
    await enter(browser, 'lan#2');
    expect(await isIn(browser)).toBe(true);
    expect((await enter(visitor(sipas), 'lan#1')).status).toBe(401);
  });

  it('cannot finish a sign-in that began its second step before the name was changed', async () => {
    const { factors } = sipas.services;
    const sealed = factors.offer('lan');
    const secret = factors.reveal('lan', sealed)!.text.replaceAll(' ', '');
    await factors.enable('lan', sealed, generateSync({ secret, epoch: NOON.getTime() / 1000 }));
    const browser = visitor(sipas);
    await enter(browser, 'lan#1');
    sipas.setNow(new Date(NOON.getTime() + 1));
    await sipas.services.identities.setName('lan', '');
    expect((await browser.get('/login/code')).headers['location']).toBe('/login');
  });
});

describe('with SIPAS_OIDC_CLAIM=email', () => {
  beforeEach(async () => {
    await prepare({ ...provider.config, claim: 'email' });
    await sipas.services.identities.setName('lan', 'lan@example.vn');
  });

  it('an address that the provider has verified is a name', async () => {
    const browser = visitor(sipas);
    await enter(browser, 'lan#1.verified');
    expect(await isIn(browser)).toBe(true);
  });

  it('one that it has not is none', async () => {
    const { status } = await enter(visitor(sipas), 'lan#1');
    expect([status, await lastSignIn()]).toEqual([
      401,
      { subject: '', outcome: 'refused', after: { method: 'oidc', reason: 'no name' } },
    ]);
  });
});

describe('with SIPAS_OIDC_CLAIM=sub', () => {
  it('the subject is the name, and nothing else is asked for', async () => {
    await prepare({ ...provider.config, claim: 'sub' });
    await sipas.services.identities.setName('lan', 'lan#1');
    const browser = visitor(sipas);
    expect(new URL(await begin(browser)).searchParams.get('scope')).toBe('openid');
    await enter(browser, 'lan#1');
    expect(await isIn(browser)).toBe(true);
  });
});

describe('a secret that the provider does not know', () => {
  it('lets nobody in, and the log says so without it', async () => {
    await prepare({ ...provider.config, clientSecret: 'another secret' });
    expect((await enter(visitor(sipas), 'lan#1')).status).toBe(401);
    expect(logged.map((text): unknown => JSON.parse(text))).toMatchObject([
      { reason: 'proof', code: 'OAUTH_WWW_AUTHENTICATE_CHALLENGE' },
    ]);
    expect(logged.join()).not.toContain('another secret');
  });
});

describe('a provider that speaks for another issuer than the one that was set', () => {
  it('is not believed', async () => {
    const { issuer } = provider.config;
    await prepare({ ...provider.config, issuer: `${issuer}/.well-known/openid-configuration` });
    expect((await visitor(sipas).get(BEGIN)).status).toBe(503);
    expect(logged.join()).toContain(`The issuer calls itself ${issuer}.`);
  });
});

describe('a provider that is away', () => {
  it('is said politely, while passwords work, and found again when it is back', async () => {
    const late = await LocalProvider.prepare();
    await prepare(late.config);
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
    await prepare(dying.config);
    const browser = visitor(sipas);
    const path = await dying.signIn(await begin(browser), 'lan#1').finally(() => dying.stop());
    const { status, text } = await browser.get(path);
    expect([status, text.includes(UNREACHABLE)]).toEqual([503, true]);
  });
});

describe('without a provider', () => {
  beforeEach(async () => {
    sipas = await open(undefined);
  });

  it('nothing is offered', async () => {
    expect((await visitor(sipas).get('/login')).text).not.toContain(BEGIN);
  });

  it.each([BEGIN, `${BEGIN}/callback`])('there is nothing at %s', async (path) => {
    expect((await visitor(sipas).get(path)).status).toBe(404);
  });
});
