import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { openTestApp, type TestApp } from '../helpers/app.js';

/** Requests no client library would send. */
describe('a request line without a page', () => {
  let test: TestApp;
  let server: Server;

  beforeAll(async () => {
    test = await openTestApp();
    server = createServer(test.app);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });

  afterAll(async () => {
    await new Promise((resolve) => server.close(resolve));
    await test.close();
  });

  /** The status line that raw bytes are answered with. */
  function statusOf(bytes: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = connect((server.address() as AddressInfo).port, '127.0.0.1', () => socket.write(bytes));
      let answer = '';
      socket.on('data', (chunk: Buffer) => (answer += chunk.toString('latin1')));
      socket.on('end', () => resolve(answer.split('\r\n')[0] ?? ''));
      socket.on('error', reject);
    });
  }

  it.each(['OPTIONS', 'GET', 'POST'])('%s * is answered with a client error', async (method) => {
    expect(await statusOf(`${method} * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)).toMatch(/ 4\d\d /);
  });
});
