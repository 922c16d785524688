import { createHash, randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { exportJobCollection, type ExportJob } from '../../src/features/export-jobs/export-jobs.model.js';
import { violations } from '../helpers/axe.js';
import { NOON, openTestApp, uniqueUri, type TestApp } from '../helpers/app.js';
import { describeInBrowser, launchBrowser } from '../helpers/browser.js';
import { exportJob } from '../helpers/export-job.js';
import { newestJob } from '../helpers/export-jobs.js';
import { PASSWORD } from '../helpers/pages.js';

/** A job in every state there is. */
const STATES: readonly Partial<ExportJob>[] = [
  { state: 'queued', startedAt: null },
  { state: 'running', rows: 250_000 },
  { state: 'done', rows: 1_000_000, bytes: 210_000_000, sha256: 'ab'.repeat(32), expiresAt: new Date('2026-11-24') },
  { state: 'failed', failure: 'disk-full' },
  { state: 'cancelled' },
];

describeInBrowser('the page of files in the making', () => {
  let dataDir: string;
  let test: TestApp;
  let server: Server;
  let url: string;
  let browser: Browser;

  beforeAll(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'sipas-data-'));
    test = await openTestApp(NOON, uniqueUri(), dataDir);
    await test.services.accounts.add({ username: 'quanly', role: 'manager', scope: '22', password: PASSWORD });
    server = createServer(test.app);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    browser = await launchBrowser();
  }, 120_000);
  afterEach(() => exportJobCollection(test.services.connection).deleteMany({}));
  afterAll(async () => {
    await browser.close();
    await new Promise((resolve) => server.close(resolve));
    await test.close();
    rmSync(dataDir, { recursive: true });
  });

  async function signedIn(options: BrowserContextOptions): Promise<Page> {
    const page = await (await browser.newContext(options)).newPage();
    await page.goto(`${url}/login`);
    await page.getByLabel('Tên đăng nhập').fill('quanly');
    await page.getByLabel('Mật khẩu').fill(PASSWORD);
    await page.getByRole('button', { name: 'Đăng nhập' }).click();
    await page.waitForURL(`${url}/reports`);
    return page;
  }

  it('makes and gives a file without scripts, and updates itself meanwhile', async () => {
    const page = await signedIn({ javaScriptEnabled: false });
    await page.goto(`${url}/exports?period=2026-11`);
    await page.getByRole('button', { name: 'Chuẩn bị CSV', exact: false }).first().click();
    await page.waitForURL(`${url}/exports/jobs`);
    expect(await page.locator('main').innerText()).toContain('Đang chờ');
    await test.services.exportJobRunner.run();
    const link = page.getByRole('link', { name: 'Tải về' });
    await link.waitFor();
    const [download] = await Promise.all([page.waitForEvent('download'), link.click()]);
    const hash = createHash('sha256').update(readFileSync(await download.path()));
    expect(download.suggestedFilename()).toBe('phieu_2026-11-01_2026-11-30.csv');
    expect(hash.digest('hex')).toBe((await newestJob(test.services)).sha256);
    await page.context().close();
  }, 60_000);

  it.each([
    ['wide', { width: 1280, height: 800 }],
    ['narrow', { width: 390, height: 844 }],
  ])(
    'is clean to axe in every state on a %s screen',
    async (_, viewport) => {
      await exportJobCollection(test.services.connection).insertMany(
        STATES.map((state) => exportJob({ ...state, _id: randomUUID() })),
      );
      const page = await signedIn({ viewport, bypassCSP: true });
      // Where it updates itself axe objects to that alone; its reader can turn it off, as here.
      await page.goto(`${url}/exports/jobs?auto=off`);
      expect(await page.locator('article.panel').count()).toBe(STATES.length);
      const found = await violations(page);
      expect(found).toEqual([]);
      expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
      await page.context().close();
    },
    60_000,
  );
});
