import { DICTIONARIES } from '../../../src/i18n/index.js';
import { render, TEMPLATES } from './pages.js';

const KEY = /\bt\(\s*'([^']+)'/g;

describe.each(TEMPLATES)('template $name', ({ source }) => {
  it('uses only texts that exist', () => {
    const unknown = [...source.matchAll(KEY)].map(([, key]) => key!).filter((key) => !(key in DICTIONARIES.vi));
    expect(unknown).toEqual([]);
  });

  it('translates by whole keys, so that the check above sees them', () => {
    expect(source.match(/\bt\(\s*[^'\s]/g)).toBeNull();
  });

  it('holds no script, no style and no handler of its own, which the CSP would refuse', () => {
    const own = source
      .replaceAll(/<script type="module" src="<%= asset\('[\w.]+'\) %>"><\/script>/g, '')
      // Data, which no browser runs.
      .replaceAll('<script type="application/ld+json"><%- jsonLd %></script>', '');
    expect(own.match(/<script|<style|\sstyle=|\son[a-z]+=|javascript:/gi)).toBeNull();
  });

  it('writes raw HTML only from its own includes', () => {
    const raw = [...source.matchAll(/<%-\s*(\w+)/g)].map(([, word]) => word);
    // jsonLd is data for machines in which no `<` is left: tests/routes/results.test.ts.
    expect(raw.filter((word) => word !== 'include' && word !== 'jsonLd')).toEqual([]);
  });
});

describe('every page', () => {
  const home = (locals: object = {}) => render('home', locals);

  it('says so when the figures are synthetic', async () => {
    expect(await home({ demo: true })).toContain('Dữ liệu mẫu – không phải số liệu thật');
  });

  it('does not say so when they are real', async () => {
    expect(await home()).not.toContain('Dữ liệu mẫu');
  });

  it('names its language and links to the other', async () => {
    const html = await render('home', {}, 'en');
    expect(html).toMatch(/<html lang="en">[\s\S]*href="\?lang=vi" lang="vi" hreflang="vi">Tiếng Việt</);
  });

  it('offers signing in to a visitor', async () => {
    expect(await home()).toContain('href="/login"');
  });

  it('offers reports to who is signed in', async () => {
    expect(await home({ account: { username: 'admin', role: 'admin' } })).toContain('href="/reports"');
  });

  it('signs out by a form with a CSRF token', async () => {
    const html = await home({ account: { username: 'admin', role: 'admin' }, csrfToken: 'token-1' });
    expect(html).toMatch(/action="\/logout"><input type="hidden" name="_csrf" value="token-1">/);
  });
});

describe('error page', () => {
  it('quotes the request id and escapes what it is given', async () => {
    const html = await render('error', { status: 404, title: '<b>', detail: 'Không có.' });
    expect(html).toMatch(/&lt;b&gt;[\s\S]*request-1/);
  });
});

describe('sign-in page', () => {
  const wrong = () => render('auth/login', { username: '"><i>', error: 'Sai mật khẩu.', singleSignOn: null });

  it('ties its error to both fields', async () => {
    expect((await wrong()).match(/aria-describedby="login-error"/g)).toHaveLength(2);
  });

  it('announces its error', async () => {
    expect(await wrong()).toMatch(/role="alert">[\s\S]*href="#username">Sai mật khẩu\./);
  });

  it('keeps the username, escaped', async () => {
    expect(await wrong()).toContain('value="&#34;&gt;&lt;i&gt;"');
  });

  it('never fills the password in', async () => {
    expect((await wrong()).match(/<input id="password"[^>]*value=/)).toBeNull();
  });
});
