import { difference, isRefusal, type Answer, type Dataset, type Side } from './parity-engines.js';
import { aComputation, aPipeline } from './parity-pipelines.js';
import { aRead, someCollation, someHint, someIndexes } from './parity-queries.js';
import { anIndexCommand } from './parity-indexes.js';
import { anOutput, someOutput } from './parity-outputs.js';
import { Random, type Tree } from './parity-random.js';
import { aUniqueIndex, aWrite, withUnique } from './parity-updates.js';
import { aDocument, aRegularDocument } from './parity-values.js';

/** A command and what the collections hold before it. */
export interface ParityCase extends Dataset {
  readonly command: Tree;
}

export interface Finding {
  readonly number: number;
  readonly found: ParityCase;
  readonly told: string;
}

export interface Outcome {
  readonly cases: number;
  /** Commands both servers failed, with the same code. */
  readonly bothFailed: number;
  readonly refused: readonly string[];
  readonly findings: readonly Finding[];
}

export type Family = 'reads' | 'writes' | 'expressions' | 'pipelines' | 'outputs' | 'indexes';

const commandOf: Readonly<Record<Family, (r: Random, data: Dataset) => Tree>> = {
  reads: (r, { indexes }) => aRead(r, indexes),
  writes: (r, { indexes }) => aWrite(r, indexes),
  expressions: aComputation,
  pipelines: (r, { indexes }) => ({ ...aPipeline(r), ...someCollation(r), ...someHint(r, indexes) }),
  outputs: anOutput,
  indexes: anIndexCommand,
};

/** Families whose commands change what later ones would find: the collections, or their indexes too. */
const CHANGES: ReadonlySet<Family> = new Set(['writes', 'outputs', 'indexes']);

/** Commands that share one set of documents and indexes. */
const PER_DATASET = 20;

function aDataset(r: Random, family: Family): Dataset {
  const odd = family === 'reads' || family === 'writes' ? 1 : family === 'expressions' ? 0.02 : 0.3;
  const one = (id: number): Tree => (r.chance(odd) ? aDocument(r, id) : aRegularDocument(r, id));
  const docs = Array.from({ length: 12 }, (_, id) => one(id));
  const unique = family === 'writes' && r.chance(0.6);
  return {
    docs: unique ? withUnique(r, docs) : docs,
    other: Array.from({ length: 6 }, (_, id) => one(id + 100)),
    indexes: family === 'expressions' ? [] : [...someIndexes(r), ...(unique ? [aUniqueIndex(r)] : [])],
    ...(family === 'outputs' ? { out: someOutput(r) } : {}),
  };
}

export interface Pair {
  readonly engine: Side;
  readonly real: Side;
}

/** The answers of both servers to a case. */
export async function runCase({ engine, real }: Pair, given: ParityCase, fresh: boolean): Promise<[Answer, Answer]> {
  const run = async (side: Side): Promise<Answer> => {
    if (fresh) await side.load(given, true);
    return side.run(given.command);
  };
  // Both are waited for even when one fails: what still runs would change the documents of the next case.
  const answers = [run(engine), run(real)] as const;
  await Promise.allSettled(answers);
  return Promise.all(answers);
}

/** Runs cases that follow from a seed on both servers and tells where they differ. */
export async function runFamily(pair: Pair, family: Family, seed: number, count: number): Promise<Outcome> {
  const refused: string[] = [];
  const findings: Finding[] = [];
  let bothFailed = 0;
  let data: Dataset = { docs: [], other: [], indexes: [] };
  for (let number = 0; number < count; number++) {
    const r = new Random(seed * 100_003 + number);
    const first = number % PER_DATASET === 0;
    if (first) data = aDataset(r, family);
    const current = data;
    if (first || CHANGES.has(family))
      await Promise.all([pair.engine, pair.real].map((side) => side.load(current, first || family === 'indexes')));
    const found = { ...data, command: commandOf[family](r, data) };
    const [engine, real] = await runCase(pair, found, false);
    const told = difference(engine, real);
    if (isRefusal(engine)) refused.push(engine.message ?? '');
    else if (told !== undefined) findings.push({ number, found, told });
    else if (engine.error !== undefined) bothFailed++;
  }
  return { cases: count, bothFailed, refused, findings };
}

/** How many cases of each family are run: 2,000 in all. */
export const CASES: readonly (readonly [Family, number])[] = [
  ['reads', 500],
  ['writes', 500],
  ['expressions', 400],
  ['pipelines', 400],
  ['outputs', 100],
  ['indexes', 100],
];
