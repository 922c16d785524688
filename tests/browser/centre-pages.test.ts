import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { violations } from '../helpers/axe.js';
import { openTestApp, type TestApp } from '../helpers/app.js';
import { describeInBrowser, launchBrowser } from '../helpers/browser.js';
import { addSite } from '../helpers/installation.js';
import { PASSWORD } from '../helpers/pages.js';
import { smallTargets } from '../helpers/targets.js';

describeInBrowser('the pages of units and centres', () => {
  let sipas: TestApp;
  let server: Server;
  let url: string;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    sipas = await openTestApp();
    await addSite(sipas.services, { centre: 'QN', counter: 'Q7' });
    await sipas.services.centres.counters.add('QN', { code: 'Q1', name: 'Hộ tịch' });
    await sipas.services.accounts.add({ username: 'lan', role: 'admin', scope: null, password: PASSWORD });
    server = createServer(sipas.app);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    browser = await launchBrowser();
    // Axe runs as a script, of which the pages have none.
    const context = await browser.newContext({
      viewport: { width: 390, height: 844 },
      bypassCSP: true,
      locale: 'vi-VN',
    });
    page = await context.newPage();
    await page.goto(`${url}/login`);
    await page.getByLabel('Tên đăng nhập').fill('lan');
    await page.getByLabel('Mật khẩu').fill(PASSWORD);
    await page.getByRole('button', { name: 'Đăng nhập' }).press('Enter');
  }, 120_000);

  afterAll(async () => {
    await browser.close();
    await new Promise((resolve) => server.close(resolve));
    await sipas.close();
  });

  async function problems(): Promise<string[]> {
    const wider = await page.evaluate<boolean>('document.documentElement.scrollWidth > innerWidth');
    return [
      ...(await violations(page)),
      ...(await smallTargets(page, 44)),
      ...(wider ? ['wider than the screen'] : []),
    ];
  }

  it.each([
    ...['/admin/centres', '/admin/centres?q=zzz', '/admin/centres/QN', '/admin/centres/QN/close'],
    ...['/admin/units', '/admin/units?parent=22&page=2', '/admin/units/22', '/admin/units/06688?lang=en'],
  ])('are clean to axe and large enough for a finger: %s', async (path) => {
    await page.goto(url + path);
    expect(await problems()).toEqual([]);
  });

  it('lead by keyboard from a unit to a centre with counters, and to its end', async () => {
    const status = () => page.getByRole('status').innerText();
    const press = (name: string, role: 'link' | 'button' = 'button') =>
      Promise.all([page.waitForEvent('load'), page.getByRole(role, { name, exact: true }).press('Enter')]);
    await page.goto(`${url}/admin/centres?lang=vi`);
    await press('Thêm trung tâm', 'link');
    await page.getByLabel('Tìm theo tên hoặc mã').fill('ha long');
    await press('Tìm');
    await press('Phường Hạ Long', 'link');
    await page.getByLabel('Mã', { exact: true }).fill('HL 1');
    await press('Thêm trung tâm');
    expect(await page.getByRole('alert').innerText()).toContain('Mã chưa đúng');
    expect(await problems()).toEqual([]);
    await page.getByLabel('Mã', { exact: true }).fill('HL');
    await press('Thêm trung tâm');
    expect(await status()).toContain('Đã thêm trung tâm.');
    expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe(
      'Trung tâm Phục vụ hành chính công Phường Hạ Long',
    );
    await page.getByLabel('Mã quầy').fill('Q1');
    await page.getByLabel('Tên quầy', { exact: true }).fill('Đất đai');
    await press('Thêm quầy');
    expect(await status()).toBe('Đã thêm quầy.');
    await page.getByLabel('Tên quầy Q1').fill('Đất đai – Môi trường');
    await press('Lưu Q1');
    expect(await status()).toBe('Đã lưu tên quầy.');
    expect(await problems()).toEqual([]);
    await press('Đóng hoặc sáp nhập trung tâm này', 'link');
    await page.getByLabel('Mã trung tâm nối tiếp').fill('NONE');
    await press('Đóng trung tâm');
    expect(await problems()).toEqual([]);
    await page.getByLabel('Mã trung tâm nối tiếp').fill('QN');
    await press('Đóng trung tâm');
    expect(await status()).toBe('Đã đóng trung tâm.');
    await press('QN', 'link');
    expect(await page.locator('main').innerText()).toContain('Nối tiếp các trung tâm đã đóng');
    expect(await problems()).toEqual([]);
  }, 60_000);
});
