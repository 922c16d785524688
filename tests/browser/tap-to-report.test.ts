import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { violations } from '../helpers/axe.js';
import { openTestApp, type TestApp } from '../helpers/app.js';
import { describeInBrowser, launchBrowser } from '../helpers/browser.js';
import { addSite, type Site } from '../helpers/installation.js';

const SIZES = [
  { width: 1080, height: 1920 },
  { width: 1280, height: 800 },
  { width: 390, height: 844 },
];
const PASSWORD = 'matkhau-admin';

describeInBrowser('in a real browser', () => {
  let test: TestApp;
  let server: Server;
  let url: string;
  let browser: Browser;
  let site: Site;

  beforeAll(async () => {
    test = await openTestApp(new Date());
    server = createServer(test.app);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    site = await addSite(test.services, { centre: 'MAU', name: 'Trung tâm Phục vụ hành chính công (mẫu)' });
    await test.services.accounts.add({ username: 'admin', role: 'admin', scope: null, password: PASSWORD });
    browser = await launchBrowser();
  });

  afterAll(async () => {
    await browser.close();
    await new Promise((resolve) => server.close(resolve));
    await test.close();
  });

  /** A device of its own; scripts are off, as the flow must do without. */
  async function device(viewport = SIZES[1]!, javaScriptEnabled = false): Promise<BrowserContext> {
    return browser.newContext({ viewport, javaScriptEnabled, locale: 'vi-VN' });
  }

  async function pairedPage(context: BrowserContext): Promise<Page> {
    const page = await context.newPage();
    const { pairUrl } = await test.services.kiosks.offerPairing(site.kiosk);
    await page.goto(url + new URL(pairUrl).pathname);
    return page;
  }

  async function signedInPage(context: BrowserContext): Promise<Page> {
    const page = await context.newPage();
    await page.goto(`${url}/login`);
    await page.getByLabel('Tên đăng nhập').fill('admin');
    await page.getByLabel('Mật khẩu').fill(PASSWORD);
    await page.getByRole('button', { name: 'Đăng nhập' }).click();
    await page.waitForURL(`${url}/reports`);
    return page;
  }

  /** What axe objects to on a page that is reached as `prepare` does. */
  async function violationsOn(path: string, prepare: (context: BrowserContext) => Promise<Page>, viewport = SIZES[1]!) {
    const context = await browser.newContext({ viewport, bypassCSP: true });
    const page = await prepare(context);
    await page.goto(url + path);
    const found = await violations(page);
    await context.close();
    return found;
  }

  it('a tap on "Rất hài lòng" shows as 100,00% in the report', async () => {
    const context = await device();
    const page = await pairedPage(context);
    await page.getByRole('button', { name: 'Rất hài lòng' }).click();
    await page.getByText('Xin cảm ơn Ông/Bà!').waitFor();
    await test.services.tallies.run();

    const report = await signedInPage(await device());
    expect(await report.locator('table').first().innerText()).toContain('100,00%');
    await context.close();
  });

  it('a low rating asks why, keeps at most three reasons and thanks without repeating the choice', async () => {
    const context = await device();
    const page = await pairedPage(context);
    await page.getByRole('button', { name: 'Rất không hài lòng' }).click();
    await page.getByText('Thái độ phục vụ chưa tốt').click();
    await page.getByText('Chờ đợi lâu').click();
    await page.getByRole('button', { name: 'Gửi' }).click();
    const thanks = await page.locator('main').innerText();
    expect(thanks).toContain('Xin cảm ơn');
    expect(thanks.toLowerCase()).not.toContain('không hài lòng');
    await context.close();
  });

  it('the thank-you page goes back to rest by itself', async () => {
    const context = await device();
    const page = await pairedPage(context);
    await page.getByRole('button', { name: 'Hài lòng', exact: true }).click();
    await page.waitForURL(/\/kiosk(\?.*)?$/, { timeout: 15_000 });
    expect(await page.getByRole('button', { name: 'Rất hài lòng' }).count()).toBe(1);
    await context.close();
  });

  it.each(SIZES)(
    'all five faces are on the screen at $width × $height without scrolling, and large',
    async (viewport) => {
      const context = await device(viewport);
      const page = await pairedPage(context);
      const boxes = await Promise.all((await page.locator('button.level').all()).map((button) => button.boundingBox()));
      expect(boxes).toHaveLength(5);
      for (const box of boxes) {
        expect(Math.min(box!.width, box!.height)).toBeGreaterThanOrEqual(88);
        expect(box!.y + box!.height).toBeLessThanOrEqual(viewport.height);
      }
      await context.close();
    },
  );

  it('a page asks nothing of any other host', async () => {
    const context = await device(SIZES[0], true);
    const hosts = new Set<string>();
    context.on('request', (asked) => hosts.add(new URL(asked.url()).host));
    await pairedPage(context);
    expect([...hosts]).toEqual([new URL(url).host]);
    await context.close();
  });

  it.each(['/', '/login', '/kiosk'])('axe finds nothing on %s', async (path) => {
    expect(await violationsOn(path, (context) => context.newPage())).toEqual([]);
  });

  it.each(SIZES)('axe finds nothing on the rating screen at $width × $height', async (viewport) => {
    expect(await violationsOn('/kiosk', pairedPage, viewport)).toEqual([]);
  });

  it('axe finds nothing on the thank-you screen', async () => {
    expect(await violationsOn('/kiosk/thanks', pairedPage)).toEqual([]);
  });

  it.each(['/reports', '/reports?groupBy=day', '/reports?from=2026-02-30'])('axe finds nothing on %s', async (path) => {
    expect(await violationsOn(path, signedInPage)).toEqual([]);
  });
});
