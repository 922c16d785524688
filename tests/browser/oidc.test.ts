import type { Browser, BrowserContext, Page } from 'playwright-core';
import { violations } from '../helpers/axe.js';
import { describeInBrowser, launchBrowser } from '../helpers/browser.js';
import { LocalProvider } from '../helpers/local-provider.js';
import { ServerProcess } from '../helpers/server-process.js';

describeInBrowser('single sign-on at a provider on another site', () => {
  let provider: LocalProvider;
  let server: ServerProcess;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;

  beforeAll(async () => {
    provider = await LocalProvider.prepare();
    const { issuer, clientId, clientSecret } = provider.config;
    server = await ServerProcess.prepare({
      ...{ SIPAS_OIDC_ISSUER: issuer, SIPAS_OIDC_CLIENT_ID: clientId, SIPAS_OIDC_CLIENT_SECRET: clientSecret },
      SIPAS_OIDC_NAME: 'Đăng nhập của tỉnh',
    });
    await Promise.all([provider.start(server.url), server.start()]);
    browser = await launchBrowser();
  }, 60_000);
  afterAll(async () => {
    await browser.close();
    await Promise.all([server.dispose(), provider.stop()]);
  });

  beforeEach(async () => {
    // axe is brought in as a script, which our policy refuses.
    context = await browser.newContext({ viewport: { width: 390, height: 844 }, bypassCSP: true });
    page = await context.newPage();
  });
  afterEach(() => context.close());

  async function problems(): Promise<string[]> {
    const wider = await page.evaluate<boolean>('document.documentElement.scrollWidth > innerWidth');
    return [...(await violations(page)), ...(wider ? ['wider than the screen'] : [])];
  }

  /** By keyboard to the provider, through its pages and back. */
  async function enter(login: string): Promise<void> {
    await page.getByRole('link', { name: 'Đăng nhập của tỉnh' }).press('Enter');
    await page.locator('[name=login]').fill(login);
    await page.locator('[name=password]').fill('x');
    await page.locator('[type=submit]').click();
    await page.getByText('Authorize').waitFor();
    await page.locator('[type=submit]').click();
    await page.waitForURL(`${server.url}/**`);
  }

  it('leads back to the page that was wanted, once an administrator has entered the name', async () => {
    await page.goto(`${server.url}/login`);
    expect(await problems()).toEqual([]);
    await page.getByLabel('Tên đăng nhập').fill('admin');
    await page.getByLabel('Mật khẩu').fill('matkhau-admin');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/reports');
    await page.goto(`${server.url}/admin/accounts/admin`);
    await page.getByLabel('Tên trên hệ thống đăng nhập một lần').fill('an.nv');
    await page.keyboard.press('Enter');
    await page.getByText('Chưa ai đăng nhập bằng tên này').waitFor();
    expect(await problems()).toEqual([]);

    await context.clearCookies();
    await page.goto(`${server.url}/admin/accounts/admin`);
    await enter('an.nv#1');
    expect(page.url()).toBe(`${server.url}/admin/accounts/admin`);
    expect(await page.locator('main').innerText()).toContain('được gắn với tài khoản');
    expect(await problems()).toEqual([]);
  });

  it('tells strangers that it did not work, on a page clean to axe', async () => {
    await page.goto(`${server.url}/login`);
    await enter('ai.do#1');
    expect(await page.getByRole('alert').innerText()).toContain('Chưa đăng nhập được bằng cách này');
    expect(await problems()).toEqual([]);
  });
});
