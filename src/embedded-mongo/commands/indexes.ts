import { equalValues } from '../bson/compare.js';
import { formatValue } from '../bson/format.js';
import { Doc, isNumeric, typeName, type Value } from '../bson/values.js';
import { badValue, MongoError } from '../errors.js';
import { isTruthy, toNumber, asText } from '../query/types.js';
import { compileIndexFilter } from '../query/index-filter.js';
import type { Collection } from '../storage/collection.js';
import type { Index } from '../storage/index-definition.js';
import { arrayField, checkFields, collectionName, OK, type Handler, type Request } from './command.js';
import { cursorReply } from './cursors.js';

const OPTIONS = new Set([
  'v',
  'key',
  'name',
  'unique',
  'sparse',
  'hidden',
  'expireAfterSeconds',
  'partialFilterExpression',
  'collation',
  'background',
  'ns',
  'dropDups',
]);
const NOT_HERE = new Set([
  'weights',
  'default_language',
  'language_override',
  'textIndexVersion',
  '2dsphereIndexVersion',
  'bits',
  'min',
  'max',
  'wildcardProjection',
  'storageEngine',
  'clustered',
  'prepareUnique',
]);

/** Checks the specification of an index and gives it in the form that `listIndexes` shows. */
function checkedSpec(spec: Doc): Doc {
  const key = spec.get('key');
  if (!(key instanceof Doc))
    throw new MongoError(9, "The 'key' field is a required property of an index specification");
  for (const [path, direction] of key.entries()) checkKeyField(path, direction);
  if (key.size === 0) throw new MongoError(67, 'Index keys cannot be empty.');
  if (key.size > 32) throw new MongoError(67, 'Index key pattern too large: an index has at most 32 fields');
  for (const option of spec.keys()) {
    if (NOT_HERE.has(option)) throw new MongoError(197, `the index option '${option}' is not supported by this server`);
    if (!OPTIONS.has(option))
      throw new MongoError(
        197,
        `Error in specification ${formatValue(spec)} :: caused by :: The field '${option}' is not valid for an index specification. Specification: ${formatValue(spec)}`,
      );
  }
  const name = spec.get('name');
  if (typeof name !== 'string')
    throw new MongoError(9, "The 'name' field is a required property of an index specification");
  if (name === '') throw new MongoError(67, 'index name cannot be empty');
  if (name === '*') throw badValue("The index name '*' is not valid.");
  const collation = spec.get('collation');
  if (collation instanceof Doc && collation.size > 0 && collation.get('locale') !== 'simple') {
    throw badValue('indexes with a collation are not supported by this server');
  }
  checkOptions(spec, key);
  return normalized(spec, key, name);
}

function checkKeyField(path: string, direction: Value): void {
  if (path === '' || path.split('.').includes('')) throw new MongoError(67, `Index keys cannot be an empty field.`);
  if (path.split('.').some((part) => part.startsWith('$') && part !== '$**'))
    throw new MongoError(67, `Index key contains an illegal field name: field name starts with '$'.`);
  if (path.includes('$**')) throw new MongoError(67, 'wildcard indexes are not supported by this server');
  if (typeof direction === 'string') {
    if (direction === '') throw new MongoError(67, `Values in v:2 index key pattern cannot be empty strings`);
    const known = ['hashed', 'text', '2d', '2dsphere', 'geoHaystack'].includes(direction);
    throw new MongoError(
      67,
      known ? `${direction} indexes are not supported by this server` : `Unknown index plugin '${direction}'`,
    );
  }
  if (!isNumeric(direction))
    throw new MongoError(
      67,
      `Values in v:2 index key pattern cannot be of type ${typeName(direction)}. Only numbers > 0, numbers < 0, and strings are allowed.`,
    );
  const number = toNumber(direction);
  if (number === 0 || Number.isNaN(number))
    throw new MongoError(67, `Values in the index key pattern cannot be ${Number.isNaN(number) ? 'NaN' : 0}.`);
}

function checkOptions(spec: Doc, key: Doc): void {
  const seconds = spec.get('expireAfterSeconds');
  if (seconds !== undefined) {
    if (!isNumeric(seconds))
      throw new MongoError(14, `The field 'expireAfterSeconds' must be a number, but got ${typeName(seconds)}`);
    if (toNumber(seconds) < 0)
      throw new MongoError(
        67,
        "TTL index 'expireAfterSeconds' option must be within an acceptable range, try a different number than " +
          String(toNumber(seconds)),
      );
    if (key.size > 1)
      throw new MongoError(
        67,
        `TTL indexes are single-field indexes, compound indexes do not support TTL. Index spec: ${formatValue(key)}`,
      );
    if (key.has('_id'))
      throw new MongoError(67, `The field 'expireAfterSeconds' is not valid for an _id index specification`);
  }
  const filter = spec.get('partialFilterExpression');
  if (filter === undefined) return;
  if (!(filter instanceof Doc))
    throw new MongoError(14, `The field 'partialFilterExpression' must be an object, but got ${typeName(filter)}`);
  if (isTruthy(spec.get('sparse')))
    throw new MongoError(67, 'cannot mix "partialFilterExpression" and "sparse" options');
  compileIndexFilter(filter);
}

function normalized(spec: Doc, key: Doc, name: string): Doc {
  const result = Doc.of({ v: 2, key, name });
  for (const option of ['unique', 'sparse', 'hidden']) if (isTruthy(spec.get(option))) result.set(option, true);
  for (const option of ['expireAfterSeconds', 'partialFilterExpression']) {
    const value = spec.get(option);
    if (value !== undefined) result.set(option, value);
  }
  return result;
}

const signature = (spec: Doc): Doc =>
  Doc.from(
    ['unique', 'sparse', 'partialFilterExpression', 'expireAfterSeconds'].map((name) => [name, spec.get(name) ?? null]),
  );

/** True when the index is there already. @throws MongoError when one is that differs under the same name or keys. */
function exists(collection: Collection, spec: Doc): boolean {
  const key = spec.get('key');
  const name = asText(spec.get('name'));
  const isId = key instanceof Doc && key.size === 1 && key.has('_id');
  if (isId) return true;
  for (const index of collection.indexes) {
    const sameKey = sameKeyPattern(index.spec.get('key'), key);
    const sameOptions = equalValues(signature(index.spec), signature(spec));
    if (index.name === name && sameKey && sameOptions) return true;
    if (index.name === name) {
      throw new MongoError(
        sameKey ? 85 : 86,
        sameKey
          ? `An equivalent index already exists with the same name but different options. Requested index: ${formatValue(spec)}, existing index: ${formatValue(index.spec)}`
          : `An existing index has the same name as the requested index. When index names are not specified, they are auto generated and can cause conflicts. Please refer to our documentation. Requested index: ${formatValue(spec)}, existing index: ${formatValue(index.spec)}`,
      );
    }
    const samePartial = equalValues(index.spec.get('partialFilterExpression'), spec.get('partialFilterExpression'));
    if (
      sameKey &&
      samePartial &&
      index.unique === isTruthy(spec.get('unique')) &&
      index.sparse === isTruthy(spec.get('sparse'))
    ) {
      throw new MongoError(85, `Index already exists with a different name: ${index.name}`);
    }
  }
  return false;
}

function sameKeyPattern(a: Value | undefined, b: Value | undefined): boolean {
  return equalValues(a, b);
}

export const createIndexes: Handler = (request) => {
  checkFields(request, 'createIndexes', ['indexes', 'commitQuorum', 'ignoreUnknownIndexOptions', 'collectionUUID']);
  const { engine, database, body } = request;
  const name = collectionName(request);
  if (engine.catalog.findView(database, name))
    throw new MongoError(166, `Namespace ${database}.${name} is a view, not a collection`);
  const list = arrayField(body, 'indexes');
  if (!list || list.length === 0) throw badValue('Must specify at least one index to create');
  const specs = list.map((spec) => {
    if (!(spec instanceof Doc))
      throw new MongoError(14, `The elements of the 'indexes' array must be objects, but got ${typeName(spec)}`);
    return checkedSpec(spec);
  });
  return engine.catalog.store.write(() => {
    const created = !engine.catalog.find(database, name);
    const collection = engine.catalog.ensure(database, name);
    const before = collection.indexes.length;
    const fresh = specs.filter((spec) => !exists(collection, spec));
    const added: Index[] = [];
    try {
      for (const spec of fresh) if (!exists(collection, spec)) added.push(engine.catalog.addIndex(collection, spec));
    } catch (error) {
      for (const index of added) engine.catalog.dropIndex(collection, index);
      throw error;
    }
    return OK({
      numIndexesBefore: before,
      numIndexesAfter: collection.indexes.length,
      createdCollectionAutomatically: created,
      ...(added.length === 0 ? { note: 'all indexes already exist' } : {}),
    });
  });
};

export const dropIndexes: Handler = (request) => {
  checkFields(request, 'dropIndexes', ['index', 'collectionUUID']);
  const { engine, database, body } = request;
  const name = collectionName(request);
  return engine.catalog.store.write(() => {
    const collection = engine.catalog.find(database, name);
    if (!collection) throw new MongoError(26, `ns not found ${database}.${name}`);
    const before = collection.indexes.length;
    const wanted = body.get('index');
    const all = wanted === '*';
    const doomed = all ? collection.indexes.filter((index) => index.name !== '_id_') : namedIndexes(collection, wanted);
    for (const index of doomed) engine.catalog.dropIndex(collection, index);
    return OK({ nIndexesWas: before, ...(all ? { msg: 'non-_id indexes dropped for collection' } : {}) });
  });
};

function namedIndexes(collection: Collection, wanted: Value | undefined): Index[] {
  if (Array.isArray(wanted)) return wanted.flatMap((item) => namedIndexes(collection, item));
  const found = findIndex(collection, wanted);
  if (!found) {
    throw new MongoError(
      27,
      typeof wanted === 'string'
        ? `index not found with name [${wanted}]`
        : `can't find index with key: ${formatValue(wanted)}`,
    );
  }
  if (found.name === '_id_') throw new MongoError(72, 'cannot drop _id index');
  return [found];
}

/** The index with this name or key pattern. */
export const findIndex = (collection: Collection, wanted: Value | undefined): Index | undefined =>
  collection.indexes.find((index) =>
    typeof wanted === 'string' ? index.name === wanted : equalValues(index.spec.get('key'), wanted),
  );

export const listIndexes: Handler = async (request: Request) => {
  checkFields(request, 'listIndexes', ['cursor', 'includeBuildUUIDs', 'includeIndexBuildInfo']);
  const { engine, database, body } = request;
  const name = collectionName(request);
  if (engine.catalog.findView(database, name))
    throw new MongoError(166, `Namespace ${database}.${name} is a view, not a collection`);
  const collection = engine.catalog.find(database, name);
  if (!collection) throw new MongoError(26, `ns does not exist: ${database}.${name}`);
  const cursor = body.get('cursor');
  const size = cursor instanceof Doc && cursor.has('batchSize') ? toNumber(cursor.get('batchSize')) : undefined;
  const specs = collection.indexes.map((index) => index.spec);
  const namespace = `${database}.${name}`;
  return cursorReply(namespace, await engine.cursors.open(namespace, specs, size, false, 0), 'firstBatch');
};
