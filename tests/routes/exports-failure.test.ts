import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, get, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { FORMATS, type Format } from '../../src/features/exports/exports.formats.js';
import { batchesOf, type Row } from '../../src/features/exports/exports.tables.js';
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
function exportRows(rows: AsyncIterable<readonly Row[]>): void {
  const made = { table: { name: 'rows', columns: ['id'], batches: batchesOf(rows) }, notes: [] };
  jest.spyOn(sipas.services.exports, 'responses').mockReturnValue(made);
}

/** Rows without end; tells how many were read, and when nobody reads on. */
function endlessRows() {
  let read = 0;
  let close: () => void;
  const closed = new Promise<void>((resolve) => (close = resolve));
  const rows = async function* () {
    try {
      for (;;) {
        // Lets other work go on between the rows, as a database does.
        await new Promise((resolve) => setImmediate(resolve));
        read += 1;
        yield [longRow()];
      }
    } finally {
      close();
    }
  };
  return { rows: rows(), closed, count: () => read };
}

async function download(format: Format): Promise<IncomingMessage> {
  const { port } = server.address() as AddressInfo;
  const headers = { Authorization: `Bearer ${admin}` };
  const asked = get({ port, host: '127.0.0.1', path: `/api/v1/exports/responses.${format}`, headers, agent: false });
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  return answer;
}

/** A row that no format can make small. */
const longRow = () => [randomBytes(750).toString('base64')];

describe.each(FORMATS)('an export as %s', (format) => {
  it('whose source fails half-way breaks the connection, so that it cannot be taken for complete', async () => {
    const failing = async function* () {
      for (let row = 0; row < 500; row += 1) yield [longRow()];
      throw new Error('the database went away');
    };
    exportRows(failing());
    const answer = await download(format);
    expect(answer.statusCode).toBe(200);
    answer.resume();
    await expect(once(answer, 'end')).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(answer.complete).toBe(false);
  });

  it('whose source fails before its first row is never answered as if it were complete', async () => {
    const failing = async function* (): AsyncGenerator<readonly Row[]> {
      throw new Error('the database went away');
    };
    exportRows(failing());
    const whole = await download(format).then(
      (answer) => {
        answer.resume();
        return once(answer, 'end').then(
          () => answer.statusCode === 200,
          () => false,
        );
      },
      () => false,
    );
    expect(whole).toBe(false);
  });

  it('that nobody reads on stops reading the database', async () => {
    const { rows, closed, count } = endlessRows();
    exportRows(rows);
    const answer = await download(format);
    await once(answer, 'readable');
    answer.destroy();
    await closed;
    const rowsThen = count();
    await new Promise((resolve) => setImmediate(resolve));
    expect(count()).toBe(rowsThen);
  });

  it('that is read slowly waits instead of filling the memory', async () => {
    const { rows, closed, count } = endlessRows();
    exportRows(rows);
    const answer = await download(format);
    answer.pause();
    const turns = 40_000;
    for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    // What the sockets' buffers hold; without waiting it would be a row each turn.
    expect(count()).toBeLessThan(turns / 2);
    answer.destroy();
    await closed;
  });
});
