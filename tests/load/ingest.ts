/**
 * Durable ingest through the whole stack on the embedded database, against an Express route that only parses and
 * validates; then the latency at a steady 200 responses a second.
 *
 *   npm run build && npx tsx tests/load/ingest.ts
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { ServerProcess } from '../helpers/server-process.js';
import { postAnswers, quantile } from './load-tools.js';

const ROUNDS = 7;
const SECONDS = 4;
const CONCURRENCY = 16;
const STEADY_RATE = 200;
const STEADY_SECONDS = 20;
const EMPTY_PORT = 3955;

const median = (values: readonly number[]): number => quantile(values, 0.5);

function startEmpty(): Promise<ChildProcess> {
  const script = join(__dirname, 'empty-route-server.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', script, String(EMPTY_PORT)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return new Promise((resolve) => child.stdout.once('data', () => resolve(child)));
}

async function main(): Promise<void> {
  const empty = await startEmpty();
  const server = await ServerProcess.prepare({});
  try {
    await server.start();
    await server.command('centre', 'add', '--code', 'TT', '--name', 'Trung tâm', '--unit', '22');
    const kiosk = await server.command('kiosk', 'add', '--centre', 'TT', '--code', 'TT-1', '--json');
    const { token } = JSON.parse(kiosk.stdout) as { token: string };
    const rates = { empty: [] as number[], full: [] as number[] };
    for (let round = 0; round <= ROUNDS; round += 1) {
      const e = await postAnswers(`http://127.0.0.1:${EMPTY_PORT}`, token, {
        connections: CONCURRENCY,
        duration: SECONDS,
      });
      const f = await postAnswers(server.url, token, { connections: CONCURRENCY, duration: SECONDS });
      // The first round warms both up.
      if (round === 0) continue;
      rates.empty.push(e.requests.average);
      rates.full.push(f.requests.average);
      console.log(`round ${round}: empty ${e.requests.average}/s, durable ingest ${f.requests.average}/s`);
    }
    const ratios = rates.full.map((rate, index) => rate / (rates.empty[index] ?? NaN));
    console.log(`empty route        median ${median(rates.empty).toFixed(0)} requests/s`);
    console.log(`durable ingest     median ${median(rates.full).toFixed(0)} responses/s at concurrency ${CONCURRENCY}`);
    console.log(`ratio              median ${median(ratios).toFixed(2)} (must be at least 0.35)`);
    const steady = await postAnswers(server.url, token, {
      ...{ connections: CONCURRENCY, overallRate: STEADY_RATE, duration: STEADY_SECONDS },
    });
    console.log(
      `at ${STEADY_RATE}/s          p50 ${steady.latency.p50} ms, p99 ${steady.latency.p99} ms (must be under 50 ms)`,
    );
  } finally {
    empty.kill();
    await server.dispose();
  }
}

void main();
