/**
 * How long the reports of the whole country take, and what memory they need, as pages and as files to print. The
 * database is made before, on the embedded engine:
 *
 *   SIPAS_DATA_DIR=/data/country npx sipas demo --centres 3355 --days 5 --responses 150000
 *   npm run build && npx tsx tests/load/country.ts /data/country [DAY]
 *
 * DAY is one with answers that follows another: its ranking reads two periods.
 */
import { ServerProcess } from '../helpers/server-process.js';
import { anonymousMemory, quantile, signIn } from './load-tools.js';

const REQUESTS = 40;
const WARM_UP = 5;
const FILES = 3;
const LOOK_MS = 20;
const [directory, day] = process.argv.slice(2);

const PAGES = [
  '/reports/overview?period=2026',
  '/reports/index?period=2026',
  '/reports/ranking?period=2026',
  ...(day === undefined ? [] : [`/reports/ranking?period=${day}`]),
  '/reports?period=2026&groupBy=centre',
  '/reports/on-time?period=2026&groupBy=centre',
];
const PRINTED = ['/reports/ranking?period=2026&format=pdf', '/reports?period=2026&groupBy=centre&format=pdf'];

/** Asks again and again; tells times and the most memory meanwhile, the first `unmeasured` times apart. */
async function ask({ url, pid }: ServerProcess, cookie: string, path: string, count: number, unmeasured: number) {
  const times: number[] = [];
  let memory = 0;
  const watch = setInterval(() => (memory = Math.max(memory, anonymousMemory(pid))), LOOK_MS);
  for (let request = 0; request < unmeasured + count; request += 1) {
    const start = performance.now();
    const answer = await fetch(url + path, { headers: { cookie } });
    await answer.arrayBuffer();
    if (answer.status !== 200) throw new Error(`${path} gave ${answer.status}`);
    if (request >= unmeasured) times.push(performance.now() - start);
  }
  clearInterval(watch);
  const [p50, p95] = [quantile(times, 0.5).toFixed(0), quantile(times, 0.95).toFixed(0)];
  console.log(`${path}: p50 ${p50} ms, p95 ${p95} ms, RssAnon at most ${memory.toFixed(0)} MB`);
}

async function main(): Promise<void> {
  if (directory === undefined) throw new Error('Name the directory of a database.');
  const server = await ServerProcess.prepare({ SIPAS_DATA_DIR: directory });
  await server.start();
  try {
    const cookie = await signIn(server.url);
    for (const page of PAGES) await ask(server, cookie, page, REQUESTS, WARM_UP);
    for (const file of PRINTED) await ask(server, cookie, file, FILES, 0);
  } finally {
    await server.dispose();
  }
}

void main();
