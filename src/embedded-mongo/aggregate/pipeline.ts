import { Doc, type Value } from '../bson/values.js';
import { MongoError, typeMismatch } from '../errors.js';
import type { Scope } from '../expression/compile.js';
import type { QueryContext } from '../query/context.js';
import { isTruthy, asText } from '../query/types.js';
import { runQuery, simpleQuery, PAUSE, type Stream, type Query } from '../query/execute.js';
import { parseSort } from '../query/sort.js';
import type { Catalog } from '../storage/catalog.js';
import type { Collection } from '../storage/collection.js';
import { chain, stageCount } from './flow.js';
import { STAGES } from './stages.js';
import type { PipelineContext, Stage } from './stage.js';

/** What a pipeline reads from, and the settings of its command. */
export interface PipelineSource {
  readonly catalog: Catalog;
  readonly database: string;
  readonly scope: Scope;
  readonly query: (scope: Scope) => QueryContext;
  readonly hint: Value | undefined;
}

/** The settings of one command, derived from its scope. */
export function queryContext(scope: Scope): QueryContext {
  return {
    compareText: scope.compareText,
    compileCondition: (expression) => {
      const condition = scope.compile(expression);
      return (doc) => isTruthy(condition(doc));
    },
  };
}

/** Name and argument of a stage. @throws MongoError when it is not a document of one field. */
export function stageParts(stage: Value): [string, Value] {
  if (!(stage instanceof Doc)) throw typeMismatch("Each element of the 'pipeline' array must be an object");
  const first = stage.first();
  if (!first || stage.size !== 1) {
    throw new MongoError(40323, 'A pipeline stage specification object must contain exactly one field.');
  }
  return first;
}

function contextOf(source: PipelineSource, scope: Scope, depth: number): PipelineContext {
  return {
    database: source.database,
    scope,
    query: source.query(scope),
    from: (collection, pipeline, inner, database) =>
      runPipeline(
        { ...source, scope: inner, hint: undefined, database: database ?? source.database },
        collection,
        pipeline,
        depth + 1,
      ),
    compile: (pipeline, inner) => compileStages(source, inner, pipeline, depth),
  };
}

function compileStages(source: PipelineSource, scope: Scope, pipeline: readonly Value[], depth: number): Stage {
  const context = contextOf(source, scope, depth);
  return chain(
    pipeline.map((stage) => {
      const [name, argument] = stageParts(stage);
      const compile = STAGES.get(name);
      if (!compile) throw unknownStage(name);
      return compile(argument, context);
    }),
  );
}

const NOT_HERE = new Set([
  '$geoNear',
  '$collStats',
  '$indexStats',
  '$currentOp',
  '$search',
  '$searchMeta',
  '$vectorSearch',
  '$planCacheStats',
  '$listSessions',
  '$listLocalSessions',
  '$listSampledQueries',
  '$shardedDataDistribution',
]);

export function unknownStage(name: string): MongoError {
  if (name === '$changeStream' || name === '$changeStreamSplitLargeEvent') {
    return new MongoError(40573, 'The $changeStream stage is only supported on replica sets');
  }
  if (name === '$out' || name === '$merge')
    return new MongoError(40601, `${name} can only be the final stage in the pipeline`);
  if (NOT_HERE.has(name)) return new MongoError(238, `the ${name} stage is not supported by this server`);
  return new MongoError(40324, `Unrecognized pipeline stage name: '${name}'`);
}

/** @throws MongoError when a stage has no name that MongoDB knows. */
export function refuseUnknownStage(stage: Value): void {
  const [name] = stageParts(stage);
  if (!STAGES.has(name) && !NOT_HERE.has(name) && !ELSEWHERE.has(name)) throw unknownStage(name);
}

/** Stages that are looked at apart from the others. */
const ELSEWHERE = new Set(['$out', '$merge', '$changeStream', '$changeStreamSplitLargeEvent']);

const MAX_DEPTH = 20;

/** The documents of a collection or view through a pipeline. An empty name reads nothing: `$documents` supplies them. */
export function runPipeline(source: PipelineSource, name: string, pipeline: readonly Value[], depth = 0): Stream<Doc> {
  if (depth > MAX_DEPTH) throw new MongoError(165, 'View depth too deep or sub-pipelines nested too deep');
  const view = source.catalog.findView(source.database, name);
  if (view) {
    const inner = view.options.get('pipeline');
    const stages = [...(Array.isArray(inner) ? inner : []), ...pipeline];
    return runPipeline(source, asText(view.options.get('viewOn')), stages, depth + 1);
  }
  const collection = source.catalog.find(source.database, name);
  const { query, rest } = pushDown(source, pipeline);
  const stage = compileStages(source, source.scope, rest, depth);
  return stage(collection ? documentsOf(collection, query) : []);
}

function* documentsOf(collection: Collection, query: Query): Generator<Doc | typeof PAUSE> {
  for (const record of runQuery(collection, query)) yield record === PAUSE ? record : record.doc;
}

/** The leading `$match`, `$sort` and `$limit` stages become a query, which can use indexes. */
export function pushDown(source: PipelineSource, pipeline: readonly Value[]): { query: Query; rest: readonly Value[] } {
  const context = source.query(source.scope);
  const filters: Doc[] = [];
  let next = 0;
  const argumentOf = (name: string): Value | undefined => {
    const stage = pipeline[next];
    return stage instanceof Doc && stage.size === 1 ? stage.get(name) : undefined;
  };
  for (let filter = argumentOf('$match'); filter instanceof Doc; filter = argumentOf('$match')) {
    filters.push(filter);
    next++;
  }
  const sort = argumentOf('$sort');
  const sortable = sort instanceof Doc && sort.size > 0;
  if (sortable) next++;
  const limit = argumentOf('$limit');
  if (limit !== undefined) next++;
  const [only] = filters;
  const filter = filters.length === 1 && only ? only : filters.length === 0 ? Doc.from() : Doc.of({ $and: filters });
  return {
    query: {
      ...simpleQuery(filter, context),
      sort: sortable ? parseSort(sort) : [],
      limit: limit === undefined ? 0 : stageCount('$limit', limit),
      hint: source.hint,
    },
    rest: pipeline.slice(next),
  };
}

const UPDATE_STAGES = new Set(['$addFields', '$set', '$project', '$unset', '$replaceRoot', '$replaceWith']);

/** A pipeline as an update: a function of one document. @throws MongoError on a stage that updates do not take. */
export function updatePipeline(source: PipelineSource, pipeline: readonly Value[]): (doc: Doc) => Doc {
  for (const stage of pipeline) {
    const [name] = stageParts(stage);
    if (UPDATE_STAGES.has(name)) continue;
    if (!STAGES.has(name)) throw unknownStage(name);
    throw new MongoError(72, `${name} is not allowed to be used within an update`);
  }
  const stage = compileStages(source, source.scope, pipeline, 0);
  return (doc) => {
    for (const result of stage([doc])) if (result !== PAUSE) return result;
    return doc;
  };
}
