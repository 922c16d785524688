import { refuseUnknownStage, stageParts } from '../aggregate/pipeline.js';
import { equalValues } from '../bson/compare.js';
import { Doc, type Value } from '../bson/values.js';
import { badValue, MongoError } from '../errors.js';
import { compileFilter } from '../query/matcher.js';
import { integerValue, isTruthy, toNumber, asText } from '../query/types.js';
import type { Collection } from '../storage/collection.js';
import { checkNamespace, type View } from '../storage/catalog.js';
import {
  arrayField,
  collectionName,
  contextOf,
  countField,
  documentField,
  OK,
  scopeOf,
  type Handler,
  type Request,
} from './command.js';
import { cursorReply } from './cursors.js';
import { checkFields, checkPart, shape } from './fields.js';
import { findIndex } from './indexes.js';

const CREATE = shape({
  capped: 'flag',
  autoIndexId: 'flag',
  idIndex: 'object',
  size: 'any',
  max: 'any',
  storageEngine: 'object',
  validator: 'object',
  validationLevel: 'string',
  validationAction: 'string',
  indexOptionDefaults: 'object',
  viewOn: 'string',
  pipeline: 'array',
  collation: 'object',
  changeStreamPreAndPostImages: 'object',
  timeseries: 'object',
  clusteredIndex: 'any',
  expireAfterSeconds: 'any',
  encryptedFields: 'object',
  temp: 'flag',
  flags: 'any',
});
const DROP = shape({ collectionUUID: 'any', encryptedFields: 'object' });
const DROP_DATABASE = shape({});
const RENAME = shape({ to: 'string', dropTarget: 'any', stayTemp: 'bool', collectionUUID: 'any' }, ['to']);
const LIST_COLLECTIONS = shape({ filter: 'object', nameOnly: 'flag', authorizedCollections: 'flag', cursor: 'object' });
const LIST_DATABASES = shape({ filter: 'object', nameOnly: 'flag', authorizedDatabases: 'flag' });
const COLL_MOD = shape({
  index: 'object',
  validator: 'object',
  validationLevel: 'string',
  validationAction: 'string',
  viewOn: 'string',
  pipeline: 'array',
  changeStreamPreAndPostImages: 'object',
  dryRun: 'bool',
});
const CHANGED_INDEX = shape({
  name: 'string',
  keyPattern: 'object',
  expireAfterSeconds: 'number',
  hidden: 'flag',
  unique: 'flag',
  prepareUnique: 'flag',
  forceNonUnique: 'flag',
});
// Without change streams pre-images are never asked for; the option is only remembered, as a standalone does.
const KEPT_OPTIONS = ['validator', 'validationLevel', 'validationAction', 'changeStreamPreAndPostImages'];
const REFUSED_OPTIONS = ['capped', 'timeseries', 'clusteredIndex', 'encryptedFields', 'expireAfterSeconds'];

export const create: Handler = (request) => {
  checkFields(request, 'create', CREATE);
  const { engine, database, body } = request;
  const name = collectionName(request);
  for (const option of REFUSED_OPTIONS) {
    if (body.has(option) && body.get(option) !== false)
      throw new MongoError(72, `collections with the option '${option}' are not supported by this server`);
  }
  const collation = body.get('collation');
  if (collation instanceof Doc && collation.size > 0 && collation.get('locale') !== 'simple') {
    throw new MongoError(72, 'collections with a default collation are not supported by this server');
  }
  checkValidator(body);
  if ((body.has('size') || body.has('max')) && !isTruthy(body.get('capped')))
    throw new MongoError(72, "the 'capped' field needs to be true when either the 'size' or 'max' fields are present");
  const viewOn = body.get('viewOn');
  if (viewOn !== undefined || body.has('pipeline')) checkView(request, name, body);
  return engine.catalog.store.write(() => {
    if (typeof viewOn === 'string') {
      engine.catalog.createView(database, name, viewOptions(body));
    } else if (!isSame(request, name, keptOptions(body))) engine.catalog.create(database, name, keptOptions(body));
    return OK();
  });
};

/** @throws MongoError when a view cannot be on that collection or through that pipeline. */
function checkView({ engine, database }: Request, name: string, body: Doc): void {
  const viewOn = body.get('viewOn');
  if (typeof viewOn !== 'string') throw new MongoError(72, "'pipeline' requires 'viewOn' to also be specified");
  if (viewOn === '') throw badValue("'viewOn' cannot be empty");
  checkNamespace(database, viewOn);
  for (const [i, stage] of (arrayField(body, 'pipeline') ?? []).entries()) {
    refuseUnknownStage(stage);
    const [stageName] = stageParts(stage);
    if (stageName === '$out' || stageName === '$merge')
      throw new MongoError(
        167,
        `Invalid pipeline for view ${database}.${name} :: caused by :: The aggregation stage ${stageName} in location ${i} of the pipeline cannot be used in the view definition of ${database}.${name} because it writes to disk`,
      );
  }
  const seen = [`${database}.${name}`];
  for (let next: string | undefined = viewOn; next !== undefined;) {
    seen.push(`${database}.${next}`);
    if (next === name) throw new MongoError(5, `View cycle detected: ${seen.join(' => ')}`);
    const view: View | undefined = engine.catalog.findView(database, next);
    next = view && asText(view.options.get('viewOn'));
  }
}

/** Creating a collection that exists with the same options changes nothing. */
function isSame(request: Request, name: string, options: Doc): boolean {
  const existing = request.engine.catalog.find(request.database, name);
  if (!existing) return false;
  if (equalValues(existing.options, options)) return true;
  throw new MongoError(48, `namespace ${request.database}.${name} already exists, but with different options`);
}

const keptOptions = (body: Doc): Doc =>
  Doc.from(KEPT_OPTIONS.flatMap((name) => (body.has(name) ? [[name, body.get(name) ?? null] as const] : [])));

function checkValidator(body: Doc): void {
  const validator = body.get('validator');
  if (validator instanceof Doc) compileFilter(validator, contextOf(scopeOf(Doc.from())));
  const level = body.get('validationLevel');
  if (level !== undefined && !['off', 'strict', 'moderate'].includes(asText(level)))
    throw badValue(`Enumeration value '${asText(level)}' for field 'create.validationLevel' is not a valid value.`);
  const action = body.get('validationAction');
  if (action !== undefined && !['error', 'warn'].includes(asText(action)))
    throw badValue(`Enumeration value '${asText(action)}' for field 'create.validationAction' is not a valid value.`);
}

export const drop: Handler = (request) => {
  checkFields(request, 'drop', DROP);
  const { engine, database } = request;
  const name = collectionName(request);
  return engine.catalog.store.write(() => {
    const indexes = engine.catalog.find(database, name)?.indexes.length;
    const dropped = engine.catalog.drop(database, name);
    engine.cursors.closeAll(`${database}.${name}`);
    return dropped ? OK({ nIndexesWas: indexes, ns: `${database}.${name}` }) : OK();
  });
};

export const dropDatabase: Handler = (request) => {
  checkFields(request, 'dropDatabase', DROP_DATABASE);
  if (toNumber(request.body.get('dropDatabase')) !== 1)
    throw new MongoError(5255100, "Have to pass 1 as 'drop' parameter");
  const { engine, database } = request;
  return engine.catalog.store.write(() => {
    const names = [...engine.catalog.collections, ...engine.catalog.views].filter((item) => item.database === database);
    for (const { name } of names) engine.catalog.drop(database, name);
    engine.cursors.closeAll(database);
    return OK();
  });
};

export const renameCollection: Handler = (request) => {
  checkFields(request, 'renameCollection', RENAME);
  const { engine, body } = request;
  if (request.database !== 'admin')
    throw new MongoError(13, 'renameCollection may only be run against the admin database.');
  const [from, to] = [splitNamespace(body.get('renameCollection')), splitNamespace(body.get('to'))];
  return engine.catalog.store.write(() => {
    if (engine.catalog.findView(from.database, from.name))
      throw new MongoError(166, `cannot rename view: ${from.database}.${from.name}`);
    const collection = engine.catalog.find(from.database, from.name);
    if (!collection) throw new MongoError(26, `Source collection ${from.database}.${from.name} does not exist`);
    if (from.database === to.database && from.name === to.name)
      throw new MongoError(20, "Can't rename a collection to itself");
    if (engine.catalog.find(to.database, to.name) ?? engine.catalog.findView(to.database, to.name)) {
      if (!isTruthy(body.get('dropTarget'))) throw new MongoError(48, 'target namespace exists');
      engine.catalog.drop(to.database, to.name);
    }
    engine.cursors.closeAll(collection.namespace);
    engine.catalog.rename(collection, to.database, to.name);
    return OK();
  });
};

function splitNamespace(value: Value | undefined): { database: string; name: string } {
  const text = typeof value === 'string' ? value : '';
  const dot = text.indexOf('.');
  if (dot <= 0 || dot === text.length - 1) throw new MongoError(73, `Invalid namespace specified '${text}'`);
  return { database: text.slice(0, dot), name: text.slice(dot + 1) };
}

export const listCollections: Handler = async (request) => {
  checkFields(request, 'listCollections', LIST_COLLECTIONS);
  const { engine, database, body } = request;
  const nameOnly = isTruthy(body.get('nameOnly'));
  const predicate = compileFilter(documentField(body, 'filter'), contextOf(scopeOf(Doc.from())));
  const entries = [
    ...[...engine.catalog.collections].filter((item) => item.database === database).map(collectionEntry),
    ...[...engine.catalog.views].filter((item) => item.database === database).map(viewEntry),
  ];
  const shown = entries
    .filter(predicate)
    .map((entry) => (nameOnly ? Doc.of({ name: entry.get('name'), type: entry.get('type') }) : entry));
  const cursor = documentField(body, 'cursor');
  const size = cursor.has('batchSize') ? countField(cursor, 'batchSize') : undefined;
  const namespace = `${database}.$cmd.listCollections`;
  return cursorReply(namespace, await engine.cursors.open(namespace, shown, size, false, 0), 'firstBatch');
};

const collectionEntry = (collection: Collection): Doc =>
  Doc.of({
    name: collection.name,
    type: 'collection',
    options: collection.options,
    info: Doc.of({ readOnly: false, uuid: collection.uuid }),
    idIndex: Doc.of({ v: 2, key: Doc.of({ _id: 1 }), name: '_id_' }),
  });

const viewEntry = (view: View): Doc =>
  Doc.of({ name: view.name, type: 'view', options: view.options, info: Doc.of({ readOnly: true }) });

export const listDatabases: Handler = (request) => {
  checkFields(request, 'listDatabases', LIST_DATABASES);
  if (request.database !== 'admin')
    throw new MongoError(13, 'listDatabases may only be run against the admin database.');
  const { engine, body } = request;
  const sizes = new Map<string, number>();
  for (const { database, bytes } of engine.catalog.collections) sizes.set(database, (sizes.get(database) ?? 0) + bytes);
  const predicate = compileFilter(documentField(body, 'filter'), contextOf(scopeOf(Doc.from())));
  const entries = [...sizes]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, bytes]) => Doc.of({ name, sizeOnDisk: integerValue(bytes), empty: false }))
    .filter(predicate);
  if (isTruthy(body.get('nameOnly')))
    return OK({ databases: entries.map((entry) => Doc.of({ name: entry.get('name') })) });
  const total = [...sizes.values()].reduce((a, b) => a + b, 0);
  return OK({
    databases: entries,
    totalSize: integerValue(total),
    totalSizeMb: integerValue(Math.floor(total / 2 ** 20)),
  });
};

export const collMod: Handler = (request) => {
  checkFields(request, 'collMod', COLL_MOD);
  const { engine, database, body } = request;
  const name = collectionName(request);
  return engine.catalog.store.write(() => {
    checkValidator(body);
    if (engine.catalog.findView(database, name)) return changeView(request, name);
    const collection = engine.catalog.find(database, name);
    if (!collection) throw new MongoError(26, `ns does not exist`);
    for (const option of KEPT_OPTIONS) {
      const value = body.get(option);
      if (value !== undefined) collection.options = Doc.from([...collection.options.entries(), [option, value]]);
    }
    engine.catalog.save(collection);
    const index = body.get('index');
    return index instanceof Doc ? OK(changeIndex(request, collection, index)) : OK();
  });
};

function changeView(request: Request, name: string): Doc {
  const { engine, database, body } = request;
  checkView(request, name, body);
  engine.catalog.drop(database, name);
  engine.catalog.createView(database, name, viewOptions(body));
  return OK();
}

const viewOptions = (body: Doc): Doc =>
  Doc.of({ viewOn: body.get('viewOn'), pipeline: arrayField(body, 'pipeline') ?? [] });

/** The lifetime or the visibility of an index. */
function changeIndex(request: Request, collection: Collection, change: Doc): Record<string, Value> {
  checkPart(change, 'collMod.index', CHANGED_INDEX);
  if (change.has('name') === change.has('keyPattern'))
    throw new MongoError(
      72,
      change.has('name')
        ? 'Cannot specify both key pattern and name.'
        : 'Must specify either index name or key pattern.',
    );
  for (const option of ['unique', 'prepareUnique', 'forceNonUnique'])
    if (change.has(option)) throw new MongoError(72, `the index option '${option}' is not supported by this server`);
  const wanted = change.get('name') ?? change.get('keyPattern');
  const index = findIndex(collection, wanted);
  if (!index)
    throw new MongoError(27, `cannot find index ${asText(change.get('name') ?? '')} for ns ${collection.namespace}`);
  const spec = Doc.from(index.spec.entries());
  const reply: Record<string, Value> = {};
  const seconds = change.get('expireAfterSeconds');
  if (seconds !== undefined) {
    if (index.fields.length > 1)
      throw new MongoError(72, 'TTL indexes are single-field indexes, compound indexes do not support TTL');
    const old = index.spec.get('expireAfterSeconds');
    if (old !== undefined) reply['expireAfterSeconds_old'] = longOf(old);
    reply['expireAfterSeconds_new'] = longOf(seconds);
    spec.set('expireAfterSeconds', seconds);
  }
  const hidden = change.get('hidden');
  if (hidden !== undefined) {
    if (index.name === '_id_') throw badValue("can't hide _id index");
    Object.assign(reply, { hidden_old: index.hidden, hidden_new: isTruthy(hidden) });
    if (isTruthy(hidden)) spec.set('hidden', true);
    else spec.delete('hidden');
  }
  if (Object.keys(reply).length === 0)
    throw new MongoError(72, 'no expireAfterSeconds, hidden, unique, or prepareUnique field');
  request.engine.catalog.changeIndex(collection, index, spec);
  return reply;
}

const longOf = (value: Value): bigint => BigInt(Math.trunc(toNumber(value)));
