import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { signIn } from '../load/load-tools.js';
import { ServerProcess } from '../helpers/server-process.js';

const WAPITI = '/usr/bin/wapiti';
/** Those that look for what this product could have: no module that needs a server of wapiti's makers on the Internet. */
const MODULES =
  'backup,cookieflags,crlf,csp,csrf,exec,file,htaccess,http_headers,methods,permanentxss,redirect,sql,timesql,xss';
/** Seconds that looking for pages, and each module, may take. */
const [LOOKING, ATTACKING] = [60, 20];
const LIMIT_MS = 12 * 60_000;
/** From which level on a finding is of medium severity. */
const MEDIUM = 2;
/** What it must not touch: it would sign itself out, or take its own rights. */
const LEFT_ALONE = ['/logout*', '/account/*', '/admin/accounts/admin*'];
/** Where it begins, besides what links lead to. */
const STARTS = ['/reports', '/reports/ranking', '/results', '/kiosk', '/admin/accounts', '/admin/centres', '/exports'];

const findings = z.record(z.string(), z.array(z.object({ level: z.number(), path: z.string(), info: z.string() })));
const reportShape = z.object({ vulnerabilities: findings, anomalies: findings });

/** Why it is not run; '' where it is. What pages answer does not depend on the database, so one of them is enough. */
const skipped =
  (existsSync(WAPITI) ? '' : ` [skipped: no ${WAPITI}; Debian has it as wapiti]`) ||
  (process.env['SIPAS_TEST_EMBEDDED'] === undefined ? ' [skipped: run on the embedded database]' : '');

(skipped === '' ? describe : describe.skip)(`wapiti, signed in as an administrator${skipped}`, () => {
  let server: ServerProcess;
  const found: string[] = [];
  let visited = 0;

  beforeAll(async () => {
    server = await ServerProcess.prepare({});
    await server.start();
    await server.command('demo', '--centres', '3', '--days', '5', '--responses', '300');
    const report = join(server.dataDir, 'wapiti.json');
    const { stdout } = await attack(server.url, await signIn(server.url), report);
    visited = stdout.split('\n').filter((line) => line.startsWith('[+] GET ')).length;
    const { vulnerabilities, anomalies } = reportShape.parse(JSON.parse(readFileSync(report, 'utf8')));
    for (const [name, entries] of Object.entries({ ...vulnerabilities, ...anomalies })) {
      for (const { level, path, info } of entries) if (level >= MEDIUM) found.push(`${name}: ${path} ${info}`);
    }
  }, LIMIT_MS);
  afterAll(() => server.dispose());

  it('sees the pages of staff', () => {
    expect(visited).toBeGreaterThan(30);
  });

  it('finds nothing of medium severity or above', () => {
    expect(found).toEqual([]);
  });
});

function attack(url: string, cookie: string, report: string): Promise<{ stdout: string }> {
  const many = (option: string, paths: readonly string[]) => paths.flatMap((path) => [option, url + path]);
  const limits = { 'max-links-per-page': 15, 'max-files-per-dir': 15, 'max-parameters': 12, depth: 4 };
  return promisify(execFile)(
    '/usr/bin/python3',
    [
      join(__dirname, 'wapiti.py'),
      ...['--url', `${url}/`, '--scope', 'folder', '--header', `Cookie: ${cookie}`],
      ...many('--start', STARTS),
      ...many('--exclude', LEFT_ALONE),
      ...Object.entries(limits).flatMap(([name, value]) => [`--${name}`, String(value)]),
      ...['--max-scan-time', String(LOOKING), '--max-attack-time', String(ATTACKING)],
      ...['--module', MODULES, '--format', 'json', '--output', report],
      ...['--store-session', join(report, '..', 'wapiti'), '--flush-session', '--no-bugreport', '--verbose', '1'],
    ],
    { maxBuffer: 64 * 2 ** 20 },
  );
}
