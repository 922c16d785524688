/**
 * Seconds from a clone to the first tap shown in a report, with the README's two commands and a tap in a real browser.
 *
 *   npx tsx tests/load/newcomer.ts
 */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { launchBrowser } from '../helpers/browser.js';

const ROOT = join(__dirname, '../..');
const PORT = '3956';
const LIMIT_S = 90;

interface FirstStart {
  readonly server: ChildProcess;
  readonly kiosk: string;
  readonly password: string;
}

/** `npm start`, up to the lines that a newcomer reads. */
async function start(clone: string): Promise<FirstStart> {
  const environment: NodeJS.ProcessEnv = { ...process.env, PORT };
  delete environment['MONGODB_URI'];
  // A group of its own, so that what npm starts ends with it.
  const server = spawn('npm', ['start'], { cwd: clone, env: environment, detached: true });
  let kiosk = '';
  for await (const line of createInterface({ input: server.stdout })) {
    kiosk ||= /Kiosk:\s+(\S+)/.exec(line)?.[1] ?? '';
    const password = /password (\S+)/.exec(line)?.[1];
    if (password) return { server, kiosk, password };
  }
  throw new Error('npm start ended before it said where the kiosk is');
}

/** A tap at the kiosk, and then the report that shows it. */
async function tapAndRead({ kiosk, password }: FirstStart): Promise<void> {
  const browser = await launchBrowser();
  try {
    const device = await browser.newPage();
    await device.goto(kiosk);
    await device.getByRole('button', { name: 'Rất hài lòng', exact: true }).click();
    await device.getByText('Cảm ơn').first().waitFor();
    const officer = await (await browser.newContext()).newPage();
    await officer.goto(`http://127.0.0.1:${PORT}/login`);
    await officer.locator('[name=username]').fill('admin');
    await officer.locator('[name=password]').fill(password);
    await officer.locator('form:has([name=password]) [type=submit]').click();
    const deadline = performance.now() + 10_000;
    for (;;) {
      await officer.goto(`http://127.0.0.1:${PORT}/reports`);
      if ((await officer.locator('main').innerText()).includes('100,00')) return;
      if (performance.now() > deadline) throw new Error('The report does not show the tap');
    }
  } finally {
    await browser.close();
  }
}

async function main(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'sipas-newcomer-'));
  const clone = join(directory, 'sipas');
  execFileSync('git', ['clone', '--quiet', ROOT, clone]);
  let started: FirstStart | undefined;
  try {
    const began = performance.now();
    const seconds = () => (performance.now() - began) / 1000;
    execFileSync('npm', ['ci'], { cwd: clone, stdio: 'ignore' });
    console.log(`npm ci      ${seconds().toFixed(1)} s`);
    started = await start(clone);
    console.log(`npm start   ${seconds().toFixed(1)} s`);
    await tapAndRead(started);
    console.log(`tap shown   ${seconds().toFixed(1)} s (must be under ${LIMIT_S} s)`);
    if (seconds() >= LIMIT_S) process.exitCode = 1;
  } finally {
    if (started?.server.pid !== undefined) {
      process.kill(-started.server.pid, 'SIGTERM');
      await once(started.server, 'exit');
    }
    rmSync(directory, { recursive: true, force: true });
  }
}

void main();
