import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const tools = join(__dirname, '../../../shared/tools/real-mongod');
const run = promisify(execFile);

export interface RealMongo {
  readonly uri: string;
  stop(): Promise<void>;
}

/** Where a real MongoDB comes from: an address, a script that starts one, or nowhere. */
export function realMongoSource(): { uri: string } | 'script' | undefined {
  const given = process.env['SIPAS_PARITY_URI'];
  if (given !== undefined) return { uri: given };
  // Not the MongoDB of MONGODB_URI: which of its two executors runs a pipeline would decide on some answers.
  return existsSync(join(tools, 'start')) ? 'script' : undefined;
}

/** The MongoDB of the environment, else one started for this test alone. */
export async function realMongo(source: { uri: string } | 'script'): Promise<RealMongo> {
  if (source !== 'script') return { uri: source.uri, stop: () => Promise.resolve() };
  const directory = mkdtempSync(join(tmpdir(), 'parity-real-'));
  const dbpath = join(directory, 'db');
  const port = '27318';
  const { stdout } = await run(join(tools, 'start'), [
    ...['--replset', 'none', '--port', port, '--dbpath', dbpath, '--'],
    // One executor: with two, which one runs a pipeline decides on the code of its error and the order of a set.
    ...['--setParameter', 'internalQueryFrameworkControl=forceClassicEngine'],
  ]);
  const uri = /MONGODB_URI=(\S+)/.exec(stdout)?.[1];
  if (uri === undefined) throw new Error(`no address in the answer of real-mongod: ${stdout}`);
  return {
    uri,
    stop: async () => {
      await run(join(tools, 'stop'), ['--dbpath', dbpath]);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
