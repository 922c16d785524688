import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { join } from 'node:path';
import { TEST_SECRET } from './app.js';

const ROOT = join(__dirname, '../..');

/** How a command ended. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Any JSON document; the tests say what it must be. */
export type Json = ReturnType<typeof JSON.parse>;

/** Runs `bin/sipas` as built, with a database and a working directory of its own. */
export interface Cli {
  run(words: readonly string[], input?: string): Promise<Ended>;
  /** Runs a command that must succeed with `--json`, and gives its document. */
  json(words: readonly string[], input?: string): Promise<Json>;
  start(words: readonly string[]): ChildProcessWithoutNullStreams;
}

/** @param database its environment variables: MONGODB_URI, or SIPAS_DATA_DIR for an embedded one */
export function cliOn(database: Readonly<Record<string, string>>, directory: string): Cli {
  const start = (words: readonly string[]) =>
    spawn(process.execPath, [join(ROOT, 'bin/sipas'), ...words], {
      cwd: directory,
      env: { PATH: process.env['PATH'], SIPAS_SECRET: TEST_SECRET, ...database },
    });
  const run = async (words: readonly string[], input = '') => {
    const child = start(words);
    const end = ended(child);
    // A command that does not read its input may have ended before it is written.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
    return end;
  };
  const json = async (words: readonly string[], input = '') => {
    const { code, stdout, stderr } = await run([...words, '--json'], input);
    if (code !== 0) throw new Error(`sipas ${words.join(' ')} ended with ${String(code)}: ${stderr}`);
    return JSON.parse(stdout);
  };
  return { run, json, start };
}

/** Collects what a process prints until it ends. */
export function ended(child: ChildProcessWithoutNullStreams): Promise<Ended> {
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
}
