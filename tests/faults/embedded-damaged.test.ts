import {
  appendFileSync,
  copyFileSync,
  openSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
  closeSync,
} from 'node:fs';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { checkDatabase } from '../../src/embedded-mongo/index.js';
import { verifyFile } from '../../src/embedded-mongo/storage/file-check.js';
import { EngineProcess, temporaryDirectory } from './embedded-process.js';

describe('a data file that is torn or foreign', () => {
  const source = temporaryDirectory();
  const target = temporaryDirectory();
  const file = join(target.path, 'data.mdb');

  beforeAll(async () => {
    const engine = await EngineProcess.start(source.path);
    const client = await MongoClient.connect(engine.uri);
    const docs = Array.from({ length: 5000 }, (_, i) => ({ _id: i, key: `key-${i}`, text: 'x'.repeat(i % 2000) }));
    await client.db('d').collection<{ _id: number }>('c').insertMany(docs);
    await client.close();
    await engine.close();
  });
  beforeEach(() => copyFileSync(join(source.path, 'data.mdb'), file));
  afterAll(() => {
    source.remove();
    target.remove();
  });

  const overwrite = (page: number, bytes: Buffer): void => {
    const fd = openSync(file, 'r+');
    writeSync(fd, bytes, 0, bytes.length, page * 4096);
    closeSync(fd);
  };
  const size = (): number => statSync(file).size;

  it.each([
    ['cut in half', () => truncateSync(file, size() >> 1)],
    ['cut by a page', () => truncateSync(file, size() - 4096)],
    ['cut to its first bytes', () => truncateSync(file, 100)],
    ['with its first page gone', () => overwrite(0, Buffer.alloc(4096))],
    ['with its second page gone', () => overwrite(1, Buffer.alloc(4096))],
    ['with a zeroed block', () => overwrite(20, Buffer.alloc(40_960))],
    ['of text', () => writeFileSync(file, 'not a database')],
    ['of other bytes', () => writeFileSync(file, Buffer.alloc(100_000, 65))],
  ])('%s is told and left as it is', async (_, damage) => {
    damage();
    const before = size();
    const report = await checkDatabase(target.path);
    expect(report).toMatchObject({ ok: false, problems: [expect.stringMatching(/^The data file is damaged: /)] });
    expect(size()).toBe(before);
  });

  it('stops the start of the engine with an error that says so', async () => {
    truncateSync(file, size() >> 1);
    await expect(EngineProcess.start(target.path)).rejects.toThrow('the engine ended with 1');
  });

  it('is no matter of bytes behind the last page', () => {
    appendFileSync(file, Buffer.alloc(4096));
    expect(() => verifyFile(file)).not.toThrow();
  });
});

describe('a data directory that is in use', () => {
  it('is refused to a second process and free again after kill -9', async () => {
    const directory = temporaryDirectory();
    const first = await EngineProcess.start(directory.path);
    await expect(EngineProcess.start(directory.path)).rejects.toThrow('the engine ended with 1');
    await first.kill();
    const second = await EngineProcess.start(directory.path);
    await second.close();
    directory.remove();
  });
});
