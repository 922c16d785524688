import { parse } from 'csv-parse/sync';
import request from 'supertest';
import { openTestApp, type TestApp } from '../helpers/app.js';
import { addSite, staffToken, type Site } from '../helpers/installation.js';
import { postBatch, validResponse } from '../helpers/responses.js';

let sipas: TestApp;
let admin: string;
let site: Site;

beforeAll(async () => {
  sipas = await openTestApp();
  admin = await staffToken(sipas.services, 'admin');
  site = await addSite(sipas.services, { centre: 'QN', name: '@Trung tâm' });
  await postBatch(sipas, site.token, [
    ...[5, 5, 4, 3, 1].map((overall) => validResponse({ answers: { overall } })),
    validResponse({ questionnaire: 'tthc-kiosk-3', answers: { attitude: 2 } }),
  ]);
  await sipas.services.tallies.run();
});
afterAll(() => sipas.close());

async function exported(query: string): Promise<Record<string, string>[]> {
  const { text } = await request(sipas.app)
    .get(`/api/v1/exports/satisfaction.csv?${query}`)
    .set('Authorization', `Bearer ${admin}`);
  expect(text.startsWith('\uFEFFscale,key,label,responses,n,')).toBe(true);
  return parse(text, { columns: true, bom: true });
}

it('an export of a report holds its rows and its total', async () => {
  const figures = {
    ...{ scale: 'likert5', responses: '5', n: '5', n1: '1', n2: '0', n3: '1', n4: '1', n5: '2' },
    ...{ very_satisfied: '40', satisfied: '60', neutral: '20', dissatisfied: '20' },
    ...{ satisfied_low: '23.07', satisfied_high: '88.24' },
  };
  expect(await exported('period=2026-11&questionnaire=tthc-kiosk-5')).toEqual([
    { key: 'QN', label: "'@Trung tâm", ...figures },
    { key: '', label: 'Tổng', ...figures },
  ]);
});

it('rates of no answers are empty cells', async () => {
  const [row] = await exported('period=2027-01&questionnaire=tthc-kiosk-5&groupBy=month');
  expect(row).toMatchObject({ key: '2027-01', n: '0', satisfied: '', satisfied_low: '' });
});

it('scales stand under their own names, never in one row', async () => {
  const rows = await exported('period=2026-11');
  expect(rows.map(({ scale, key, n }) => [scale, key, n])).toEqual([
    ['level3', 'QN', '1'],
    ['level3', '', '1'],
    ['likert5', 'QN', '5'],
    ['likert5', '', '5'],
  ]);
});
