import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { checkDatabase } from '../../src/embedded-mongo/index.js';
import { EngineProcess, temporaryDirectory } from './embedded-process.js';

const directory = temporaryDirectory();
const disk = join(directory.path, 'disk');
mkdirSync(disk);
const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', disk]).status === 0;
if (!mounted) console.log('full disk: skipped, this machine does not let tests mount a small disk');

(mounted ? describe : describe.skip)('the disk of the embedded database filling up', () => {
  afterAll(() => {
    spawnSync('umount', [disk]);
    directory.remove();
  });

  it('is told to the writer; the server stays, and nothing acknowledged is lost', async () => {
    const dataDir = join(disk, 'data');
    const engine = await EngineProcess.start(dataDir);
    const client = await MongoClient.connect(engine.uri);
    const docs = client.db('full').collection<{ _id: number; text: string }>('docs');
    const acknowledged: number[] = [];
    let failure: unknown;
    for (let id = 0; failure === undefined; id++) {
      await docs.insertOne({ _id: id, text: 'x'.repeat(2000) }).then(
        () => acknowledged.push(id),
        (error: unknown) => (failure = error),
      );
    }
    expect(failure).toMatchObject({
      code: 14031,
      message: expect.stringContaining('disk of the data directory is full'),
    });
    expect(await client.db('full').command({ ping: 1 })).toMatchObject({ ok: 1 });
    const found = await docs
      .find({}, { projection: { _id: 1 } })
      .sort({ _id: 1 })
      .toArray();
    expect(found.map(({ _id }) => _id)).toEqual(acknowledged);
    await client.close();
    await engine.close();
    expect((await checkDatabase(dataDir)).problems).toEqual([]);
  });
});
