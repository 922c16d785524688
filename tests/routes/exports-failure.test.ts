import { once } from 'node:events';
import { createServer, get, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { csvStream } from '../../src/features/exports/exports.csv.js';
import type { CsvExport } from '../../src/features/exports/exports.service.js';
import { openTestApp, type TestApp } from '../helpers/app.js';
import { staffToken } from '../helpers/installation.js';

/** An export that cannot be completed breaks the connection; one that nobody reads on stops reading the database. */
let sipas: TestApp;
let server: Server;
let admin: string;

beforeAll(async () => {
  sipas = await openTestApp();
  admin = await staffToken(sipas.services, 'admin');
  server = createServer(sipas.app).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(() => jest.restoreAllMocks());
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await sipas.close();
});

/** Lets the next export send these rows instead of those of the database. */
function exportRows(rows: Readable): void {
  const made: CsvExport = { rows, csv: csvStream(['id'], ',') };
  jest.spyOn(sipas.services.exports, 'responses').mockReturnValue(made);
}

async function download(): Promise<IncomingMessage> {
  const { port } = server.address() as AddressInfo;
  const headers = { Authorization: `Bearer ${admin}` };
  const asked = get({ port, host: '127.0.0.1', path: '/api/v1/exports/responses.csv', headers, agent: false });
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  return answer;
}

/** Waits until a source is closed, with an error or without. */
const closing = (source: Readable) => new Promise((resolve) => source.once('close', resolve));

const LONG_ROW = ['x'.repeat(1000)];

describe('an export whose source fails half-way', () => {
  it('breaks the connection, so that it cannot be taken for complete', async () => {
    const failing = async function* () {
      for (let row = 0; row < 500; row += 1) yield LONG_ROW;
      throw new Error('the database went away');
    };
    exportRows(Readable.from(failing()));
    const answer = await download();
    expect(answer.statusCode).toBe(200);
    answer.resume();
    await expect(once(answer, 'end')).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(answer.complete).toBe(false);
  });
});

describe('an export whose source fails before its first row', () => {
  it('is never answered as if it were complete', async () => {
    exportRows(
      new Readable({
        objectMode: true,
        read() {
          this.destroy(new Error('the database went away'));
        },
      }),
    );
    const refused = await download().then(
      ({ statusCode = 0 }) => statusCode >= 500,
      () => true,
    );
    expect(refused).toBe(true);
  });
});

describe('a reader who goes away', () => {
  it('stops the export and its reading of the database', async () => {
    let rows = 0;
    const endless = new Readable({
      objectMode: true,
      read() {
        rows += 1;
        this.push(LONG_ROW);
      },
    });
    exportRows(endless);
    const answer = await download();
    await once(answer, 'readable');
    const closed = closing(endless);
    answer.destroy();
    await closed;
    const rowsThen = rows;
    await new Promise((resolve) => setImmediate(resolve));
    expect([endless.destroyed, rows]).toEqual([true, rowsThen]);
  });

  it('who is slow makes the export wait instead of filling the memory', async () => {
    let rows = 0;
    const endless = new Readable({
      objectMode: true,
      read() {
        rows += 1;
        setImmediate(() => this.push(LONG_ROW));
      },
    });
    exportRows(endless);
    const answer = await download();
    answer.pause();
    const turns = 40_000;
    for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    // What the sockets' buffers hold; without waiting it would be a row each turn.
    expect(rows).toBeLessThan(turns / 2);
    const closed = closing(endless);
    answer.destroy();
    await closed;
  });
});
