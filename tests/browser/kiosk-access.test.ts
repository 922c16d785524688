import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { parseHours } from '../../src/domain/opening-hours.js';
import { violations } from '../helpers/axe.js';
import { describeInBrowser, launchBrowser } from '../helpers/browser.js';
import { cliOn } from '../helpers/cli.js';
import { KioskServer, queued, rate, untilEmpty } from '../helpers/kiosk-device.js';

const SIZES = [
  { width: 1080, height: 1920 },
  { width: 1280, height: 800 },
  { width: 390, height: 844 },
];
/** 1280 × 800 with everything four times as large. */
const ZOOMED = { width: 320, height: 200 };
const SETTLED_MS = 400;

let server: KioskServer;
let browser: Browser;

async function kiosk(options: BrowserContextOptions = {}): Promise<Page> {
  const page = await (await browser.newContext({ viewport: SIZES[1]!, locale: 'vi-VN', ...options })).newPage();
  await server.pair(page);
  return page;
}

function start(questionnaire: string): void {
  beforeAll(async () => {
    server = await KioskServer.start({ idleSeconds: 75, thanksSeconds: 30, repeatSeconds: 0 }, { questionnaire });
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser.close();
    await server.stop();
  });
}

/** Presses Tab until the focus is on what has this name, then Enter or Space. */
async function press(page: Page, name: string, key: 'Enter' | 'Space' = 'Enter'): Promise<void> {
  await page.waitForTimeout(SETTLED_MS);
  for (let tabs = 0; tabs < 30; tabs += 1) {
    await page.keyboard.press('Tab');
    const focused = await page.evaluate<string>(
      `(document.activeElement.labels?.[0] ?? document.activeElement).textContent.trim()`,
    );
    if (focused === name) {
      await page.keyboard.press(key);
      return;
    }
  }
  throw new Error(`The keyboard does not reach "${name}"`);
}

describeInBrowser('a kiosk of one question', () => {
  start('tthc-kiosk-5');

  it('is used by keyboard alone, from the rating to the thanks and back', async () => {
    const page = await kiosk();
    await press(page, 'Rất không hài lòng');
    await page.getByRole('heading', { name: 'Xin Ông/Bà cho biết' }).waitFor();
    await press(page, 'Chờ đợi lâu', 'Space');
    await press(page, 'Gửi');
    await page.getByRole('heading', { name: 'Xin cảm ơn' }).waitFor();
    await press(page, 'Về màn hình đầu');
    await page.getByRole('button', { name: 'Rất hài lòng' }).waitFor();
    await untilEmpty(page);
    expect((await server.stored()).map(({ reasons }) => reasons)).toEqual([['cho-lau']]);
    await page.context().close();
  });

  it('tells a screen reader what everything is, and which screen has come', async () => {
    const page = await kiosk();
    const rest = await page.locator('body').ariaSnapshot();
    for (const part of [
      '- banner:',
      '- main:',
      '- contentinfo:',
      '- heading "Ông/Bà hài lòng ở mức độ nào về việc giải quyết thủ tục hành chính lần này?" [level=1]',
      '- group "Mức độ hài lòng":',
      '- button "Rất hài lòng"',
      '- button "Rất không hài lòng"',
    ]) {
      expect(rest).toContain(part);
    }
    await page.waitForTimeout(SETTLED_MS);
    await page.getByRole('button', { name: 'Không hài lòng', exact: true }).click();
    await page.getByRole('group', { name: 'Chọn tối đa 3 nội dung.' }).waitFor();
    expect(await page.evaluate('document.activeElement.textContent')).toContain('Xin Ông/Bà cho biết');
    await page.getByRole('textbox', { name: 'Ý kiến khác (không bắt buộc)' }).waitFor();
    await page.context().close();
  });

  it('works at 400 % zoom, with nothing cut off at the side', async () => {
    const page = await kiosk({ viewport: ZOOMED });
    const overflow = () =>
      page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth');
    const widths = [await overflow()];
    await page.waitForTimeout(SETTLED_MS);
    await page.getByRole('button', { name: 'Rất không hài lòng' }).click();
    await page.getByLabel('Chờ đợi lâu').check();
    widths.push(await overflow());
    await page.waitForTimeout(SETTLED_MS);
    await page.getByRole('button', { name: 'Gửi' }).click();
    await page.getByRole('heading', { name: 'Xin cảm ơn' }).waitFor();
    widths.push(await overflow());
    expect(widths).toEqual([0, 0, 0]);
    await page.context().close();
  });

  it.each(SIZES)('has nothing for axe to find on its other pages at $width × $height', async (viewport) => {
    const { kiosks, centres } = server.test.services;
    const paired = await kiosk();
    const cookies = await paired.context().cookies();
    const unpaired = await browser.newContext({ viewport, bypassCSP: true });
    const device = await browser.newContext({ viewport, bypassCSP: true, serviceWorkers: 'block' });
    await device.addCookies(cookies);
    const look = async (context: typeof device, path: string) => {
      const page = await context.newPage();
      await page.goto(server.url + path);
      const found = await violations(page);
      const title = await page.title();
      await page.close();
      return [title.replace(/ – .*/, ''), found];
    };
    const found = [await look(unpaired, '/kiosk'), await look(unpaired, server.site.pairPath)];
    found.push(await look(device, '/kiosk/queue'), await look(device, '/kiosk/rated'));
    await centres.setHours(server.site.centre, parseHours('1', '00:00-00:01'));
    found.push(await look(device, '/kiosk'));
    await kiosks.setPaused(server.site.kiosk, true);
    found.push(await look(device, '/kiosk'));
    await kiosks.setPaused(server.site.kiosk, false);
    await centres.setHours(server.site.centre, null);
    expect(found).toEqual([
      ['Ghép máy đánh giá', []],
      ['Mã này đã ghép một thiết bị', []],
      ['Phiếu đang giữ trên máy', []],
      ['Hồ sơ này đã được đánh giá', []],
      ['Kính mời Ông/Bà đánh giá', []],
      ['Máy đang tạm dừng', []],
    ]);
    await Promise.all([paired.context(), unpaired, device].map((context) => context.close()));
  });

  it('saves its queue to a file that the command line takes in, each answer once', async () => {
    const page = await kiosk({ acceptDownloads: true });
    const before = (await server.stored()).length;
    await server.test.services.kiosks.configure(server.site.kiosk, { thanksSeconds: 0 });
    server.goDown();
    await rate(page, 1);
    expect(await queued(page)).toBe(1);
    await page.goto(`${server.url}/kiosk/queue`);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Lưu ra tệp' }).click(),
    ]);
    const directory = await mkdtemp(join(tmpdir(), 'sipas-queue-'));
    const file = join(directory, download.suggestedFilename());
    await download.saveAs(file);
    const sipas = cliOn({ MONGODB_URI: server.test.uri }, directory);
    const counts = { stored: 1, duplicate: 0, conflict: 0, invalid: 0 };
    expect(await sipas.json(['import', 'responses', file])).toMatchObject(counts);
    expect(await sipas.json(['import', 'responses', file])).toMatchObject({ ...counts, stored: 0, duplicate: 1 });
    expect(await server.stored()).toHaveLength(before + 1);
    await rm(directory, { recursive: true });
    server.comeBack();
    await page.context().close();
  });
});

describeInBrowser('a kiosk of nineteen questions', () => {
  start('sipas-dvhcc-19');

  it.each(SIZES)('has nothing for axe to find on a question at $width × $height', async (viewport) => {
    const page = await kiosk({ viewport, bypassCSP: true });
    await page.waitForTimeout(SETTLED_MS);
    await page.getByRole('button', { name: 'Hài lòng', exact: true }).click();
    await page.getByText('Câu 2 trên 19').waitFor();
    expect(await violations(page)).toEqual([]);
    await page.context().close();
  });

  it('is answered, skipped and gone back in by keyboard alone', async () => {
    const page = await kiosk();
    await press(page, 'Hài lòng');
    await page.getByText('Câu 2 trên 19').waitFor();
    await press(page, 'Bỏ qua câu này');
    await page.getByText('Câu 3 trên 19').waitFor();
    await press(page, 'Quay lại');
    await page.getByText('Câu 2 trên 19').waitFor();
    await page.context().close();
  });
});
