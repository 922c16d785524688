import { Readable } from 'node:stream';
import request from 'supertest';
import { openTestApp, type TestApp } from '../helpers/app.js';
import { addSite, staffToken, type Site } from '../helpers/installation.js';
import { fullResponse, postBatch, validResponse } from '../helpers/responses.js';
import { bytesOfAnswer, describeInLibreOffice, savedByLibreOffice } from '../helpers/spreadsheets.js';

const COMMENTS = ['=1+1', "'=đã có dấu nháy", '@SUM(A1)', '007', 'Chờ lâu 😐\nquá', '  cách ', '2026-11-22', 'TRUE'];

let sipas: TestApp;
let site: Site;
let xlsx: Buffer;
let before: readonly unknown[];

beforeAll(async () => {
  sipas = await openTestApp();
  site = await addSite(sipas.services, { centre: 'QN', name: '=Trung tâm, "QN"' });
  await postBatch(sipas, site.token, [
    ...COMMENTS.map((comment) => fullResponse({ comment, dossier: undefined, counter: '01' })),
    validResponse({ questionnaire: 'phuong-9', answers: { P3: 2 }, demographics: { 'gioi-tinh': 'nu' } }),
  ]);
  const admin = await staffToken(sipas.services, 'admin');
  xlsx = await bytesOfAnswer(
    request(sipas.app).get('/api/v1/exports/responses.xlsx?period=2026-11').set('Authorization', `Bearer ${admin}`),
  );
  before = await stored();
});
afterAll(() => sipas.close());
beforeEach(() => sipas.services.connection.collection('responses').deleteMany({}));

/** What is stored of the citizens' answers; when it came in, and that it waits to be counted, is not theirs. */
async function stored(): Promise<unknown[]> {
  return sipas.services.connection
    .collection('responses')
    .find({}, { projection: { receivedAt: 0, pending: 0 }, maxTimeMS: 5000 })
    .sort({ _id: 1 })
    .toArray();
}

async function importXlsx(bytes: Buffer) {
  const opened = await sipas.services.fileImports.open('responses', Readable.from([bytes]), 'phieu.xlsx');
  const refused: unknown[] = [];
  const counts = await sipas.services.fileImports.store({ scope: null }, opened, async ({ errors }) => {
    refused.push(errors);
  });
  return { counts, refused };
}

const ALL_STORED = {
  counts: { stored: COMMENTS.length + 1, duplicate: 0, conflict: 0, invalid: 0 },
  refused: [],
};

it('an export as XLSX is imported as the same responses', async () => {
  expect(await importXlsx(xlsx)).toEqual(ALL_STORED);
  expect(await stored()).toEqual(before);
});

it('an export as XLSX says nothing new to who has its responses', async () => {
  await importXlsx(xlsx);
  expect(await importXlsx(xlsx)).toMatchObject({ counts: { stored: 0, duplicate: COMMENTS.length + 1 } });
});

it('a workbook with columns that are not known is refused, and its reading ends', async () => {
  const forms = sipas.services.fileImports.open('dossiers', Readable.from([xlsx]), 'phieu.xlsx');
  await expect(forms).rejects.toThrow('The XLSX has columns that are not known: id,');
});

describeInLibreOffice('an export that LibreOffice saved', () => {
  it('is imported as the same responses', async () => {
    expect(await importXlsx(await savedByLibreOffice(xlsx))).toEqual(ALL_STORED);
    expect(await stored()).toEqual(before);
  }, 90_000);
});
