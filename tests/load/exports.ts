/**
 * How long exports take, what memory they need, and what kiosks notice of them: the responses of a database as CSV and
 * as XLSX from a server of its own, while a kiosk posts at a steady rate. The database is made before:
 *
 *   SIPAS_DATA_DIR=/data/large npx sipas demo --centres 54 --days 320 --responses 1000000
 *   npm run build && npx tsx tests/load/exports.ts /data/large [CENTRE] [ROUNDS]
 */
import { readFileSync } from 'node:fs';
import { ServerProcess } from '../helpers/server-process.js';
import { anonymousMemory, kioskAnswer, quantile, signIn } from './load-tools.js';

const POSTS_PER_SECOND = 20;
const TICKS_PER_SECOND = 100;
const [directory, centre = 'DEMO-06652', rounds = '3'] = process.argv.slice(2);

interface Measured {
  readonly seconds: number;
  /** Processor time of the server, all threads. */
  readonly cpu: number;
  readonly megabytes: number;
  readonly memory: number;
}

/** Seconds of processor time a process has used. */
function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

async function download({ url, pid }: ServerProcess, cookie: string, format: string): Promise<Measured> {
  const [start, cpu] = [performance.now(), cpuSeconds(pid)];
  let memory = 0;
  const watch = setInterval(() => (memory = Math.max(memory, anonymousMemory(pid))), 100);
  const answer = await fetch(`${url}/exports/responses.${format}?from=2000-01-01&to=2049-12-31`, {
    headers: { cookie },
  });
  if (answer.status !== 200 || !answer.body) throw new Error(`The export gave ${answer.status}`);
  let bytes = 0;
  for await (const chunk of answer.body as AsyncIterable<Uint8Array>) bytes += chunk.byteLength;
  clearInterval(watch);
  return { seconds: (performance.now() - start) / 1000, cpu: cpuSeconds(pid) - cpu, megabytes: bytes / 1e6, memory };
}

/** Posts at a steady rate, whether or not answers have come, until stopped; then says how long they took. */
function kiosk({ url }: ServerProcess, token: string) {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
  const posts: Promise<number>[] = [];
  const post = async (): Promise<number> => {
    const start = performance.now();
    const answer = await fetch(`${url}/api/v1/responses`, { method: 'POST', headers, body: kioskAnswer() });
    if (answer.status !== 201) throw new Error(`A post gave ${answer.status}`);
    await answer.arrayBuffer();
    return performance.now() - start;
  };
  const timer = setInterval(() => posts.push(post()), 1000 / POSTS_PER_SECOND);
  return async () => {
    clearInterval(timer);
    const times = await Promise.all(posts);
    return `${times.length} posts, p50 ${quantile(times, 0.5).toFixed(1)} ms, p99 ${quantile(times, 0.99).toFixed(1)} ms`;
  };
}

async function main(): Promise<void> {
  if (directory === undefined) throw new Error('Name the directory of a database.');
  const server = await ServerProcess.prepare({ SIPAS_DATA_DIR: directory });
  await server.start();
  try {
    const cookie = await signIn(server.url);
    const made = await server.command('kiosk', 'add', '--centre', centre, '--code', `LOAD-${Date.now()}`, '--json');
    if (made.code !== 0) throw new Error(made.stderr);
    const { token } = JSON.parse(made.stdout) as { token: string };
    for (const format of ['csv', 'xlsx']) {
      const posts = kiosk(server, token);
      const found: Measured[] = [];
      for (let round = 0; round < Number(rounds); round += 1) found.push(await download(server, cookie, format));
      const median = (of: (measured: Measured) => number) => quantile(found.map(of), 0.5).toFixed(1);
      console.log(
        `${format}: ${median(({ seconds }) => seconds)} s, ${median(({ cpu }) => cpu)} s of processor time, ` +
          `${median(({ megabytes }) => megabytes)} MB, RssAnon at most ${Math.max(...found.map(({ memory }) => memory)).toFixed(0)} MB; ${await posts()}`,
      );
    }
  } finally {
    await server.dispose();
  }
}

void main();
