import { parse } from 'csv-parse/sync';
import request from 'supertest';
import { openTestApp, type TestApp } from '../helpers/app.js';
import { addSite, staffToken } from '../helpers/installation.js';
import { postBatch, validResponse } from '../helpers/responses.js';
import { bytesOfAnswer, readWithExcelJs } from '../helpers/spreadsheets.js';

let sipas: TestApp;
let admin: string;

const MONTH = 'period=2026-11';
const SIPAS = 'sipas-dvhcc-19';
const sipasForm = (answers: Readonly<Record<string, number>>) => validResponse({ questionnaire: SIPAS, answers });

beforeAll(async () => {
  sipas = await openTestApp();
  admin = await staffToken(sipas.services, 'admin');
  const province = await addSite(sipas.services, { centre: 'QN', unit: '22' });
  const ward = await addSite(sipas.services, { centre: 'HATU', unit: '06652' });
  await postBatch(sipas, province.token, [
    sipasForm({ C15: 5, C16: 2 }),
    sipasForm({ C15: 4 }),
    validResponse({ questionnaire: 'tthc-kiosk-3', answers: { attitude: 1 } }),
  ]);
  await postBatch(sipas, ward.token, [sipasForm({ C15: 3 })]);
  await sipas.services.tallies.run();
});
afterAll(() => sipas.close());

const get = (path: string) => request(sipas.app).get(`/api/v1${path}`).set('Authorization', `Bearer ${admin}`);

async function exported(query: string): Promise<Record<string, string>[]> {
  const { text } = await get(`/exports/criteria.csv?${query}`).expect(200);
  return parse(text, { columns: true, bom: true });
}

it('has a row a unit and criterion with its answers, rates and interval', async () => {
  const rows = await exported(`${MONTH}&questionnaire=${SIPAS}`);
  expect(rows.find(({ unit, criterion }) => unit === '22' && criterion === 'C15')).toMatchObject({
    ...{ scale: 'likert5', questionnaire: SIPAS, n: '2', n1: '0', n2: '0', n3: '0', n4: '1', n5: '1' },
    ...{ very_satisfied: '50', satisfied: '100', neutral: '0', dissatisfied: '0' },
    ...{ satisfied_low: '34.24', satisfied_high: '100' },
  });
  expect(rows.find(({ unit, criterion }) => unit === '06652' && criterion === 'C15')).toMatchObject({
    ...{ n: '1', n3: '1', satisfied: '0' },
  });
});

it('ends with all units together, as the index of the same query has them', async () => {
  const together = (await exported(`${MONTH}&questionnaire=${SIPAS}`)).filter(({ unit }) => unit === '');
  const { body } = await get(`/reports/index?${MONTH}&questionnaire=${SIPAS}`);
  const text = (value: number | null) => (value === null ? '' : String(value));
  expect(together.map(({ criterion, factor, n, satisfied }) => [criterion, factor, n, satisfied])).toEqual(
    body.criteria.map((of: { code: string; factor: string; n: number; value: number | null }) => [
      ...[of.code, of.factor, String(of.n), text(of.value)],
    ]),
  );
});

it('leaves rates blank where nobody answered', async () => {
  const rows = await exported(`${MONTH}&questionnaire=${SIPAS}`);
  const unanswered = rows.find(({ unit, criterion }) => unit === '06652' && criterion === 'C16');
  expect(unanswered).toMatchObject({ n: '0', satisfied: '', satisfied_low: '' });
});

it('keeps scales apart, blank where one has fewer levels', async () => {
  const rows = await exported(MONTH);
  const of3 = rows.filter(({ scale }) => scale === 'level3');
  expect(new Set(of3.map(({ questionnaire }) => questionnaire))).toEqual(new Set(['tthc-kiosk-3']));
  expect(of3.every(({ n4, n5 }) => n4 === '' && n5 === '')).toBe(true);
});

it('is the header alone where there is nothing', async () => {
  expect(await exported('period=2030')).toEqual([]);
});

it('holds the same as a workbook, figures as numbers', async () => {
  const { criteria } = await readWithExcelJs(await bytesOfAnswer(get(`/exports/criteria.xlsx?${MONTH}`)));
  const rows = await exported(MONTH);
  const [header, ...cells] = criteria!;
  expect(cells.map((row) => row.map(String))).toEqual(rows.map((row) => Object.values(row)));
  expect(cells[0]![header!.indexOf('n')]).toEqual(expect.any(Number));
});
