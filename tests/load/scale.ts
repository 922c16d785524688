/**
 * Whether the cost of a report grows with responses: the pages of a province-year on a small and a large database, asked
 * in turn; then, on the large one, ingest with and without reports beside it, and the figure of `/reports` by a pipeline
 * over the raw responses. The databases are made before, on the embedded engine:
 *
 *   SIPAS_DATA_DIR=/data/small npx sipas demo --centres 54 --days 320 --responses 100000
 *   SIPAS_DATA_DIR=/data/large npx sipas demo --centres 54 --days 320 --responses 10000000
 *   npm run build && npx tsx tests/load/scale.ts /data/small /data/large [UNIT]
 */
import { createServer } from 'node:net';
import { MongoClient } from 'mongodb';
import { ServerProcess } from '../helpers/server-process.js';
import { anonymousMemory, postAnswers, quantile, signIn } from './load-tools.js';

const REQUESTS = 60;
const WARM_UP = 8;
const INGEST_SECONDS = 15;
const INGEST_RATE = 100;
const [small, large, unit = '22'] = process.argv.slice(2);

const PAGES = [
  `/reports/overview?period=2026&unit=${unit}`,
  `/reports?period=2026&unit=${unit}&groupBy=centre`,
  `/reports/index?period=2026&unit=${unit}`,
  `/reports/ranking?period=2026&unit=${unit}`,
  `/reports?period=2026&unit=${unit}&groupBy=month&field=H%E1%BB%99%20t%E1%BB%8Bch`,
];

interface Measured {
  readonly server: ServerProcess;
  readonly cookie: string;
  readonly times: Map<string, number[]>;
  memory: number;
}

async function begin(dir: string, environment: NodeJS.ProcessEnv = {}): Promise<Measured> {
  const server = await ServerProcess.prepare({ SIPAS_DATA_DIR: dir, ...environment });
  await server.start();
  return { server, cookie: await signIn(server.url), times: new Map(), memory: 0 };
}

async function ask(measured: Measured, page: string): Promise<number> {
  const start = performance.now();
  const answer = await fetch(measured.server.url + page, { headers: { cookie: measured.cookie } });
  await answer.text();
  if (answer.status !== 200) throw new Error(`${page} gave ${answer.status}`);
  measured.memory = Math.max(measured.memory, anonymousMemory(measured.server.pid));
  return performance.now() - start;
}

async function inTurn(sides: readonly Measured[]): Promise<void> {
  for (const page of PAGES) {
    for (let request = 0; request < WARM_UP + REQUESTS; request += 1) {
      for (const side of sides) {
        const time = await ask(side, page);
        if (request >= WARM_UP) side.times.set(page, [...(side.times.get(page) ?? []), time]);
      }
    }
    const [a, b] = sides.map(({ times }) => times.get(page) ?? []);
    if (!a || !b) continue;
    const text = (times: readonly number[]) =>
      `p50 ${quantile(times, 0.5).toFixed(1)} ms, p95 ${quantile(times, 0.95).toFixed(1)} ms`;
    const ratio = (quantile(b, 0.5) / quantile(a, 0.5)).toFixed(2);
    console.log(`${page}: small ${text(a)}; large ${text(b)}; ratio of medians ${ratio}`);
  }
}

/** p99 of kiosk answers at a steady rate. */
async function ingest({ server }: Measured, token: string): Promise<string> {
  const rate = { connections: 8, overallRate: INGEST_RATE, duration: INGEST_SECONDS };
  const result = await postAnswers(server.url, token, rate);
  return `${result.requests.average.toFixed(0)}/s, p50 ${result.latency.p50} ms, p99 ${result.latency.p99} ms`;
}

async function ingestBesideReports(side: Measured): Promise<void> {
  const ranking = await fetch(side.server.url + (PAGES[3] ?? ''), { headers: { cookie: side.cookie } });
  const centre = /\/reports\/centres\/([^?"]+)/.exec(await ranking.text())?.[1] ?? '';
  const name = `load ${Date.now()}`;
  const made = await side.server.command(
    ...['token', 'create', '--name', name, '--role', 'kiosk', '--scope', centre, '--json'],
  );
  if (made.code !== 0) throw new Error(made.stderr);
  const { token } = JSON.parse(made.stdout) as { token: string };
  console.log(`ingest at ${INGEST_RATE}/s alone: ${await ingest(side, token)}`);
  let going = true;
  const reports = (async () => {
    while (going) for (const page of PAGES) await ask(side, page);
  })();
  console.log(`ingest at ${INGEST_RATE}/s beside reports without pause: ${await ingest(side, token)}`);
  going = false;
  await reports;
}

/** What products without tallies do: group the raw responses of the year by centre and level. */
async function rawPipeline(port: number): Promise<void> {
  const client = new MongoClient(`mongodb://127.0.0.1:${port}/?directConnection=true`);
  try {
    const start = performance.now();
    const groups = await client
      .db('sipas')
      .collection('responses')
      .aggregate([
        { $match: { day: { $gte: '2026-01-01', $lte: '2026-12-31' }, questionnaire: 'tthc-kiosk-5' } },
        { $group: { _id: { centre: '$centre', level: '$answers.overall' }, n: { $sum: 1 } } },
      ])
      .toArray();
    console.log(`raw pipeline, ${groups.length} groups: ${((performance.now() - start) / 1000).toFixed(1)} s`);
  } finally {
    await client.close();
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

async function main(): Promise<void> {
  if (!small || !large) throw new Error('Name the directories of a small and of a large database.');
  const port = await freePort();
  const sides = [await begin(small), await begin(large, { SIPAS_EMBEDDED_PORT: String(port) })] as const;
  try {
    await inTurn(sides);
    await ingestBesideReports(sides[1]);
    for (const [name, side] of [['small', sides[0]] as const, ['large', sides[1]] as const]) {
      console.log(`${name}: at most ${side.memory.toFixed(0)} MB of anonymous memory during reports`);
    }
    await rawPipeline(port);
  } finally {
    for (const { server } of sides) await server.dispose();
  }
}

void main();
