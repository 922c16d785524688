import { openTestApp, type TestApp } from '../helpers/app.js';
import { addSite } from '../helpers/installation.js';
import { PASSWORD, signIn, visitor, type Visitor } from '../helpers/pages.js';

let sipas: TestApp;
let browser: Visitor;

beforeAll(async () => {
  sipas = await openTestApp();
  await sipas.services.accounts.add({ username: 'admin', role: 'admin', scope: null, password: PASSWORD });
  const site = await addSite(sipas.services);
  browser = visitor(sipas);
  await browser.get(site.pairPath);
  await signIn(browser, { username: 'admin' });
});
afterAll(() => sipas.close());

const PAGES = ['/', '/login', '/kiosk', '/kiosk/thanks', '/reports', '/nothing-here', '/health/live', '/api/v1/me'];

describe.each(PAGES)('%s', (path) => {
  it('allows nothing from elsewhere and nothing inline', async () => {
    const policy = (await browser.get(path)).headers['content-security-policy'] ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/unsafe-|\*|https?:|data:/);
  });

  it('is neither sniffed, nor framed, nor told to others', async () => {
    const { headers } = await browser.get(path);
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'referrer-policy': 'same-origin' });
    expect(headers['x-powered-by']).toBeUndefined();
    expect(headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe.each(PAGES.slice(0, 6))('the page %s', (path) => {
  it('holds no script or style of its own, which the policy would block', async () => {
    const { text } = await browser.get(path);
    expect(text).not.toMatch(/<script(?![^>]*\ssrc=)[^>]*>/);
    expect(text).not.toMatch(/<style|\sstyle="|\son[a-z]+="/);
  });

  it('is in Vietnamese', async () => {
    expect((await visitor(sipas).get(path).redirects(1)).text).toContain('<html lang="vi">');
  });
});

describe('the language', () => {
  it('is English when asked for, and stays so', async () => {
    const reader = visitor(sipas);
    expect((await reader.get('/login?lang=en')).text).toContain('<html lang="en">');
    expect((await reader.get('/login')).text).toContain('<html lang="en">');
    expect((await reader.get('/login?lang=vi')).text).toContain('<html lang="vi">');
  });

  it.each(['fr', '', '../en', '__proto__', '%00'])('"%s" is none we have, so Vietnamese', async (lang) => {
    expect((await visitor(sipas).get(`/login?lang=${lang}`)).text).toContain('<html lang="vi">');
  });

  it('is switched by a link to this site, whatever the address looked like', async () => {
    const { text } = await visitor(sipas).get('//evil.example/x?a="><script>alert(1)</script>');
    const links = [...text.matchAll(/href="([^"]*)"/g)].map(([, link = '']) => link);
    expect(links.filter((link) => !/^\/(?![/\\])|^#/.test(link))).toEqual([]);
    expect(text).not.toContain('<script>alert');
  });
});

describe('a page that fails', () => {
  it('tells what to quote, and nothing of the inside', async () => {
    jest.spyOn(sipas.services.accounts, 'current').mockRejectedValueOnce(new Error('secret detail at /srv/x.ts'));
    const answer = await browser.get('/reports').set('Accept', 'text/html');
    expect(answer.status).toBe(500);
    expect(answer.text).toContain(answer.headers['x-request-id']);
    expect(answer.text).not.toMatch(/secret detail|\/srv\/|at .*\.ts/);
  });
});
