import { rmSync, writeFileSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { exportJobCollection } from '../../src/features/export-jobs/export-jobs.model.js';
import { Spool, SpoolFullError } from '../../src/features/export-jobs/export-jobs.spool.js';
import { ExportJobRunner } from '../../src/features/export-jobs/export-jobs.runner.js';
import type { Services } from '../../src/services.js';
import {
  anotherRunner,
  endlessRows,
  exportRows,
  newestJob,
  Official,
  openWithResponses,
  spoolOf,
  untilJob,
} from '../helpers/export-jobs.js';

/** However making a file ends, a part never looks like the whole, and each job is done once. */
let opened: Awaited<ReturnType<typeof openWithResponses>>;
let services: Services;
let manager: Official;

beforeAll(async () => {
  opened = await openWithResponses();
  services = opened.test.services;
  manager = await Official.signIn(opened.test, 'quanly', '22');
});
beforeEach(async () => {
  await exportJobCollection(services.connection).deleteMany({});
  await services.exportJobs.sweep();
  await manager.ask().expect(303);
});
afterEach(() => jest.restoreAllMocks());
afterAll(() => opened.dispose());

/** What would happen by itself some seconds after a crash. */
const leaseExpires = () => services.connection.collection('leases').deleteMany({});
const runner = (spool = new Spool(spoolOf(opened.dataDir))) => new ExportJobRunner({ ...services, spool });
const isBegun = ({ rows }: { readonly rows: number }) => rows > 0;

describe('a job under way', () => {
  it('shows how far it is, also to who comes back to the page', async () => {
    const { rows } = endlessRows();
    exportRows(services, rows);
    const own = runner();
    const running = own.run();
    await untilJob(services, isBegun);
    const page = await manager.page();
    expect(page).toContain('Đang lập tệp');
    expect(page).toMatch(/<progress max="100" value="99"/);
    expect(page).toContain('<meta http-equiv="refresh" content="5">');
    own.stop();
    await running;
  });

  it('that is cancelled stops reading the database and leaves no file', async () => {
    const { rows, closed } = endlessRows();
    exportRows(services, rows);
    const running = runner().run();
    const { _id } = await untilJob(services, isBegun);
    await manager.post(`/exports/jobs/${_id}/cancel`).expect(303);
    await closed;
    await running;
    expect(opened.files()).toEqual([]);
    expect(await newestJob(services)).toMatchObject({ state: 'cancelled', bytes: null });
  });

  it('that is cancelled is audited with the rows that were read, as incomplete', async () => {
    const { rows } = endlessRows();
    exportRows(services, rows);
    const running = runner().run();
    const { _id } = await untilJob(services, isBegun);
    await manager.post(`/exports/jobs/${_id}/cancel`);
    await running;
    const [entry] = await services.audit.list({ actor: 'quanly', action: 'export' }, 1);
    expect(entry).toMatchObject({ outcome: 'failed', after: { complete: false, rows: expect.any(Number) } });
  });

  it('is put back in the queue when the server stops, and made by whoever runs next', async () => {
    const { rows, closed } = endlessRows();
    exportRows(services, rows);
    const stopped = runner();
    const running = stopped.run();
    await untilJob(services, isBegun);
    stopped.stop();
    await closed;
    await running;
    expect(await newestJob(services)).toMatchObject({ state: 'queued', rows: 0 });
    expect(opened.files()).toEqual([]);
    await runner().run();
    expect(await newestJob(services)).toMatchObject({ state: 'done', rows: 3 });
  });
});

describe('a job whose process was killed', () => {
  const killed = async () => {
    const { _id } = await newestJob(services);
    await exportJobCollection(services.connection).updateOne(
      { _id },
      { $set: { state: 'running', attempt: 1, rows: 2 } },
    );
    writeFileSync(join(spoolOf(opened.dataDir), `${_id}.1.part`), 'half a file');
    return _id;
  };

  it('is begun again from the start, and what was left of it is removed', async () => {
    const id = await killed();
    await runner().run();
    expect(await newestJob(services)).toMatchObject({ state: 'done', attempt: 2, rows: 3 });
    expect(opened.files()).toEqual([`${id}.2`]);
  });

  it('again and again is given up, in words', async () => {
    const id = await killed();
    await exportJobCollection(services.connection).updateOne({ _id: id }, { $set: { attempt: 5 } });
    await runner().run();
    expect(await newestJob(services)).toMatchObject({ state: 'failed', failure: 'interrupted' });
    expect(await manager.page()).toContain('gián đoạn nhiều lần');
  });
});

describe('several instances', () => {
  it('make a file once, whoever is first', async () => {
    const made = jest.spyOn(services.exports, 'responses');
    await Promise.all([runner().run(), runner().run(), anotherRunner(services, opened.dataDir).run()]);
    expect(made).toHaveBeenCalledTimes(1);
    expect(await newestJob(services)).toMatchObject({ state: 'done', attempt: 1 });
  });

  it('leave a job to who makes it', async () => {
    const { rows } = endlessRows();
    exportRows(services, rows);
    const first = runner();
    const running = first.run();
    await untilJob(services, isBegun);
    await runner().run();
    expect(await newestJob(services)).toMatchObject({ state: 'running', attempt: 1 });
    first.stop();
    await running;
  });

  it('that stalled and lost a job to another publishes nothing', async () => {
    const { rows } = endlessRows();
    exportRows(services, rows);
    const stalled = runner().run();
    const { _id } = await untilJob(services, isBegun);
    await leaseExpires();
    await runner().run();
    await stalled;
    expect(await newestJob(services)).toMatchObject({ state: 'done', attempt: 2, rows: 3 });
    expect(opened.files()).toEqual([`${_id}.2`]);
  });
});

describe('a job that fails', () => {
  it('leaves no file, says so, and is not tried again', async () => {
    const failing = async function* () {
      yield [['1']];
      throw new Error('the database went away');
    };
    exportRows(services, failing());
    await expect(runner().run()).rejects.toThrow('the database went away');
    await runner().run();
    expect(await newestJob(services)).toMatchObject({ state: 'failed', failure: 'internal', attempt: 1 });
    expect(opened.files()).toEqual([]);
    expect(await manager.page()).toContain('Có lỗi khi lập tệp');
  });

  it('because the disk is full leaves no part and says why', async () => {
    class FullSpool extends Spool {
      protected override async create(path: string): Promise<FileHandle> {
        await (await super.create(path)).close();
        return open('/dev/full', 'w');
      }
    }
    await expect(runner(new FullSpool(spoolOf(opened.dataDir))).run()).rejects.toMatchObject({ code: 'ENOSPC' });
    expect(await newestJob(services)).toMatchObject({ state: 'failed', failure: 'disk-full' });
    expect(opened.files()).toEqual([]);
    expect(await manager.page()).toContain('Máy chủ sắp hết chỗ lưu');
  });

  it('is broken off before it takes the last room of the disk from the database', async () => {
    const { rows, closed } = endlessRows();
    exportRows(services, rows);
    const spool = new Spool(spoolOf(opened.dataDir));
    jest.spyOn(spool, 'checkRoom').mockResolvedValueOnce().mockRejectedValueOnce(new SpoolFullError());
    await expect(runner(spool).run()).rejects.toThrow(SpoolFullError);
    await closed;
    expect(await newestJob(services)).toMatchObject({ state: 'failed', failure: 'disk-full' });
    expect(opened.files()).toEqual([]);
  });
});

describe('the sweep', () => {
  it('removes files that belong to no job and leaves every other file alone', async () => {
    await runner().run();
    const { _id } = await newestJob(services);
    for (const name of [`${_id}.7.part`, '00000000-0000-4000-8000-000000000000.1', 'README']) {
      writeFileSync(join(spoolOf(opened.dataDir), name), '');
    }
    await services.exportJobs.sweep();
    expect(opened.files()).toEqual([`${_id}.1`, 'README'].sort());
    rmSync(join(spoolOf(opened.dataDir), 'README'));
  });
});
