import { generateSync } from 'otplib';
import { FIRST_PAUSE_MS, LIMITS } from '../../src/features/accounts/accounts.attempts.js';
import { accountCollection } from '../../src/features/accounts/accounts.model.js';
import { RECOVERY_CODES, SecondFactors } from '../../src/features/accounts/accounts.factors.js';
import { HALFWAY_MS } from '../../src/features/accounts/accounts.second-step.js';
import { NOON, openTestApp, type TestApp } from '../helpers/app.js';
import { everything } from '../helpers/database.js';
import { cookieSet, hiddenField, PASSWORD, signIn, visitor, type Visitor } from '../helpers/pages.js';

const STEP_MS = 30_000;
const SESSION = 'sipas_session';
let sipas: TestApp;

beforeEach(async () => {
  sipas = await openTestApp();
  await sipas.services.accounts.add({ username: 'admin', role: 'admin', scope: null, password: PASSWORD });
  await sipas.services.accounts.add({ username: 'lan', role: 'viewer', scope: null, password: PASSWORD });
});
afterEach(() => sipas.close());

/** The clock of the installation, so many steps of a code after noon. */
const at = (steps: number) => new Date(NOON.getTime() + steps * STEP_MS);
const codeAt = (secret: string, steps = 0) => generateSync({ secret, epoch: at(steps).getTime() / 1000 });
const secretIn = (html: string) => (/<code>([A-Z2-7 ]{32,})<\/code>/.exec(html)?.[1] ?? '').replaceAll(' ', '');
const recoveryIn = (html: string) =>
  [...html.matchAll(/<code>([a-z2-9]{6}-[a-z2-9]{6})<\/code>/g)].map(([, one]) => one!);

async function send(browser: Visitor, path: string, fields: object, from = path) {
  const _csrf = hiddenField((await browser.get(from)).text, '_csrf');
  return browser
    .post(path)
    .type('form')
    .send({ _csrf, ...fields });
}

/** Sets a second factor up by the pages, as its owner does, one step before noon. */
async function setUp(username = 'lan'): Promise<{ secret: string; recovery: string[] }> {
  sipas.setNow(at(-1));
  const browser = visitor(sipas);
  await signIn(browser, { username });
  const secret = secretIn((await browser.get('/account/factor')).text);
  const { text } = await send(browser, '/account/factor', { code: codeAt(secret, -1), present: PASSWORD });
  sipas.setNow(NOON);
  return { secret, recovery: recoveryIn(text) };
}

/** A browser whose user has given the right password. */
async function halfway(username = 'lan'): Promise<Visitor> {
  const browser = visitor(sipas);
  const answer = await signIn(browser, { username });
  expect(answer.headers['location']).toBe('/login/code');
  return browser;
}

const give = (browser: Visitor, code: string) => send(browser, '/login/code', { code });
const isIn = async (browser: Visitor) => (await browser.get('/reports')).status === 200;

describe('setting a second factor up', () => {
  it('gives ten recovery codes once the code of the app was entered', async () => {
    const { recovery } = await setUp();
    expect(new Set(recovery).size).toBe(RECOVERY_CODES);
    expect(await sipas.services.factors.summary('lan')).toEqual({ since: at(-1), recoveryLeft: RECOVERY_CODES });
  });

  it('shows the same secret until then, also as a QR code', async () => {
    const browser = visitor(sipas);
    await signIn(browser, { username: 'lan' });
    const first = secretIn((await browser.get('/account/factor')).text);
    const wrong = await send(browser, '/account/factor', { code: '000000', present: PASSWORD });
    expect([wrong.status, secretIn(wrong.text)]).toEqual([422, first]);
    const { headers, body } = await browser.get('/account/factor/qr.svg');
    expect([headers['content-type'], headers['cache-control']]).toEqual(['image/svg+xml; charset=utf-8', 'no-store']);
    expect(String(body)).toContain('<svg');
    expect(await sipas.services.factors.summary('lan')).toBeNull();
  });

  it('takes the password, so that who found a screen unlocked cannot shut its owner out', async () => {
    const browser = visitor(sipas);
    await signIn(browser, { username: 'lan' });
    const code = codeAt(secretIn((await browser.get('/account/factor')).text));
    const { status, text } = await send(browser, '/account/factor', { code, present: 'sai mật khẩu' });
    expect([status, await sipas.services.factors.summary('lan')]).toEqual([422, null]);
    expect(text).toContain('id="present-error"');
  });

  it('ends the other sessions', async () => {
    const other = visitor(sipas);
    await signIn(other, { username: 'lan' });
    await setUp();
    expect(await isIn(other)).toBe(false);
  });

  it('leaves neither the secret nor a recovery code in the database', async () => {
    const { secret, recovery } = await setUp();
    const all = await everything(sipas.services.connection);
    const found = [secret, ...recovery, ...recovery.map((one) => one.replace('-', ''))].filter((one) =>
      all.includes(one),
    );
    expect(found).toEqual([]);
  });

  it('cannot replace one that is on', async () => {
    const browser = visitor(sipas);
    await signIn(browser, { username: 'lan' });
    const offered = secretIn((await browser.get('/account/factor')).text);
    const sealed = sipas.services.factors.offer('lan');
    const { text } = sipas.services.factors.reveal('lan', sealed)!;
    await sipas.services.factors.enable('lan', sealed, codeAt(text.replaceAll(' ', '')));
    const token = hiddenField((await browser.get('/account')).text, '_csrf');
    const answer = await browser
      .post('/account/factor')
      .type('form')
      .send({ _csrf: token, code: codeAt(offered), present: PASSWORD });
    expect(answer.status).toBe(422);
    expect((await accountCollection(sipas.services.connection).findOne({ _id: 'lan' }))?.factor?.secret).toBe(sealed);
  });
});

describe('signing in with a second factor', () => {
  let secret: string;
  let recovery: string[];
  beforeEach(async () => {
    ({ secret, recovery } = await setUp());
  });

  it('takes the password and the code, and leads to the page that was asked for', async () => {
    const browser = visitor(sipas);
    await browser.get('/reports?period=2026-Q4');
    await signIn(browser, { username: 'lan' });
    const answer = await give(browser, codeAt(secret));
    expect([answer.status, answer.headers['location']]).toEqual([303, '/reports?period=2026-Q4']);
    expect(await isIn(browser)).toBe(true);
  });

  it('gives no session before the second step', async () => {
    const browser = await halfway();
    expect(await isIn(browser)).toBe(false);
    expect((await browser.get('/account')).headers['location']).toBe('/login');
    expect(await sipas.services.accounts.sessions.of('lan')).toHaveLength(1); // the one that set it up
  });

  it('gives a new session id at either step', async () => {
    const browser = visitor(sipas);
    const before = cookieSet(await browser.get('/login'), SESSION);
    const between = cookieSet(await signIn(browser, { username: 'lan' }), SESSION);
    const after = cookieSet(await give(browser, codeAt(secret)), SESSION);
    expect(new Set([before, between, after]).size).toBe(3);
  });

  it.each([
    ['of this moment', 0, 303],
    ['with spaces, of the step before', -1, 401], // used when it was set up
    ['of the step after, by a fast clock', 1, 303],
    ['of two steps after', 2, 401],
  ])('a code %s', async (_, steps, status) => {
    const code = codeAt(secret, steps).replace(/(...)/, '$1 ');
    expect((await give(await halfway(), code)).status).toBe(status);
  });

  it('takes a code of the step before, by a slow clock', async () => {
    sipas.setNow(at(2));
    expect((await give(await halfway(), codeAt(secret, 1))).status).toBe(303);
  });

  it('takes no code twice, in another session either', async () => {
    const [one, other] = [await halfway(), await halfway()];
    expect((await give(one, codeAt(secret))).status).toBe(303);
    expect((await give(other, codeAt(secret))).status).toBe(401);
  });

  it('takes a code once when it comes twice at the same moment', async () => {
    const { factors } = sipas.services;
    const uses = await Promise.all([factors.use('lan', codeAt(secret)), factors.use('lan', codeAt(secret))]);
    expect(uses.sort()).toEqual(['code', null]);
  });

  it('takes each recovery code once, however it is typed', async () => {
    const typed = recovery[3]!.toUpperCase().replace('-', ' ');
    expect((await give(await halfway(), typed)).status).toBe(303);
    expect((await give(await halfway(), recovery[3]!)).status).toBe(401);
    expect((await sipas.services.factors.summary('lan'))?.recoveryLeft).toBe(RECOVERY_CODES - 1);
  });

  it.each(['', '12345', '1234567', '١٢٣٤٥٦', 'không phải mã', '{"$ne":""}'])('answers 401 to %p', async (code) => {
    expect((await give(await halfway(), code)).status).toBe(401);
  });

  it('begins again from the start when the second step takes too long', async () => {
    const browser = await halfway();
    const _csrf = hiddenField((await browser.get('/login/code')).text, '_csrf');
    sipas.setNow(new Date(NOON.getTime() + HALFWAY_MS));
    const code = codeAt(secret, HALFWAY_MS / STEP_MS);
    const answer = await browser.post('/login/code').type('form').send({ _csrf, code });
    expect([answer.status, answer.headers['location']]).toEqual([303, '/login']);
    expect(await isIn(browser)).toBe(false);
  });

  it('begins again when the account was disabled in between', async () => {
    const browser = await halfway();
    const _csrf = hiddenField((await browser.get('/login/code')).text, '_csrf');
    await sipas.services.accounts.disable('lan');
    const answer = await browser
      .post('/login/code')
      .type('form')
      .send({ _csrf, code: codeAt(secret) });
    expect(answer.headers['location']).toBe('/login');
  });

  it('asks who has not given the password to do so first', async () => {
    expect((await visitor(sipas).get('/login/code')).headers['location']).toBe('/login');
  });

  it('is refused without the token of its form', async () => {
    const answer = await (
      await halfway()
    )
      .post('/login/code')
      .type('form')
      .send({ code: codeAt(secret) });
    expect(answer.status).toBe(403);
  });

  it('stops guessing after a few codes, from wherever they come, and lets its owner in after a pause', async () => {
    const statuses: number[] = [];
    for (let guess = 0; guess <= LIMITS.code; guess += 1) {
      statuses.push((await give(await halfway(), '000000')).status);
    }
    expect(statuses).toEqual([...Array.from({ length: LIMITS.code }, () => 401), 429]);
    expect((await give(await halfway(), codeAt(secret))).status).toBe(429);
    sipas.setNow(new Date(NOON.getTime() + FIRST_PAUSE_MS + 1));
    expect((await give(await halfway(), codeAt(secret, 2))).status).toBe(303);
  });

  it('tells a wrong password as without a second factor', async () => {
    const answer = await signIn(visitor(sipas), { username: 'lan', password: 'sai mật khẩu' });
    expect(answer.status).toBe(401);
  });

  it('is recorded step by step', async () => {
    const browser = await halfway();
    await give(browser, '000000');
    await give(browser, codeAt(secret));
    const entries = await sipas.services.audit.list({ action: 'sign-in', subject: 'lan' }, 3);
    expect(entries.map(({ after, outcome }) => [after?.['step'], outcome])).toEqual([
      ['code', 'done'],
      ['code', 'refused'],
      ['password', 'done'],
    ]);
  });
});

describe('a second factor is removed', () => {
  it('by its owner with the password, and not without', async () => {
    const { secret } = await setUp();
    const browser = await halfway();
    await give(browser, codeAt(secret));
    const remove = (present: string) => send(browser, '/account/factor/remove', { present }, '/account/factor');
    expect((await remove('sai mật khẩu')).status).toBe(422);
    expect(await sipas.services.factors.summary('lan')).not.toBeNull();
    expect((await remove(PASSWORD)).headers['location']).toBe('/account');
    expect((await signIn(visitor(sipas), { username: 'lan' })).headers['location']).toBe('/reports');
  });

  it('by an administrator on the page of the account, and it is recorded', async () => {
    await setUp();
    const admin = visitor(sipas);
    await signIn(admin, { username: 'admin' });
    const answer = await send(admin, '/admin/accounts/lan/factor', {}, '/admin/accounts/lan');
    expect([answer.status, answer.headers['location']]).toEqual([303, '/admin/accounts/lan']);
    expect(await sipas.services.factors.summary('lan')).toBeNull();
    const [entry] = await sipas.services.audit.list({ action: 'account.factor-remove' }, 1);
    expect(entry).toMatchObject({ actor: { name: 'admin' }, subject: 'lan', outcome: 'done' });
  });

  it('but stays when a new password is set by a link', async () => {
    await setUp();
    const link = await sipas.services.accounts.makeLink('lan');
    await sipas.services.accounts.setByLink(link, PASSWORD);
    await halfway();
  });
});

describe('a sealed secret', () => {
  it('opens for no other account and with no other secret of the installation', () => {
    const { connection, factors, audit } = sipas.services;
    const sealed = factors.offer('lan');
    const elsewhere = new SecondFactors(connection, 'another secret, long enough to be one', audit, () => NOON);
    expect(factors.reveal('lan', sealed)?.uri).toMatch(
      /^otpauth:\/\/totp\/SIPAS:lan\?secret=[A-Z2-7]{32}&issuer=SIPAS$/,
    );
    expect([factors.reveal('admin', sealed), elsewhere.reveal('lan', sealed), factors.reveal('lan', 'x')]).toEqual([
      null,
      null,
      null,
    ]);
  });
});

describe('where administrators need a second factor', () => {
  let strict: TestApp;
  beforeEach(async () => {
    strict = await openTestApp(NOON, undefined, undefined, { requireTotp: 'admin' });
    await strict.services.accounts.add({ username: 'admin', role: 'admin', scope: null, password: PASSWORD });
    await strict.services.accounts.add({ username: 'lan', role: 'viewer', scope: null, password: PASSWORD });
  });
  afterEach(() => strict.close());

  it('one without is led to set it up, and sees nothing else before', async () => {
    const admin = visitor(strict);
    await signIn(admin, { username: 'admin' });
    for (const path of ['/reports', '/admin/accounts', '/exports']) {
      expect((await admin.get(path)).headers['location']).toBe('/account/factor');
    }
    const page = await admin.get('/account/factor');
    const _csrf = hiddenField(page.text, '_csrf');
    await admin
      .post('/account/factor')
      .type('form')
      .send({ _csrf, code: codeAt(secretIn(page.text)), present: PASSWORD });
    expect((await admin.get('/reports')).status).toBe(200);
  });

  it('others sign in as always', async () => {
    const browser = visitor(strict);
    await signIn(browser, { username: 'lan' });
    expect((await browser.get('/reports')).status).toBe(200);
  });
});
