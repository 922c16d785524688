import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { violations } from '../helpers/axe.js';
import { openTestApp, type TestApp } from '../helpers/app.js';
import { describeInBrowser, launchBrowser } from '../helpers/browser.js';
import { officeVersion } from '../helpers/grade-tables.js';
import { PASSWORD } from '../helpers/pages.js';
import { smallTargets } from '../helpers/targets.js';

describeInBrowser('the pages of grade tables and settings', () => {
  let sipas: TestApp;
  let server: Server;
  let url: string;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    sipas = await openTestApp();
    const { services } = sipas;
    await services.accounts.add({ username: 'lan', role: 'admin', scope: null, password: PASSWORD });
    await services.gradeTables.put('index-100', 0, officeVersion('2027-01-01', { 80: 'Đạt', 0: 'Chưa đạt' }));
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
    ...['/admin/grades', '/admin/grades?q=zzz', '/admin/grades/new', '/admin/grades/index-100'],
    ...['/admin/grades/index-100/version', '/admin/grades/index-100/remove', '/admin/grades/tthc-18?lang=en'],
    ...['/admin/settings', '/admin/settings?lang=en', '/admin/languages', '/admin/languages?lang=en'],
  ])('are clean to axe and large enough for a finger: %s', async (path) => {
    await page.goto(url + path);
    expect(await problems()).toEqual([]);
  });

  it('ask by keyboard before what cannot be undone', async () => {
    await page.goto(`${url}/admin/settings?lang=vi`);
    await page.getByLabel('Giữ ý kiến viết của người dân (tháng)').fill('12');
    const press = (name: string) =>
      Promise.all([page.waitForEvent('load'), page.getByRole('button', { name, exact: true }).press('Enter')]);
    await press('Lưu');
    expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe('Xác nhận thay đổi cài đặt');
    expect(await problems()).toEqual([]);
    await press('Đồng ý thay đổi');
    expect(await page.getByRole('status').innerText()).toBe('Đã lưu cài đặt.');
  }, 60_000);

  it('lead by keyboard from a slip in a new table to its page', async () => {
    const press = (name: string, role: 'link' | 'button' = 'button') =>
      Promise.all([page.waitForEvent('load'), page.getByRole(role, { name, exact: true }).press('Enter')]);
    await page.goto(`${url}/admin/grades?lang=vi`);
    await press('Thêm bảng xếp loại', 'link');
    await page.getByLabel('Mã').fill('qd-12');
    await page.getByLabel('Tên bảng').fill('Bảng của tỉnh');
    await page.getByLabel('Căn cứ').fill('Quyết định 12/QĐ-UBND');
    const band = (n: number) => page.getByRole('group', { name: `Mức ${n}` });
    await band(1).getByLabel('Từ').fill('85,5');
    await band(1).getByLabel('Tên mức, tiếng Việt').fill('Đạt');
    await band(2).getByLabel('Từ').fill('10');
    await band(2).getByLabel('Tên mức, tiếng Việt').fill('Chưa đạt');
    await press('Lưu');
    expect(await problems()).toEqual([]);
    await page.getByRole('link', { name: 'mức cuối phải bắt đầu từ 0' }).press('Enter');
    await page.keyboard.press('ControlOrMeta+a');
    await page.keyboard.type('0');
    await press('Lưu');
    expect(await page.getByRole('status').innerText()).toBe('Đã thêm bảng xếp loại.');
    expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe('Bảng của tỉnh');
  }, 60_000);
});
