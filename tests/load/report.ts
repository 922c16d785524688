/**
 * Time of `/reports` for one province over 100,000 responses on the embedded database: of a year from the tallies, and of
 * half a year by filters that no tally keeps apart, which are counted from the responses.
 *
 *   npm run build && npx tsx tests/load/report.ts [RESPONSES]
 */
import { ServerProcess } from '../helpers/server-process.js';
import { quantile, signIn } from './load-tools.js';

const RESPONSES = process.argv[2] ?? '100000';
const TALLIED = { warmUp: 10, requests: 60 };
const COUNTED = { warmUp: 3, requests: 15 };
const PAGES = [
  { query: 'period=2026&groupBy=centre', rounds: TALLIED },
  { query: 'period=2026&groupBy=month', rounds: TALLIED },
  { query: 'period=2026&groupBy=day', rounds: TALLIED },
  { query: 'period=2026-H1&groupBy=hour&channel=kiosk', rounds: COUNTED },
  { query: 'period=2026-H1&groupBy=field&channel=kiosk&counter=Q1', rounds: COUNTED },
];

async function time(url: string, cookie: string, { warmUp, requests }: typeof TALLIED): Promise<number[]> {
  const times: number[] = [];
  for (let request = 0; request < warmUp + requests; request += 1) {
    const start = performance.now();
    const answer = await fetch(url, { headers: { cookie } });
    await answer.text();
    if (answer.status !== 200) throw new Error(`Status ${answer.status}`);
    if (request >= warmUp) times.push(performance.now() - start);
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
    for (const { query, rounds } of PAGES) {
      const times = await time(`${server.url}/reports?unit=22&${query}`, cookie, rounds);
      const at = (share: number) => quantile(times, share).toFixed(1);
      console.log(`/reports?${query}: p50 ${at(0.5)} ms, p95 ${at(0.95)} ms`);
    }
  } finally {
    await server.dispose();
  }
}

void main();
