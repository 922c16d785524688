import { openTestApp, type TestApp } from '../helpers/app.js';
import { addSite, type Site } from '../helpers/installation.js';
import { PASSWORD, signIn, visitor, type Visitor } from '../helpers/pages.js';
import { postBatch, validResponse } from '../helpers/responses.js';

/**
 * The kinds of figures that officials read out (seed-figures.json), each found on a page after answers that lead to it
 * came in: what a provincial officer must be able to answer without a spreadsheet.
 */
let sipas: TestApp;
let officer: Visitor;
const ANSWERS = 20;

beforeAll(async () => {
  sipas = await openTestApp();
  for (let number = 1; number <= 19; number += 1) {
    const site = await addSite(sipas.services, { centre: `DV${number}`, name: `Đơn vị ${number}`, unit: '22' });
    await rate(site, '2026-05-04', number <= 5 ? 19 : 17);
    await rate(site, '2025-05-05', number === 1 ? 18 : 15);
  }
  for (let number = 1; number <= 13; number += 1) {
    const site = await addSite(sipas.services, { centre: `DP${number}`, name: `Địa phương ${number}`, unit: '24' });
    await rate(site, '2026-05-04', { 1: 19, 2: 20 }[number] ?? 15);
    await rate(site, '2025-05-05', { 1: 10, 2: 5 }[number] ?? 18);
  }
  const small = await addSite(sipas.services, { centre: 'NHO', name: 'Bộ phận một cửa', unit: '19' });
  await rate(small, '2026-05-04', 28, 29);
  await sipas.services.tallies.run();
  await feedDossiers('NHO');
  await sipas.services.accounts.add({ username: 'vanphong', role: 'viewer', scope: null, password: PASSWORD });
  officer = visitor(sipas);
  await signIn(officer, { username: 'vanphong' });
}, 120_000);
afterAll(() => sipas.close());

/** Of all answers these are satisfied, the others neutral. */
async function rate(site: Site, day: string, satisfied: number, answers = ANSWERS): Promise<void> {
  const responses = Array.from({ length: answers }, (_, index) =>
    validResponse({ answers: { overall: index < satisfied ? 5 : 3 }, capturedAt: `${day}T03:00:00Z` }),
  );
  const { body } = await postBatch(sipas, site.token, responses);
  expect(new Set(body.results.map(({ status }: { status: string }) => status))).toEqual(new Set(['stored']));
}

/** A hundred dossiers returned, one of them late. */
async function feedDossiers(centre: string): Promise<void> {
  const dossiers = Array.from({ length: 100 }, (_, index) => ({
    ...{ code: `HS-${index}`, centre, field: 'Hộ tịch', receivedDay: '2026-05-04', dueDay: '2026-05-08' },
    returnedDay: index === 0 ? '2026-05-09' : '2026-05-08',
  }));
  await sipas.services.dossiers.receiveMany({ scope: null }, dossiers);
  await sipas.services.dossierTallies.catchUp();
}

/** What a reader reads: no tags, and one space between words. */
async function read(path: string): Promise<string> {
  const { text, status } = await officer.get(path);
  expect(status).toBe(200);
  return text.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ');
}

const RANKING = '/reports/ranking?period=2026&questionnaire=tthc-kiosk-5&minN=1';

it('05/19 đơn vị xuất sắc, 26,32%; 14/19 tốt, 73,68%, by name', async () => {
  const page = await read(`${RANKING}&unit=22`);
  expect(page).toMatch(/Xuất sắc 5 26,32% Đơn vị 1; Đơn vị 2; Đơn vị 3; Đơn vị 4; Đơn vị 5 /);
  expect(page).toMatch(/Tốt 14 73,68% Đơn vị 10;/);
});

it('xếp thứ 2/13, tăng 10 bậc', async () => {
  expect(await read(`${RANKING}&unit=24`)).toMatch(/Địa phương 1 2\/13 20 95,00%.*? tăng 10 bậc Xuất sắc/);
});

it('2 năm liên tiếp trong nhóm xuất sắc', async () => {
  const page = await read(`${RANKING}&unit=22`);
  expect(page).toMatch(/Đơn vị 1 1\/19 .*? Xuất sắc 2 năm liên tiếp/);
  expect(page).toMatch(/Đơn vị 2 1\/19 .*? Xuất sắc 1 năm /);
});

it('từ xếp loại khá lên loại tốt, by name', async () => {
  expect(await read(`${RANKING}&unit=22`)).toMatch(/từ Khá sang Tốt 14 Đơn vị 10; /);
});

it('96,55% hài lòng, và không có phiếu không hài lòng, with n and the response rate', async () => {
  const page = await read('/reports/overview?period=2026&centre=NHO');
  expect(page).toContain('96,55%');
  expect(page).toMatch(/n = 29/);
  expect(page).toMatch(/29,00/);
});

it('99% hồ sơ trả sớm và đúng hẹn, by field and against the year before', async () => {
  expect(await read('/reports/on-time?period=2026&centre=NHO&groupBy=field')).toContain('99,00%');
});
