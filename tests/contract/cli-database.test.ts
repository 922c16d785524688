import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Connection } from 'mongoose';
import { connectDatabase } from '../../src/database/connect.js';
import { uniqueUri } from '../helpers/app.js';
import { cliOn } from '../helpers/cli.js';
import { ServerProcess } from '../helpers/server-process.js';

/** `sipas db …` on an embedded installation with demo data. */
let server: ServerProcess;
let target: string;
let connection: Connection;
let directory: string;

const SECONDS = 1000;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sipas-db-'));
  server = await ServerProcess.prepare({});
  await server.start();
  const plan = ['--centres', '3', '--days', '5', '--responses', '700', '--seed', '7'];
  expect(await server.command('demo', ...plan)).toMatchObject({ code: 0 });
  target = uniqueUri();
  connection = await connectDatabase(target);
}, 90 * SECONDS);

afterAll(async () => {
  await connection.dropDatabase();
  await connection.close();
  await server.dispose();
  await rm(directory, { recursive: true, force: true });
});

test('db check finds a sound database while the server runs', async () => {
  const { code, stdout } = await server.command('db', 'check', '--json');
  const responses = JSON.parse(stdout).collections.find(({ namespace }: { namespace: string }) =>
    namespace.endsWith('.responses'),
  );
  expect({ code, documents: responses.documents }).toEqual({ code: 0, documents: 700 });
});

test(
  'db backup makes a copy, while the server runs, that commands and servers can be started on',
  async () => {
    const copy = join(directory, 'copy');
    expect(await server.command('db', 'backup', copy)).toMatchObject({ code: 0 });
    const restored = cliOn({ SIPAS_DATA_DIR: copy }, directory);
    const report = await restored.run([
      'export',
      'satisfaction',
      '--period',
      '2026',
      '--unit',
      '22',
      '--groupBy',
      'unit',
    ]);
    expect(report).toMatchObject({ code: 0 });
    expect(await restored.run(['recount', '--check'])).toMatchObject({ code: 0 });
    expect(await readdir(copy)).toEqual(expect.arrayContaining(['data.mdb', 'secret']));
  },
  60 * SECONDS,
);

test('db backup refuses a directory that is not empty', async () => {
  const { code, stderr } = await server.command('db', 'backup', process.cwd());
  expect(code).toBe(1);
  expect(stderr).toContain('is not empty');
});

test('db move is refused while the server runs', async () => {
  const { code, stderr } = await server.command('db', 'move', '--to', target);
  expect({ code, lines: stderr.trim().split('\n').length }).toEqual({ code: 1, lines: 1 });
});

test(
  'db move copies everything, byte for byte, and may be run again',
  async () => {
    await server.stop();
    expect(await server.command('db', 'move', '--to', target)).toMatchObject({ code: 0 });
    const count = () => connection.collection('responses').countDocuments({}, { maxTimeMS: 10 * SECONDS });
    expect(await count()).toBe(700);
    const again = await server.command('db', 'move', '--to', target, '--json');
    expect(again.code).toBe(0);
    expect(await count()).toBe(700);
  },
  60 * SECONDS,
);

test(
  'db move that broke off is finished by the next one',
  async () => {
    const responses = connection.collection('responses');
    const some = await responses.find().limit(300).toArray();
    await responses.deleteMany({ _id: { $in: some.map(({ _id }) => _id) } });
    await connection.collection('accounts').drop();
    expect(await server.command('db', 'move', '--to', target)).toMatchObject({ code: 0 });
    expect(await responses.countDocuments()).toBe(700);
  },
  60 * SECONDS,
);

test(
  'db move tells when the target holds what the source does not',
  async () => {
    await connection.collection<{ _id: string }>('accounts').insertOne({ _id: 'stranger' });
    const { code, stderr } = await server.command('db', 'move', '--to', target);
    expect({ code, named: stderr.includes('Collection accounts') }).toEqual({ code: 1, named: true });
  },
  60 * SECONDS,
);
