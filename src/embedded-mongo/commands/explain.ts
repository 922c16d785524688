import { pushDown, runPipeline, stageParts } from '../aggregate/pipeline.js';
import { Doc, type Value } from '../bson/values.js';
import { badValue, failedToParse, MongoError } from '../errors.js';
import { PAUSE, runQuery, simpleQuery, type Query } from '../query/execute.js';
import { planQuery, type Plan } from '../query/planner.js';
import { asText, integerValue } from '../query/types.js';
import type { Collection } from '../storage/collection.js';
import {
  arrayField,
  collectionName,
  contextOf,
  documentField,
  OK,
  pipelineSource,
  scopeOf,
  type Handler,
  type Request,
} from './command.js';
import { readAll } from './cursors.js';
import { aggregateTarget, hintOf, orderOf, queryOf } from './read.js';

/** Tells how a command would find its documents. */
export const explain: Handler = async (request) => {
  const command = request.body.get('explain');
  if (!(command instanceof Doc))
    throw new MongoError(14, "BSON field 'explain.explain' is the wrong type, expected type 'object'");
  const verbosity = asText(request.body.get('verbosity') ?? 'allPlansExecution');
  if (!VERBOSITIES.includes(verbosity))
    throw badValue(`Enumeration value '${verbosity}' for field 'explain.verbosity' is not a valid value.`);
  const name = command.first()?.[0] ?? '';
  return explainCommand({ ...request, body: command, name }, verbosity !== 'queryPlanner');
};

const EXPLAINED = new Set([
  'find',
  'aggregate',
  'count',
  'distinct',
  'findAndModify',
  'findandmodify',
  'update',
  'delete',
]);
const VERBOSITIES = ['queryPlanner', 'executionStats', 'allPlansExecution'];

/** The explanation of a command, with figures of a run when they are asked for. */
export async function explainCommand(request: Request, withStats: boolean): Promise<Doc> {
  const { engine, database, body, name } = request;
  const pipeline = name === 'aggregate' ? (arrayField(body, 'pipeline') ?? []) : undefined;
  for (const stage of pipeline ?? []) stageParts(stage);
  if (!EXPLAINED.has(name)) throw new MongoError(59, `Explain failed due to unknown command: ${name}`);
  const target = pipeline ? aggregateTarget(request, pipeline) : collectionName(request);
  const query = explainedQuery(request, pipeline);
  const collection = engine.catalog.find(database, target);
  const plan: Plan | undefined = collection && planQuery(collection, query);
  const planner = Doc.of({
    namespace: `${database}.${target}`,
    indexFilterSet: false,
    parsedQuery: query.filter,
    winningPlan: describePlan(plan, query),
    rejectedPlans: [],
  });
  const stats = withStats ? { executionStats: await measure(request, target, query, pipeline) } : {};
  return OK({
    explainVersion: '1',
    queryPlanner: planner,
    ...stats,
    command: body,
    serverInfo: Doc.of({ version: '7.0.15' }),
  });
}

function explainedQuery(request: Request, pipeline: readonly Value[] | undefined): Query {
  const { body, name } = request;
  if (pipeline) return pushDown(pipelineSource(request, scopeOf(body), hintOf(body)), pipeline).query;
  switch (name) {
    case 'find':
      return queryOf(body, 'filter');
    case 'count':
    case 'distinct':
      return { ...simpleQuery(documentField(body, 'query'), contextOf(scopeOf(body))), hint: hintOf(body) };
    case 'findAndModify':
    case 'findandmodify':
      return {
        ...simpleQuery(documentField(body, 'query'), contextOf(scopeOf(body))),
        ...orderOf(body),
      };
    case 'update':
    case 'delete': {
      const [first] = arrayField(body, name === 'update' ? 'updates' : 'deletes') ?? [];
      if (!(first instanceof Doc)) throw failedToParse('explained write batches must be of size 1');
      return { ...simpleQuery(documentField(first, 'q'), contextOf(scopeOf(body))), hint: hintOf(first) };
    }
    default:
      throw new MongoError(59, `Explain failed due to unknown command: ${name}`);
  }
}

function describePlan(plan: Plan | undefined, query: Query): Doc {
  if (!plan) return Doc.of({ stage: 'EOF' });
  const access = describeAccess(plan, query);
  if (plan.sorted || query.sort.length === 0) return access;
  const pattern = Doc.from(query.sort.map(({ path, descending }) => [path, descending ? -1 : 1]));
  return Doc.of({ stage: 'SORT', sortPattern: pattern, inputStage: access });
}

function describeAccess(plan: Plan, query: Query): Doc {
  if (plan.kind === 'collection')
    return Doc.of({ stage: 'COLLSCAN', filter: query.filter, direction: plan.reverse ? 'backward' : 'forward' });
  if (plan.kind === 'union')
    return Doc.of({
      stage: 'SUBPLAN',
      inputStage: Doc.of({ stage: 'OR', inputStages: plan.plans.map((inner) => describeAccess(inner, query)) }),
    });
  const { index } = plan;
  return Doc.of({
    stage: 'FETCH',
    filter: query.filter,
    inputStage: Doc.of({
      stage: 'IXSCAN',
      keyPattern: index.spec.get('key'),
      indexName: index.name,
      isMultiKey: index.multikey,
      isUnique: index.unique,
      isSparse: index.sparse,
      isPartial: index.partialFilter !== undefined,
      direction: plan.reverse ? 'backward' : 'forward',
    }),
  });
}

/** Runs the reading part of the command and counts. */
async function measure(
  request: Request,
  target: string,
  query: Query,
  pipeline: readonly Value[] | undefined,
): Promise<Doc> {
  const start = performance.now();
  const collection: Collection | undefined = request.engine.catalog.find(request.database, target);
  let examined = 0;
  const counting: Query = { ...query, predicate: (doc) => (examined++, query.predicate(doc)) };
  const found = collection ? await readAll(documents(runQuery(collection, counting))) : [];
  const results = pipeline
    ? await readAll(runPipeline(pipelineSource(request, scopeOf(request.body)), target, readingStages(pipeline)))
    : found;
  const plan = collection && planQuery(collection, query);
  return Doc.of({
    executionSuccess: true,
    nReturned: integerValue(results.length),
    executionTimeMillis: Math.round(performance.now() - start),
    totalKeysExamined: plan && plan.kind !== 'collection' ? integerValue(examined) : 0,
    totalDocsExamined: integerValue(examined),
  });
}

const readingStages = (pipeline: readonly Value[]): Value[] =>
  pipeline.filter((stage) => !['$out', '$merge'].includes(stageParts(stage)[0]));

function* documents(records: Iterable<{ doc: Doc } | typeof PAUSE>): Generator<Doc | typeof PAUSE> {
  for (const record of records) yield record === PAUSE ? record : record.doc;
}
