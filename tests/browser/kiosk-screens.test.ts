import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { violations } from '../helpers/axe.js';
import { describeInBrowser, launchBrowser } from '../helpers/browser.js';
import { KioskServer } from '../helpers/kiosk-device.js';

const SIZES = [
  { width: 1080, height: 1920 },
  { width: 1280, height: 800 },
  { width: 390, height: 844 },
];
const TARGET = 88;
const WEIGHT_LIMIT = 60 * 1024;

/** Every state of the screen, and how a citizen gets there from rest. */
const SCREENS: readonly (readonly [string, (page: Page) => Promise<void>])[] = [
  ['rest', async () => undefined],
  [
    'reasons',
    async (page) => {
      await tap(page, 'Rất không hài lòng');
      await page.getByText('Gửi', { exact: true }).waitFor();
    },
  ],
  [
    'thanks',
    async (page) => {
      await tap(page, 'Rất hài lòng');
      await page.getByRole('heading', { name: 'Xin cảm ơn' }).waitFor();
    },
  ],
  [
    'countdown',
    async (page) => {
      await tap(page, 'Không hài lòng');
      await page.getByText('Ông/Bà còn ở đây không?').waitFor();
    },
  ],
];

async function tap(page: Page, level: string): Promise<void> {
  await page.waitForTimeout(400);
  await page.getByRole('button', { name: level, exact: true }).click();
}

describeInBrowser('the screens of a kiosk', () => {
  let server: KioskServer;
  let browser: Browser;

  beforeAll(async () => {
    server = await KioskServer.start({ idleSeconds: 2, thanksSeconds: 30, repeatSeconds: 4 });
    browser = await launchBrowser();
  });

  afterAll(async () => {
    await browser.close();
    await server.stop();
  });

  async function kiosk(viewport = SIZES[1]!, bypassCSP = false, look: BrowserContextOptions = {}): Promise<Page> {
    const context = await browser.newContext({ viewport, bypassCSP, locale: 'vi-VN', ...look });
    const page = await context.newPage();
    await server.pair(page);
    return page;
  }

  describe.each(SCREENS)('%s', (_, goThere) => {
    it.each(SIZES)('axe finds nothing at $width × $height', async (viewport) => {
      const page = await kiosk(viewport, true);
      await goThere(page);
      expect(await violations(page)).toEqual([]);
      await page.context().close();
    });

    it.each([
      ['in the dark', { colorScheme: 'dark' }],
      ['with more contrast', { contrast: 'more' }],
      ['in the dark with more contrast', { colorScheme: 'dark', contrast: 'more' }],
    ] as const)('axe finds nothing %s', async (_, look) => {
      const page = await kiosk(SIZES[1], true, look);
      await goThere(page);
      expect(await violations(page)).toEqual([]);
      await page.context().close();
    });

    it.each(SIZES)('axe finds nothing in large text at $width × $height, nor is anything cut off', async (viewport) => {
      const page = await kiosk(viewport, true);
      await page.getByRole('link', { name: 'Chữ lớn' }).click();
      await goThere(page);
      expect(await violations(page)).toEqual([]);
      const over = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
      expect(over).toBeLessThanOrEqual(0);
      await page.context().close();
    });

    it.each(SIZES)(`has no target smaller than ${TARGET} px at $width × $height`, async (viewport) => {
      const page = await kiosk(viewport);
      await goThere(page);
      const small = await page.evaluate<string[]>(`[...document.querySelectorAll('button, a, label.reason, textarea')]
        .map((target) => [target.textContent.trim(), target.getBoundingClientRect()])
        .filter(([, { width, height }]) => width > 0 && Math.min(width, height) < ${TARGET})
        .map(([text, { width, height }]) => text + ' ' + width + '×' + height)`);
      expect(small).toEqual([]);
      await page.context().close();
    });
  });

  it('never shows after the rating what was chosen', async () => {
    const page = await kiosk();
    await tap(page, 'Rất không hài lòng');
    await page.getByText('Gửi', { exact: true }).waitFor();
    expect((await page.locator('body').innerText()).toLowerCase()).not.toContain('hài lòng');
    await page.context().close();
  });

  it('counts down and goes back to rest, with the rating kept', async () => {
    const page = await kiosk();
    const before = (await server.stored()).length;
    await tap(page, 'Không hài lòng');
    await page.getByRole('button', { name: 'Rất hài lòng' }).waitFor({ timeout: 20_000 });
    const deadline = Date.now() + 20_000;
    while ((await server.stored()).length === before && Date.now() < deadline) await page.waitForTimeout(100);
    expect((await server.stored()).length).toBe(before + 1);
    await page.context().close();
  });

  it('takes a second tap right after going back to rest for no rating, and says so', async () => {
    const page = await kiosk();
    await tap(page, 'Hài lòng');
    await page.waitForTimeout(400);
    await page.getByText('Về màn hình đầu').click();
    await tap(page, 'Hài lòng');
    await page.getByText('Xin Ông/Bà đợi vài giây rồi chạm lại.').waitFor();
    expect(await page.evaluate('document.body.dataset.screen')).toBe('rest');
    await page.context().close();
  });

  it('asks to tap again when a tap comes with the screen itself, and takes that', async () => {
    const page = await kiosk();
    await page.getByRole('button', { name: 'Rất không hài lòng' }).click();
    await page.evaluate(`new Promise((resolve) => {
      const look = () => {
        const send = document.querySelector('.reasons-actions button');
        if (!send) return requestAnimationFrame(look);
        send.click();
        resolve();
      };
      look();
    })`);
    await page.getByText('Xin Ông/Bà chạm lại.').waitFor();
    await page.waitForTimeout(400);
    await page.getByText('Gửi', { exact: true }).click();
    await page.getByRole('heading', { name: 'Xin cảm ơn' }).waitFor();
    await page.context().close();
  });

  it('marks what was tapped at once, before the answer is on disk, and no longer on the next screens', async () => {
    const page = await kiosk();
    await page.waitForTimeout(400);
    const marked = await page.evaluate<string[]>(`(() => {
      const level = document.querySelector('button[name="level"][value="1"]');
      level.click();
      return [document.body.dataset.screen, document.querySelector('[data-pressed]').value];
    })()`);
    expect(marked).toEqual(['rest', '1']);
    await tap(page, 'Bỏ qua');
    await page.waitForTimeout(400);
    await page.getByText('Về màn hình đầu').click();
    await page.getByRole('button', { name: 'Rất hài lòng' }).waitFor();
    expect(await page.locator('[data-pressed]').count()).toBe(0);
    await page.context().close();
  });

  it('shows large text to whoever asks for it, in any language, and to nobody after', async () => {
    const page = await kiosk();
    const textSize = () => page.evaluate<string | undefined>('document.documentElement.dataset.text');
    await page.getByRole('link', { name: 'Chữ lớn' }).click();
    expect(await textSize()).toBe('large');
    await page.getByRole('link', { name: 'English' }).click();
    await page.getByRole('link', { name: 'Normal text' }).waitFor();
    expect(await textSize()).toBe('large');
    await tap(page, 'Very satisfied');
    await page.waitForTimeout(400);
    await page.getByText('Back to the start').click();
    await page.getByRole('link', { name: 'Chữ lớn' }).waitFor();
    expect(await textSize()).toBeUndefined();
    await page.context().close();
  });

  it('shows the usual text again when whoever asked for large text leaves', async () => {
    const page = await kiosk();
    await page.getByRole('link', { name: 'Chữ lớn' }).click();
    await page.getByRole('link', { name: 'Chữ thường' }).waitFor();
    await page.getByRole('link', { name: 'Chữ lớn' }).waitFor({ timeout: 20_000 });
    await page.context().close();
  });

  it('moves nothing for whoever wants no motion', async () => {
    const page = await kiosk(SIZES[1], false, { reducedMotion: 'reduce' });
    await page.waitForTimeout(400);
    const moving = await page.evaluate<string[]>(`(() => {
      document.querySelector('button[name="level"]').click();
      const pressed = getComputedStyle(document.querySelector('[data-pressed]')).transform;
      const animated = document.getAnimations().map(({ animationName }) => animationName);
      return [pressed, ...animated];
    })()`);
    expect(moving).toEqual(['none']);
    await page.context().close();
  });

  it('asks nothing of anyone but its own server', async () => {
    const page = await (await browser.newContext({ locale: 'vi-VN' })).newPage();
    const asked = new Set<string>();
    page.context().on('request', (request) => asked.add(new URL(request.url()).origin));
    await server.pair(page);
    await tap(page, 'Rất hài lòng');
    await page.getByRole('heading', { name: 'Xin cảm ơn' }).waitFor();
    await page.goto(`${server.url}/kiosk/queue`);
    expect([...asked]).toEqual([server.url]);
    await page.context().close();
  });

  it('takes a tap that came before its script was ready', async () => {
    const page = await kiosk();
    const before = (await server.stored()).length;
    await page.addInitScript(`{
      const open = indexedDB.open.bind(indexedDB);
      IDBFactory.prototype.open = (...names) => {
        document.querySelector('button[name="level"]').click();
        return open(...names);
      };
    }`);
    await page.reload();
    await page.getByRole('heading', { name: 'Xin cảm ơn' }).waitFor();
    await page.waitForTimeout(1000);
    expect(await server.stored()).toHaveLength(before + 1);
    await page.context().close();
  });

  it(`weighs at most ${WEIGHT_LIMIT} bytes on the first visit, before its copies for offline use`, async () => {
    const context = await browser.newContext({ serviceWorkers: 'block' });
    const page = await context.newPage();
    const weights: Promise<number>[] = [];
    page.on('requestfinished', (request) => {
      weights.push(request.sizes().then((sizes) => sizes.responseBodySize + sizes.responseHeadersSize));
    });
    const { pairUrl } = await server.test.services.kiosks.offerPairing(server.site.kiosk);
    await page.goto(server.url + new URL(pairUrl).pathname, { waitUntil: 'networkidle' });
    const total = (await Promise.all(weights)).reduce((sum, weight) => sum + weight, 0);
    console.log(`first visit: ${total} bytes`);
    expect(total).toBeLessThanOrEqual(WEIGHT_LIMIT);
    await context.close();
  });
});
