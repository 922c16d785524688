import { describeInBrowser } from '../helpers/browser.js';
import { addSite } from '../helpers/installation.js';
import { openOfficeBrowser, type OfficeBrowser } from '../helpers/office-browser.js';

describeInBrowser('the pages of units and centres', () => {
  let office: OfficeBrowser;

  beforeAll(async () => {
    office = await openOfficeBrowser(async (services) => {
      await addSite(services, { centre: 'QN', counter: 'Q7' });
      await services.centres.counters.add('QN', { code: 'Q1', name: 'Hộ tịch' });
    });
  }, 120_000);
  afterAll(() => office.close());

  it.each([
    ...['/admin/centres', '/admin/centres?q=zzz', '/admin/centres/QN', '/admin/centres/QN/close'],
    ...['/admin/units', '/admin/units?parent=22&page=2', '/admin/units/22', '/admin/units/06688?lang=en'],
  ])('are clean to axe and large enough for a finger: %s', async (path) => {
    await office.page.goto(office.url + path);
    expect(await office.problems()).toEqual([]);
  });

  it('lead by keyboard from a unit to a centre with counters, and to its end', async () => {
    const { page, url, problems, press } = office;
    const status = () => page.getByRole('status').innerText();
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
