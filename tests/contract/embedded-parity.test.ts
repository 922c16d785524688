import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { CASES } from '../helpers/parity-cases.js';
import { realMongo, realMongoSource } from '../helpers/parity-real.js';
import { regressions } from '../helpers/parity-regressions.js';

const source = realMongoSource();
if (source === undefined)
  console.log('Parity with MongoDB: skipped, there is no SIPAS_PARITY_URI, MONGODB_URI or ../shared/tools/real-mongod');

/** Another seed looks at other cases: SIPAS_PARITY_SEED=7. */
const seed = process.env['SIPAS_PARITY_SEED'] ?? '1';
/** The share of cases that may ask for what the README lists as refused. */
const MOST_REFUSED = 0.02;
const MOST_FAILING = 0.6;

const reportOf = z.object({
  families: z.record(
    z.string(),
    z.object({ bothFailed: z.number(), refused: z.number(), differ: z.number(), first: z.string().optional() }),
  ),
  known: z.record(z.string(), z.string()),
});

(source === undefined ? describe.skip : describe)('the embedded database answers as MongoDB does', () => {
  let report: z.infer<typeof reportOf>;

  beforeAll(async () => {
    if (source === undefined) return;
    const mongo = await realMongo(source);
    const root = join(__dirname, '../..');
    const main = [join(root, 'node_modules/tsx/dist/cli.mjs'), join(root, 'tests/helpers/parity-main.ts')];
    try {
      const run = promisify(execFile)(process.execPath, [...main, mongo.uri, seed], { maxBuffer: 2 ** 26 });
      report = reportOf.parse(JSON.parse((await run).stdout));
      console.log(`Parity with MongoDB, seed ${seed}: ${JSON.stringify(report.families)}`);
    } finally {
      await mongo.stop();
    }
  }, 600_000);

  it.each(CASES)('for %s (%i cases)', (family, count) => {
    const outcome = report.families[family];
    expect(outcome?.first).toBeUndefined();
    expect(outcome?.refused).toBeLessThanOrEqual(count * MOST_REFUSED);
    // Cases that fail everywhere compare little; half of some families do, give or take what chance gives.
    expect(outcome?.bothFailed).toBeLessThan(count * MOST_FAILING);
  });

  it.each(regressions)('$name', ({ name }) => {
    expect(report.known[name]).toBe('same');
  });
});
