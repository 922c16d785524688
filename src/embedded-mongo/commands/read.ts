import { runPipeline, stageParts } from '../aggregate/pipeline.js';
import { compareValues } from '../bson/compare.js';
import { Doc, type Value } from '../bson/values.js';
import { badValue, failedToParse, MongoError, typeMismatch } from '../errors.js';
import { PAUSE, runQuery, simpleQuery, type Query, type Stream } from '../query/execute.js';
import { compileProjection } from '../query/projection.js';
import { matchedIndexFinder } from '../query/positional.js';
import { someValueAt } from '../query/paths.js';
import { parseSort } from '../query/sort.js';
import { isTruthy, toNumber, integerValue } from '../query/types.js';
import {
  arrayField,
  checkFields,
  collectionName,
  contextOf,
  countField,
  documentField,
  OK,
  pipelineSource,
  scopeOf,
  type Handler,
  type Request,
} from './command.js';
import { cursorReply, readAll } from './cursors.js';
import { checkOutput, outputStage, writeOutput } from './output.js';

const FIND_FIELDS = [
  'filter',
  'sort',
  'projection',
  'hint',
  'skip',
  'limit',
  'batchSize',
  'singleBatch',
  'collation',
  'let',
  'allowDiskUse',
  'noCursorTimeout',
  'allowPartialResults',
  'tailable',
  'awaitData',
  'oplogReplay',
  'returnKey',
  'showRecordId',
  'min',
  'max',
  'ntoreturn',
  'term',
  'readOnce',
  'allowSpeculativeMajorityRead',
  'runtimeConstants',
  'legacyRuntimeConstants',
];

/** The query a find, count or distinct command describes. */
export function queryOf(body: Doc, filterName: string, scope = scopeOf(body)): Query {
  const context = contextOf(scope);
  return {
    ...simpleQuery(documentField(body, filterName), context),
    sort: parseSort(documentField(body, 'sort')),
    skip: countField(body, 'skip'),
    limit: countField(body, 'limit'),
    hint: hintOf(body),
  };
}

export function hintOf(body: Doc): Value | undefined {
  const hint = body.get('hint');
  if (hint === undefined || (hint instanceof Doc && hint.size === 0)) return undefined;
  if (typeof hint === 'string' || hint instanceof Doc) return hint;
  throw failedToParse('hint must be either a string or nested object');
}

export const find: Handler = async (request) => {
  checkFields(request, 'FindCommandRequest', FIND_FIELDS);
  const { body } = request;
  for (const name of ['tailable', 'awaitData', 'returnKey', 'showRecordId']) {
    if (isTruthy(body.get(name))) throw badValue(`the option ${name} is not supported by this server`);
  }
  if (documentField(body, 'min').size > 0 || documentField(body, 'max').size > 0)
    throw badValue('min and max are not supported by this server');
  const name = collectionName(request);
  const namespace = `${request.database}.${name}`;
  const limit = countField(body, 'limit');
  const batchSize = body.has('batchSize') ? countField(body, 'batchSize') : undefined;
  const single = isTruthy(body.get('singleBatch'));
  const batch = await request.engine.cursors.open(
    namespace,
    foundDocuments(request, name),
    batchSize,
    single,
    maxTime(body),
  );
  if (limit > 0 && batch.docs.length >= limit && batch.id !== 0n) {
    request.engine.cursors.close(batch.id);
    return cursorReply(namespace, { ...batch, id: 0n }, 'firstBatch');
  }
  return cursorReply(namespace, batch, 'firstBatch');
};

export const maxTime = (body: Doc): number => countField(body, 'maxTimeMS');

/** The documents a find gives, projected. */
export function foundDocuments(request: Request, name: string): Stream<Doc> {
  const { body, engine, database } = request;
  if (engine.catalog.findView(database, name)) return viewDocuments(request, name);
  const scope = scopeOf(body);
  const query = queryOf(body, 'filter', scope);
  const spec = documentField(body, 'projection');
  const project = spec.size > 0 ? compileProjection(spec, scope, query.context, true) : undefined;
  const needsIndex = [...spec.keys()].some((path) => path.endsWith('.$'));
  const indexOf = needsIndex ? matchedIndexFinder(query.filter, query.context) : undefined;
  const collection = engine.catalog.find(database, name);
  return (function* () {
    if (!collection) return;
    for (const record of runQuery(collection, query)) {
      if (record === PAUSE) yield record;
      else yield project ? project(record.doc, indexOf?.(record.doc)) : record.doc;
    }
  })();
}

function viewDocuments(request: Request, name: string): Stream<Doc> {
  const { body } = request;
  const stages: Value[] = [Doc.of({ $match: documentField(body, 'filter') })];
  if (documentField(body, 'sort').size > 0) stages.push(Doc.of({ $sort: documentField(body, 'sort') }));
  if (countField(body, 'skip') > 0) stages.push(Doc.of({ $skip: countField(body, 'skip') }));
  if (countField(body, 'limit') > 0) stages.push(Doc.of({ $limit: countField(body, 'limit') }));
  if (documentField(body, 'projection').size > 0) stages.push(Doc.of({ $project: documentField(body, 'projection') }));
  return runPipeline(pipelineSource(request, scopeOf(body)), name, stages);
}

export const getMore: Handler = async (request) => {
  checkFields(request, 'getMore', ['collection', 'batchSize', 'term', 'lastKnownCommittedOpTime']);
  const { body, engine, database } = request;
  const id = body.get('getMore');
  if (typeof id !== 'bigint' && typeof id !== 'number')
    throw typeMismatch("BSON field 'getMore.getMore' is the wrong type, expected type 'long'");
  const collection = body.get('collection');
  if (typeof collection !== 'string')
    throw typeMismatch("BSON field 'getMore.collection' is the wrong type, expected type 'string'");
  const batchSize = countField(body, 'batchSize');
  const namespace = `${database}.${collection}`;
  const batch = await engine.cursors.more(BigInt(id), namespace, batchSize === 0 ? undefined : batchSize);
  return cursorReply(namespace, batch, 'nextBatch');
};

export const killCursors: Handler = (request) => {
  const ids = arrayField(request.body, 'cursors') ?? [];
  const killed: Value[] = [];
  const notFound: Value[] = [];
  for (const id of ids) {
    const known = (typeof id === 'bigint' || typeof id === 'number') && request.engine.cursors.close(BigInt(id));
    (known ? killed : notFound).push(id);
  }
  return OK({ cursorsKilled: killed, cursorsNotFound: notFound, cursorsAlive: [], cursorsUnknown: [] });
};

const AGGREGATE_FIELDS = [
  'pipeline',
  'cursor',
  'explain',
  'allowDiskUse',
  'bypassDocumentValidation',
  'collation',
  'hint',
  'let',
  'needsMerge',
  'fromMongos',
  'exchange',
  'collectionUUID',
  'isMapReduceCommand',
  'runtimeConstants',
  'legacyRuntimeConstants',
];

export const aggregate: Handler = async (request) => {
  checkFields(request, 'aggregate', AGGREGATE_FIELDS);
  const { body, engine, database } = request;
  const pipeline = arrayField(body, 'pipeline');
  if (!pipeline) throw new MongoError(40414, "BSON field 'aggregate.pipeline' is missing but a required field");
  const name = aggregateTarget(request, pipeline);
  const cursor = body.get('cursor');
  if (cursor === undefined)
    throw failedToParse("The 'cursor' option is required, except for aggregate with the explain argument");
  if (!(cursor instanceof Doc)) throw typeMismatch("BSON field 'cursor' is the wrong type, expected type 'object'");
  const output = outputStage(pipeline);
  const source = pipelineSource(request, scopeOf(body), hintOf(body));
  const namespace = `${database}.${name === '' ? '$cmd.aggregate' : name}`;
  if (output) {
    checkOutput(request, output);
    const docs = await readAll(runPipeline(source, name, pipeline.slice(0, -1)));
    await writeOutput(request, source, output, docs);
    return cursorReply(namespace, { id: 0n, docs: [] }, 'firstBatch');
  }
  const batchSize = cursor.has('batchSize') ? countField(cursor, 'batchSize') : undefined;
  const stream = runPipeline(source, name, pipeline);
  return cursorReply(
    namespace,
    await engine.cursors.open(namespace, stream, batchSize, false, maxTime(body)),
    'firstBatch',
  );
};

/** Stages that supply documents themselves. */
const SOURCES = new Set(['$documents', '$currentOp', '$listLocalSessions', '$changeStream']);

/** The collection an aggregate reads; empty when its first stage supplies the documents. */
export function aggregateTarget(request: Request, pipeline: readonly Value[]): string {
  const [first] = pipeline.length > 0 ? stageParts(pipeline[0] ?? null) : [];
  const target = request.body.get(request.name);
  if (typeof target === 'string') return collectionName(request);
  if (toNumber(target) !== 1)
    throw failedToParse("Invalid command format: the 'aggregate' field must specify a collection name or 1");
  if (first !== undefined && SOURCES.has(first)) return '';
  throw new MongoError(
    73,
    `{aggregate: 1} is not valid for '${first ?? 'an empty pipeline'}'; a collection is required.`,
  );
}

export const count: Handler = async (request) => {
  checkFields(request, 'count', ['query', 'limit', 'skip', 'hint', 'collation', 'fields', 'collectionUUID']);
  const { body, engine, database } = request;
  const name = collectionName(request);
  const limit = Math.abs(toNumber(body.get('limit') ?? 0));
  const skip = countField(body, 'skip');
  const filter = documentField(body, 'query');
  if (engine.catalog.findView(database, name)) return OK({ n: integerValue(await countView(request, name, filter)) });
  const collection = engine.catalog.find(database, name);
  const query: Query = { ...simpleQuery(filter, contextOf(scopeOf(body))), hint: hintOf(body) };
  if (!collection) return OK({ n: 0 });
  let n = 0;
  if (filter.size === 0 && query.hint === undefined) n = collection.count;
  else {
    const docs = (function* () {
      for (const record of runQuery(collection, query)) yield record === PAUSE ? record : EMPTY;
    })();
    n = (await readAll(docs)).length;
  }
  n = Math.max(0, n - skip);
  return OK({ n: integerValue(limit > 0 ? Math.min(n, limit) : n) });
};

const EMPTY = Doc.from();

async function countView(request: Request, name: string, filter: Doc): Promise<number> {
  const docs = await readAll(
    runPipeline(pipelineSource(request, scopeOf(request.body)), name, [Doc.of({ $match: filter })]),
  );
  return docs.length;
}

export const distinct: Handler = async (request) => {
  checkFields(request, 'distinct', ['key', 'query', 'collation', 'hint', 'collectionUUID']);
  const { body, engine, database } = request;
  const name = collectionName(request);
  const key = body.get('key');
  if (typeof key !== 'string')
    throw typeMismatch("BSON field 'distinct.key' is the wrong type, expected type 'string'");
  const filter = documentField(body, 'query');
  const scope = scopeOf(body);
  const context = contextOf(scope);
  const found = new Map<string, Value>();
  const parts = key.split('.');
  const visit = (value: Value | undefined): boolean => {
    for (const item of Array.isArray(value) ? value : [value]) {
      if (item !== undefined && !found.has(scope.identity(item))) found.set(scope.identity(item), item);
    }
    return false;
  };
  const collection = engine.catalog.find(database, name);
  const view = engine.catalog.findView(database, name);
  const docs: Stream<Doc> = view
    ? runPipeline(pipelineSource(request, scopeOf(body)), name, [Doc.of({ $match: filter })])
    : collection
      ? documents(collection, { ...simpleQuery(filter, context), hint: hintOf(body) })
      : [];
  for (const doc of await readAll(docs)) someValueAt(doc, parts, visit);
  return OK({ values: [...found.values()].sort((a, b) => compareValues(a, b, scope.compareText)) });
};

function* documents(collection: Parameters<typeof runQuery>[0], query: Query): Stream<Doc> {
  for (const record of runQuery(collection, query)) yield record === PAUSE ? record : record.doc;
}
