import type { Browser, Page } from 'playwright-core';
import { violations } from '../helpers/axe.js';
import { describeInBrowser, launchBrowser } from '../helpers/browser.js';
import { KioskServer } from '../helpers/kiosk-device.js';
import { smallTargets } from '../helpers/targets.js';

const STAFF_PAGES = [
  ...[
    '/admin/accounts',
    '/admin/accounts/admin',
    '/admin/tokens',
    '/admin/webhooks',
    '/admin/audit',
    '/admin/audit?from=x',
    '/account',
  ],
  ...['/account/factor', '/imports'],
];
const PAGES = ['/admin/kiosks', '/admin/kiosks/TT1-K1', '/admin/centres/TT1', '/admin/tickets'];
const PASSWORD = 'matkhau-admin';

describeInBrowser('the staff’s pages that administer', () => {
  let server: KioskServer;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    server = await KioskServer.start();
    await server.test.services.accounts.add({ username: 'admin', role: 'admin', scope: null, password: PASSWORD });
    browser = await launchBrowser();
    page = await (await browser.newContext({ bypassCSP: true, locale: 'vi-VN' })).newPage();
    await page.goto(`${server.url}/login`);
    await page.getByLabel('Tên đăng nhập').fill('admin');
    await page.getByLabel('Mật khẩu').fill(PASSWORD);
    await page.getByRole('button', { name: 'Đăng nhập' }).click();
  });

  afterAll(async () => {
    await browser.close();
    await server.stop();
  });

  it.each([...PAGES, ...STAFF_PAGES])('has no target smaller than 44 px on a phone: %s', async (path) => {
    await page.setViewportSize({ width: 390, height: 844 });
    await page.goto(server.url + path);
    expect(await smallTargets(page, 44)).toEqual([]);
  });

  it.each([...PAGES, ...STAFF_PAGES])('axe finds nothing on %s', async (path) => {
    await page.goto(server.url + path);
    const found = await violations(page);
    expect(found).toEqual([]);
  });
});
