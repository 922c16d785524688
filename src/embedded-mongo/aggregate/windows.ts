import { compareValues } from '../bson/compare.js';
import { Doc, isInt32, type Value } from '../bson/values.js';
import { failedToParse, MongoError } from '../errors.js';
import { fieldPath, type Scope } from '../expression/compile.js';
import { PAUSE } from '../query/execute.js';
import { parseSort, Sorter } from '../query/sort.js';
import type { IndexField } from '../storage/index-keys.js';
import { compileAccumulator, isAccumulator } from './accumulators.js';
import { addAt } from './shape.js';
import type { StageCompiler } from './stage.js';
import { windowBounds, type Partition, type WindowFunction } from './window-bounds.js';
import { RANGED, SPECIAL } from './window-functions.js';

export const setWindowFieldsStage: StageCompiler = (argument, { scope }) => {
  if (!(argument instanceof Doc)) throw failedToParse('the $setWindowFields stage specification must be an object');
  for (const key of argument.keys()) {
    if (!['partitionBy', 'sortBy', 'output'].includes(key))
      throw new MongoError(40415, `BSON field '$setWindowFields.${key}' is an unknown field.`);
  }
  const output = argument.get('output');
  if (!(output instanceof Doc))
    throw new MongoError(40414, "BSON field '$setWindowFields.output' is missing but a required field");
  const sortSpec = argument.get('sortBy');
  const sort = sortSpec instanceof Doc ? parseSort(sortSpec) : [];
  const partitionBy = scope.compile(argument.get('partitionBy') ?? null);
  const functions = [...output.entries()].map(([path, spec]) => ({
    parts: fieldPath(path),
    compute: compileFunction(path, spec, sort, scope),
  }));
  return function* (input) {
    const groups = new Map<string, { key: Value; sorter: Sorter<Doc> }>();
    for (const doc of input) {
      if (doc === PAUSE) {
        yield doc;
        continue;
      }
      const key = partitionBy(doc) ?? null;
      if (Array.isArray(key))
        throw new MongoError(14, 'An expression used to partition cannot evaluate to value of type array');
      const group = groups.get(scope.identity(key)) ?? {
        key,
        sorter: new Sorter<Doc>(sort, Infinity, scope.compareText),
      };
      groups.set(scope.identity(key), group);
      group.sorter.add(doc, doc);
    }
    const ordered = [...groups.values()].sort((a, b) => compareValues(a.key, b.key));
    for (const { sorter } of ordered) yield* addOutputs(sorter.sorted(), sort, functions);
  };
};

function addOutputs(
  docs: Doc[],
  sort: readonly IndexField[],
  functions: readonly { parts: string[]; compute: WindowFunction }[],
): Doc[] {
  const path = sort[0]?.parts ?? [];
  const keys = docs.map((doc) =>
    path.reduce<Value | undefined>((value, part) => (value instanceof Doc ? value.get(part) : undefined), doc),
  );
  const partition: Partition = { docs, keys };
  return functions.reduce<Doc[]>((results, { parts, compute }) => {
    const values = compute(partition);
    return results.map((doc, i) => {
      const value = values[i];
      return value === undefined ? doc : addAt(doc, parts, value);
    });
  }, docs);
}

function compileFunction(path: string, spec: Value, sort: readonly IndexField[], scope: Scope): WindowFunction {
  if (!(spec instanceof Doc)) throw failedToParse(`The field '${path}' must be an object`);
  const window = spec.get('window');
  const entries = [...spec.entries()].filter(([name]) => name !== 'window');
  const [entry] = entries;
  if (!entry || entries.length > 1) throw failedToParse('Expected a $-prefixed window function');
  const [name, argument] = entry;
  const special = SPECIAL[name];
  if (special) {
    if (window !== undefined && !RANGED.has(name))
      throw new MongoError(5371601, `${name} does not accept a 'window' field`);
    return special(argument, sort, scope, window);
  }
  if (!isAccumulator(name)) throw failedToParse(`Unrecognized window function, ${name}`);
  const accumulator = compileAccumulator(path, Doc.from([[name, argument]]), scope);
  const bounds = windowBounds(window, sort);
  const sliding = name === '$sum' && slides(window);
  return (partition) =>
    partition.docs.map((_, i) => {
      const [start, end] = bounds(partition, i);
      // Only what is asked for is computed: the rest may not even be of a type that can be.
      const from = name === '$last' ? Math.max(start, end) : start;
      const to = name === '$first' ? Math.min(start, end) : end;
      const gathering = accumulator();
      for (let k = from; k <= to; k++) {
        const doc = partition.docs[k];
        if (doc) gathering.add(doc);
      }
      const result = gathering.result();
      return sliding && typeof result === 'bigint' ? narrowed(result) : result;
    });
}

/** Whether documents leave the window at its beginning: a sum then has the smallest type that holds it. */
function slides(window: Value | undefined): boolean {
  const bounds = window instanceof Doc ? (window.get('documents') ?? window.get('range')) : undefined;
  return Array.isArray(bounds) && bounds[0] !== 'unbounded';
}

const narrowed = (sum: bigint): Value => (isInt32(Number(sum)) ? Number(sum) : sum);
