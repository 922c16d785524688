import { createHash } from 'node:crypto';
import { rmSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { exportJobCollection } from '../../src/features/export-jobs/export-jobs.model.js';
import { NOON, type TestApp } from '../helpers/app.js';
import { newestDownload } from '../helpers/audit.js';
import { newestJob, Official, openWithResponses, spoolOf } from '../helpers/export-jobs.js';
import { addSite, exhaustExports } from '../helpers/installation.js';

let opened: Awaited<ReturnType<typeof openWithResponses>>;
let sipas: TestApp;
let manager: Official;

const HOUR = 3_600_000;
const inHours = (hours: number) => new Date(NOON.getTime() + hours * HOUR);

beforeAll(async () => {
  opened = await openWithResponses();
  sipas = opened.test;
  manager = await Official.signIn(sipas, 'quanly', '22');
});
afterEach(async () => {
  sipas.setNow(NOON);
  await exportJobCollection(sipas.services.connection).deleteMany({});
});
afterAll(() => opened.dispose());

/** Asks for a file, has it made, and gives its address. */
async function made(by: Official, fields: object = {}): Promise<string> {
  await by.ask(fields).expect(303);
  await sipas.services.exportJobRunner.run();
  const { _id } = await newestJob(sipas.services);
  return `/exports/jobs/${_id}/file`;
}

describe('asking for a file to be made', () => {
  it('is offered on the page of exports, for what was chosen there', async () => {
    const { text } = await manager.browser.get('/exports?period=2026-11&centre=QN');
    const form = /<form method="post" action="\/exports\/jobs">[\s\S]*?<\/form>/.exec(text)?.[0] ?? '';
    expect(
      [...form.matchAll(/name="(?!_csrf)(\w+)" value="([^"]*)"/g)].map(([, name, value]) => [name, value]),
    ).toEqual([
      ['period', '2026-11'],
      ['centre', 'QN'],
      ['file', 'xlsx'],
      ['file', 'csv'],
      ['file', 'csv-semicolon'],
    ]);
  });

  it('leads to the page of files, where it waits', async () => {
    const { headers } = await manager.ask().expect(303);
    expect(headers['location']).toBe('/exports/jobs');
    expect(await manager.page()).toMatch(/phieu_2026-11-01_2026-11-30\.csv[\s\S]*Đang chờ/);
  });

  it('is refused without the token of a form', async () => {
    await manager.ask({ _csrf: '' }).expect(403);
  });

  it.each([{ file: 'pdf' }, { file: '' }, { period: '2026-13' }, { period: ['2026', '2025'] }])(
    'is refused for what no form sends: %j',
    async (fields) => {
      await manager.ask(fields).expect(400);
      expect(await exportJobCollection(sipas.services.connection).countDocuments()).toBe(0);
    },
  );

  it('counts as an export for the limit of exports', async () => {
    const eager = await Official.signIn(sipas, 'nhieu', '22');
    await exhaustExports(sipas.services, { name: 'nhieu', role: 'manager' });
    await eager.ask().expect(429);
    expect(await exportJobCollection(sipas.services.connection).countDocuments()).toBe(0);
  });

  it('is refused in words while three others of the account are not finished', async () => {
    for (let count = 0; count < 3; count += 1) await manager.ask().expect(303);
    const { text } = await manager.ask().expect(429);
    expect(text).toContain('Đang có quá nhiều tệp chưa xong');
    expect(await exportJobCollection(sipas.services.connection).countDocuments()).toBe(3);
  });

  it('for the eleventh time removes the oldest file', async () => {
    const first = await made(manager);
    for (let count = 1; count <= 10; count += 1) {
      sipas.setNow(inHours(count / 100));
      await made(manager);
    }
    await manager.browser.get(first).expect(404);
    expect(await exportJobCollection(sipas.services.connection).countDocuments()).toBe(10);
  });
});

describe('a file that was made', () => {
  it.each([
    ['csv', '/exports/responses.csv?period=2026-11'],
    ['csv-semicolon', '/exports/responses.csv?period=2026-11&delimiter=%3B'],
  ])('as %s is the one that the link gives, byte by byte', async (file, link) => {
    const direct = await manager.browser.get(link).buffer();
    const { text, headers } = await manager.browser.get(await made(manager, { file })).buffer();
    expect(text).toBe(direct.text);
    expect(headers['content-type']).toBe(direct.headers['content-type']);
  });

  it('comes under its name and with its length', async () => {
    const { headers, body } = await manager.browser.get(await made(manager, { file: 'xlsx' })).responseType('blob');
    expect(headers['content-disposition']).toBe('attachment; filename="phieu_2026-11-01_2026-11-30.xlsx"');
    expect(Number(headers['content-length'])).toBe((body as Buffer).length);
  });

  it('is shown with its rows, size and checksum, and how long it is kept', async () => {
    const { text } = await manager.browser.get(await made(manager)).buffer();
    const page = await manager.page();
    expect(page).toContain('Đã xong');
    expect(page).toMatch(/<dt>Số phiếu<\/dt><dd>3<\/dd>/);
    expect(page).toMatch(/<dt>Giữ đến<\/dt><dd>12:00 24\/11\/2026<\/dd>/);
    expect(page).toContain(createHash('sha256').update(text).digest('hex'));
  });

  it('holds what is in the scope of who asked, though nothing was chosen', async () => {
    await addSite(sipas.services, { centre: 'XA', unit: '24' });
    const { text } = await manager.browser.get(await made(manager)).buffer();
    expect(text).not.toContain('XA');
    expect((await newestJob(sipas.services)).place).toBe('22');
  });

  it('can be read by nobody else on the machine', async () => {
    await made(manager);
    const { _id } = await newestJob(sipas.services);
    const modes = [spoolOf(opened.dataDir), join(spoolOf(opened.dataDir), `${_id}.1`)].map(
      (path) => statSync(path).mode & 0o777,
    );
    expect(modes).toEqual([0o700, 0o600]);
  });

  it('is there for nobody but who asked, not even an administrator', async () => {
    const other = await Official.signIn(sipas, 'nguoikhac', null);
    const file = await made(manager);
    await other.browser.get(file).expect(404);
    expect(await other.page()).toContain('Chưa có tệp nào');
  });

  it('is not there any more once its place is outside the scope of who asked', async () => {
    const mover = await Official.signIn(sipas, 'chuyenviec', '22');
    const file = await made(mover);
    await sipas.services.accounts.setRights('chuyenviec', { role: 'manager', scope: '24' });
    await mover.browser.get(file).expect(404);
    expect(await mover.page()).toContain('Chưa có tệp nào');
  });

  it('is not there any more once its comments are more than who asked may read', async () => {
    const leaver = await Official.signIn(sipas, 'thoiviec', null);
    const file = await made(leaver);
    await sipas.services.accounts.setRights('thoiviec', { role: 'manager', scope: null });
    await leaver.browser.get(file).expect(404);
  });

  it('that another instance keeps is refused in words', async () => {
    const file = await made(manager);
    rmSync(join(spoolOf(opened.dataDir), `${(await newestJob(sipas.services))._id}.1`));
    const { text } = await manager.browser.get(file).expect(404);
    expect(text).toContain('Tệp không có trên máy chủ này');
  });

  it('that lost its end is not given out', async () => {
    const file = await made(manager);
    truncateSync(join(spoolOf(opened.dataDir), `${(await newestJob(sipas.services))._id}.1`), 10);
    await manager.browser.get(file).expect(404);
  });

  it('is audited in the name of who asked: its rows, size and checksum, and that it was taken', async () => {
    const file = await made(manager);
    const { _id, bytes, sha256 } = await newestJob(sipas.services);
    await manager.browser.get(file).expect(200);
    expect(await newestDownload(sipas.services)).toMatchObject({
      ...{ outcome: 'done', actor: { kind: 'account', name: 'quanly' } },
      after: { job: _id, from: '2026-11-01', to: '2026-11-30', scope: '22', rows: 3, bytes, sha256, complete: true },
    });
    const taken = await newestDownload(sipas.services, 'export.file');
    expect(taken).toMatchObject({ outcome: 'done', after: { job: _id, sha256, complete: true } });
  });
});

describe('after 48 hours', () => {
  it('a file is not given out any more, swept or not', async () => {
    const file = await made(manager);
    sipas.setNow(inHours(48));
    const later = await Official.signInAgain(sipas, 'quanly');
    expect(await later.page()).toContain('Chưa có tệp nào');
    await later.browser.get(file).expect(404);
  });

  it('the sweep removes it, and not before', async () => {
    await made(manager);
    const { _id } = await newestJob(sipas.services);
    sipas.setNow(inHours(47.9));
    await sipas.services.exportJobs.sweep();
    expect(opened.files()).toContain(`${_id}.1`);
    sipas.setNow(inHours(48));
    await sipas.services.exportJobs.sweep();
    expect(opened.files()).toEqual([]);
    expect(await exportJobCollection(sipas.services.connection).countDocuments()).toBe(0);
  });
});

describe('cancelling', () => {
  it('takes a job out of the queue', async () => {
    await manager.ask();
    const { _id } = await newestJob(sipas.services);
    await manager.post(`/exports/jobs/${_id}/cancel`).expect(303);
    await sipas.services.exportJobRunner.run();
    expect(await newestJob(sipas.services)).toMatchObject({ state: 'cancelled', attempt: 0 });
    expect(await manager.page()).toContain('Đã hủy');
  });

  it('leaves a file that is there already', async () => {
    const file = await made(manager);
    await manager.post(file.replace('/file', '/cancel')).expect(303);
    await manager.browser.get(file).expect(200);
  });

  it('is for nobody but who asked', async () => {
    const other = await Official.signIn(sipas, 'nguoila', '22');
    await manager.ask();
    const { _id } = await newestJob(sipas.services);
    await other.post(`/exports/jobs/${_id}/cancel`).expect(404);
    expect(await newestJob(sipas.services)).toMatchObject({ state: 'queued' });
  });
});
