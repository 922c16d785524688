import { LIMITS } from '../../src/features/accounts/accounts.attempts.js';
import { FLOW_MS } from '../../src/features/accounts/accounts.oidc.js';
import { NOON } from '../helpers/app.js';
import { LocalProvider } from '../helpers/local-provider.js';
import { cookieSet, signIn, visitor, type Visitor } from '../helpers/pages.js';
import {
  BEGIN,
  begin,
  enter,
  isIn,
  lastSignIn,
  openWithSignOn,
  REFUSED,
  type SignOnApp,
} from '../helpers/single-sign-on.js';

const SESSION = 'sipas_session';

let provider: LocalProvider;
let sipas: SignOnApp;

beforeAll(async () => {
  provider = await LocalProvider.prepare();
  await provider.start();
});
afterAll(() => provider.stop());
afterEach(() => sipas.close());

describe('nobody is let in, with the same words and an entry in the audit,', () => {
  beforeEach(async () => {
    sipas = await openWithSignOn(provider.config);
  });

  /** What an answer tells whoever gets it, without the id and the token that differ each time. */
  const told = (html: string) =>
    html.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'ID').replace(/name="_csrf" value="[^"]*"/g, '');

  async function expectRefusal(browser: Visitor, path: string, after: object, subject = '') {
    const answer = await browser.get(path);
    expect([answer.status, answer.headers['cache-control']]).toEqual([401, 'no-store']);
    expect(answer.text).toContain(REFUSED);
    expect(answer.text).toContain(answer.headers['x-request-id']);
    expect(await isIn(browser)).toBe(false);
    expect(await lastSignIn(sipas)).toEqual({ subject, outcome: 'refused', after: { method: 'oidc', ...after } });
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
    await enter(visitor(sipas), provider, 'lan#1');
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
    await enter(visitor(sipas), provider, 'lan#1');
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
    await enter(visitor(sipas), provider, 'lan#1');
    const browser = visitor(sipas);
    await expectRefusal(browser, await back(browser, 'lan#2'), { reason: 'other person', name: 'lan' }, 'lan');
  });

  it('and the log says why, under the id that the page shows, without the code', async () => {
    const browser = visitor(sipas);
    const path = await back(browser, 'la#1');
    const { headers } = await browser.get(path);
    const line = { msg: 'single sign-on refused', reason: 'unknown name', requestId: headers['x-request-id'] };
    expect(sipas.logged.map((text): unknown => JSON.parse(text))).toMatchObject([line]);
    for (const secret of new URL(path, 'http://here').searchParams.values())
      expect(sipas.logged.join()).not.toContain(secret);
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
    sipas = await openWithSignOn(provider.config);
    const attempts = () => sipas.services.connection.collection('sign_in_attempts').findOne({ failures: { $gt: 0 } });
    await enter(visitor(sipas), provider, 'lan#1');
    expect(await attempts()).toBeNull();
  });
});

describe('a secret that the provider does not know', () => {
  it('lets nobody in, and the log says so without it', async () => {
    sipas = await openWithSignOn({ ...provider.config, clientSecret: 'another secret' });
    expect((await enter(visitor(sipas), provider, 'lan#1')).status).toBe(401);
    expect(sipas.logged.map((text): unknown => JSON.parse(text))).toMatchObject([
      { reason: 'proof', code: 'OAUTH_WWW_AUTHENTICATE_CHALLENGE' },
    ]);
    expect(sipas.logged.join()).not.toContain('another secret');
  });
});
