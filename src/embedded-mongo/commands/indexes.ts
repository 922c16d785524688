import { equalValues } from '../bson/compare.js';
import { formatValue } from '../bson/format.js';
import { Doc, isNumeric, typeName, type Value } from '../bson/values.js';
import { badValue, MongoError, typeMismatch } from '../errors.js';
import { isTruthy } from '../query/types.js';
import type { Collection } from '../storage/collection.js';
import type { Index } from '../storage/index-definition.js';
import { arrayField, collectionName, countField, OK, type Handler, type Request } from './command.js';
import { cursorReply } from './cursors.js';
import { checkFields, shape } from './fields.js';
import { checkedSpec, checkFieldsOf, checkIdIndex, exists, knownOptions } from './index-specification.js';

/** Writes of a standalone server wait for no other member. */
function refuseQuorum(quorum: Value): never {
  if (typeof quorum === 'string' || isNumeric(quorum)) throw badValue("Standalones can't specify commitQuorum");
  throw typeMismatch(
    `BSON field 'createIndexes.commitQuorum' is the wrong type '${typeName(quorum)}', expected types '[long, int, decimal, double, string']`,
  );
}

function refuseView({ engine, database }: Request, name: string): void {
  if (engine.catalog.findView(database, name))
    throw new MongoError(166, `Namespace ${database}.${name} is a view, not a collection`);
}

const CREATE_INDEXES = shape(
  { indexes: 'objects', commitQuorum: 'any', ignoreUnknownIndexOptions: 'bool', collectionUUID: 'any' },
  ['indexes'],
);
const DROP_INDEXES = shape({ index: 'any', collectionUUID: 'any' }, ['index']);
const LIST_INDEXES = shape({
  cursor: 'object',
  includeBuildUUIDs: 'bool',
  includeIndexBuildInfo: 'bool',
  collectionUUID: 'any',
});

export const createIndexes: Handler = (request) => {
  checkFields(request, 'createIndexes', CREATE_INDEXES);
  const { engine, database, body } = request;
  const name = collectionName(request);
  if (body.has('commitQuorum')) refuseQuorum(body.get('commitQuorum') ?? null);
  refuseView(request, name);
  const list = arrayField(body, 'indexes') ?? [];
  if (list.length === 0) throw badValue('Must specify at least one index to create');
  const specs = list
    .flatMap((item) => {
      if (!(item instanceof Doc)) return [];
      const spec = isTruthy(body.get('ignoreUnknownIndexOptions')) ? knownOptions(item) : item;
      checkFieldsOf(spec);
      checkIdIndex(spec);
      return [spec];
    })
    .map(checkedSpec);
  return engine.catalog.store.write(() => {
    const created = !engine.catalog.find(database, name);
    const collection = engine.catalog.ensure(database, name);
    const before = collection.indexes.length;
    const fresh: Doc[] = [];
    const present = collection.indexes.map((index) => index.spec);
    for (const spec of specs) {
      if (exists(present, spec)) continue;
      if (exists(fresh, spec))
        throw new MongoError(96, 'Cannot build two identical indexes. Try again without duplicate indexes.');
      fresh.push(spec);
    }
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
  checkFields(request, 'dropIndexes', DROP_INDEXES);
  const { engine, database, body } = request;
  const name = collectionName(request);
  refuseView(request, name);
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
  if (typeof wanted !== 'string' && !(wanted instanceof Doc) && !Array.isArray(wanted))
    throw typeMismatch(
      `BSON field 'dropIndexes.index' is the wrong type '${typeName(wanted)}', expected types '[string, object']`,
    );
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
  checkFields(request, 'listIndexes', LIST_INDEXES);
  const { engine, database, body } = request;
  const name = collectionName(request);
  refuseView(request, name);
  const collection = engine.catalog.find(database, name);
  if (!collection) throw new MongoError(26, `ns does not exist: ${database}.${name}`);
  const cursor = body.get('cursor');
  const size = cursor instanceof Doc && cursor.has('batchSize') ? countField(cursor, 'batchSize') : undefined;
  const specs = collection.indexes.map((index) => index.spec);
  const namespace = `${database}.${name}`;
  return cursorReply(namespace, await engine.cursors.open(namespace, specs, size, false, 0), 'firstBatch');
};
