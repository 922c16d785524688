import { deserialize } from 'bson';
import { storedBatches } from '../../src/database/stored-batches.js';
import { openTestApp, type TestApp } from '../helpers/app.js';

const COLLECTION = 'lines';
const NUMBERS = Array.from({ length: 25 }, (_, index) => index);

let sipas: TestApp;
beforeAll(async () => {
  sipas = await openTestApp();
  await sipas.services.connection
    .collection<{ _id: number; text: string }>(COLLECTION)
    .insertMany(NUMBERS.map((number) => ({ _id: number, text: `dòng ${number}` })));
});
afterAll(() => sipas.close());
afterEach(() => jest.restoreAllMocks());

const batches = (filter: Record<string, unknown> = {}) =>
  storedBatches(sipas.services.connection, { collection: COLLECTION, filter, batchSize: 10, maxTimeMS: 10_000 });

/** The names of the commands that are sent from now on. */
function watchCommands(): () => string[] {
  const { db } = sipas.services.connection;
  if (!db) throw new Error('The database is not connected');
  const command = jest.spyOn(db, 'command');
  return () => command.mock.calls.map(([sent]) => Object.keys(sent)[0] ?? '');
}

describe('documents read in batches as they are stored', () => {
  it('are all there, each from its start', async () => {
    const found: unknown[] = [];
    for await (const { bytes, starts } of batches()) {
      for (const index of starts) found.push(deserialize(bytes, { index, allowObjectSmallerThanBufferSize: true }));
    }
    expect(found).toEqual(NUMBERS.map((number) => ({ _id: number, text: `dòng ${number}` })));
  });

  it('come so many at a time', async () => {
    const sizes: number[] = [];
    for await (const { starts } of batches()) sizes.push(starts.length);
    expect(sizes).toEqual([10, 10, 5]);
  });

  it('are none where none is found', async () => {
    const found = [];
    for await (const batch of batches({ _id: -1 })) found.push(batch);
    expect(found).toEqual([]);
  });

  it('leave no query open where nobody reads on', async () => {
    const commands = watchCommands();
    for await (const { starts } of batches()) if (starts.length > 0) break;
    expect(commands()).toEqual(['find', 'killCursors']);
  });

  it('leave nothing to close where they were read to the end', async () => {
    const commands = watchCommands();
    for await (const { starts } of batches()) expect(starts.length).toBeGreaterThan(0);
    expect(commands()).not.toContain('killCursors');
  });

  it('fail as the server does', async () => {
    await expect(batches({ $nope: 1 }).next()).rejects.toThrow(/\$nope/);
  });
});
