import { parse } from 'csv-parse/sync';
import request from 'supertest';
import { openTestApp, NOON, type TestApp } from '../helpers/app.js';
import { addSite, staffToken, type Site } from '../helpers/installation.js';
import { fullResponse, postBatch, postResponse, validResponse } from '../helpers/responses.js';

let sipas: TestApp;
let admin: string;
let site: Site;

beforeAll(async () => {
  sipas = await openTestApp();
  admin = await staffToken(sipas.services, 'admin');
  site = await addSite(sipas.services, { centre: 'QN', name: '=Trung tâm, "QN"' });
});
afterAll(() => sipas.close());

/** Each test stores its response on a day of its own. */
let lastDay = 0;
function nextDay(): string {
  lastDay += 1;
  return `2026-10-${String(lastDay).padStart(2, '0')}`;
}

async function exported(query: string): Promise<string> {
  const answer = await request(sipas.app)
    .get(`/api/v1/exports/responses.csv?${query}`)
    .set('Authorization', `Bearer ${admin}`)
    .buffer(true)
    .parse((res, done) => {
      const chunks: Buffer[] = [];
      res.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => done(null, Buffer.concat(chunks)));
    });
  expect(answer.status).toBe(200);
  return (answer.body as Buffer).toString('utf8');
}

function records(csv: string, delimiter = ','): Record<string, string>[] {
  return parse(csv, { columns: true, bom: true, delimiter, record_delimiter: '\r\n' });
}

/** Stores one response and gives its row. */
async function row(overrides: Readonly<Record<string, unknown>>, query = ''): Promise<Record<string, string>> {
  const day = nextDay();
  const body = validResponse({ capturedAt: `${day}T01:02:03.456Z`, ...overrides });
  expect((await postResponse(sipas, site.token, body)).status).toBe(201);
  const [only, ...others] = records(await exported(`period=${day}&${query}`));
  expect(others).toEqual([]);
  return only!;
}

describe('the form of the file', () => {
  it('is UTF-8 with a byte order mark, and every line ends in CRLF', async () => {
    const csv = await exported('period=2026-01');
    expect(csv.startsWith('\uFEFFid,')).toBe(true);
    expect(csv.endsWith('\r\n')).toBe(true);
    expect(csv.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
  });

  it('names its type, its period and that it is not to be kept', async () => {
    const { headers } = await request(sipas.app)
      .get('/api/v1/exports/responses.csv?period=2026-01')
      .set('Authorization', `Bearer ${admin}`);
    expect(headers).toMatchObject({
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': 'attachment; filename="phieu_2026-01-01_2026-01-31.csv"',
      'cache-control': 'no-store',
    });
  });

  it('is a header of the fixed columns, the items of the questionnaire and what it asks about the citizen', async () => {
    const [header] = (await exported('period=2026-01&questionnaire=phuong-9')).slice(1).split('\r\n');
    expect(header).toBe(
      'id,centre,centre_name,kiosk,channel,questionnaire,version,captured_at,received_at,day,hour,locale,field,' +
        'procedure,counter,officer,reasons,comment,flags,P1,P2,P3,P4,P5,P6,P7,P8,P9,' +
        'demo_gioi-tinh,demo_do-tuoi,demo_hoc-van',
    );
  });

  it('has the columns of every questionnaire when none is named', async () => {
    const [header = ''] = (await exported('period=2026-01')).split('\r\n');
    expect(header.split(',')).toEqual(
      expect.arrayContaining(['overall', 'attitude', 'C15', 'C33', 'P9', 'demo_dan-toc']),
    );
    expect(new Set(header.split(',')).size).toBe(header.split(',').length);
  });

  it.each([
    [',', ','],
    ['%3B', ';'],
    ['tab', '\t'],
  ])('separates by %p when asked to', async (name, separator) => {
    const day = nextDay();
    const comment = `a,b;c\td "e"`;
    const body = validResponse({ capturedAt: `${day}T01:00:00Z`, comment });
    await postResponse(sipas, site.token, body);
    const csv = await exported(`period=${day}&delimiter=${name}`);
    expect(csv.startsWith(`\uFEFFid${separator}centre${separator}`)).toBe(true);
    expect(records(csv, separator)).toMatchObject([{ id: body.id, comment }]);
  });
});

describe('a row', () => {
  it('says everything about a response but its dossier', async () => {
    const body = fullResponse({ capturedAt: '2026-09-01T17:30:00.250Z', dossier: 'HS-SECRET' });
    await postResponse(sipas, site.token, body);
    const csv = await exported('period=2026-09-02&questionnaire=tthc-kiosk-5');
    expect(csv).not.toContain('HS-SECRET');
    expect(records(csv)).toEqual([
      {
        id: body.id,
        centre: 'QN',
        centre_name: `'=Trung tâm, "QN"`,
        kiosk: 'QN-K1',
        channel: 'kiosk',
        questionnaire: 'tthc-kiosk-5',
        version: '1',
        captured_at: '2026-09-02T00:30:00.250+07:00',
        received_at: '2026-11-22T12:00:00.000+07:00',
        day: '2026-09-02',
        hour: '0',
        locale: 'vi',
        field: 'Hộ tịch',
        procedure: '1.001612',
        counter: 'Q3',
        officer: 'CB12',
        reasons: 'thai-do;cho-lau',
        comment: 'Chờ lâu quá 😐\nXin cải thiện.',
        flags: '',
        overall: '1',
      },
    ]);
  });

  it('is empty where nothing was answered or given', async () => {
    const given = { questionnaire: 'phuong-9', answers: { P3: 2 }, demographics: { 'gioi-tinh': 'nu' } };
    expect(await row(given, 'questionnaire=phuong-9')).toMatchObject({
      ...{ P1: '', P2: '', P3: '2', P4: '', 'demo_gioi-tinh': 'nu', 'demo_do-tuoi': '' },
      ...{ field: '', procedure: '', counter: '', officer: '', locale: '', reasons: '', comment: '' },
    });
  });
});

describe('a cell that a spreadsheet would take for a formula', () => {
  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '＝1', '＋1', '－1', '＠A'])('is written as text: %s', async (text) => {
    const { field, officer, comment } = await row({ field: text, officer: text, comment: text });
    expect([field, officer, comment]).toEqual([`'${text}`, `'${text}`, `'${text}`]);
  });

  it.each([
    ['a tab', '\t=1'],
    ['a carriage return', '\r=1'],
  ])('is written as text in a comment that starts with %s', async (_, comment) => {
    expect((await row({ comment })).comment).toBe(`'${comment}`);
  });

  it('is left as it is when it starts with anything else', async () => {
    const comment = "'=1 là công thức; 5 > 3, a=b";
    expect((await row({ comment })).comment).toBe(comment);
  });
});

describe('a comment', () => {
  it.each(['một\nhai', 'một\r\nhai', '"ngoặc", kép""', '👨‍👩‍👧‍👦 ạ', 'kết thúc bằng \\', ' cách ', '\u2028\u0000'])(
    'survives as %p',
    async (comment) => {
      expect((await row({ comment })).comment).toBe(comment);
    },
  );

  it('with a line break is quoted, so that no reader takes it for two rows', async () => {
    const day = nextDay();
    await postResponse(sipas, site.token, validResponse({ capturedAt: `${day}T01:00:00Z`, comment: 'một\nhai' }));
    expect(await exported(`period=${day}`)).toContain('"một\nhai"');
  });
});

describe('the rows', () => {
  it('are as many as the report counts forms, whatever the query', async () => {
    await postBatch(
      sipas,
      site.token,
      Array.from({ length: 60 }, (_, index) =>
        validResponse({ capturedAt: new Date(Date.parse('2026-04-28T09:00:00Z') + index * 7_200_000).toISOString() }),
      ),
    );
    await postBatch(sipas, site.token, [
      validResponse({ questionnaire: 'tthc-kiosk-3', answers: { attitude: 1 }, capturedAt: '2026-05-01T00:00:00Z' }),
    ]);
    await sipas.services.tallies.run();
    for (const query of [
      'period=2026-04',
      'from=2026-04-30&to=2026-05-01',
      'period=2026-05&centre=QN',
      'period=2026-W18',
    ]) {
      for (const questionnaire of ['tthc-kiosk-5', 'tthc-kiosk-3']) {
        const { body } = await request(sipas.app)
          .get(`/api/v1/reports/satisfaction?${query}&questionnaire=${questionnaire}`)
          .set('Authorization', `Bearer ${admin}`);
        expect(records(await exported(`${query}&questionnaire=${questionnaire}`))).toHaveLength(body.total.responses);
      }
    }
  });

  it('hold responses that are not counted yet', async () => {
    sipas.setNow(NOON);
    expect(await row({})).toMatchObject({ centre: 'QN' });
  });

  it('are none where there is nothing, under the header', async () => {
    expect(records(await exported('period=2030'))).toEqual([]);
  });
});
