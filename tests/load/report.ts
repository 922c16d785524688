/**
 * Time of `/reports` for one province and one year over 100,000 responses on the embedded database.
 *
 *   npm run build && npx tsx tests/load/report.ts [RESPONSES]
 */
import { ServerProcess } from '../helpers/server-process.js';
import { quantile, signIn } from './load-tools.js';

const RESPONSES = process.argv[2] ?? '100000';
const REQUESTS = 60;
const WARM_UP = 10;

async function time(url: string, cookie: string): Promise<number[]> {
  const times: number[] = [];
  for (let request = 0; request < WARM_UP + REQUESTS; request += 1) {
    const start = performance.now();
    const answer = await fetch(url, { headers: { cookie } });
    await answer.text();
    if (answer.status !== 200) throw new Error(`Status ${answer.status}`);
    if (request >= WARM_UP) times.push(performance.now() - start);
  }
  return times;
}

async function main(): Promise<void> {
  const server = await ServerProcess.prepare({});
  try {
    await server.start();
    const began = performance.now();
    const plan = ['--centres', '54', '--days', '320', '--responses', RESPONSES, '--seed', '1'];
    const demo = await server.command('demo', ...plan);
    if (demo.code !== 0) throw new Error(demo.stderr);
    console.log(
      `${RESPONSES} responses of 54 centres written and counted in ${((performance.now() - began) / 1000).toFixed(1)} s`,
    );
    const cookie = await signIn(server.url);
    for (const groupBy of ['centre', 'month', 'day']) {
      const times = await time(`${server.url}/reports?period=2026&unit=22&groupBy=${groupBy}`, cookie);
      const at = (share: number) => quantile(times, share).toFixed(1);
      console.log(`/reports by ${groupBy}: p50 ${at(0.5)} ms, p95 ${at(0.95)} ms`);
    }
  } finally {
    await server.dispose();
  }
}

void main();
