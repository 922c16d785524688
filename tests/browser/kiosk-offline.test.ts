import type { Page } from 'playwright-core';
import { describeInBrowser } from '../helpers/browser.js';
import { KillableBrowser, KioskServer, queued, rate, untilEmpty } from '../helpers/kiosk-device.js';

const BEFORE_THE_KILL = 100;
const AFTER_THE_KILL = 100;
const LIMIT_MS = 300_000;

describeInBrowser('a kiosk without network', () => {
  let server: KioskServer;
  let browser: KillableBrowser;

  beforeEach(async () => {
    server = await KioskServer.start();
    browser = new KillableBrowser();
  });

  afterEach(async () => {
    await browser.dispose();
    await server.stop();
  });

  /** A browser paired some time ago: a pairing of this very second would not be on disk yet. */
  async function pairedPage(): Promise<Page> {
    await server.pair(await browser.start());
    await browser.close();
    const page = await browser.start();
    await page.goto(`${server.url}/kiosk`);
    return page;
  }

  it(
    'keeps 200 answers, also over a killed browser, and stores each exactly once when the network is back',
    async () => {
      const page = await pairedPage();
      server.goDown();
      await rate(page, BEFORE_THE_KILL);
      await browser.kill();
      const reopened = await browser.start();
      await reopened.goto(`${server.url}/kiosk`);
      await rate(reopened, AFTER_THE_KILL);
      expect(await queued(reopened)).toBe(BEFORE_THE_KILL + AFTER_THE_KILL);
      expect(await server.stored()).toHaveLength(0);
      server.comeBack();
      await untilEmpty(reopened);
      expect(await server.stored()).toHaveLength(BEFORE_THE_KILL + AFTER_THE_KILL);
    },
    LIMIT_MS,
  );

  it(
    'keeps the rating of a citizen who was choosing reasons when the browser was killed',
    async () => {
      const page = await pairedPage();
      server.goDown();
      await page.waitForTimeout(400);
      await page.getByRole('button', { name: 'Rất không hài lòng' }).click();
      await page.getByRole('heading', { name: 'Xin Ông/Bà cho biết điều cần làm tốt hơn' }).waitFor();
      await browser.kill();
      const reopened = await browser.start();
      await reopened.goto(`${server.url}/kiosk`);
      expect(await queued(reopened)).toBe(1);
    },
    LIMIT_MS,
  );
});
