import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { violations } from '../helpers/axe.js';
import { describeInBrowser, launchBrowser } from '../helpers/browser.js';
import { KioskServer } from '../helpers/kiosk-device.js';
import { smallTargets } from '../helpers/targets.js';

const PHONE = { width: 390, height: 844 };

describeInBrowser('a ticket on a citizen’s phone', () => {
  let server: KioskServer;
  let browser: Browser;

  beforeAll(async () => {
    server = await KioskServer.start();
    browser = await launchBrowser();
  });

  afterAll(async () => {
    await browser.close();
    await server.stop();
  });

  async function opened(input: object, options: BrowserContextOptions = {}): Promise<Page> {
    const { url } = await server.test.services.tickets.make({ centre: server.site.centre, ...input });
    const page = await (await browser.newContext({ viewport: PHONE, locale: 'vi-VN', ...options })).newPage();
    await page.goto(server.url + new URL(url).pathname);
    return page;
  }

  async function rateLow(page: Page): Promise<void> {
    await page.getByRole('button', { name: 'Rất không hài lòng' }).click();
    await page.getByText('Chờ đợi lâu').click();
    await page.getByRole('button', { name: 'Gửi' }).click();
    await page.getByRole('heading', { name: 'Xin cảm ơn' }).waitFor();
  }

  it('has no target smaller than 44 px on any of its screens', async () => {
    const page = await opened({ counter: 'Q3' });
    const small = [await smallTargets(page, 44)];
    await page.getByRole('button', { name: 'Rất không hài lòng' }).click();
    await page.getByRole('button', { name: 'Gửi' }).waitFor();
    small.push(await smallTargets(page, 44));
    expect(small).toEqual([[], []]);
    await page.context().close();
  });

  it.each([true, false])('takes a rating with its reasons, scripts on: %s', async (javaScriptEnabled) => {
    const page = await opened({ dossier: `D-${String(javaScriptEnabled)}` }, { javaScriptEnabled });
    await rateLow(page);
    const latest = (await server.stored()).at(-1);
    expect(latest).toMatchObject({ channel: 'qr', reasons: ['cho-lau'], answers: { overall: 1 } });
    await page.context().close();
  });

  it('axe finds nothing on any of its screens', async () => {
    const page = await opened({ dossier: 'D-axe' }, { bypassCSP: true });
    const address = page.url();
    const found: string[] = [];
    const look = async () => {
      for (const id of await violations(page)) found.push(`${new URL(page.url()).pathname.slice(-9)} ${id}`);
    };
    await look();
    await page.getByRole('button', { name: 'Không hài lòng', exact: true }).click();
    await page.getByRole('button', { name: 'Gửi' }).waitFor();
    await look();
    await page.getByRole('button', { name: 'Bỏ qua' }).click();
    await page.getByRole('heading', { name: 'Xin cảm ơn' }).waitFor();
    await look();
    await page.goto(address);
    await page.getByRole('heading', { name: 'Hồ sơ này đã được đánh giá' }).waitFor();
    await look();
    await page.goto(`${server.url}/r/unknown`);
    await page.getByRole('heading', { name: 'Không nhận ra mã này' }).waitFor();
    await look();
    expect(found).toEqual([]);
    await page.context().close();
  });
});
