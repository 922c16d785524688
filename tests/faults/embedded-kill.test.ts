import { MongoClient } from 'mongodb';
import { checkDatabase } from '../../src/embedded-mongo/index.js';
import { EngineProcess, temporaryDirectory } from './embedded-process.js';

const ROUNDS = 50;
const WRITERS = 16;
const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);

/** Park and Miller's generator: the same kill times for the same seed. */
function random(start: number): () => number {
  let state = (start % 2147483646) + 1;
  return () => (state = (state * 48271) % 2147483647) / 2147483647;
}

describe('kill -9 of the embedded database', () => {
  const directory = temporaryDirectory();
  afterAll(() => directory.remove());

  it(`loses no acknowledged write in ${ROUNDS} rounds of ${WRITERS} writers, and unique indexes hold (seed ${seed})`, async () => {
    const next = random(seed);
    const acknowledged: number[] = [];
    let id = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const engine = await EngineProcess.start(directory.path);
      const client = await MongoClient.connect(engine.uri, { serverSelectionTimeoutMS: 500, retryWrites: false });
      const writes = client.db('kill').collection<{ _id: number; slot: number; text: string }>('writes');
      await writes.createIndexes([{ key: { slot: 1 }, unique: true }]);
      const missing = await missingIds(writes, acknowledged.slice(-2000));
      expect({ round, missing }).toEqual({ round, missing: [] });
      const writer = async (): Promise<void> => {
        while (engine.alive) {
          const mine = ++id;
          await writes.insertOne({ _id: mine, slot: mine, text: 'x'.repeat(mine % 300) });
          acknowledged.push(mine);
          const taken = await writes.insertOne({ _id: -mine, slot: mine, text: '' }).then(() => true, isDuplicate);
          if (taken) throw new Error(`slot ${mine} was given twice`);
        }
      };
      const writers = Array.from({ length: WRITERS }, () => writer().catch(endedByKill));
      await new Promise((resolve) => setTimeout(resolve, 20 + next() * 130));
      await engine.kill();
      expect(await Promise.all(writers)).not.toContain('given twice');
      await client.close();
    }
    const engine = await EngineProcess.start(directory.path);
    const client = await MongoClient.connect(engine.uri);
    expect(await missingIds(client.db('kill').collection('writes'), acknowledged)).toEqual([]);
    await client.close();
    await engine.close();
    expect(acknowledged.length).toBeGreaterThan(ROUNDS);
    expect((await checkDatabase(directory.path)).problems).toEqual([]);
  }, 240_000);
});

const isDuplicate = (error: unknown): false => {
  if (error instanceof Error && 'code' in error && error.code === 11000) return false;
  throw error;
};

/** A writer ends with the connection; a slot that was given twice is told. */
const endedByKill = (error: unknown): string =>
  error instanceof Error && error.message.includes('given twice') ? 'given twice' : 'ended';

async function missingIds(
  collection: { find(filter: object, options: object): { toArray(): Promise<{ _id: unknown }[]> } },
  wanted: readonly number[],
): Promise<number[]> {
  const found = await collection.find({ _id: { $in: wanted } }, { projection: { _id: 1 } }).toArray();
  const there = new Set(found.map(({ _id }) => _id));
  return wanted.filter((id) => !there.has(id));
}
