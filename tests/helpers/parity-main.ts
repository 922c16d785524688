import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { startServer } from '../../src/embedded-mongo/server.js';
import { CASES, runCase, runFamily, type Finding, type Pair } from './parity-cases.js';
import { difference, Side } from './parity-engines.js';
import { reduceCase } from './parity-reduce.js';
import { regressions } from './parity-regressions.js';

/** The finding with everything taken away that the difference does not need. */
async function reduced(pair: Pair, { number, found, told }: Finding): Promise<string> {
  let last = told;
  const least = await reduceCase(
    found,
    async (attempt) => {
      // A case that lost a part it needs cannot be run: that is no smaller case.
      const answers = await runCase(pair, attempt, true).catch(() => undefined);
      const differs = answers && difference(...answers);
      if (differs !== undefined) last = differs;
      return differs !== undefined;
    },
    200,
  );
  return `case ${number}: ${inspect(least, { depth: 20 })}\n${last}`;
}

/** A process of its own, as the driver greets a real MongoDB without its metadata inside Jest. Prints one JSON document. */
async function main(uri: string, seed: number): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'parity-'));
  const socket = join(directory, 'mongo.sock');
  const server = await startServer(directory, socket, undefined);
  const database = `parity_${process.pid}`;
  const pair = {
    engine: await Side.connect(`mongodb://${encodeURIComponent(socket)}/?directConnection=true`, database),
    real: await Side.connect(uri, database),
  };
  const families: Record<string, unknown> = {};
  for (const [family, count] of CASES) {
    const { findings, refused, bothFailed } = await runFamily(pair, family, seed, count);
    const first = findings[0] && (await reduced(pair, findings[0]));
    families[family] = { bothFailed, refused: refused.length, differ: findings.length, first };
  }
  const known: Record<string, unknown> = {};
  for (const { name, other = [], indexes = [], ...rest } of regressions)
    known[name] = difference(...(await runCase(pair, { ...rest, other, indexes }, true))) ?? 'same';
  await pair.engine.close();
  await pair.real.close();
  await server.close();
  rmSync(directory, { recursive: true });
  process.stdout.write(JSON.stringify({ families, known }));
}

void main(process.argv[2] ?? '', Number(process.argv[3]));
