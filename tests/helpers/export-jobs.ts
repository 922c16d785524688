import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { exportJobCollection, type ExportJob } from '../../src/features/export-jobs/export-jobs.model.js';
import { ExportJobRunner } from '../../src/features/export-jobs/export-jobs.runner.js';
import { Spool } from '../../src/features/export-jobs/export-jobs.spool.js';
import { batchesOf, type Row } from '../../src/features/exports/exports.tables.js';
import type { Services } from '../../src/services.js';
import type { TestApp } from './app.js';
import { addSite } from './installation.js';
import { openWithFiles, type InstallationWithFiles } from './data-dir.js';
import { hiddenField, PASSWORD, signIn, visitor, type Visitor } from './pages.js';
import { postBatch, validResponse } from './responses.js';

/** An installation with three responses of the centre QN in Quảng Ninh, whose files are made when a test says so. */
export async function openWithResponses(): Promise<InstallationWithFiles & { readonly files: () => string[] }> {
  const opened = await openWithFiles({});
  const { services } = opened.test;
  const { token } = await addSite(services, { centre: 'QN' });
  await postBatch(opened.test, token, [validResponse(), validResponse(), validResponse()]);
  await services.tallies.run();
  const files = () => readdirSync(spoolOf(opened.dataDir)).sort();
  return { ...opened, files };
}

export const spoolOf = (dataDir: string) => join(dataDir, 'spool/exports');

/** Somebody who may export, signed in. */
export class Official {
  private constructor(
    readonly browser: Visitor,
    private readonly csrf: string,
  ) {}

  static async signIn(sipas: TestApp, username: string, scope: string | null): Promise<Official> {
    const role = scope === null ? 'admin' : 'manager';
    await sipas.services.accounts.add({ username, role, scope, password: PASSWORD });
    return Official.signInAgain(sipas, username);
  }

  static async signInAgain(sipas: TestApp, username: string): Promise<Official> {
    const browser = visitor(sipas);
    await signIn(browser, { username });
    return new Official(browser, hiddenField((await browser.get('/exports')).text, '_csrf'));
  }

  post(path: string, fields: object = {}) {
    return this.browser
      .post(path)
      .type('form')
      .send({ _csrf: this.csrf, ...fields });
  }

  /** Asks for a file of November; an official asks as the form does. */
  ask(fields: object = {}) {
    return this.post('/exports/jobs', { period: '2026-11', file: 'csv', ...fields });
  }

  /** The text of the page of files. */
  async page(): Promise<string> {
    return (await this.browser.get('/exports/jobs?lang=vi').expect(200)).text;
  }
}

/** The newest job there is. */
export async function newestJob({ connection }: Pick<Services, 'connection'>): Promise<ExportJob> {
  const [job] = await exportJobCollection(connection)
    .find({}, { sort: { requestedAt: -1 }, maxTimeMS: 10_000 })
    .toArray();
  if (!job) throw new Error('There is no job');
  return job;
}

/** Another instance, with the files of its own data directory. */
export function anotherRunner(services: Services, dataDir: string): ExportJobRunner {
  return new ExportJobRunner({ ...services, spool: new Spool(spoolOf(dataDir)) });
}

/** Rows without end, one with each turn of other work; `closed` once nobody reads on. */
export function endlessRows() {
  let close: () => void;
  const closed = new Promise<void>((resolve) => (close = resolve));
  const rows = async function* (): AsyncGenerator<readonly Row[]> {
    try {
      for (;;) {
        await new Promise((resolve) => setImmediate(resolve));
        yield [['x']];
      }
    } finally {
      close();
    }
  };
  return { rows: rows(), closed };
}

/** Lets the next export hold these rows instead of those of the database. */
export function exportRows({ exports }: Services, rows: AsyncIterable<readonly Row[]>): void {
  const made = { table: { name: 'responses', columns: ['id'], batches: batchesOf(rows) }, notes: [] };
  jest.spyOn(exports, 'responses').mockReturnValueOnce(made);
}

/** Waits, in turns of other work, until the newest job is as asked. */
export async function untilJob(services: Services, isSo: (job: ExportJob) => boolean): Promise<ExportJob> {
  for (;;) {
    const job = await newestJob(services);
    if (isSo(job)) return job;
    await new Promise((resolve) => setImmediate(resolve));
  }
}
