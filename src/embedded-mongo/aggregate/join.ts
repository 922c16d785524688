import { identity } from '../bson/key.js';
import { BSONRegExp, Doc, isNullish, type Value } from '../bson/values.js';
import { failedToParse, MongoError } from '../errors.js';
import { checkVariableName, fieldPath, type Cell, type Scope } from '../expression/compile.js';
import { PAUSE, type Stream } from '../query/execute.js';
import { valueAt } from '../query/paths.js';
import { toInteger } from '../query/types.js';
import { replaceAt } from './shape.js';
import type { StageCompiler } from './stage.js';

/** All documents of a stream; pauses are left out, so it should not be long. */
export function collect(stream: Stream<Doc>): Doc[] {
  const found: Doc[] = [];
  for (const doc of stream) if (doc !== PAUSE) found.push(doc);
  return found;
}

function text(spec: Doc, name: string): string | undefined {
  const value = spec.get(name);
  if (value === undefined || typeof value === 'string') return value;
  throw failedToParse(`$lookup argument '${name}: ' must be a string`);
}

export const lookupStage: StageCompiler = (argument, context) => {
  if (!(argument instanceof Doc)) throw failedToParse('the $lookup stage specification must be an object');
  for (const key of argument.keys()) {
    if (!['from', 'localField', 'foreignField', 'as', 'let', 'pipeline'].includes(key))
      throw failedToParse(`unknown argument to $lookup: ${key}`);
  }
  const [from, as] = [text(argument, 'from'), text(argument, 'as')];
  const [localField, foreignField] = [text(argument, 'localField'), text(argument, 'foreignField')];
  const pipeline = argument.get('pipeline');
  if (as === undefined) throw failedToParse("must specify 'as' field for a $lookup");
  if (from === undefined && pipeline === undefined) throw failedToParse("must specify 'pipeline' when 'from' is empty");
  if ((localField === undefined) !== (foreignField === undefined)) {
    throw failedToParse("$lookup requires both or neither of 'localField' and 'foreignField' to be specified");
  }
  if (pipeline !== undefined && !Array.isArray(pipeline))
    throw failedToParse("'pipeline' option must be specified as an array");
  if (localField === undefined && pipeline === undefined)
    throw failedToParse("$lookup requires either 'pipeline' or both 'localField' and 'foreignField' to be specified");
  const { variables, scope } = declare(argument.get('let'), context.scope);
  const target = fieldPath(as);
  const local = localField === undefined ? undefined : localField.split('.');
  return function* (input) {
    for (const doc of input) {
      if (doc === PAUSE) {
        yield doc;
        continue;
      }
      for (const { cell, compute } of variables) cell.value = compute(doc);
      const stages: Value[] = [];
      if (local && foreignField !== undefined)
        stages.push(Doc.of({ $match: foreignFilter(valueAt(doc, local), foreignField) }));
      stages.push(...(pipeline ?? []));
      yield replaceAt(doc, target, collect(context.from(from ?? '', stages, scope)));
    }
  };
};

/** The filter for what equals the local value: any element of an array, null for a missing one or an empty array. */
function foreignFilter(value: Value | undefined, field: string): Doc {
  const values = Array.isArray(value) && value.length > 0 ? value : [Array.isArray(value) ? null : (value ?? null)];
  const equals = (item: Value): Doc => Doc.from([[field, Doc.of({ $eq: item })]]);
  const [only] = values;
  if (only !== undefined && values.length === 1) return equals(only);
  // A regular expression is a value here, not a pattern.
  if (values.some((item) => item instanceof BSONRegExp)) return Doc.of({ $or: values.map(equals) });
  return Doc.from([[field, Doc.of({ $in: values })]]);
}

function declare(spec: Value | undefined, outer: Scope) {
  const variables = (spec instanceof Doc ? [...spec.entries()] : []).map(([name, value]) => {
    checkVariableName(name);
    const cell: Cell = { value: undefined };
    return { name, cell, compute: outer.compile(value) };
  });
  return { variables, scope: outer.with(variables.map(({ name, cell }) => [name, cell] as const)) };
}

export const unionWithStage: StageCompiler = (argument, context) => {
  const spec = typeof argument === 'string' ? Doc.of({ coll: argument }) : argument;
  const coll = spec instanceof Doc ? spec.get('coll') : undefined;
  const pipeline = spec instanceof Doc ? (spec.get('pipeline') ?? []) : [];
  if (!(spec instanceof Doc) || !Array.isArray(pipeline))
    throw failedToParse('the $unionWith stage specification must be an object or string');
  if (coll !== undefined && typeof coll !== 'string')
    throw failedToParse("BSON field '$unionWith.coll' is the wrong type");
  if (coll === undefined && pipeline.length === 0)
    throw failedToParse(
      '$unionWith stage without explicit collection must have a pipeline with $documents as first stage',
    );
  return function* (input) {
    yield* input;
    yield* context.from(coll ?? '', pipeline, context.scope);
  };
};

export const facetStage: StageCompiler = (argument, context) => {
  if (!(argument instanceof Doc)) throw new MongoError(40169, 'the $facet specification must be a non-empty object');
  if (argument.size === 0) throw new MongoError(40169, 'the $facet specification must be a non-empty object');
  const facets = [...argument.entries()].map(([name, pipeline]) => {
    if (name.includes('.'))
      throw new MongoError(16412, "FieldPath field names may not contain '.'. Consider using $getField or $setField.");
    fieldPath(name);
    if (!Array.isArray(pipeline)) throw new MongoError(40170, `arguments to $facet must be arrays, ${name} is not`);
    for (const stage of pipeline) refuseInFacet(stage);
    return { name, run: context.compile(pipeline, context.scope) };
  });
  return function* (input) {
    const docs: Doc[] = [];
    for (const doc of input) {
      if (doc === PAUSE) yield doc;
      else docs.push(doc);
    }
    yield Doc.from(facets.map(({ name, run }) => [name, collect(run(docs))] as const));
  };
};

const NOT_IN_FACET = new Set([
  '$facet',
  '$out',
  '$merge',
  '$collStats',
  '$indexStats',
  '$geoNear',
  '$changeStream',
  '$documents',
  '$planCacheStats',
]);

function refuseInFacet(stage: Value): void {
  const name = stage instanceof Doc ? stage.first()?.[0] : undefined;
  if (name !== undefined && NOT_IN_FACET.has(name)) {
    throw new MongoError(40600, `${name} is not allowed to be used within a $facet stage`);
  }
}

export const graphLookupStage: StageCompiler = (argument, context) => {
  if (!(argument instanceof Doc)) throw failedToParse('the $graphLookup stage specification must be an object');
  const required = ['from', 'as', 'connectFromField', 'connectToField'].map((name) => {
    const value = argument.get(name);
    if (typeof value !== 'string') throw new MongoError(40105, `$graphLookup requires '${name}' to be a string`);
    return value;
  });
  const [from = '', as = '', connectFrom = '', connectTo = ''] = required;
  const start = context.scope.compile(argument.get('startWith') ?? null);
  const maxDepth = argument.has('maxDepth') ? toInteger(argument.get('maxDepth')) : Infinity;
  if (maxDepth === undefined || maxDepth < 0) throw new MongoError(40101, 'maxDepth requires a nonnegative argument');
  const depthField = argument.get('depthField');
  const restrict = argument.get('restrictSearchWithMatch');
  const search = (values: readonly Value[]): Doc[] => {
    const wanted = reachedBy(connectTo, values);
    const filter = restrict instanceof Doc ? Doc.of({ $and: [wanted, restrict] }) : wanted;
    return collect(context.from(from, [Doc.of({ $match: filter })], context.scope));
  };
  const options = {
    search,
    connectFrom: connectFrom.split('.'),
    maxDepth,
    depthField: typeof depthField === 'string' ? depthField : undefined,
  };
  return function* (input) {
    for (const doc of input) yield doc === PAUSE ? doc : replaceAt(doc, fieldPath(as), traverse(start(doc), options));
  };
};

/** Documents whose field holds one of the values; a null reaches only fields that are there. */
function reachedBy(path: string, values: readonly Value[]): Doc {
  const others = Doc.from([[path, Doc.of({ $in: values.filter((value) => !isNullish(value)) })]]);
  if (!values.some(isNullish)) return others;
  return Doc.of({ $or: [others, Doc.from([[path, Doc.of({ $eq: null, $exists: true })]])] });
}

interface Traversal {
  readonly search: (values: readonly Value[]) => Doc[];
  readonly connectFrom: readonly string[];
  readonly maxDepth: number;
  readonly depthField: string | undefined;
}

/** Breadth first: the documents reached, each once. */
function traverse(start: Value | undefined, { search, connectFrom, maxDepth, depthField }: Traversal): Value[] {
  const found = new Map<string, Doc>();
  const asked = new Set<string>();
  let frontier = flat(start);
  for (let depth = 0; depth <= maxDepth && frontier.length > 0; depth++) {
    const fresh = frontier.filter((value) => !asked.has(identity(value)));
    for (const value of fresh) asked.add(identity(value));
    frontier = [];
    for (const doc of fresh.length === 0 ? [] : search(fresh)) {
      const key = identity(doc.get('_id'));
      if (found.has(key)) continue;
      found.set(key, depthField === undefined ? doc : replaceAt(doc, fieldPath(depthField), BigInt(depth)));
      frontier.push(...flat(valueAt(doc, connectFrom)));
    }
  }
  return [...found.values()];
}

const flat = (value: Value | undefined): Value[] => (Array.isArray(value) ? value : value === undefined ? [] : [value]);
