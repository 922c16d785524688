import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { violations } from '../helpers/axe.js';
import { NOON, openTestApp, uniqueUri, type TestApp } from '../helpers/app.js';
import { describeInBrowser, launchBrowser } from '../helpers/browser.js';
import { addSite } from '../helpers/installation.js';
import { PASSWORD } from '../helpers/pages.js';

const HEADER = 'Mã,centre,questionnaire,version,captured_at,overall';

describeInBrowser('the pages of imports', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'sipas-imports-'));
  let test: TestApp;
  let server: Server;
  let url: string;
  let browser: Browser;

  beforeEach(() => test.services.connection.collection('import_mappings').deleteMany({}));

  beforeAll(async () => {
    test = await openTestApp(NOON, uniqueUri(), dataDir);
    await addSite(test.services, { centre: 'QN' });
    await test.services.accounts.add({ username: 'quantri', role: 'admin', scope: null, password: PASSWORD });
    server = createServer(test.app);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    browser = await launchBrowser();
  }, 120_000);

  afterAll(async () => {
    await browser.close();
    await new Promise((resolve) => server.close(resolve));
    await test.close();
    rmSync(dataDir, { recursive: true });
  });

  it.each([1280, 390])(
    'lead from a file to its counts and are clean to axe, %i pixels wide',
    async (width) => {
      // Axe runs as a script, of which the pages have none.
      const context = await browser.newContext({ viewport: { width, height: 800 }, bypassCSP: true });
      const page = await context.newPage();
      await page.goto(`${url}/login`);
      await page.getByLabel('Tên đăng nhập').fill('quantri');
      await page.getByLabel('Mật khẩu').fill(PASSWORD);
      await page.getByRole('button', { name: 'Đăng nhập' }).click();
      await page.goto(`${url}/imports`);
      expect(await violations(page)).toEqual([]);

      const row = (centre: string) => `${randomUUID()},${centre},tthc-kiosk-5,1,2026-11-21T08:00:00+07:00,4`;
      const text = [HEADER, row('QN'), row('NONE')].join('\r\n');
      await page.getByLabel('Tệp', { exact: true }).setInputFiles({
        name: 'phiếu giấy.csv',
        mimeType: 'text/csv',
        buffer: Buffer.from(text),
      });
      await page.getByRole('button', { name: 'Tải lên và xem trước' }).click();
      expect(await violations(page)).toEqual([]);
      await page.getByRole('button', { name: 'Nhập tệp này' }).click();
      expect(await page.getByRole('alert').innerText()).toContain('Chưa chọn cột nào là: id.');
      expect(await violations(page)).toEqual([]);
      await page.getByLabel('Cột Mã là').selectOption('id');
      await page.getByRole('button', { name: 'Nhập tệp này' }).click();
      expect(await page.locator('main').innerText()).toMatch(/Đã lưu mới\s+1\s/);
      expect(await violations(page)).toEqual([]);
      const download = page.waitForEvent('download');
      await page.getByRole('link', { name: 'Tải các dòng bị từ chối' }).click();
      expect((await download).suggestedFilename()).toBe('phiếu giấy.rejected.csv');
      await context.close();
    },
    60_000,
  );
});
