import { runPipeline, stageParts } from '../aggregate/pipeline.js';
import { compareValues } from '../bson/compare.js';
import { Doc, isNullish, isNumeric, typeName, type Value } from '../bson/values.js';
import { badValue, failedToParse, MongoError, typeMismatch } from '../errors.js';
import { PAUSE, runQuery, simpleQuery, type Query, type Stream } from '../query/execute.js';
import { compileProjection, projectedPath } from '../query/projection.js';
import { matchedIndexFinder } from '../query/positional.js';
import { someValueAt } from '../query/paths.js';
import { parseSort } from '../query/sort.js';
import { asText, isTruthy, toInteger, toNumber, integerValue } from '../query/types.js';
import {
  arrayField,
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
import { checkFields, checkKind, checkPart, shape } from './fields.js';
import { checkOutput, outputStage, writeOutput } from './output.js';

const FIND = shape({
  filter: 'object',
  sort: 'object',
  projection: 'object',
  hint: 'any',
  skip: 'any',
  limit: 'any',
  batchSize: 'any',
  singleBatch: 'flag',
  collation: 'object',
  let: 'object',
  allowDiskUse: 'any',
  noCursorTimeout: 'flag',
  allowPartialResults: 'flag',
  tailable: 'flag',
  awaitData: 'flag',
  oplogReplay: 'flag',
  returnKey: 'flag',
  showRecordId: 'flag',
  min: 'object',
  max: 'object',
  term: 'long',
  readOnce: 'bool',
  collectionUUID: 'any',
});

/** The query a find, count or distinct command describes. */
export function queryOf(body: Doc, filterName: string, scope = scopeOf(body)): Query {
  const context = contextOf(scope);
  return {
    ...simpleQuery(documentField(body, filterName), context),
    ...orderOf(body),
    skip: countField(body, 'skip'),
    limit: countField(body, 'limit'),
  };
}

/** The sort and the hint of a command. A sort by `$natural` is a hint to scan the collection in that direction. */
export function orderOf(body: Doc): Pick<Query, 'sort' | 'hint'> {
  const [sort, hint] = [documentField(body, 'sort'), hintOf(body)];
  if (!sort.has('$natural')) return { sort: parseSort(sort), hint };
  refuseUnnatural(sort, 'sort');
  if (hint !== undefined) throw badValue('index hint not allowed with $natural sort order');
  return { sort: [], hint: sort };
}

function refuseUnnatural(spec: Doc, name: 'sort' | 'hint'): void {
  const direction = spec.get('$natural');
  if (direction === undefined || (spec.size === 1 && isNumeric(direction) && Math.abs(toNumber(direction)) === 1))
    return;
  throw badValue(`$natural ${name} cannot be set to a value other than -1 or 1.`);
}

export function hintOf(body: Doc): Value | undefined {
  const hint = body.get('hint');
  if (hint === undefined || (hint instanceof Doc && hint.size === 0)) return undefined;
  if (hint instanceof Doc) refuseUnnatural(hint, 'hint');
  if (typeof hint === 'string' || hint instanceof Doc) return hint;
  throw failedToParse('hint must be either a string or nested object');
}

export const find: Handler = async (request) => {
  checkFields(request, 'FindCommandRequest', FIND);
  refuseDiskUse(request.body);
  const { body } = request;
  if (isTruthy(body.get('awaitData')) && !isTruthy(body.get('tailable')))
    throw failedToParse("Cannot set 'awaitData' without also setting 'tailable'");
  for (const name of ['tailable', 'returnKey', 'showRecordId']) {
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

function refuseDiskUse(body: Doc): void {
  const value = body.get('allowDiskUse');
  if (isNullish(value) || typeof value === 'boolean') return;
  throw typeMismatch(`Field 'allowDiskUse' should be a boolean value, but found: ${typeName(value)}`);
}

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

const GET_MORE = shape({ collection: 'string', batchSize: 'any', term: 'long', lastKnownCommittedOpTime: 'object' }, [
  'collection',
]);

export const getMore: Handler = async (request) => {
  checkFields(request, 'getMore', GET_MORE);
  const { body, engine, database } = request;
  const id = body.get('getMore') ?? null;
  checkKind('getMore.getMore', id, 'long');
  if (body.has('maxTimeMS')) throw badValue('cannot set maxTimeMS on getMore command for a non-awaitData cursor');
  const collection = asText(body.get('collection'));
  const batchSize = countField(body, 'batchSize');
  const namespace = `${database}.${collection}`;
  const batch = await engine.cursors.more(
    typeof id === 'bigint' ? id : 0n,
    namespace,
    batchSize === 0 ? undefined : batchSize,
  );
  return cursorReply(namespace, batch, 'nextBatch');
};

const KILL_CURSORS = shape({ cursors: 'array' }, ['cursors']);

export const killCursors: Handler = (request) => {
  checkFields(request, 'killCursors', KILL_CURSORS);
  collectionName(request);
  const ids = arrayField(request.body, 'cursors') ?? [];
  ids.forEach((id, i) => checkKind(`killCursors.cursors.${i}`, id, 'long'));
  const killed: Value[] = [];
  const notFound: Value[] = [];
  for (const id of ids) {
    const known = typeof id === 'bigint' && request.engine.cursors.close(id);
    (known ? killed : notFound).push(id);
  }
  return OK({ cursorsKilled: killed, cursorsNotFound: notFound, cursorsAlive: [], cursorsUnknown: [] });
};

const AGGREGATE = shape(
  {
    pipeline: 'array',
    cursor: 'any',
    explain: 'any',
    allowDiskUse: 'any',
    bypassDocumentValidation: 'flag',
    collation: 'object',
    hint: 'any',
    let: 'object',
    collectionUUID: 'any',
  },
  ['pipeline'],
);
const CURSOR = shape({ batchSize: 'any' });

export const aggregate: Handler = async (request) => {
  checkFields(request, 'aggregate', AGGREGATE);
  refuseDiskUse(request.body);
  const { body, engine, database } = request;
  const pipeline = arrayField(body, 'pipeline') ?? [];
  const name = aggregateTarget(request, pipeline);
  const cursor = body.get('cursor');
  if (cursor === undefined)
    throw failedToParse("The 'cursor' option is required, except for aggregate with the explain argument");
  if (!(cursor instanceof Doc)) throw typeMismatch("BSON field 'cursor' is the wrong type, expected type 'object'");
  checkPart(cursor, 'cursor', CURSOR);
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
  if (typeof target === 'string') {
    if (first === '$documents') throw new MongoError(73, "'$documents' can only be run with {aggregate: 1}");
    return collectionName(request);
  }
  if (toNumber(target) !== 1)
    throw failedToParse("Invalid command format: the 'aggregate' field must specify a collection name or 1");
  if (first !== undefined && SOURCES.has(first)) return '';
  throw new MongoError(
    73,
    `{aggregate: 1} is not valid for '${first ?? 'an empty pipeline'}'; a collection is required.`,
  );
}

const COUNT = shape({
  query: 'object',
  limit: 'any',
  skip: 'any',
  hint: 'any',
  collation: 'object',
  fields: 'object',
  collectionUUID: 'any',
});

export const count: Handler = async (request) => {
  checkFields(request, 'count', COUNT);
  const { body, engine, database } = request;
  const name = collectionName(request);
  const limit = countLimit(body.get('limit'));
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

function countLimit(value: Value | undefined): number {
  if (isNullish(value)) return 0;
  if (!isNumeric(value)) throw badValue('limit value is not a valid number');
  const limit = toInteger(value);
  if (limit === undefined) throw failedToParse(`Expected an integer: limit: ${toNumber(value)}`);
  return Math.abs(limit);
}

const EMPTY = Doc.from();

async function countView(request: Request, name: string, filter: Doc): Promise<number> {
  const docs = await readAll(
    runPipeline(pipelineSource(request, scopeOf(request.body)), name, [Doc.of({ $match: filter })]),
  );
  return docs.length;
}

const DISTINCT = shape({ key: 'string', query: 'object', collation: 'object', collectionUUID: 'any' }, ['key']);

export const distinct: Handler = async (request) => {
  checkFields(request, 'distinct', DISTINCT);
  const { body, engine, database } = request;
  const name = collectionName(request);
  const key = asText(body.get('key'));
  const parts = projectedPath(key);
  const filter = documentField(body, 'query');
  const scope = scopeOf(body);
  const context = contextOf(scope);
  const found = new Map<string, Value>();
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
      ? documents(collection, simpleQuery(filter, context))
      : [];
  for (const doc of await readAll(docs)) someValueAt(doc, parts, visit);
  return OK({ values: [...found.values()].sort((a, b) => compareValues(a, b, scope.compareText)) });
};

function* documents(collection: Parameters<typeof runQuery>[0], query: Query): Stream<Doc> {
  for (const record of runQuery(collection, query)) yield record === PAUSE ? record : record.doc;
}
