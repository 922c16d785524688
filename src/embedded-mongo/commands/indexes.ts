import { compareValues, equalValues } from '../bson/compare.js';
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

/** @throws MongoError on a field that is unknown, then on the first whose value cannot be. */
function checkFieldsOf(spec: Doc): void {
  for (const option of spec.keys()) {
    if (NOT_HERE.has(option)) throw new MongoError(197, `the index option '${option}' is not supported by this server`);
    if (!OPTIONS.has(option))
      throw new MongoError(
        197,
        `Error in specification ${formatValue(spec)} :: caused by :: The field '${option}' is not valid for an index specification. Specification: ${formatValue(spec)}`,
      );
  }
  for (const [option, value] of spec.entries()) {
    if (option === 'key') checkKey(value);
    else checkType(option, value);
  }
  for (const field of ['key', 'name'])
    if (!spec.has(field))
      throw new MongoError(9, `The '${field}' field is a required property of an index specification`);
}

function checkKey(key: Value): void {
  if (!(key instanceof Doc)) throw wrongType('key', 'an object', key);
  for (const [path, direction] of key.entries()) {
    checkKeyPath(path);
    checkDirection(direction);
  }
  if (key.size === 0) throw new MongoError(67, 'Index keys cannot be empty.');
  if (key.size > 32) throw new MongoError(67, 'Index key pattern too large: an index has at most 32 fields');
}

const wrongType = (field: string, expected: string, value: Value): MongoError =>
  new MongoError(14, `The field '${field}' must be ${expected}, but got ${typeName(value)}`);

function checkType(option: string, value: Value): void {
  if (option === 'name' && typeof value !== 'string') throw wrongType(option, 'a string', value);
  if (option === 'v') checkVersion(value);
  if (option === 'partialFilterExpression' && !(value instanceof Doc)) throw wrongType(option, 'an object', value);
  if (FLAGS.includes(option) && typeof value !== 'boolean' && !isNumeric(value))
    throw new MongoError(
      14,
      `The field '${option} has value ${option}: ${formatValue(value)}, which is not convertible to bool`,
    );
}

function checkVersion(value: Value): void {
  if (!isNumeric(value)) throw wrongType('v', 'a number', value);
  const version = toNumber(value);
  if (version !== 1 && version !== 2) throw new MongoError(67, `cannot create an index with v=${version}`);
}

const FLAGS = ['unique', 'sparse', 'hidden'];
/** What the specification of the index on `_id` may hold. */
const ID_OPTIONS = new Set(['key', 'name', 'v', 'ns', 'collation']);

function checkIdIndex(spec: Doc): void {
  const key = spec.get('key');
  if (!(key instanceof Doc) || key.size !== 1 || !key.has('_id')) return;
  const option = [...spec.keys()].find((name) => !ID_OPTIONS.has(name));
  if (option !== undefined)
    throw new MongoError(
      197,
      `The field '${option}' is not valid for an _id index specification. Specification: ${formatValue(spec)}`,
    );
  if (compareValues(key.get('_id'), 1) !== 0)
    throw badValue(`The field 'key' for an _id index must be {_id: 1}, but got ${formatValue(key)}`);
}

/** Checks the specification of an index and gives it in the form that `listIndexes` shows. */
function checkedSpec(spec: Doc): Doc {
  const [key, name] = [spec.get('key'), spec.get('name')];
  if (!(key instanceof Doc) || typeof name !== 'string')
    throw new TypeError('the types of the fields were not checked');
  if (name === '_id_' && !(key.size === 1 && key.has('_id')))
    throw badValue(
      `The index name '_id_' is reserved for the _id index, which must have key pattern {_id: 1}, found key: ${formatValue(key)}`,
    );
  if (name === '') throw new MongoError(67, 'index name cannot be empty');
  if (name === '*') throw badValue("The index name '*' is not valid.");
  const collation = spec.get('collation');
  if (collation instanceof Doc && collation.size > 0 && collation.get('locale') !== 'simple') {
    throw badValue('indexes with a collation are not supported by this server');
  }
  checkOptions(spec, key);
  return normalized(spec, key, name);
}

function checkKeyPath(path: string): void {
  if (path === '' || path.split('.').includes('')) throw new MongoError(67, `Index keys cannot be an empty field.`);
  if (path.split('.').some((part) => part.startsWith('$') && part !== '$**'))
    throw new MongoError(67, `Index key contains an illegal field name: field name starts with '$'.`);
  if (path.includes('$**')) throw new MongoError(67, 'wildcard indexes are not supported by this server');
}

function checkDirection(direction: Value): void {
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
      throw new MongoError(
        67,
        `TTL index 'expireAfterSeconds' option must be numeric, but received a type of '${typeName(seconds)}`,
      );
    if (toNumber(seconds) < 0)
      throw new MongoError(
        67,
        "TTL index 'expireAfterSeconds' option must be within an acceptable range, try a different number than " +
          String(toNumber(seconds)),
      );
    if (toNumber(seconds) > 2 ** 31 - 1)
      throw new MongoError(67, "TTL index 'expireAfterSeconds' must be within the range of a 32-bit integer");
    if (key.size > 1)
      throw new MongoError(
        67,
        `TTL indexes are single-field indexes, compound indexes do not support TTL. Index spec: ${formatValue(key)}`,
      );
  }
  const filter = spec.get('partialFilterExpression');
  if (filter === undefined) return;
  if (!(filter instanceof Doc)) return;
  if (isTruthy(spec.get('sparse')))
    throw new MongoError(67, 'cannot mix "partialFilterExpression" and "sparse" options');
  compileIndexFilter(filter);
}

function normalized(spec: Doc, key: Doc, name: string): Doc {
  const result = Doc.of({ v: equalValues(spec.get('v'), 1) ? 1 : 2, key, name });
  for (const option of ['background', 'unique', 'sparse', 'hidden']) {
    const value = spec.get(option);
    // MongoDB shows these two when they are off, and the others not.
    const shownOff = option === 'background' || option === 'sparse';
    if (isTruthy(value) || (value !== undefined && shownOff)) result.set(option, isTruthy(value));
  }
  const seconds = spec.get('expireAfterSeconds');
  if (seconds !== undefined) result.set('expireAfterSeconds', Math.trunc(toNumber(seconds)));
  const filter = spec.get('partialFilterExpression');
  if (filter !== undefined) result.set('partialFilterExpression', filter);
  return result;
}

/** What tells indexes on the same keys apart. */
const identityOf = (spec: Doc): Doc =>
  Doc.from([
    ['unique', isTruthy(spec.get('unique'))],
    ['sparse', isTruthy(spec.get('sparse'))],
    ['partialFilterExpression', spec.get('partialFilterExpression') ?? null],
  ]);

const signature = (spec: Doc): Doc =>
  Doc.from([...identityOf(spec).entries(), ['expireAfterSeconds', spec.get('expireAfterSeconds') ?? null]]);

/** True when the index is there already. @throws MongoError when one is that differs under the same name or keys. */
function exists(specs: readonly Doc[], spec: Doc): boolean {
  const key = spec.get('key');
  const name = asText(spec.get('name'));
  const isId = key instanceof Doc && key.size === 1 && key.has('_id');
  if (isId) return true;
  for (const other of specs) {
    const otherName = asText(other.get('name'));
    const sameKey = sameKeyPattern(other.get('key'), key);
    const sameOptions = equalValues(signature(other), signature(spec));
    if (otherName === name && sameKey && sameOptions) return true;
    const equivalent = sameKey && equalValues(identityOf(other), identityOf(spec));
    if (otherName === name) {
      throw new MongoError(
        equivalent ? 85 : 86,
        equivalent
          ? `An equivalent index already exists with the same name but different options. Requested index: ${formatValue(spec)}, existing index: ${formatValue(other)}`
          : `An existing index has the same name as the requested index. When index names are not specified, they are auto generated and can cause conflicts. Please refer to our documentation. Requested index: ${formatValue(spec)}, existing index: ${formatValue(other)}`,
      );
    }
    if (equivalent) throw new MongoError(85, `Index already exists with a different name: ${otherName}`);
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
  if (!list) throw new MongoError(40414, "BSON field 'createIndexes.indexes' is missing but a required field");
  if (list.length === 0) throw badValue('Must specify at least one index to create');
  const specs = list
    .map((spec) => {
      if (!(spec instanceof Doc))
        throw new MongoError(14, `The elements of the 'indexes' array must be objects, but got ${typeName(spec)}`);
      checkFieldsOf(spec);
      checkIdIndex(spec);
      return spec;
    })
    .map(checkedSpec);
  return engine.catalog.store.write(() => {
    const created = !engine.catalog.find(database, name);
    const collection = engine.catalog.ensure(database, name);
    const before = collection.indexes.length;
    const fresh: Doc[] = [];
    const present = collection.indexes.map((index) => index.spec);
    for (const spec of specs) if (!exists([...present, ...fresh], spec)) fresh.push(spec);
    const added: Index[] = [];
    try {
      for (const spec of fresh) added.push(engine.catalog.addIndex(collection, spec));
    } catch (error) {
      for (const index of added) engine.catalog.dropIndex(collection, index);
      throw error;
    }
    return OK({
      numIndexesBefore: before,
      numIndexesAfter: collection.indexes.length,
      ...(added.length > 0 || created ? { createdCollectionAutomatically: created } : {}),
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
