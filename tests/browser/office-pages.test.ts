import { describeInBrowser } from '../helpers/browser.js';
import { officeVersion } from '../helpers/grade-tables.js';
import { openOfficeBrowser, type OfficeBrowser } from '../helpers/office-browser.js';

describeInBrowser('the pages of grade tables and settings', () => {
  let office: OfficeBrowser;

  beforeAll(async () => {
    office = await openOfficeBrowser(async ({ gradeTables }) => {
      await gradeTables.put('index-100', 0, officeVersion('2027-01-01', { 80: 'Đạt', 0: 'Chưa đạt' }));
    });
  }, 120_000);
  afterAll(() => office.close());

  it.each([
    ...['/admin/grades', '/admin/grades?q=zzz', '/admin/grades/new', '/admin/grades/index-100'],
    ...['/admin/grades/index-100/version', '/admin/grades/index-100/remove', '/admin/grades/tthc-18?lang=en'],
    ...['/admin/settings', '/admin/settings?lang=en', '/admin/languages', '/admin/languages?lang=en'],
  ])('are clean to axe and large enough for a finger: %s', async (path) => {
    await office.page.goto(office.url + path);
    expect(await office.problems()).toEqual([]);
  });

  it('ask by keyboard before what cannot be undone', async () => {
    const { page, url, problems, press } = office;
    await page.goto(`${url}/admin/settings?lang=vi`);
    await page.getByLabel('Giữ ý kiến viết của người dân (tháng)').fill('12');
    await press('Lưu');
    expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe('Xác nhận thay đổi cài đặt');
    expect(await problems()).toEqual([]);
    await press('Đồng ý thay đổi');
    expect(await page.getByRole('status').innerText()).toBe('Đã lưu cài đặt.');
  }, 60_000);

  it('lead by keyboard from a slip in a new table to its page', async () => {
    const { page, url, problems, press } = office;
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
