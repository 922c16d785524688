import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openTestApp, TEST_SECRET, type TestApp } from '../helpers/app.js';
import { cliOn, type Cli } from '../helpers/cli.js';

let app: TestApp;
let directory: string;
let sipas: Cli;

const add = (...more: string[]) => sipas.run(['webhook', 'add', '--name', 'giam-sat', ...more]);
const PLACE = ['--url', 'https://example.vn/sipas', '--events', 'response.low,export.done'];

beforeAll(async () => {
  app = await openTestApp();
  directory = mkdtempSync(join(tmpdir(), 'sipas-cli-'));
  sipas = cliOn({ MONGODB_URI: app.uri, SIPAS_SECRET: TEST_SECRET }, directory);
});
afterEach(() => app.services.connection.collection('webhooks').deleteMany({}));
afterAll(async () => {
  rmSync(directory, { recursive: true, force: true });
  await app.close();
});

describe('sipas webhook', () => {
  test('add prints the secret and nothing else on standard output', async () => {
    const { code, stdout } = await add(...PLACE, '--scope', '22');
    const stored = await app.services.connection.collection('webhooks').findOne({});
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: `${app.services.webhooks.secretOf({ key: String(stored?.['key']) })}\n`,
    });
  });

  test('list tells what there is, without secrets', async () => {
    await add(...PLACE, '--scope', '22');
    expect(await sipas.json(['webhook', 'list'])).toEqual([
      {
        ...{ name: 'giam-sat', url: 'https://example.vn/sipas', events: ['response.low', 'export.done'], scope: '22' },
        ...{ createdAt: expect.any(String), waiting: 0, givenUp: 0, problem: null },
      },
    ]);
  });

  test('remove ends it', async () => {
    await add(...PLACE);
    await sipas.run(['webhook', 'remove', 'giam-sat']);
    expect(await sipas.json(['webhook', 'list'])).toEqual([]);
  });

  test.each([
    ['an address that is none', ['--url', 'example.vn', '--events', 'export.done'], /url: must be an http/],
    ['an event there is not', ['--url', 'https://example.vn', '--events', 'x'], /events\[0\]: must be one of/],
    ['a place there is not', [...PLACE, '--scope', 'NONE'], /no unit or centre NONE/],
  ])('add refuses %s in one line', async (_, words, message) => {
    const { code, stderr } = await add(...words);
    expect(code).toBe(1);
    expect(stderr).toMatch(message);
  });
});
