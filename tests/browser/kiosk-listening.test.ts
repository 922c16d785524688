import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { describeInBrowser, launchBrowser } from '../helpers/browser.js';
import { FAST, KioskServer } from '../helpers/kiosk-device.js';
import { silence } from '../helpers/wave.js';

describeInBrowser('a kiosk with recordings of its question and two levels', () => {
  let dataDir: string;
  let server: KioskServer;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'sipas-data-'));
    mkdirSync(join(dataDir, 'audio', 'vi'), { recursive: true });
    for (const name of ['tthc-kiosk-5.overall', 'likert5.5', 'likert5.1']) {
      writeFileSync(join(dataDir, 'audio', 'vi', `${name}.wav`), silence(0.3));
    }
    server = await KioskServer.start(FAST, { dataDir });
    browser = await launchBrowser();
  });

  afterAll(async () => {
    await browser.close();
    await server.stop();
    rmSync(dataDir, { recursive: true });
  });

  beforeEach(async () => {
    page = await (await browser.newContext({ locale: 'vi-VN' })).newPage();
    await server.pair(page);
  });

  afterEach(() => page.context().close());

  const listen = () => page.getByRole('button', { name: 'Nghe đọc' });

  const until = (condition: string) =>
    page.evaluate(`(async () => {
      while (!(${condition})) await new Promise((resolve) => setTimeout(resolve, 20));
    })()`);

  /** What is marked as being read, in order, until nothing is. */
  async function heard(): Promise<string[]> {
    await page.evaluate(`{
      globalThis.heard = [];
      globalThis.seen?.disconnect();
      globalThis.seen = new MutationObserver((changes) => {
        for (const { target } of changes) {
          if ('spoken' in target.dataset) globalThis.heard.push(target.value || target.tagName);
        }
      });
      globalThis.seen.observe(document.body, { subtree: true, attributes: true, attributeFilter: ['data-spoken'] });
    }`);
    await listen().click();
    await until('heard.length === 3 && !document.querySelector("[data-spoken]")');
    return page.evaluate<string[]>('heard');
  }

  it('reads out the question and its levels once it is asked to, and again', async () => {
    expect(await heard()).toEqual(['H1', '5', '1']);
    expect(await heard()).toEqual(['H1', '5', '1']);
  });

  it('does so without network', async () => {
    await until(`(await Promise.all((await caches.keys()).map(async (name) => (await caches.open(name)).keys())))
      .flat().filter(({ url }) => url.includes('/audio/')).length === 3`);
    server.goDown();
    await page.reload();
    expect(await heard()).toEqual(['H1', '5', '1']);
    server.comeBack();
  });

  it('falls silent with the screen', async () => {
    await listen().click();
    await page.waitForSelector('[data-spoken]');
    await page.getByRole('button', { name: 'Rất không hài lòng' }).click();
    await page.getByRole('heading', { name: 'Xin Ông/Bà cho biết' }).waitFor();
    expect(await page.locator('[data-spoken], [data-listen]').count()).toBe(0);
  });

  it('offers nothing to hear in a language without recordings', async () => {
    await page.goto(`${server.url}/kiosk?lang=en`);
    await page.getByRole('button', { name: 'Very satisfied' }).waitFor();
    expect(await page.getByRole('button', { name: 'Listen' }).count()).toBe(0);
  });
});
