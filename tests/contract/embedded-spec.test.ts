import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { EngineProcess, temporaryDirectory } from '../faults/embedded-process.js';

const root = join(__dirname, '../..');
const runner = join(root, '../shared/tools/mongo-spec/mongo-spec-runner.cjs');
const present = existsSync(runner);
if (!present) console.log('MongoDB specification tests: skipped, ../shared/tools/mongo-spec is not there');

(present ? describe : describe.skip)("MongoDB's specification tests", () => {
  it('all pass on the embedded database, except those for refused features', async () => {
    const directory = temporaryDirectory();
    const engine = await EngineProcess.start(directory.path);
    const run = spawnSync(process.execPath, [runner, '--uri', engine.uri, '--lib', root, '--list-fail'], {
      encoding: 'utf8',
      timeout: 170_000,
    });
    await engine.close();
    directory.remove();
    const lines = run.stdout.trim().split('\n');
    console.log(lines.filter((line) => line.startsWith('skipped')).join('\n'));
    expect(lines.filter((line) => line.startsWith('FAIL'))).toEqual([]);
    expect(lines.at(-1)).toMatch(/^passed [1-9]\d* of \d+ \(failed 0, /);
  }, 180_000);
});
