import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Decimal128, Double, Long, MongoClient, MongoServerError, type Collection, type Document } from 'mongodb';
import { startServer, type RunningServer } from '../../../src/embedded-mongo/server.js';
import { sweepExpired } from '../../../src/embedded-mongo/storage/sweeper.js';

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });

const accepts = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host, port }, () => resolve(true));
    socket.on('error', () => resolve(false)).on('connect', () => socket.destroy());
  });

describe('the embedded database, through the MongoDB driver', () => {
  const directory = mkdtempSync(join(tmpdir(), 'embedded-'));
  const socket = join(directory, 'mongo.sock');
  let server: RunningServer;
  let client: MongoClient;
  let docs: Collection;
  let collections = 0;

  beforeAll(async () => {
    server = await startServer(directory, socket, undefined);
    client = await MongoClient.connect(`mongodb://${encodeURIComponent(socket)}/?directConnection=true`);
  });
  afterAll(async () => {
    await client.close();
    await server.close();
    rmSync(directory, { recursive: true });
  });
  beforeEach(() => {
    docs = client.db('test').collection(`c${++collections}`);
  });

  it('lets nobody else open its socket', () => {
    expect(statSync(socket).mode & 0o777).toBe(0o600);
  });

  it('listens on a port of the loopback address only, and only when asked to', async () => {
    const port = await freePort();
    const own = mkdtempSync(join(tmpdir(), 'embedded-'));
    const listening = await startServer(own, join(own, 'mongo.sock'), port);
    const reached = await Promise.all(['127.0.0.1', '127.0.0.2'].map((host) => accepts(host, port)));
    await listening.close();
    rmSync(own, { recursive: true });
    expect(reached).toEqual([true, false]);
    expect(await accepts('127.0.0.1', port)).toBe(false);
  });

  it('shares one flush among writers that wait', async () => {
    await docs.insertOne({ first: true });
    const commits = jest.spyOn(server.engine.catalog.store, 'commitBatch');
    await Promise.all(Array.from({ length: 64 }, (_, i) => docs.insertOne({ i })));
    expect(commits.mock.calls.length).toBeLessThan(32);
    commits.mockRestore();
  });

  it('tells the key of a duplicate as MongoDB does', async () => {
    await docs.createIndexes([{ key: { 'a.b': 1, c: -1 }, unique: true }]);
    await docs.insertOne({ a: { b: 'x' }, c: 1.5 });
    await expect(docs.insertOne({ a: { b: 'x' }, c: 1.5 })).rejects.toMatchObject({
      code: 11000,
      keyPattern: { 'a.b': 1, c: -1 },
      keyValue: { 'a.b': 'x', c: 1.5 },
      message: `E11000 duplicate key error collection: test.c${collections} index: a.b_1_c_-1 dup key: { a.b: "x", c: 1.5 }`,
    });
  });

  it('stores nothing of a document that a unique index refuses', async () => {
    await docs.createIndexes([{ key: { a: 1 } }, { key: { b: 1 }, unique: true }]);
    await docs.insertOne({ a: 1, b: 1 });
    await docs.insertOne({ a: 2, b: 1 }).catch(() => undefined);
    expect(await docs.countDocuments({ a: 2 })).toBe(0);
  });

  it('keeps the rest of an unordered batch when some documents are refused', async () => {
    const batch = [{ _id: 1 }, { _id: 1 }, { _id: 2 }, { _id: 2 }, { _id: 3 }] as unknown as Document[];
    await expect(docs.insertMany(batch, { ordered: false })).rejects.toMatchObject({ insertedCount: 3 });
    expect(await docs.countDocuments()).toBe(3);
  });

  it('keeps the types of numbers through increments', async () => {
    await docs.insertOne({
      int: 1,
      long: Long.fromNumber(1),
      double: new Double(1),
      decimal: Decimal128.fromString('1.10'),
    });
    await docs.updateOne({}, { $inc: { int: 2, long: 2, double: 2, decimal: 2, fresh: 2 } });
    expect(await docs.findOne({}, { promoteValues: false, projection: { _id: 0 } })).toMatchObject({
      int: { value: 3 },
      long: Long.fromNumber(3),
      double: new Double(3),
      decimal: Decimal128.fromString('3.10'),
      fresh: { value: 2 },
    });
  });

  it('grants a lease once to racing upserts', async () => {
    const until = (owner: string): Document[] => [{ $set: { owner, until: { $add: ['$$NOW', 60_000] } } }];
    const filter = { _id: 'lease', until: { $lt: new Date() } } as unknown as Document;
    const granted = await Promise.all(
      Array.from({ length: 8 }, (_, i) =>
        docs.updateOne(filter, until(`owner-${i}`), { upsert: true }).then(
          () => 1,
          (error: unknown) => (error instanceof MongoServerError && error.code === 11000 ? 0 : NaN),
        ),
      ),
    );
    expect(granted.reduce<number>((sum, one) => sum + one, 0)).toBe(1);
  });

  it('reads a large result batch by batch', async () => {
    await docs.insertMany(Array.from({ length: 2500 }, (_, i) => ({ i })));
    const cursor = docs.find({}, { batchSize: 100 });
    const seen: number[] = [];
    for await (const { i } of cursor) seen.push(i);
    expect(seen).toEqual(Array.from({ length: 2500 }, (_, i) => i));
  });

  it('gives batches that stay under the size limit of a message', async () => {
    await docs.insertMany(Array.from({ length: 5 }, () => ({ text: 'x'.repeat(5 * 1024 * 1024) })));
    expect((await docs.find().toArray()).length).toBe(5);
  });

  it('removes documents whose time has come', async () => {
    await docs.createIndexes([{ key: { expires: 1 }, expireAfterSeconds: 60 }]);
    const now = Date.now();
    await docs.insertMany([
      { _id: 'old', expires: new Date(now - 61_000) },
      { _id: 'fresh', expires: new Date(now - 59_000) },
      { _id: 'text', expires: 'never' },
      { _id: 'none' },
    ] as unknown as Document[]);
    await sweepExpired(server.engine, new Date(now));
    expect((await docs.find().toArray()).map(({ _id }) => String(_id))).toEqual(['fresh', 'text', 'none']);
  });

  it('explains whether it looked at every document', async () => {
    await docs.insertMany([{ a: 1 }, { a: 2 }]);
    const stage = async (filter: Document): Promise<string> => {
      const { queryPlanner } = await docs.find(filter).explain();
      return String(queryPlanner.winningPlan.inputStage?.stage ?? queryPlanner.winningPlan.stage);
    };
    expect(await stage({ a: 1 })).toBe('COLLSCAN');
    await docs.createIndexes([{ key: { a: 1 } }]);
    expect(await stage({ a: 1 })).toBe('IXSCAN');
  });

  it.each([
    [
      'a transaction',
      { insert: 'c', documents: [{}], txnNumber: Long.fromNumber(1), startTransaction: true, autocommit: false },
      20,
    ],
    ['a change stream', { aggregate: 'c', pipeline: [{ $changeStream: {} }], cursor: {} }, 40573],
    ['an unknown command', { frobnicate: 1 }, 59],
    ['an unknown field', { find: 'c', frobnicate: 1 }, 40415],
    ['an unknown stage', { aggregate: 'c', pipeline: [{ $frobnicate: 1 }], cursor: {} }, 40324],
    ['an unknown operator', { find: 'c', filter: { a: { $frobnicate: 1 } } }, 2],
    ['code in a filter', { find: 'c', filter: { $where: 'true' } }, 2],
    ['a hashed index', { createIndexes: 'c', indexes: [{ key: { a: 'hashed' }, name: 'h' }] }, 67],
    ['a capped collection', { create: 'capped', capped: true, size: 1000 }, 72],
  ])('refuses %s with the code of MongoDB', async (_, command, code) => {
    await expect(client.db('test').command(command)).rejects.toMatchObject({ code });
  });
});
