import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { serialize } from 'bson';
import { MongoClient } from 'mongodb';
import { EngineProcess, temporaryDirectory } from './embedded-process.js';

function opMsg(body: Uint8Array, flags = 0): Buffer {
  const message = Buffer.alloc(21 + body.length);
  message.writeInt32LE(message.length, 0);
  message.writeInt32LE(1, 4);
  message.writeInt32LE(2013, 12);
  message.writeUInt32LE(flags, 16);
  message.set(body, 21);
  return message;
}

const ping = opMsg(serialize({ ping: 1, $db: 'admin' }));

function edited(change: (message: Buffer) => void): Buffer {
  const message = Buffer.from(ping);
  change(message);
  return message;
}

describe('bytes that are not the protocol, on the socket of the embedded database', () => {
  const directory = temporaryDirectory();
  let engine: EngineProcess;
  beforeAll(async () => {
    engine = await EngineProcess.start(directory.path);
  });
  afterAll(async () => {
    await engine.close();
    directory.remove();
  });

  const socketPath = (): string => decodeURIComponent(/^mongodb:\/\/([^/]+)\//.exec(engine.uri)?.[1] ?? '');

  /** Sends bytes and resolves when the server has closed the connection. */
  const closedAfter = (bytes: Buffer): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = connect(socketPath(), () => socket.write(bytes));
      let received = 0;
      socket.on('data', (chunk) => (received += chunk.length));
      socket.on('close', () => resolve(`closed after ${received} bytes`));
      socket.on('error', () => socket.destroy());
      setTimeout(() => reject(new Error('the connection stayed open')), 10_000).unref();
    });

  const cases: [string, () => Buffer][] = [
    ['random bytes', () => randomBytes(4096)],
    ['a negative length', () => edited((m) => m.writeInt32LE(-5, 0))],
    ['a length of 2 GB', () => edited((m) => m.writeInt32LE(2 ** 31 - 1, 0))],
    ['an unknown opcode', () => edited((m) => m.writeInt32LE(4242, 12))],
    ['a compressed message', () => edited((m) => m.writeInt32LE(2012, 12))],
    ['unknown required flags', () => edited((m) => m.writeUInt32LE(0x8000, 16))],
    ['a checksum that is wrong', () => edited((m) => m.writeUInt32LE(1, 16))],
    ['an unknown section', () => edited((m) => (m[20] = 9))],
    ['a document longer than its message', () => edited((m) => m.writeInt32LE(5000, 21))],
    ['a document that ends early', () => edited((m) => m.writeInt32LE(6, 21))],
    ['an unknown BSON type', () => edited((m) => (m[25] = 0x55))],
    ['a string without end', () => opMsg(Buffer.from('140000000261000900000078797a00000000000000', 'hex'))],
  ];

  it.each(cases)('%s closes that connection and nothing else', async (_, bytes) => {
    await expect(closedAfter(bytes())).resolves.toBe('closed after 0 bytes');
    const client = await MongoClient.connect(engine.uri);
    expect(await client.db('admin').command({ ping: 1 })).toMatchObject({ ok: 1 });
    await client.close();
  });

  it('outlives messages cut off or changed at any byte', async () => {
    for (let length = 1; length < ping.length; length++) {
      const socket = connect(socketPath());
      socket.on('error', () => socket.destroy());
      const changed = Buffer.from(ping);
      changed[length] = (changed[length] ?? 0) ^ 0xff;
      socket.write(length % 2 === 0 ? changed : ping.subarray(0, length));
      socket.end();
      socket.resume();
      await new Promise((resolve) => {
        socket.on('close', resolve);
        setTimeout(() => socket.destroy(), 200).unref();
      });
    }
    expect(engine.alive).toBe(true);
  });
});
