import { Readable } from 'node:stream';
import { openOtherIndexImport } from '../../src/features/imports/imports.files.js';
import type { RejectedLine } from '../../src/features/imports/imports.service.js';
import { openTestApp, type TestApp } from '../helpers/app.js';
import { addSite } from '../helpers/installation.js';
import { hiddenField, PASSWORD, signIn, visitor, type Visitor } from '../helpers/pages.js';
import { postBatch, validResponse } from '../helpers/responses.js';

/** Indices that others publish, entered or imported, beside our own. */
let sipas: TestApp;
let admin: Visitor;
let viewer: Visitor;

beforeAll(async () => {
  sipas = await openTestApp();
  const site = await addSite(sipas.services, { centre: 'QN', unit: '22' });
  await postBatch(sipas, site.token, [
    validResponse({ answers: { overall: 5 } }),
    validResponse({ answers: { overall: 2 } }),
  ]);
  await sipas.services.tallies.run();
  await sipas.services.accounts.add({ username: 'admin', role: 'admin', scope: null, password: PASSWORD });
  await sipas.services.accounts.add({ username: 'tinh', role: 'viewer', scope: '22', password: PASSWORD });
  [admin, viewer] = [visitor(sipas), visitor(sipas)];
  await signIn(admin, { username: 'admin' });
  await signIn(viewer, { username: 'tinh' });
});
afterAll(() => sipas.close());
beforeEach(async () => {
  await sipas.services.connection.collection('other_indices').deleteMany({});
});

const PUBLISHED = { index: 'PAR INDEX', unit: '22', year: '2025', value: '89,63', rank: '11', of: '13', grade: 'Tốt' };
const SOURCE = 'Quyết định 12/QĐ-UBND ngày 05/01/2026';

async function send(fields: Readonly<Record<string, string>>, path = '/admin/indices') {
  const _csrf = hiddenField((await admin.get('/admin/indices')).text, '_csrf');
  return admin
    .post(path)
    .type('form')
    .send({ _csrf, ...fields });
}

async function board(query = 'unit=22&questionnaire=tthc-kiosk-5', who = viewer): Promise<string> {
  return (await who.get(`/reports/indices?${query}`)).text.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ');
}

async function importCsv(text: string) {
  const file = await openOtherIndexImport(Readable.from([Buffer.from(text)]), 'chi-so.csv');
  const rejected: RejectedLine[] = [];
  const counts = await sipas.services.otherIndices.importLines(file.lines, (line) => {
    rejected.push(line);
    return Promise.resolve();
  });
  return { counts, errors: rejected.map(({ line, errors }) => [line.number, errors.map(({ path }) => path)]) };
}

it('what was published stands beside our own index, with change, rank and movement', async () => {
  await send({ ...PUBLISHED, source: SOURCE });
  await send({ ...PUBLISHED, year: '2024', value: '88,83', rank: '13', source: 'Báo cáo 2024' });
  await send({ ...PUBLISHED, index: 'DDCI', year: '2026', value: '', rank: '2', grade: 'Xuất sắc', source: SOURCE });
  const page = await board();
  expect(page).toMatch(/PAR INDEX 89,63 tăng 0,8 điểm 11\/13 tăng 2 bậc Tốt 2 năm liên tiếp Quyết định 12/);
  expect(page).toMatch(/Chỉ số hài lòng nội bộ \(theo tiêu chí SIPAS\) 50,00 n = 2/);
  expect(page).toMatch(/DDCI — — 2\/13 — Xuất sắc/);
});

it('a place kept for years is told as such', async () => {
  const rows = [2017, 2018, 2019, 2020, 2021].map((year) => `PCI,22,${year},,1,63,,Báo cáo PCI`).join('\n');
  expect(await importCsv(`index,unit,year,value,rank,of,grade,source\n${rows}\n`)).toMatchObject({
    counts: { stored: 5, updated: 0, invalid: 0 },
  });
  expect(await board()).toMatch(/PCI — — 1\/63 5 năm liên tiếp giữ nguyên/);
});

it('places among another number of units are not compared', async () => {
  await send({ ...PUBLISHED, source: SOURCE });
  await send({ ...PUBLISHED, year: '2024', of: '14', source: SOURCE });
  expect(await board()).toMatch(/11\/13 2 năm liên tiếp — Tốt/);
});

it('no figure of ours changes with them', async () => {
  const before = await board('unit=22', admin);
  const own = async () => (await viewer.get('/reports/index?period=2026&questionnaire=tthc-kiosk-5')).text;
  const index = (await own()).replace(/nonce-[^"]+/g, '');
  await send({ ...PUBLISHED, index: 'SIPAS', year: '2026', source: SOURCE });
  expect((await own()).replace(/nonce-[^"]+/g, '')).toBe(index);
  expect(before).toContain('Chưa nhập chỉ số nào');
});

it('an import may be repeated, and names what is wrong in which line', async () => {
  const file = `index,unit,year,value,rank,of,source
PAPI,22,2024,"43,12",,,Báo cáo PAPI
PAPI,22,hai nghìn,43.12,,,Báo cáo PAPI
XYZ,22,2024,1,,,x
PAPI,99,2024,1,,,x
PAPI,22,2023,,5,,x
PAPI,22,2023,,14,13,x
PAPI,22,2023,,,,x
`;
  const wrong = [
    [3, ['year']],
    [4, ['index']],
    [5, ['unit']],
    [6, ['of']],
    [7, ['rank']],
    [8, ['value']],
  ];
  expect(await importCsv(file)).toEqual({ counts: { stored: 1, updated: 0, invalid: 6 }, errors: wrong });
  expect((await importCsv(file)).counts).toEqual({ stored: 0, updated: 1, invalid: 6 });
});

it.each([
  [{ unit: '99' }, 'unit'],
  [{ value: 'tốt' }, 'value'],
  [{ rank: '14' }, 'rank'],
  [{ source: '' }, 'source'],
  [{ year: '1899' }, 'year'],
])('the form with %j says which field is wrong, keeps what was typed and stores nothing', async (fields, name) => {
  const answer = await send({ ...PUBLISHED, source: SOURCE, ...fields });
  expect(answer.status).toBe(422);
  expect(answer.text).toContain(`href="#${name}"`);
  expect(answer.text).toContain('value="Tốt"');
  expect(await sipas.services.connection.collection('other_indices').countDocuments()).toBe(0);
});

it('one that was entered by mistake can be removed', async () => {
  await send({ ...PUBLISHED, source: SOURCE });
  expect((await send(PUBLISHED, '/admin/indices/remove')).status).toBe(303);
  expect((await send(PUBLISHED, '/admin/indices/remove')).status).toBe(404);
  expect(await board()).toContain('Chưa nhập chỉ số nào');
});

it.each([
  ['unit=24', 422],
  ['unit=99', 422],
  ['unit=22&questionnaire=khong', 422],
  ['unit=22', 200],
  ['', 200],
])('a viewer of one province who asks for "%s" gets %d', async (query, status) => {
  expect((await viewer.get(`/reports/indices?${query}`)).status).toBe(status);
});

it('only an administrator enters them', async () => {
  expect((await viewer.get('/admin/indices')).status).toBe(403);
  expect((await viewer.get('/reports/indices')).text).not.toContain('/admin/indices');
});
