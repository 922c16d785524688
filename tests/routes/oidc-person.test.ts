import { generateSync } from 'otplib';
import { accountCollection } from '../../src/features/accounts/accounts.model.js';
import { NOON } from '../helpers/app.js';
import { LocalProvider } from '../helpers/local-provider.js';
import { hiddenField, signIn, visitor } from '../helpers/pages.js';
import { begin, enter, isIn, lastSignIn, openWithSignOn, type SignOnApp } from '../helpers/single-sign-on.js';

let provider: LocalProvider;
let sipas: SignOnApp;

beforeAll(async () => {
  provider = await LocalProvider.prepare();
  await provider.start();
});
afterAll(() => provider.stop());
afterEach(() => sipas.close());

/** An administrator saves a name for single sign-on on the page of an account. */
async function saveName(username: string, identity: string) {
  const browser = visitor(sipas);
  await signIn(browser, { username: 'admin' });
  const page = `/admin/accounts/${username}`;
  const _csrf = hiddenField((await browser.get(page)).text, '_csrf');
  return browser.post(`${page}/identity`).type('form').send({ _csrf, identity });
}

describe('the person of an account', () => {
  beforeEach(async () => {
    sipas = await openWithSignOn(provider.config);
  });

  it('is known by issuer and subject from the first sign-in on, whatever their name', async () => {
    await enter(visitor(sipas), provider, 'lan#1');
    const records = accountCollection(sipas.services.connection);
    const { issuer } = provider.config;
    const stored = await records.findOne({ _id: 'lan' });
    expect(stored?.identity).toEqual({ name: 'lan', issuer, subject: 'lan#1', since: NOON });
    await records.updateOne({ _id: 'lan' }, { $set: { 'identity.name': 'lan cũ' } });
    const browser = visitor(sipas);
    await enter(browser, provider, 'lan#1');
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
    await enter(browser, provider, 'lan#1');
    await saveName('lan', name);
    expect(await isIn(browser)).toBe(false);
    expect(await sipas.services.identities.summary('lan')).toEqual(name === '' ? null : { name, since: null });
  });

  it('may be another one after the name was saved anew', async () => {
    await enter(visitor(sipas), provider, 'lan#1');
    await saveName('lan', 'lan');
    const browser = visitor(sipas);
    await enter(browser, provider, 'lan#2');
    expect(await isIn(browser)).toBe(true);
    expect((await enter(visitor(sipas), provider, 'lan#1')).status).toBe(401);
  });

  it('is one of two who come with the name at the same moment', async () => {
    const browsers = [visitor(sipas), visitor(sipas)];
    const paths = await Promise.all(
      browsers.map(async (browser, index) => provider.signIn(await begin(browser), `lan#${index + 1}`)),
    );
    const answers = await Promise.all(browsers.map(async (browser, index) => browser.get(paths[index]!)));
    expect(answers.map(({ status }) => status).sort()).toEqual([303, 401]);
  });

  it('cannot finish a sign-in that began its second step before the name was changed', async () => {
    const { factors } = sipas.services;
    const sealed = factors.offer('lan');
    const secret = factors.reveal('lan', sealed)!.text.replaceAll(' ', '');
    await factors.enable('lan', sealed, generateSync({ secret, epoch: NOON.getTime() / 1000 }));
    const browser = visitor(sipas);
    await enter(browser, provider, 'lan#1');
    sipas.setNow(new Date(NOON.getTime() + 1));
    await sipas.services.identities.setName('lan', '');
    expect((await browser.get('/login/code')).headers['location']).toBe('/login');
  });
});

describe('with SIPAS_OIDC_CLAIM=email', () => {
  beforeEach(async () => {
    sipas = await openWithSignOn({ ...provider.config, claim: 'email' });
    await sipas.services.identities.setName('lan', 'lan@example.vn');
  });

  it('an address that the provider has verified is a name', async () => {
    const browser = visitor(sipas);
    await enter(browser, provider, 'lan#1.verified');
    expect(await isIn(browser)).toBe(true);
  });

  it('one that it has not is none', async () => {
    const { status } = await enter(visitor(sipas), provider, 'lan#1');
    expect([status, await lastSignIn(sipas)]).toEqual([
      401,
      { subject: '', outcome: 'refused', after: { method: 'oidc', reason: 'no name' } },
    ]);
  });
});

describe('with SIPAS_OIDC_CLAIM=sub', () => {
  it('the subject is the name, and nothing else is asked for', async () => {
    sipas = await openWithSignOn({ ...provider.config, claim: 'sub' });
    await sipas.services.identities.setName('lan', 'lan#1');
    const browser = visitor(sipas);
    expect(new URL(await begin(browser)).searchParams.get('scope')).toBe('openid');
    await enter(browser, provider, 'lan#1');
    expect(await isIn(browser)).toBe(true);
  });
});
