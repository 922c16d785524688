import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { openTestApp, type TestApp } from '../helpers/app.js';
import { codeBlocks, describeWith, printedBy } from '../helpers/documents.js';
import { addSite, staffToken } from '../helpers/installation.js';

/** docs/clients.md: every client runs as it stands there. */
let sipas: TestApp;
let server: Server;
let directory: string;
let environment: Record<string, string>;

beforeAll(async () => {
  sipas = await openTestApp();
  // The clients use the machine's clock.
  sipas.setNow(new Date());
  server = createServer(sipas.app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  environment = {
    SIPAS_URL: `http://127.0.0.1:${port}`,
    SIPAS_KIOSK_TOKEN: (await addSite(sipas.services, { centre: 'QN' })).token,
    SIPAS_TOKEN: await staffToken(sipas.services, 'manager'),
  };
});
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'sipas-clients-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await sipas.close();
});

/** Runs the one block of a language in the directory of the test. */
async function runClient(program: string, language: string, file: string): Promise<string> {
  const [block = ''] = codeBlocks('clients.md', language);
  writeFileSync(join(directory, file), block);
  return printedBy(program, [file], { environment, directory });
}

const storedResponses = () => sipas.services.connection.collection('responses').countDocuments({});

describe.each([
  ['curl', 'bash', 'sh', 'client.sh'],
  [process.execPath, process.execPath, 'js', 'client.mjs'],
  ['python3', 'python3', 'python', 'client.py'],
])('with %s', (needed, program, language, file) => {
  describeWith(needed, 'the client', () => {
    it('posts a response, reads a report and fetches the file', async () => {
      const before = await storedResponses();
      const printed = await runClient(program, language, file);
      expect(printed).toContain('stored');
      expect(printed).toContain('satisfied');
      expect(await storedResponses()).toBe(before + 1);
      const rows: unknown[] = parse(readFileSync(join(directory, 'responses.csv')), { columns: true, bom: true });
      expect(rows).toHaveLength(before + 1);
    });

    it('fails where the server refuses', async () => {
      const accepted = environment;
      environment = { ...accepted, SIPAS_TOKEN: 'wrong' };
      await expect(runClient(program, language, file)).rejects.toThrow();
      environment = accepted;
    });
  });
});
