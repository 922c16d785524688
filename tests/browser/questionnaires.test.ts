import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { openTestApp, type TestApp } from '../helpers/app.js';
import { violations } from '../helpers/axe.js';
import { describeInBrowser, launchBrowser } from '../helpers/browser.js';
import { addSite } from '../helpers/installation.js';
import { PASSWORD } from '../helpers/pages.js';
import { smallTargets } from '../helpers/targets.js';

const QUESTION = 'Ông/Bà có hài lòng về lần giao dịch này không?';
const LIST = '/admin/questionnaires';

describeInBrowser('an administrator makes a questionnaire by keyboard, without scripts', () => {
  let sipas: TestApp;
  let server: Server;
  let url: string;
  let browser: Browser;
  let office: BrowserContext;
  let page: Page;

  beforeAll(async () => {
    sipas = await openTestApp(() => new Date());
    await sipas.services.accounts.add({ username: 'lan', role: 'admin', scope: null, password: PASSWORD });
    server = createServer(sipas.app);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    browser = await launchBrowser();
    office = await browser.newContext({ viewport: { width: 390, height: 844 }, javaScriptEnabled: false });
    page = await office.newPage();
    await page.goto(`${url}/login`);
    await page.getByLabel('Tên đăng nhập').fill('lan');
    await page.getByLabel('Mật khẩu').fill(PASSWORD);
    await press('Đăng nhập');
  }, 60_000);

  afterAll(async () => {
    await browser.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await sipas.close();
  });

  async function press(button: string): Promise<void> {
    await Promise.all([
      page.waitForEvent('load'),
      page.getByRole('button', { name: button, exact: true }).press('Enter'),
    ]);
  }

  async function follow(link: string): Promise<void> {
    await Promise.all([page.waitForEvent('load'), page.getByRole('link', { name: link, exact: true }).press('Enter')]);
  }

  /** What axe and fingers object to on the page that is shown, and whether it is wider than the screen. */
  async function problems(): Promise<string[]> {
    const copy = await browser.newPage({ viewport: { width: 390, height: 844 }, bypassCSP: true });
    await copy.route(`${url}/copy`, async (route) =>
      route.fulfill({ contentType: 'text/html; charset=utf-8', body: await page.content() }),
    );
    await copy.goto(`${url}/copy`);
    const found = [...(await violations(copy)), ...(await smallTargets(copy, 44))];
    const wider = await copy.evaluate<boolean>('document.documentElement.scrollWidth > innerWidth');
    await copy.close();
    return wider ? [...found, 'wider than the screen'] : found;
  }

  it.each([
    ['the list', LIST],
    ['the page to add one', `${LIST}/new`],
    ['the page of one with 19 questions', `${LIST}/sipas-dvhcc-19`],
    ['the page of grade tables', '/admin/grades'],
    ['the question before retiring', `${LIST}/phuong-9/retire`],
  ])('%s is clean to axe, has large targets and fits a phone', async (_, path) => {
    await page.goto(`${url}${path}`);
    expect(await problems()).toEqual([]);
  });

  it('a copy becomes a draft, whose form says what is wrong', async () => {
    await page.goto(`${url}${LIST}`);
    await follow('Thêm bộ câu hỏi');
    await page.getByLabel('Sao chép từ').selectOption('tthc-kiosk-5');
    await page.getByLabel('Tên bộ câu hỏi mới').fill('Khảo sát của tỉnh');
    await page.getByLabel('Mã', { exact: true }).fill('tinh-1');
    await press('Tạo bản nháp');
    expect(await problems()).toEqual([]);
    await page.locator('[id="items.0.vi"]').fill('');
    await press('Lưu');
    expect(await page.getByRole('alert').innerText()).toContain('Câu hỏi 1: không được để trống.');
    expect(await problems()).toEqual([]);
    await page.locator('[id="items.0.vi"]').fill(QUESTION);
    await press('Lưu');
    expect(await page.getByRole('status').innerText()).toBe('Đã lưu bản nháp.');
  });

  it('the preview shows what citizens will see', async () => {
    expect(await page.getByText(QUESTION).first().isVisible()).toBe(true);
    expect(await problems()).toEqual([]);
  });

  it('it is published after asking, and then rated with at a kiosk', async () => {
    await follow('Phát hành');
    expect(await problems()).toEqual([]);
    await press('Phát hành phiên bản 1');
    expect(await page.getByRole('status').innerText()).toBe('Đã phát hành.');
    const { pairPath } = await addSite(sipas.services, { centre: 'QN', questionnaire: 'tinh-1' });
    const kiosk = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    await kiosk.goto(`${url}${pairPath}`);
    expect(await kiosk.getByRole('heading', { level: 1 }).innerText()).toBe(QUESTION);
    await kiosk.locator('body[data-screen]').waitFor();
    await kiosk.getByRole('button', { name: 'Hài lòng', exact: true }).click({ delay: 500 });
    await kiosk.getByRole('heading', { name: /cảm ơn/i }).waitFor();
    await expectStored({ questionnaire: 'tinh-1', version: 1, answers: { overall: 4 } });
    await kiosk.close();
  });

  /** The kiosk sends what it has kept when it can: soon, but not before its thanks. */
  async function expectStored(answer: object): Promise<void> {
    const responses = sipas.services.connection.collection('responses');
    const deadline = Date.now() + 20_000;
    let stored = await responses.findOne({}, { maxTimeMS: 5000 });
    while (!stored && Date.now() < deadline) stored = await responses.findOne({}, { maxTimeMS: 5000 });
    expect(stored).toMatchObject(answer);
  }
});
