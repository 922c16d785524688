import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ServerProcess } from '../helpers/server-process.js';

const README = readFileSync(join(__dirname, '../../README.md'), 'utf8');
/** Run by .ci/run, which begins with a clean install; `npm start` is what the other commands here run against. */
const RUN_ELSEWHERE = ['npm ci', 'npm start', 'npm test'];

/** The command lines of the README's shell blocks, comments cut off. */
const commands = [...README.matchAll(/```sh\n([\s\S]*?)```/g)]
  .flatMap(([, block]) => (block ?? '').split('\n'))
  .map((line) => line.replace(/\s+#.*$/, '').trim())
  .filter((line) => line !== '');
const sipas = commands.filter((line) => line.startsWith('npx sipas '));

/** The words of a command line; double quotes hold words together. */
function words(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
}

jest.setTimeout(120_000);
describe('the README', () => {
  let server: ServerProcess;

  beforeAll(async () => {
    server = await ServerProcess.prepare({});
    await server.start();
  }, 60_000);

  afterAll(() => server.dispose());

  it('shows no command that is not tried somewhere', () => {
    const settings = commands.filter((line) => line.startsWith('export '));
    expect(commands).toEqual(expect.arrayContaining([...RUN_ELSEWHERE, ...sipas]));
    expect(commands.filter((line) => ![...RUN_ELSEWHERE, ...sipas, ...settings].includes(line))).toEqual([]);
  });

  it('tells what a first start prints', () => {
    const heads = server.lines.map((line) => line.replace(/ at http.*|:.*|,.*/, '').trim());
    expect(heads).toEqual(['SIPAS is running', 'Kiosk', 'Sign in', 'user admin']);
  });

  it.each(sipas)('%s works', async (line) => {
    const { code, stderr } = await server.command(...words(line).slice(2));
    expect({ code, stderr }).toMatchObject({ code: 0 });
  });
});
