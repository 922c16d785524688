import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { violations } from '../helpers/axe.js';
import { openTestApp, type TestApp } from '../helpers/app.js';
import { describeInBrowser, launchBrowser } from '../helpers/browser.js';
import { smallTargets } from '../helpers/targets.js';

const PASSWORD = 'matkhau-quan-ly';
const WIDE = { width: 1280, height: 800 };
const NARROW = { width: 390, height: 844 };

describeInBrowser('the report pages, on demo data and without scripts', () => {
  let test: TestApp;
  let server: Server;
  let url: string;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let centre: string;

  beforeAll(async () => {
    test = await openTestApp();
    await test.services.demo.load({ centres: 4, days: 120, responses: 1500, dossiers: 1875, seed: 3 }, () => undefined);
    await test.services.tallies.run();
    await test.services.dossierTallies.catchUp();
    const [first] = await test.services.centres.inUnits('all');
    centre = first!.code;
    server = createServer(test.app);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await test.services.accounts.add({ username: 'quanly', role: 'manager', scope: '22', password: PASSWORD });
    browser = await launchBrowser();
    context = await browser.newContext({ viewport: WIDE, javaScriptEnabled: false });
    page = await signedIn(context);
  }, 120_000);

  afterAll(async () => {
    await browser.close();
    await new Promise((resolve) => server.close(resolve));
    await test.close();
  });

  async function signedIn(own: BrowserContext): Promise<Page> {
    const opened = await own.newPage();
    await opened.goto(`${url}/login`);
    await opened.getByLabel('Tên đăng nhập').fill('quanly');
    await opened.getByLabel('Mật khẩu').fill(PASSWORD);
    await opened.getByRole('button', { name: 'Đăng nhập' }).click();
    await opened.waitForURL(`${url}/reports`);
    return opened;
  }

  const paths = () => [
    '/exports?period=2026-11',
    '/exports/jobs?auto=off',
    '/account',
    '/privacy',
    '/reports/overview',
    `/reports/overview?period=2026-11&centre=${centre}`,
    '/reports/overview?unit=99&lang=en',
    '/reports/index',
    '/reports/ranking',
    '/reports/ranking?measure=onTime&period=2026-11&minN=1',
    '/reports/on-time',
    '/reports?period=2026&groupBy=field&sort=-satisfied',
    '/reports?period=2026&field=H%E1%BB%99%20t%E1%BB%8Bch',
    '/reports/compare',
    `/reports/tthc-score?period=2026-11&centre=${centre}`,
    '/reports/tthc-score?period=2026-W47&lang=en',
    `/admin/tthc-score?period=2026-11&centre=${centre}`,
    '/reports/indices?unit=22',
    '/reports/indices?unit=99&lang=en',
    `/reports/compare?period=2026-10&withCentre=${centre}&lang=en`,
    '/reports/compare?period=2026-13&withUnit=99',
    '/reports/on-time?groupBy=month&period=2026',
    `/reports/centres/${centre}`,
    '/reports/ranking?period=2026-13',
    '/reports/index?lang=en',
    `/reports/centres/${centre}?period=2025&lang=en`,
    '/results',
    '/api-docs',
    `/results/${centre}`,
  ];

  it.each([
    ['wide', WIDE],
    ['narrow', NARROW],
  ])(
    'are clean to axe on a %s screen',
    async (_, viewport) => {
      const own = await browser.newContext({ viewport, bypassCSP: true });
      const opened = await signedIn(own);
      for (const path of paths()) {
        await opened.goto(url + path);
        expect(opened.url()).toBe(url + path);
        const found = await violations(opened);
        expect({ path, found }).toEqual({ path, found: [] });
      }
      await own.close();
    },
    120_000,
  );

  it.each([
    ['wide', WIDE],
    ['narrow', NARROW],
  ])('have nothing to press that is smaller than 44 pixels on a %s screen', async (_, viewport) => {
    const own = await browser.newContext({ viewport });
    const opened = await signedIn(own);
    const small: Record<string, string[]> = {};
    for (const path of paths()) {
      await opened.goto(url + path);
      const found = await smallTargets(opened, 44);
      if (found.length > 0) small[path] = found;
    }
    expect(small).toEqual({});
    await own.close();
  });

  it('lead from one to the other and keep the period', async () => {
    await page.goto(`${url}/reports?period=2026-11`);
    await page.getByRole('link', { name: 'Chỉ số', exact: true }).click();
    expect(page.url()).toBe(`${url}/reports/index?period=2026-11`);
    await page.getByRole('link', { name: 'Xếp hạng', exact: true }).click();
    expect(page.url()).toBe(`${url}/reports/ranking?period=2026-11`);
    await page.locator('tbody th a').first().click();
    expect(page.url()).toContain('/reports/centres/DEMO-');
    expect(await page.locator('h1').innerText()).toContain('Trung tâm Phục vụ hành chính công');
  });

  it('show a centre beside its other periods, its months and its dossiers', async () => {
    await page.goto(`${url}/reports/centres/${centre}?period=2026-11`);
    const text = await page.locator('main').innerText();
    for (const expected of ['Kỳ này: Tháng 11/2026', 'Kỳ trước: Tháng 10/2026', 'Diễn biến 12 tháng', '12/25']) {
      expect(text).toContain(expected);
    }
    expect(await page.locator('svg.trend').count()).toBeGreaterThan(0);
  });

  it('rank with grades and their shares, figures written as in Việt Nam', async () => {
    await page.goto(`${url}/reports/ranking?period=2026&minN=1`);
    const text = await page.locator('main').innerText();
    expect(text).toContain('1/4');
    expect(text).toMatch(/\d+,\d\d%/);
    expect(text).toContain('Xuất sắc');
  });

  it('ask for a questionnaire where answers are on several scales', async () => {
    const answer = await page.goto(`${url}/reports/ranking?period=2026&questionnaire=`);
    expect(answer?.status()).toBe(422);
    expect(await page.getByRole('alert').innerText()).toContain('Xin chọn một phiếu');
  });

  it.each(['period=2026-13', 'from=2026-11-22&to=2026-11-01', 'unit=24'])(
    'say what is wrong with %s',
    async (query) => {
      const answer = await page.goto(`${url}/reports/on-time?${query}`);
      expect(answer?.status()).toBe(422);
      expect(await page.getByRole('alert').count()).toBe(1);
    },
  );

  it('print with the place and period, without the form, with room for signatures', async () => {
    await page.goto(`${url}/reports/ranking?period=2026`);
    await page.emulateMedia({ media: 'print' });
    expect(await page.getByText('Người lập biểu').isVisible()).toBe(true);
    expect(await page.locator('form.filter').isVisible()).toBe(false);
    expect(await page.getByText('Năm 2026', { exact: false }).first().isVisible()).toBe(true);
    await page.emulateMedia({ media: 'screen' });
  });

  it('the page of a centre that is not theirs or not there is refused', async () => {
    await test.services.centres.add({ code: 'BN', name: 'Trung tâm khác', unit: '24' });
    expect((await page.goto(`${url}/reports/centres/BN`))?.status()).toBe(403);
    expect((await page.goto(`${url}/reports/centres/none`))?.status()).toBe(404);
  });
});
