import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { generateSync } from 'otplib';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { violations } from '../helpers/axe.js';
import { NOON, openTestApp, type TestApp } from '../helpers/app.js';
import { describeInBrowser, launchBrowser } from '../helpers/browser.js';
import { PASSWORD } from '../helpers/pages.js';

const STEP_MS = 30_000;

describeInBrowser('the pages about the second factor and about privacy, without scripts', () => {
  let sipas: TestApp;
  let server: Server;
  let url: string;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let secret = '';

  beforeAll(async () => {
    sipas = await openTestApp();
    await sipas.services.accounts.add({ username: 'lan', role: 'admin', scope: null, password: PASSWORD });
    server = createServer(sipas.app);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    browser = await launchBrowser();
    context = await browser.newContext({ viewport: { width: 390, height: 844 }, javaScriptEnabled: false });
    page = await context.newPage();
  }, 60_000);

  afterAll(async () => {
    await browser.close();
    await new Promise((resolve) => server.close(resolve));
    await sipas.close();
  });

  /** What axe objects to on the page that is shown, and whether it is wider than the screen. */
  async function problems(): Promise<string[]> {
    const copy = await browser.newPage({ viewport: { width: 390, height: 844 }, bypassCSP: true });
    await copy.route(`${url}/copy`, async (route) =>
      route.fulfill({ contentType: 'text/html; charset=utf-8', body: await page.content() }),
    );
    await copy.goto(`${url}/copy`);
    const found = await violations(copy);
    const wider = await copy.evaluate<boolean>('document.documentElement.scrollWidth > innerWidth');
    await copy.close();
    return wider ? [...found, 'wider than the screen'] : found;
  }

  const loading = (act: () => Promise<void>) => Promise.all([page.waitForEvent('load'), act()]);
  const typeAndEnter = async (label: string, text: string) => {
    await page.getByLabel(label, { exact: true }).fill(text);
    await loading(() => page.keyboard.press('Enter'));
  };
  const code = (now: Date) => generateSync({ secret, epoch: now.getTime() / 1000 });

  async function givePassword(): Promise<void> {
    await page.goto(`${url}/login`);
    await page.getByLabel('Tên đăng nhập').fill('lan');
    await typeAndEnter('Mật khẩu', PASSWORD);
  }

  it('the page for citizens is clean to axe', async () => {
    await page.goto(`${url}/privacy`);
    expect(await problems()).toEqual([]);
  });

  it('a second factor is set up by keyboard, on pages clean to axe', async () => {
    await givePassword();
    await page.goto(`${url}/account`);
    expect(await problems()).toEqual([]);
    await loading(() => page.getByRole('link', { name: 'Thiết lập' }).press('Enter'));
    expect(await problems()).toEqual([]);
    secret = (await page.locator('code').innerText()).replaceAll(' ', '');
    await page.getByLabel('Mật khẩu hiện tại').fill(PASSWORD);
    await typeAndEnter('Mã xác thực', '000000');
    expect(await problems()).toEqual([]);
    await page.getByLabel('Mật khẩu hiện tại').fill(PASSWORD);
    await typeAndEnter('Mã xác thực', code(NOON));
    expect(await page.locator('ol code').count()).toBe(10);
    expect(await problems()).toEqual([]);
    await page.goto(`${url}/account/factor`);
    expect(await problems()).toEqual([]);
  });

  it('and asked for at the next sign-in', async () => {
    await context.clearCookies();
    await givePassword();
    expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe('Bước hai: mã xác thực');
    await typeAndEnter('Mã xác thực', '000000');
    expect(await problems()).toEqual([]);
    const now = new Date(NOON.getTime() + STEP_MS);
    sipas.setNow(now);
    await typeAndEnter('Mã xác thực', code(now));
    expect(page.url()).toBe(`${url}/reports`);
  });
});
