import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cliOn, type Cli } from '../helpers/cli.js';

const SERVER = join(__dirname, '../../dist/server.js');

let directory: string;
let sipas: Cli;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sipas-cli-'));
  sipas = cliOn({ SIPAS_DATA_DIR: directory }, directory);
});
afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

const add = (code: string) => ['centre', 'add', '--code', code, '--name', `Trung tâm ${code}`, '--unit', '22'];

test('without a server, one command sees what another did before', async () => {
  await sipas.json(add('TT1'));
  const { code, stderr } = await sipas.run(add('TT1'));
  expect({ code, stderr }).toEqual({ code: 1, stderr: 'sipas: There is a centre TT1 already.\n' });
});

test('two commands at once do not harm each other', async () => {
  await sipas.json(add('TT1'));
  const ends = await Promise.all([sipas.run(add('TT2')), sipas.run(add('TT3'))]);
  for (const [index, { code, stderr }] of ends.entries()) {
    // The one that came second either waited or says in one line that the data directory is in use.
    if (code !== 0) expect(stderr).toMatch(/^sipas: .+\n$/);
    const again = await sipas.run(add(`TT${index + 2}`));
    expect(again.code).toBe(code === 0 ? 1 : 0);
  }
});

test('beside a running server, a command works on its database', async () => {
  const server = spawn(process.execPath, [SERVER], {
    env: { PATH: process.env['PATH'], SIPAS_DATA_DIR: directory, PORT: '0', LOG_LEVEL: 'fatal' },
  });
  try {
    for (let printed = ''; !printed.includes('password');) printed += String(await once(server.stdout, 'data'));
    const accounts = await sipas.json(['user', 'list']);
    expect(accounts).toMatchObject([{ username: 'admin' }]);
  } finally {
    server.kill('SIGTERM');
    await once(server, 'close');
  }
});
