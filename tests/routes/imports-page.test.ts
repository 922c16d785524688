import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NOON, openTestApp, uniqueUri, type TestApp } from '../helpers/app.js';
import { addSite } from '../helpers/installation.js';
import { bytesOfAnswer } from '../helpers/spreadsheets.js';
import { chosen, Importer } from '../helpers/uploads.js';

const dataDir = mkdtempSync(join(tmpdir(), 'sipas-imports-'));
const SPOOL = join(dataDir, 'spool/imports');
let sipas: TestApp;
let admin: Importer;

beforeAll(async () => {
  sipas = await openTestApp(NOON, uniqueUri(), dataDir);
  await addSite(sipas.services, { centre: 'QN' });
  await addSite(sipas.services, { centre: 'BN', unit: '24' });
  admin = await Importer.signedIn(sipas, 'admin');
});
afterAll(async () => {
  await sipas.close();
  rmSync(dataDir, { recursive: true });
});
beforeEach(async () => {
  for (const name of ['responses', 'dossiers', 'import_mappings', 'account_counts']) {
    await sipas.services.connection.collection(name).deleteMany({});
  }
});

const HEADER = 'id,centre,questionnaire,version,captured_at,overall';
const row = (id: string = randomUUID(), centre = 'QN', overall = '5') =>
  `${id},${centre},tthc-kiosk-5,1,2026-11-21T08:00:00+07:00,${overall}`;
const csv = (...rows: readonly string[]) => [HEADER, ...rows].join('\r\n');

const storedCount = () => sipas.services.connection.collection('responses').countDocuments({}, { maxTimeMS: 5000 });

/** What the page says became of the lines, by outcome. */
async function outcomes(address: string): Promise<Record<string, string>> {
  const { text } = await admin.get(address);
  const rows = text.matchAll(/<tr><th scope="row">([^<]*)<\/th><td class="number">([^<]*)<\/td>/g);
  return Object.fromEntries([...rows].map(([, outcome = '', count = '']) => [outcome, count]));
}

async function refusedLines(address: string): Promise<string> {
  return (await bytesOfAnswer(admin.get(`${address}/rejected`))).toString();
}

describe('a file of our own columns', () => {
  it('is shown before anything is stored, with what each column is', async () => {
    const address = await admin.uploaded('phieu.csv', csv(row(undefined, 'QN', '4')));
    const { text } = await admin.get(address);
    expect(text).toContain('phieu.csv');
    expect(text).toContain('2026-11-21T08:00:00+07:00');
    expect(Object.values(chosen(text))).toEqual(HEADER.split(','));
    expect(await storedCount()).toBe(0);
  });

  it('is stored once, however often it is imported', async () => {
    const file = csv(row(), row());
    const [first, again] = [await admin.uploaded('a.csv', file), await admin.uploaded('b.csv', file)];
    await admin.import(first);
    await admin.import(again);
    expect(await outcomes(first)).toMatchObject({ 'Đã lưu mới': '2', 'Không hợp lệ': '0' });
    expect(await outcomes(again)).toMatchObject({ 'Đã lưu mới': '0', 'Đã có từ trước, không tính lại': '2' });
    expect(await storedCount()).toBe(2);
  });

  it('shows what became of it to who sends the form twice', async () => {
    const address = await admin.uploaded('a.csv', csv(row()));
    await admin.import(address);
    const again = await admin.import(address);
    expect([again.status, again.headers['location']]).toEqual([303, address]);
    expect(await outcomes(address)).toMatchObject({ 'Đã lưu mới': '1' });
  });

  it('gives its refused lines back with reasons, to correct and upload again', async () => {
    const wrong = row(undefined, 'NONE', '9');
    const address = await admin.uploaded('quý 3.csv', csv(row(), wrong));
    await admin.import(address);
    const refused = await refusedLines(address);
    expect(refused).toContain(`${wrong},centre: there is no centre NONE; overall: scale likert5 has no level 9`);
    expect(refused.trimEnd().split('\r\n')).toHaveLength(2);

    const corrected = refused.replace(',NONE,', ',QN,').replace('+07:00,9,', '+07:00,2,');
    const second = await admin.uploaded('quý 3.rejected.csv', corrected);
    await admin.import(second);
    expect(await outcomes(second)).toMatchObject({ 'Đã lưu mới': '1', 'Không hợp lệ': '0' });
    expect((await admin.get(`${second}/rejected`)).status).toBe(404);
  });

  it('is recorded with its counts and its checksum', async () => {
    await admin.import(await admin.uploaded('a.csv', csv(row(), row(undefined, 'NONE'))));
    const [entry] = await sipas.services.audit.list({ action: 'import' }, 1);
    expect(entry).toMatchObject({ subject: 'responses', outcome: 'done', actor: { name: 'admin' } });
    expect(entry?.after).toMatchObject({
      file: 'a.csv',
      stored: 1,
      invalid: 1,
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });
});

describe('a file of other columns', () => {
  const OTHER = 'Mã;Cơ quan;Phiếu;Phiên bản;Lúc;Điểm;Ghi chú\r\n';
  const line = (id: string = randomUUID()) => `${id};QN;tthc-kiosk-5;1;2026-11-21T08:00:00+07:00;3;bỏ qua\r\n`;
  const choices = {
    'column-0': 'id',
    'column-1': 'centre',
    'column-2': 'questionnaire',
    'column-3': 'version',
    'column-4': 'captured_at',
    'column-5': 'overall',
    'column-6': '',
  };

  it('is stored as its columns were said to be', async () => {
    const address = await admin.uploaded('khác.csv', OTHER + line());
    await admin.import(address, choices);
    expect(await outcomes(address)).toMatchObject({ 'Đã lưu mới': '1' });
    const stored = await sipas.services.connection.collection('responses').findOne({}, { maxTimeMS: 5000 });
    expect(stored).toMatchObject({ centre: 'QN', answers: { overall: 3 }, channel: 'import' });
  });

  it('needs nothing said the next time', async () => {
    await admin.import(await admin.uploaded('1.csv', OTHER + line()), choices);
    const next = await admin.uploaded('2.csv', OTHER + line());
    expect(chosen((await admin.get(next)).text)).toEqual(choices);
  });

  it('names its own columns where a line is refused', async () => {
    const address = await admin.uploaded('1.csv', OTHER + line().replace('QN', 'NONE'));
    await admin.import(address, choices);
    expect(await refusedLines(address)).toContain('Cơ quan: there is no centre NONE');
  });

  it('is not imported while something required is not among them', async () => {
    const address = await admin.uploaded('1.csv', OTHER + line());
    const { status, text } = await admin.import(address, { ...choices, 'column-1': '' });
    expect(status).toBe(422);
    expect(text).toContain('Chưa chọn cột nào là: centre.');
    expect((await admin.import(address, choices)).status).toBe(303);
  });

  it('is not imported where two columns are said to be the same', async () => {
    const address = await admin.uploaded('1.csv', OTHER + line());
    const { status, text } = await admin.import(address, { ...choices, 'column-6': 'overall' });
    expect([status, text.includes('Hai cột cùng được chọn là: overall.')]).toEqual([422, true]);
    expect(await storedCount()).toBe(0);
  });
});

describe('other files', () => {
  it('of NDJSON are shown and imported as they are', async () => {
    const item = { id: randomUUID(), centre: 'QN', questionnaire: 'tthc-kiosk-5', version: 1 };
    const text = JSON.stringify({ ...item, answers: { overall: 5 }, capturedAt: '2026-11-21T01:00:00Z' });
    const address = await admin.uploaded('p.ndjson', `${text}\nsai\n`);
    expect((await admin.get(address)).text).toContain('&#34;overall&#34;:5');
    await admin.import(address);
    expect(await outcomes(address)).toMatchObject({ 'Đã lưu mới': '1', 'Không hợp lệ': '1' });
    expect(JSON.parse(await refusedLines(address))).toMatchObject({ line: 2, raw: 'sai' });
  });

  it('of dossiers are imported as dossiers', async () => {
    const text = 'Mã hồ sơ (chỉ lưu mã băm),Mã trung tâm,Ngày tiếp nhận,Ngày hẹn trả\nA,QN,2026-11-01,2026-11-20\n';
    const address = await admin.uploaded('hồ sơ.csv', text, 'dossiers');
    await admin.import(address);
    expect(await outcomes(address)).toMatchObject({ 'Đã lưu mới': '1', 'Không thay đổi': '0' });
  });

  it.each([
    ['nothing.csv', '', 'Xin chọn một tệp có nội dung.'],
    ['not.xlsx', 'id,centre\n', 'Tệp không phải là XLSX hoặc bị hỏng.'],
    ['damaged.xlsx', 'PK\u0003\u0004 damaged', 'Tệp không phải là XLSX hoặc bị hỏng.'],
    ['twice.csv', 'id,id\n', 'Tên cột bị lặp trong tệp: id.'],
    ['quote.csv', '"a"b,c\n', 'có dấu ngoặc kép đặt sai chỗ'],
    ['wide.csv', `${Array.from({ length: 301 }, (_, index) => `c${index}`).join(',')}\n`, 'Tệp có quá nhiều cột.'],
  ])('that cannot be read are refused and not kept: %s', async (name, content, message) => {
    const before = readdirSync(SPOOL);
    const { status, text } = await admin.upload(name, content);
    expect([status, text.includes(message)]).toEqual([422, true]);
    expect(readdirSync(SPOOL)).toEqual(before);
  });

  it('that are too large are refused', async () => {
    const { status, text } = await admin.upload('large.csv', Buffer.alloc(17 * 1024 * 1024, 'a'));
    expect([status, text.includes('Nội dung quá lớn')]).toEqual([413, true]);
  });

  it('whose name is a path keep its last part only', async () => {
    const address = await admin.uploaded('..\\..\\a<b>.csv', csv(row()));
    const { text } = await admin.get(address);
    expect(text).toContain('<strong>a&lt;b&gt;.csv</strong>');
  });
});

describe('an uploaded file', () => {
  it('is on disk until it is imported, and then no longer', async () => {
    const id = randomUUID();
    const address = await admin.uploaded('a.csv', csv(row(id)));
    const directory = join(SPOOL, address.split('/').at(-1)!);
    expect(readFileSync(join(directory, 'file'), 'utf8')).toContain(id);
    await admin.import(address);
    const left = readdirSync(directory).map((name) => readFileSync(join(directory, name), 'utf8'));
    expect(left.filter((text) => text.includes(HEADER))).toEqual([]);
  });

  it('is removed after an hour, imported or not', async () => {
    const address = await admin.uploaded('a.csv', csv(row()));
    const kept = () => readdirSync(SPOOL).includes(address.split('/').at(-1)!);
    sipas.setNow(new Date(NOON.getTime() + 59 * 60_000));
    await sipas.services.importSpool.sweep();
    expect(kept()).toBe(true);
    sipas.setNow(new Date(NOON.getTime() + 61 * 60_000));
    await sipas.services.importSpool.sweep();
    sipas.setNow(NOON);
    expect(kept()).toBe(false);
  });

  it('is nothing to other accounts, whatever they may do', async () => {
    const address = await admin.uploaded('a.csv', csv(row()));
    const other = await Importer.signedIn(sipas, 'other');
    expect((await other.get(address)).status).toBe(404);
  });

  it.each(['..', '%2e%2e%2f..', '0', `${NOON.getTime()}-${randomUUID()}`])('is not found under %s', async (id) => {
    expect((await admin.get(`/imports/${id}`)).status).toBe(404);
  });

  it('without the token of the form is refused', async () => {
    expect((await admin.upload('a.csv', csv(row()), 'responses', 'wrong')).status).toBe(403);
  });

  it('about centres outside the scope of the account stores nothing of them', async () => {
    const local = await Importer.signedIn(sipas, 'local', '22');
    await local.import(await local.uploaded('a.csv', csv(row(undefined, 'QN'), row(undefined, 'BN'))));
    expect(await storedCount()).toBe(1);
  });
});

it('an account may upload so many files, and no more until later', async () => {
  const tired = await Importer.signedIn(sipas, 'tired');
  const statuses = new Set<number>();
  for (let uploads = 0; uploads < 60; uploads += 1) statuses.add((await tired.upload('a.csv', csv())).status);
  expect([...statuses]).toEqual([303]);
  const refused = await tired.upload('a.csv', csv());
  expect([refused.status, refused.headers['retry-after']]).toEqual([429, expect.stringMatching(/^\d+$/)]);
});
