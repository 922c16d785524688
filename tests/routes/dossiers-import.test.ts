import { Readable } from 'node:stream';
import { ImportFileError } from '../../src/features/imports/imports.errors.js';
import { openDossierImport } from '../../src/features/imports/imports.files.js';
import { openTestApp, type TestApp } from '../helpers/app.js';
import { addSite } from '../helpers/installation.js';

let sipas: TestApp;

beforeAll(async () => {
  sipas = await openTestApp();
  await addSite(sipas.services, { centre: 'TT1' });
});
afterAll(() => sipas.close());

async function importFile(name: string, text: string) {
  const file = await openDossierImport(Readable.from([Buffer.from(text)]), name);
  const rejected: unknown[] = [];
  const counts = await sipas.services.dossierImports.importDossiers({ scope: null }, file.lines, async (refused) => {
    rejected.push([refused.line.number, ...refused.errors.map(({ path }) => path)]);
  });
  return { ...counts, rejected };
}

const CSV = [
  'code;centre;procedure;field;officer;received_at;due_at;returned_at',
  'A;TT1;1.001612;Hộ tịch;CB1;2026-11-01T08:00:00+07:00;2026-11-10;2026-11-10T16:00:00+07:00',
  'B;TT1;;;;2026-11-01;2026-11-10;',
  'C;TT9;;;;2026-11-01;2026-11-10;',
  'D;TT1;;;;01/11/2026;2026-11-10;',
  'E;TT1;2026-11-01',
].join('\r\n');

it('takes dossiers from a CSV, with days or instants, and names what is wrong with the others', async () => {
  expect(await importFile('h.csv', CSV)).toEqual({
    ...{ stored: 2, updated: 0, unchanged: 0, invalid: 3 },
    rejected: [
      [5, 'receivedAt'],
      [6, ''],
      [4, 'centre'],
    ],
  });
  expect(await importFile('h.csv', CSV)).toMatchObject({ stored: 0, unchanged: 2, invalid: 3 });
});

it('takes dossiers from NDJSON, as the API has them', async () => {
  const dossier = { code: 'N', centre: 'TT1', receivedAt: '2026-11-01T01:00:00Z', dueAt: '2026-11-02T01:00:00Z' };
  const lines = [dossier, { ...dossier, returnedAt: '2026-11-02T01:00:00Z' }, 'nonsense'];
  const text = lines.map((line) => JSON.stringify(line)).join('\n');
  expect(await importFile('h.ndjson', text)).toMatchObject({ stored: 1, updated: 1, invalid: 1, rejected: [[3, '']] });
});

it.each([
  ['code,centre,due_at\n', 'receivedAt'],
  ['code,centre,receivedAt,dueAt,colour\n', 'colour'],
])('refuses a CSV whose columns are %j', async (header, column) => {
  await expect(importFile('h.csv', header)).rejects.toThrow(ImportFileError);
  await expect(importFile('h.csv', header)).rejects.toThrow(column);
});
