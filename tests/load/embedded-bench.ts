/**
 * The embedded database engine against itself: writes and finds against `ping`, a group against mingo over an array in
 * memory, memory during a scan of a million documents and the time to open them.
 *
 *   npm run build && npx tsx tests/load/embedded-bench.ts
 *
 * With SIPAS_BENCH_URI only the rates are measured, on that MongoDB: its share of `ping` is what the driver leaves.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Aggregator } from 'mingo';
import { MongoClient, type Collection, type Document } from 'mongodb';

const CONCURRENCY = 16;
const SLICE_MS = 500;
const SLICES = 12;
const ROUNDS = 3;
const GROUPED = 200_000;
const SCANNED = 1_000_000;
const BATCH = 5000;

interface Engine {
  readonly client: MongoClient;
  readonly process: ChildProcess;
  readonly openedIn: number;
}

/** The engine as it runs in the product, in a process of its own so that its memory can be told from the client's. */
async function openEngine(dataDir: string): Promise<Engine> {
  const child = fork(join(__dirname, 'embedded-server.cjs'), [dataDir]);
  const { uri, milliseconds } = await new Promise<{ uri: string; milliseconds: number }>((resolve, reject) => {
    child.once('message', (message: { uri: string; milliseconds: number }) => resolve(message));
    child.once('exit', (code) => reject(new Error(`the engine ended with ${String(code)}`)));
  });
  return { client: await MongoClient.connect(uri), process: child, openedIn: milliseconds };
}

async function closeEngine({ client, process: child }: Engine): Promise<void> {
  await client.close();
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.send('close');
  await ended;
}

/** Operations per second of `CONCURRENCY` loops. */
async function rate(operation: () => Promise<unknown>): Promise<number> {
  const end = performance.now() + SLICE_MS;
  let done = 0;
  const loop = async (): Promise<void> => {
    while (performance.now() < end) {
      await operation();
      done++;
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, loop));
  return (done * 1000) / SLICE_MS;
}

const median = (numbers: readonly number[]): number => [...numbers].sort((a, b) => a - b)[numbers.length >> 1] ?? NaN;

/** The median over short slices, each of which measures all three: what else the machine does weighs on all alike. */
async function compareRates(client: MongoClient): Promise<void> {
  const db = client.db('bench');
  const keyed = db.collection('keyed');
  await keyed.insertMany(Array.from({ length: 20_000 }, (_, i) => ({ key: `key-${i}`, ...sample(i) })));
  await keyed.createIndexes([{ key: { key: 1 } }]);
  const rates: { ping: number; insert: number; find: number }[] = [];
  for (let slice = 0; slice < SLICES; slice++) {
    rates.push({
      ping: await rate(() => db.command({ ping: 1 })),
      insert: await rate(() => db.collection('inserted').insertOne(sample(slice))),
      find: await rate(() => keyed.findOne({ key: `key-${Math.floor(Math.random() * 20_000)}` })),
    });
  }
  const settled = rates.slice(2);
  const typical = (pick: (r: (typeof rates)[number]) => number): number => median(settled.map(pick));
  const perSecond = (pick: (r: (typeof rates)[number]) => number): string => typical(pick).toFixed(0);
  print(
    `ping ${perSecond((r) => r.ping)}/s, durable insertOne ${perSecond((r) => r.insert)}/s, find by key ${perSecond((r) => r.find)}/s`,
  );
  report(
    'durable insertOne / ping',
    typical((r) => r.insert / r.ping),
    0.3,
    'at least',
  );
  report(
    'find by indexed key / ping',
    typical((r) => r.find / r.ping),
    0.6,
    'at least',
  );
}

const sample = (i: number): Document => ({
  centre: `C${i % 50}`,
  day: `2026-${String((i % 12) + 1).padStart(2, '0')}-${String((i % 28) + 1).padStart(2, '0')}`,
  overall: (i * 7) % 5,
  capturedAt: new Date(1_780_000_000_000 + i * 1000),
  answers: { overall: (i * 7) % 5, wait: i % 5, attitude: (i * 3) % 5 },
});

async function fill(collection: Collection, count: number): Promise<void> {
  for (let start = 0; start < count; start += BATCH) {
    await collection.insertMany(Array.from({ length: Math.min(BATCH, count - start) }, (_, i) => sample(start + i)));
  }
}

/** `$match` on an index and `$group` over all that matches. */
async function compareGroup(client: MongoClient): Promise<void> {
  const collection = client.db('bench').collection('grouped');
  await collection.createIndexes([{ key: { overall: 1 } }]);
  await fill(collection, GROUPED);
  const pipeline = [
    { $match: { overall: { $gte: 0 } } },
    { $group: { _id: '$centre', n: { $sum: 1 }, wait: { $avg: '$answers.wait' }, best: { $max: '$overall' } } },
  ];
  const inMemory = Array.from({ length: GROUPED }, (_, i) => sample(i));
  const ratios: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const mingo = await milliseconds(() => new Aggregator(pipeline).run(inMemory));
    const engine = await milliseconds(() => collection.aggregate(pipeline).toArray());
    print(`$match + $group over ${GROUPED}: engine ${engine.toFixed(0)} ms, mingo in memory ${mingo.toFixed(0)} ms`);
    ratios.push(engine / mingo);
  }
  report('$match + $group / mingo in memory', median(ratios), 3, 'at most');
}

async function milliseconds(work: () => unknown): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** Anonymous resident memory of a process in MB. */
function anonymousMemory(pid: number): number {
  const match = /^RssAnon:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(match?.[1]) / 1024;
}

async function scan({ client, process: child }: Engine): Promise<void> {
  const collection = client.db('bench').collection('scanned');
  let peak = 0;
  const watch = setInterval(() => (peak = Math.max(peak, anonymousMemory(child.pid ?? 0))), 20);
  let seen = 0;
  const time = await milliseconds(async () => {
    for await (const doc of collection.find({ overall: { $lt: 100 } }).batchSize(1000)) seen += Number('_id' in doc);
  });
  const grouped = await milliseconds(() =>
    collection.aggregate([{ $group: { _id: '$day', n: { $sum: 1 } } }]).toArray(),
  );
  clearInterval(watch);
  print(
    `scan of ${seen} documents through a cursor ${(time / 1000).toFixed(1)} s, grouped on the server ${(grouped / 1000).toFixed(1)} s`,
  );
  report('RssAnon of the engine during the scan, MB', peak, 300, 'at most');
}

function report(what: string, value: number, target: number, direction: 'at least' | 'at most'): void {
  const met = direction === 'at least' ? value >= target : value <= target;
  print(`${met ? 'ok    ' : 'MISSED'} ${what}: ${value.toFixed(2)} (${direction} ${target})`);
  if (!met) process.exitCode = 1;
}

const print = (line: string): void => console.log(line);

/** The rates of another server, in a database that is dropped afterwards. */
async function measureServer(uri: string): Promise<void> {
  const client = await MongoClient.connect(uri);
  try {
    await compareRates(client);
  } finally {
    await client.db('bench').dropDatabase();
    await client.close();
  }
}

async function main(): Promise<void> {
  const uri = process.env['SIPAS_BENCH_URI'];
  if (uri !== undefined) return measureServer(uri);
  const dataDir = mkdtempSync(join(tmpdir(), 'embedded-bench-'));
  try {
    const first = await openEngine(dataDir);
    await compareRates(first.client);
    await compareGroup(first.client);
    await fill(first.client.db('bench').collection('scanned'), SCANNED);
    await closeEngine(first);
    const second = await openEngine(dataDir);
    report('opening a database with 1,000,000 documents, ms', second.openedIn, 1000, 'at most');
    await scan(second);
    await closeEngine(second);
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}

void main();
