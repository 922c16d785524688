import { compareValues, typeOrder } from '../bson/compare.js';
import { Doc, isNumeric, type Value } from '../bson/values.js';
import { MongoError } from '../errors.js';
import type { Scope } from '../expression/compile.js';
import { PAUSE } from '../query/execute.js';
import { toInteger } from '../query/types.js';
import { compileAccumulator, type Accumulator, type Gathering } from './accumulators.js';
import type { StageCompiler } from './stage.js';

interface Output {
  readonly name: string;
  readonly accumulator: Accumulator;
}

function outputs(spec: Value | undefined, scope: Scope, stage: string): Output[] {
  const fields = spec ?? Doc.of({ count: Doc.of({ $sum: 1 }) });
  if (!(fields instanceof Doc)) throw new MongoError(40196, `The ${stage} 'output' field must be an object`);
  return [...fields.entries()].map(([name, accumulator]) => ({
    name,
    accumulator: compileAccumulator(name, accumulator, scope),
  }));
}

function resultOf(id: Value, output: readonly Output[], gatherings: readonly Gathering[]): Doc {
  const result = Doc.from([['_id', id]]);
  output.forEach(({ name }, i) => {
    const value = gatherings[i]?.result();
    if (value !== undefined) result.set(name, value);
  });
  return result;
}

export const bucketStage: StageCompiler = (argument, { scope }) => {
  if (!(argument instanceof Doc)) throw new MongoError(40201, 'Argument to $bucket stage must be an object');
  const [groupBy, list] = [argument.get('groupBy'), argument.get('boundaries')];
  if (groupBy === undefined || list === undefined)
    throw new MongoError(40198, "$bucket requires 'groupBy' and 'boundaries' to be specified.");
  if (!Array.isArray(list)) throw new MongoError(40200, "The $bucket 'boundaries' field must be an array");
  const boundaries = list.map((item) => scope.compile(item)(Doc.from()) ?? null);
  checkBoundaries(boundaries);
  const otherwise = argument.has('default') ? scope.compile(argument.get('default') ?? null)(Doc.from()) : undefined;
  const key = scope.compile(groupBy);
  const output = outputs(argument.get('output'), scope, '$bucket');
  const idOf = (doc: Doc): Value => {
    const value = key(doc);
    const next = boundaries.findIndex((boundary) => compareValues(value, boundary) < 0);
    const lower = next > 0 ? boundaries[next - 1] : undefined;
    if (lower !== undefined && typeOrder(value) === typeOrder(lower)) return lower;
    if (otherwise !== undefined) return otherwise;
    throw new MongoError(
      7158303,
      '$switch could not find a matching branch for an input, and no default was specified.',
    );
  };
  return function* (input) {
    const buckets = new Map<Value, Gathering[]>();
    for (const doc of input) {
      if (doc === PAUSE) {
        yield doc;
        continue;
      }
      const id = idOf(doc);
      let gatherings = buckets.get(id);
      if (!gatherings) {
        gatherings = output.map(({ accumulator }) => accumulator());
        buckets.set(id, gatherings);
      }
      for (const gathering of gatherings) gathering.add(doc);
    }
    const sorted = [...buckets].sort(([a], [b]) => compareValues(a, b));
    for (const [id, gatherings] of sorted) yield resultOf(id, output, gatherings);
  };
};

function checkBoundaries(boundaries: readonly Value[]): void {
  if (boundaries.length < 2) throw new MongoError(40192, "The $bucket 'boundaries' field must have at least 2 values");
  boundaries.slice(1).forEach((boundary, i) => {
    const before = boundaries[i];
    if (typeOrder(before) !== typeOrder(boundary))
      throw new MongoError(40193, "All values in the the 'boundaries' option to $bucket must have the same type");
    if (compareValues(before, boundary) >= 0)
      throw new MongoError(40194, "The 'boundaries' option to $bucket must be sorted in ascending order");
  });
}

export const bucketAutoStage: StageCompiler = (argument, { scope }) => {
  if (!(argument instanceof Doc)) throw new MongoError(40240, 'The argument to $bucketAuto must be an object');
  const wanted = argument.get('buckets');
  const groupBy = argument.get('groupBy');
  if (groupBy === undefined || wanted === undefined)
    throw new MongoError(40246, "$bucketAuto requires 'groupBy' and 'buckets' to be specified");
  const count = isNumeric(wanted) ? toInteger(wanted) : undefined;
  if (count === undefined)
    throw new MongoError(
      40241,
      "The $bucketAuto 'buckets' field must be a numeric value representable as a 32-bit integer",
    );
  if (count <= 0) throw new MongoError(40243, "The $bucketAuto 'buckets' field must be greater than 0");
  if (argument.has('granularity'))
    throw new MongoError(40257, 'granularity of $bucketAuto is not supported by this server');
  const key = scope.compile(groupBy);
  const output = outputs(argument.get('output'), scope, '$bucketAuto');
  return function* (input) {
    const items: { value: Value | undefined; doc: Doc }[] = [];
    for (const doc of input) {
      if (doc === PAUSE) yield doc;
      else items.push({ value: key(doc), doc });
    }
    items.sort((a, b) => compareValues(a.value, b.value));
    yield* split(items, count, output);
  };
};

/** As many items in each bucket as fit, equal values never apart. */
function* split(
  items: readonly { value: Value | undefined; doc: Doc }[],
  count: number,
  output: readonly Output[],
): Generator<Doc> {
  const size = Math.max(1, Math.round(items.length / count));
  let start = 0;
  for (let bucket = 0; start < items.length; bucket++) {
    let end = bucket === count - 1 ? items.length : Math.min(items.length, start + size);
    while (end < items.length && compareValues(items[end]?.value, items[end - 1]?.value) === 0) end++;
    const gatherings = output.map(({ accumulator }) => accumulator());
    for (const { doc } of items.slice(start, end)) for (const gathering of gatherings) gathering.add(doc);
    const min = items[start]?.value ?? null;
    const max = items[Math.min(end, items.length - 1)]?.value ?? null;
    yield resultOf(Doc.of({ min, max }), output, gatherings);
    start = end;
  }
}
