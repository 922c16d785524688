import { mkdtemp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { randomUUID } from 'node:crypto';
import { parse } from 'csv-parse/sync';
import request from 'supertest';
import { openImport } from '../../src/features/imports/imports.files.js';
import { xlsxStream } from '../../src/xlsx/workbook.js';
import { NOON, openTestApp, type TestApp } from '../helpers/app.js';
import { cliOn, ended, type Cli } from '../helpers/cli.js';
import { addSite, staffToken } from '../helpers/installation.js';
import { storedResponses } from '../helpers/database.js';

const MONTH = ['--period', '2025-09'];
const NOTHING = { stored: 0, duplicate: 0, conflict: 0, invalid: 0, rejected: null };

let app: TestApp;
let directory: string;
let sipas: Cli;

beforeAll(async () => {
  app = await openTestApp();
});
afterAll(async () => {
  await app.close();
});
beforeEach(async () => {
  for (const name of ['responses', 'tallies', 'centres', 'kiosks']) {
    await app.services.connection.collection(name).deleteMany({});
  }
  await addSite(app.services);
  directory = await mkdtemp(join(tmpdir(), 'sipas-cli-'));
  sipas = cliOn({ MONGODB_URI: app.uri }, directory);
});
afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

/** One line of NDJSON; the day lies in the past whenever the test runs. */
function line(overrides: Readonly<Record<string, unknown>> = {}): string {
  const response = {
    id: randomUUID(),
    centre: 'TT1',
    questionnaire: 'tthc-kiosk-5',
    version: 1,
    answers: { overall: 5 },
    capturedAt: '2025-09-15T01:02:03.456Z',
    ...overrides,
  };
  return `${JSON.stringify(response)}\n`;
}

/** Stores lines as `import responses` does, without a process of its own. */
async function store(lines: string): Promise<void> {
  const { imports, tallies } = app.services;
  const { lines: read } = await openImport(Readable.from([Buffer.from(lines)]), 'r.ndjson', new Set());
  const counts = await imports.importResponses({ scope: null }, read, async ({ errors }) => {
    throw new Error(JSON.stringify(errors));
  });
  expect(counts.stored).toBe(lines.trimEnd().split('\n').length);
  await tallies.catchUp(new Date(NOON.getTime() + 1));
}

async function file(name: string, text: string): Promise<string> {
  await writeFile(join(directory, name), text);
  return name;
}

const read = (name: string) => readFile(join(directory, name), 'utf8');

describe('sipas import responses', () => {
  test('stores every line, and again none of them', async () => {
    const name = await file('r.ndjson', line() + line({ answers: { overall: 1 } }) + '\n');
    expect(await sipas.json(['import', 'responses', name])).toEqual({ ...NOTHING, stored: 2 });
    expect(await sipas.json(['import', 'responses', name])).toEqual({ ...NOTHING, duplicate: 2 });
  });

  test('says so in words', async () => {
    const { stdout } = await sipas.run(['import', 'responses', '-'], line());
    expect(stdout).toBe('stored 1, duplicate 0, conflict 0, invalid 0\n');
  });

  test('keeps centre, kiosk and channel of the file', async () => {
    const id = randomUUID();
    await sipas.run(['import', 'responses', '-'], line({ id, kiosk: 'TT1-K1', channel: 'paper' }));
    const [stored] = await storedResponses(app.services.connection, id);
    expect(stored).toMatchObject({ centre: 'TT1', kiosk: 'TT1-K1', channel: 'paper', day: '2025-09-15', hour: 8 });
  });

  test('counts what it stored before it ends', async () => {
    await sipas.run(['import', 'responses', '-'], line());
    expect(await app.services.connection.collection('responses').countDocuments({ pending: true })).toBe(0);
  });

  test('refuses another answer under an id that is taken', async () => {
    const id = randomUUID();
    await store(line({ id }));
    const again = await sipas.json(['import', 'responses', '-'], line({ id, answers: { overall: 1 } }));
    expect(again).toEqual({ ...NOTHING, conflict: 1, rejected: 'stdin.rejected' });
  });

  test('puts refused NDJSON beside the file, each line with its reasons', async () => {
    const [id, other] = [randomUUID(), randomUUID()];
    const lines = [line({ id }), line({ id: other, centre: 'NONE', answers: { overall: 9 } }), '{"broken\n', '[]\n'];
    const name = await file('r.ndjson', lines.join(''));
    expect(await sipas.json(['import', 'responses', name])).toEqual({
      ...NOTHING,
      stored: 1,
      invalid: 3,
      rejected: 'r.ndjson.rejected',
    });
    const rejected = (await read('r.ndjson.rejected')).trimEnd().split('\n');
    expect(rejected.map((text) => JSON.parse(text))).toEqual([
      {
        line: 2,
        errors: [
          { path: 'centre', message: 'there is no centre NONE' },
          { path: 'answers.overall', message: 'scale likert5 has no level 9' },
        ],
        item: expect.objectContaining({ id: other, centre: 'NONE' }),
      },
      { line: 3, errors: [{ path: '', message: expect.stringMatching(/^is not valid JSON/) }], raw: '{"broken' },
      { line: 4, errors: [{ path: '', message: 'is not a JSON object' }], raw: '[]' },
    ]);
  });

  test('takes refused NDJSON in again once it is corrected', async () => {
    const name = await file('r.ndjson', line({ centre: 'NONE' }) + '{"broken\n');
    await sipas.run(['import', 'responses', name]);
    const rejected = await read('r.ndjson.rejected');
    await file('r.ndjson.rejected', rejected.replaceAll('NONE', 'TT1'));
    expect(await sipas.json(['import', 'responses', 'r.ndjson.rejected'])).toEqual({
      ...NOTHING,
      stored: 1,
      invalid: 1,
      rejected: 'r.ndjson.rejected.rejected',
    });
    const left = JSON.parse(await read('r.ndjson.rejected.rejected'));
    expect(left).toMatchObject({ raw: '{"broken' });
  });

  test('puts refused rows beside the CSV with a column of reasons, and takes them in again', async () => {
    const header = 'id;centre;questionnaire;version;captured_at;comment;overall';
    const wrong = `${randomUUID()};NONE;tthc-kiosk-5;1;2025-09-15T08:00:00+07:00;=1+1;9`;
    const right = `${randomUUID()};TT1;tthc-kiosk-5;1;2025-09-15T08:00:00+07:00;;4`;
    const name = await file('r.csv', [header, wrong, right, ''].join('\r\n'));
    expect(await sipas.json(['import', 'responses', name])).toMatchObject({ stored: 1, invalid: 1 });
    const rejected = await read('r.csv.rejected');
    const reasons = '"centre: there is no centre NONE; overall: scale likert5 has no level 9"';
    expect(rejected).toBe(`\uFEFF${header};errors\r\n${wrong.replace('=1+1', "'=1+1")};${reasons}\r\n`);
    await file('r.csv.rejected', rejected.replace(';NONE;', ';TT1;').replace("'=1+1;9", "'=1+1;3"));
    expect(await sipas.json(['import', 'responses', 'r.csv.rejected'])).toEqual({ ...NOTHING, stored: 1 });
    const [id = ''] = wrong.split(';');
    expect(await storedResponses(app.services.connection, id)).toMatchObject([
      { comment: '=1+1', answers: { overall: 3 } },
    ]);
  });

  test('takes XLSX, and puts its refused rows beside it as CSV', async () => {
    const header = ['id', 'centre', 'questionnaire', 'version', 'captured_at', 'overall', 'comment'];
    const row = (centre: string) => [randomUUID(), centre, 'tthc-kiosk-5', 1, '2025-09-15T08:00:00+07:00', 4, '=1+1'];
    const wrong = row('NONE');
    const bytes = await buffer(xlsxStream([{ name: 'a', header, rows: [[row('TT1'), wrong]] }]));
    await writeFile(join(directory, 'r.xlsx'), bytes);
    const first = await sipas.json(['import', 'responses', 'r.xlsx']);
    expect(first).toEqual({ ...NOTHING, stored: 1, invalid: 1, rejected: 'r.xlsx.rejected' });
    const rejected = await read('r.xlsx.rejected');
    expect(rejected).toContain(`${wrong.slice(0, -1).join(',')},'=1+1,centre: there is no centre NONE`);
    await file('r.xlsx.rejected', rejected.replace('NONE', 'TT1'));
    expect(await sipas.json(['import', 'responses', 'r.xlsx.rejected'])).toEqual({ ...NOTHING, stored: 1 });
  });

  test('keeps refusing a row with a cell too few or too many until it is corrected', async () => {
    const rows = ['id,centre,questionnaire,version,captured_at,overall', 'a,TT1', 'a,TT1,b,1,c,5,more', ''];
    const name = await file('r.csv', rows.join('\n'));
    expect(await sipas.json(['import', 'responses', name])).toMatchObject({ invalid: 2 });
    expect(await sipas.json(['import', 'responses', 'r.csv.rejected'])).toMatchObject({ stored: 0, invalid: 2 });
  });

  test('refuses a row with a quotation mark out of place and goes on', async () => {
    const row = (comment: string) => `${randomUUID()},TT1,tthc-kiosk-5,1,2025-09-15T08:00:00+07:00,5,${comment}`;
    const broken = [row('"đóng"sớm'), row('giữa"chừng'), row('"không đóng')];
    const rows = [row('"hai\ndòng"'), broken[0], row('tốt'), broken[1], row('tốt'), broken[2], row('tốt'), ''];
    const name = await file(
      'r.csv',
      ['id,centre,questionnaire,version,captured_at,overall,comment', ...rows].join('\n'),
    );
    expect(await sipas.json(['import', 'responses', name])).toMatchObject({ stored: 4, invalid: 3 });
    const rejected: string[][] = parse(await read('r.csv.rejected'), { bom: true, relax_column_count: true });
    expect(rejected.slice(1)).toEqual(broken.map((text) => [text, 'has a quotation mark out of place']));
  });

  test('of a CSV whose header is broken says so', async () => {
    const { code, stderr } = await sipas.run(['import', 'responses', '-'], 'id,"centre\n');
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: 'sipas: The CSV cannot be read at row 1: has a quotation mark out of place.\n',
    });
  });

  test('stopped by SIGINT has kept what it stored and says nothing', async () => {
    const child = sipas.start(['import', 'responses', '-']);
    const end = ended(child);
    child.stdin.write(Array.from({ length: 500 }, () => line()).join(''));
    const responses = app.services.connection.collection('responses');
    while ((await responses.countDocuments({})) < 500);
    child.kill('SIGINT');
    expect(await end).toEqual({ code: 130, stdout: '', stderr: '' });
  });
});

describe('sipas export', () => {
  beforeEach(async () => {
    const comment = '=cmd|đẹp "lắm", cảm ơn';
    const lines = [line({ comment, field: 'Hộ tịch' }), line({ answers: { overall: 2 }, reasons: ['cho-lau'] })];
    await store(lines.join(''));
  });

  async function overHttp(path: string): Promise<Buffer> {
    const token = await staffToken(app.services, 'manager');
    const answer = await request(app.app)
      .get(`/api/v1/exports/${path}`)
      .set('Authorization', `Bearer ${token}`)
      .buffer(true)
      .responseType('blob');
    expect(answer.status).toBe(200);
    return Buffer.from(answer.body);
  }

  test.each([
    [['responses', '--delimiter', ';'], 'responses.csv?period=2025-09&delimiter=;'],
    [['satisfaction', '--groupBy', 'field'], 'satisfaction.csv?period=2025-09&groupBy=field'],
    [['satisfaction', '--centre', 'TT1'], 'satisfaction.csv?period=2025-09&centre=TT1'],
    [['responses', '--format', 'xlsx'], 'responses.xlsx?period=2025-09'],
    [['satisfaction', '--format', 'xlsx'], 'satisfaction.xlsx?period=2025-09'],
    [['criteria'], 'criteria.csv?period=2025-09'],
  ])('%p gives the same bytes as HTTP', async (words, path) => {
    const { code, stdout } = await sipas.run(['export', ...words, ...MONTH, '--out', 'e']);
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Wrote [0-9]+ rows? /) });
    expect(await readFile(join(directory, 'e'))).toEqual(await overHttp(path));
  });

  test('takes no delimiter for XLSX', async () => {
    const { code, stderr } = await sipas.run(['export', 'responses', '--format', 'xlsx', '--delimiter', ';']);
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining('--delimiter is for') });
  });

  test('of responses goes in again as duplicates', async () => {
    const { stdout } = await sipas.run(['export', 'responses', ...MONTH]);
    expect(await sipas.json(['import', 'responses', '-'], stdout)).toEqual({ ...NOTHING, duplicate: 2 });
  });

  test('of responses that had a dossier goes in again as duplicates', async () => {
    const month = ['--period', '2025-08'];
    const changed = line({ dossier: 'HS-2', capturedAt: '2025-08-02T01:00:00Z' });
    await store(line({ dossier: 'HS-1', capturedAt: '2025-08-01T01:00:00Z', reasons: [], locale: 'vi' }) + changed);
    const { stdout } = await sipas.run(['export', 'responses', ...month]);
    expect(await sipas.json(['import', 'responses', '-'], stdout)).toEqual({ ...NOTHING, duplicate: 2 });
    const other = JSON.stringify({ ...JSON.parse(changed), dossier: undefined, answers: { overall: 1 } });
    expect(await sipas.json(['import', 'responses', '-'], other)).toMatchObject({ duplicate: 0, conflict: 1 });
  });

  test('writes a file when told to, and says how many rows', async () => {
    const { stdout } = await sipas.run(['export', 'responses', ...MONTH]);
    expect(await sipas.json(['export', 'responses', ...MONTH, '--out', 'e.csv'])).toEqual({
      file: 'e.csv',
      rows: 2,
      from: '2025-09-01',
      to: '2025-09-30',
    });
    expect(await read('e.csv')).toBe(stdout);
    expect(await readdir(directory)).toEqual(['e.csv']);
  });

  test('that cannot put its file in place leaves no part of it', async () => {
    await mkdir(join(directory, 'taken'));
    const { code, stderr } = await sipas.run(['export', 'responses', ...MONTH, '--out', 'taken']);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: 'sipas: taken cannot be written: illegal operation on a directory.\n',
    });
    expect(await readdir(directory)).toEqual(['taken']);
  });

  test('keeps to the scope it is given', async () => {
    await addSite(app.services, { centre: 'TT2' });
    const rows = await sipas.json(['export', 'responses', ...MONTH, '--scope', 'TT2', '--out', 'e.csv']);
    expect(rows).toMatchObject({ rows: 0 });
  });

  test('refuses a centre outside the scope it is given', async () => {
    await addSite(app.services, { centre: 'TT2' });
    const words = ['export', 'responses', ...MONTH, '--scope', 'TT2', '--centre', 'TT1'];
    expect(await sipas.run(words)).toMatchObject({ code: 1, stdout: '' });
  });

  test('refuses a scope that does not exist', async () => {
    const { code, stderr } = await sipas.run(['export', 'responses', ...MONTH, '--scope', 'NONE']);
    expect({ code, stderr }).toEqual({ code: 1, stderr: 'sipas: There is no unit or centre NONE.\n' });
  });

  test('to a reader that has gone ends quietly', async () => {
    const child = sipas.start(['export', 'responses', ...MONTH]);
    child.stdout.destroy();
    child.stdin.end();
    const { code, stderr } = await ended(child);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });
});

describe('sipas recount', () => {
  beforeEach(() => store(line() + line()));

  const spoil = () =>
    app.services.connection
      .collection('tallies')
      .updateOne({ kind: 'day', period: '2025-09-15' }, { $inc: { forms: 5 } });

  test('--check finds nothing when every tally is right', async () => {
    expect(await sipas.json(['recount', '--check'])).toEqual({ check: true, differences: [] });
  });

  test('--check prints every difference, ends with 1 and repairs nothing', async () => {
    await spoil();
    const { code, stdout, stderr } = await sipas.run(['recount', '--check', '--json']);
    expect({ code, stderr }).toEqual({ code: 1, stderr: 'sipas: 1 tally not as recounted.\n' });
    expect(JSON.parse(stdout)).toEqual({
      check: true,
      differences: [{ tally: expect.stringContaining('2025-09-15'), stored: 7, recounted: 2 }],
    });
    expect((await sipas.run(['recount', '--check'])).code).toBe(1);
  });

  test('repairs', async () => {
    await spoil();
    expect((await sipas.run(['recount'])).stdout).toMatch(/2025-09-15\S* +7 +2\nCorrected 1 tally\.\n$/);
    expect((await sipas.run(['recount', '--check'])).code).toBe(0);
  });
});

describe('sipas demo', () => {
  const words = ['demo', '--centres', '2', '--days', '3', '--responses', '40', '--seed', '7'];

  test('stores as many responses as asked, all marked and counted', async () => {
    expect(await sipas.json(words)).toEqual({ centres: 2, days: 3, responses: 40, dossiers: 50, seed: 7 });
    const responses = app.services.connection.collection('responses');
    expect(await responses.countDocuments({ synthetic: true, pending: { $exists: false } })).toBe(40);
  });

  test('refuses a database with real responses', async () => {
    await store(line());
    const { code, stderr } = await sipas.run(words);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: 'sipas: The database holds real responses or dossiers; demo data is refused.\n',
    });
  });

  test('refuses more centres than there are units for', async () => {
    const { code, stderr } = await sipas.run(['demo', '--centres', '5000']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^sipas: centres: must be at most \d+\n$/);
  });
});
