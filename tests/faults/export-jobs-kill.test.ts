import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import request from 'supertest';
import { hiddenField, signIn, type Visitor } from '../helpers/pages.js';
import { ServerProcess } from '../helpers/server-process.js';

jest.setTimeout(180_000);

let server: ServerProcess;

beforeAll(async () => {
  server = await ServerProcess.prepare({ SIPAS_ADMIN_PASSWORD: 'matkhau-admin' });
  await server.start();
  await server.command('demo', '--centres', '3', '--days', '60', '--responses', '8000', '--dossiers', '0');
});
afterAll(() => server.dispose());

async function signedIn(): Promise<Visitor> {
  const browser = request.agent(server.url);
  await signIn(browser, { username: 'admin', password: 'matkhau-admin' });
  return browser;
}

function files(): string[] {
  try {
    return readdirSync(join(server.dataDir, 'spool/exports')).sort();
  } catch {
    return [];
  }
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('a server that is killed while it makes a file', () => {
  it('makes it again from the start after it was started, and gives out the whole', async () => {
    const browser = await signedIn();
    const { text } = await browser.get('/exports?period=2026');
    const _csrf = hiddenField(text, '_csrf');
    await browser.post('/exports/jobs').type('form').send({ _csrf, period: '2026', file: 'xlsx' }).expect(303);
    while (!files().some((name) => name.endsWith('.1.part'))) await turn();
    await server.kill();
    expect(files()).toEqual([expect.stringMatching(/\.1\.part$/)]);
    await server.start();
    while (!files().some((name) => name.endsWith('.2'))) await turn();
    expect(files()).toEqual([expect.stringMatching(/^[0-9a-f-]{36}\.2$/)]);
    const again = await signedIn();
    let page = '';
    while (!page.includes('/file"')) page = (await again.get('/exports/jobs')).text;
    const [, file = ''] = /href="([^"]*\/file)"/.exec(page) ?? [];
    const { body } = await again.get(file).responseType('blob').expect(200);
    expect(page).toMatch(/<dt>Số phiếu<\/dt><dd>8\.000<\/dd>/);
    expect((body as Buffer).subarray(-22, -18).toString('latin1')).toBe('PK\u0005\u0006');
  });
});
