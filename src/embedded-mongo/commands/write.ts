import { updatePipeline } from '../aggregate/pipeline.js';
import { encodeDocument } from '../bson/write.js';
import { Doc, Timestamp, typeName, type Value } from '../bson/values.js';
import { failedToParse, MongoError, typeMismatch } from '../errors.js';
import { allRecords, simpleQuery, type Query } from '../query/execute.js';
import { compileFilter, type Predicate } from '../query/matcher.js';
import { matchedIndexFinder } from '../query/positional.js';
import { isTruthy, toNumber } from '../query/types.js';
import type { Collection } from '../storage/collection.js';
import type { Record } from '../storage/scan.js';
import { compileUpdate, refuseUpsertExpressions, upsertBase, upsertId, withId, type Update } from '../update/update.js';
import {
  arrayField,
  checkFields,
  collectionName,
  contextOf,
  documentField,
  OK,
  pipelineSource,
  scopeOf,
  type Handler,
  type Request,
} from './command.js';
import { hintOf } from './read.js';

const MAX_BATCH = 100_000;

/** The operations of a write command. @throws MongoError when there are none or too many. */
function operations(request: Request, name: string): Value[] {
  const list = arrayField(request.body, name);
  if (!list) throw new MongoError(40414, `BSON field '${request.name}.${name}' is missing but a required field`);
  if (list.length === 0 || list.length > MAX_BATCH) {
    throw new MongoError(16, `Write batch sizes must be between 1 and ${MAX_BATCH}. Got ${list.length} operations.`);
  }
  return list;
}

export function writable(request: Request, name: string): void {
  if (request.engine.catalog.findView(request.database, name)) {
    throw new MongoError(166, `Namespace ${request.database}.${name} is a view, not a collection`);
  }
}

/** An error of one operation as the reply lists it. */
export function writeError(index: number, error: MongoError): Doc {
  const fields = Doc.of({ index, code: error.code });
  for (const [key, value] of Object.entries(error.extra)) if (value !== undefined) fields.set(key, value);
  return fields.set('errmsg', error.message);
}

/** Runs operations one by one; an ordered batch ends at the first error. Other errors than the client's end everything. */
function runEach(list: readonly Value[], ordered: boolean, run: (item: Doc, index: number) => void): Value[] {
  const errors: Value[] = [];
  for (const [index, item] of list.entries()) {
    try {
      if (!(item instanceof Doc))
        throw typeMismatch(`a write operation is of type '${typeName(item)}', expected type 'object'`);
      run(item, index);
    } catch (error) {
      if (!(error instanceof MongoError)) throw error;
      errors.push(writeError(index, error));
      if (ordered) break;
    }
  }
  return errors;
}

const isOrdered = (body: Doc): boolean => !body.has('ordered') || isTruthy(body.get('ordered'));
const errorsField = (errors: Value[]): { writeErrors?: Value[] } => (errors.length > 0 ? { writeErrors: errors } : {});

interface Validator {
  readonly accepts: Predicate;
  /** What a refusal tells about the rule. */
  readonly details: Doc;
  readonly moderate: boolean;
}

/** Checks documents against the validator of the collection. */
export function validatorOf(collection: Collection, body: Doc): Validator | undefined {
  if (isTruthy(body.get('bypassDocumentValidation'))) return undefined;
  const validator = collection.options.get('validator');
  if (!(validator instanceof Doc) || validator.size === 0) return undefined;
  if (collection.options.get('validationAction') === 'warn' || collection.options.get('validationLevel') === 'off')
    return undefined;
  const details = Doc.of({
    operatorName: validator.has('$jsonSchema') ? '$jsonSchema' : '$and',
    specifiedAs: validator,
  });
  return {
    accepts: compileFilter(validator, contextOf(scopeOf(Doc.from()))),
    details,
    moderate: collection.options.get('validationLevel') === 'moderate',
  };
}

function refuseInvalid(valid: Validator | undefined, doc: Doc): void {
  if (!valid || valid.accepts(doc)) return;
  throw new MongoError(121, 'Document failed validation', {
    errInfo: Doc.of({ failingDocumentId: doc.get('_id') ?? null, details: valid.details }),
  });
}

export const insert: Handler = (request) => {
  checkFields(request, 'insert', [
    'documents',
    'ordered',
    'bypassDocumentValidation',
    'stmtId',
    'stmtIds',
    'collectionUUID',
  ]);
  const { engine, database, body } = request;
  const name = collectionName(request);
  writable(request, name);
  const list = operations(request, 'documents');
  return engine.catalog.store.write(() => {
    const collection = engine.catalog.ensure(database, name);
    const valid = validatorOf(collection, body);
    let n = 0;
    const errors = runEach(list, isOrdered(body), (doc) => {
      const stored = withTimestamps(withId(doc));
      refuseInvalid(valid, stored);
      collection.insert(stored);
      n++;
    });
    return OK({ n, ...errorsField(errors) });
  });
};

/** An empty timestamp at the top level becomes the time of the insert. */
function withTimestamps(doc: Doc): Doc {
  const empty = [...doc.entries()].filter(([, value]) => value instanceof Timestamp && value.toBigInt() === 0n);
  if (empty.length === 0) return doc;
  const copy = doc.clone();
  empty.forEach(([key], i) => copy.set(key, new Timestamp({ t: Math.floor(Date.now() / 1000), i: i + 1 })));
  return copy;
}

interface UpdateOperation {
  readonly query: Query;
  readonly update: Update;
  readonly multi: boolean;
  readonly upsert: boolean;
}

const UPDATE_FIELDS = new Set([
  'q',
  'u',
  'c',
  'multi',
  'upsert',
  'collation',
  'arrayFilters',
  'hint',
  'upsertSupplied',
  'sampleId',
  'sort',
]);

function parseUpdate(request: Request, item: Doc): UpdateOperation {
  for (const key of item.keys()) {
    if (!UPDATE_FIELDS.has(key) || key === 'sort')
      throw new MongoError(40415, `BSON field 'update.updates.${key}' is an unknown field.`);
  }
  const spec = item.get('u');
  if (spec === undefined || !item.has('q')) {
    throw new MongoError(
      40414,
      `BSON field 'update.updates.${spec === undefined ? 'u' : 'q'}' is missing but a required field`,
    );
  }
  const multi = isTruthy(item.get('multi'));
  const scope = scopeOf(Doc.of({ collation: item.get('collation'), let: mergedVariables(request.body, item) }));
  const context = contextOf(scope);
  const update = compileUpdate(spec, arrayField(item, 'arrayFilters'), { query: context, now: scope.now }, (stages) =>
    updatePipeline(pipelineSource(request, scope), stages),
  );
  if (multi && update.kind === 'replacement')
    throw failedToParse('multi update is not supported for replacement-style update');
  const query = { ...simpleQuery(documentField(item, 'q'), context), hint: hintOf(item), limit: multi ? 0 : 1 };
  const upsert = isTruthy(item.get('upsert'));
  if (upsert) refuseUpsertExpressions(query.filter);
  return { query, update, multi, upsert };
}

function mergedVariables(body: Doc, item: Doc): Doc | undefined {
  const [outer, constants] = [body.get('let'), item.get('c')];
  const merged = [
    ...(outer instanceof Doc ? outer.entries() : []),
    ...(constants instanceof Doc ? constants.entries() : []),
  ];
  return merged.length > 0 ? Doc.from(merged) : undefined;
}

/** Applies an update to one record; tells the new document and whether it differs. */
export function changeRecord(
  collection: Collection,
  record: Record,
  { query, update }: Pick<UpdateOperation, 'query' | 'update'>,
  valid: Validator | undefined,
): { doc: Doc; changed: boolean } {
  const doc = update.apply(record.doc, false, () => matchedIndexFinder(query.filter, query.context)(record.doc));
  if (encodeDocument(doc).equals(encodeDocument(record.doc))) return { doc, changed: false };
  // With the level "moderate" a document that was invalid before may stay so.
  if (!(valid?.moderate === true && !valid.accepts(record.doc))) refuseInvalid(valid, doc);
  collection.replace(record.id, record.doc, doc);
  return { doc, changed: true };
}

/** Inserts what an upsert makes of its filter and update. */
export function insertUpserted(
  collection: Collection,
  { query, update }: Pick<UpdateOperation, 'query' | 'update'>,
  valid: Validator | undefined,
): Doc {
  const start = update.kind === 'replacement' ? upsertId(query.filter) : upsertBase(query.filter);
  const doc = withId(update.apply(start, true, () => undefined));
  refuseInvalid(valid, doc);
  collection.insert(doc);
  return doc;
}

export const update: Handler = (request) => {
  checkFields(request, 'update', [
    'updates',
    'ordered',
    'bypassDocumentValidation',
    'let',
    'stmtId',
    'stmtIds',
    'collectionUUID',
    'runtimeConstants',
    'legacyRuntimeConstants',
  ]);
  const { engine, database, body } = request;
  const name = collectionName(request);
  writable(request, name);
  const list = operations(request, 'updates');
  return engine.catalog.store.write(() => {
    let [n, nModified] = [0, 0];
    const upserted: Value[] = [];
    const errors = runEach(list, isOrdered(body), (item, index) => {
      const operation = parseUpdate(request, item);
      const collection = engine.catalog.find(database, name);
      const records = collection ? allRecords(collection, operation.query) : [];
      const valid = collection && validatorOf(collection, body);
      // What a statement changed before it failed stays changed, but is not counted.
      let changed = 0;
      for (const record of records)
        if (collection && changeRecord(collection, record, operation, valid).changed) changed++;
      n += records.length;
      nModified += changed;
      if (records.length > 0 || !operation.upsert) return;
      const target = engine.catalog.ensure(database, name);
      const doc = insertUpserted(target, operation, validatorOf(target, body));
      upserted.push(Doc.of({ index, _id: doc.get('_id') ?? null }));
      n++;
    });
    return OK({ n, ...(upserted.length > 0 ? { upserted } : {}), nModified, ...errorsField(errors) });
  });
};

const DELETE_FIELDS = new Set(['q', 'limit', 'collation', 'hint', 'sampleId']);

export const remove: Handler = (request) => {
  checkFields(request, 'delete', [
    'deletes',
    'ordered',
    'let',
    'stmtId',
    'stmtIds',
    'collectionUUID',
    'runtimeConstants',
    'legacyRuntimeConstants',
  ]);
  const { engine, database, body } = request;
  const name = collectionName(request);
  writable(request, name);
  const list = operations(request, 'deletes');
  return engine.catalog.store.write(() => {
    let n = 0;
    const errors = runEach(list, isOrdered(body), (item) => {
      for (const key of item.keys()) {
        if (!DELETE_FIELDS.has(key))
          throw new MongoError(40415, `BSON field 'delete.deletes.${key}' is an unknown field.`);
      }
      const limit = toNumber(item.get('limit') ?? NaN);
      if (limit !== 0 && limit !== 1)
        throw failedToParse(`The limit field in delete objects must be 0 or 1. Got ${limit}`);
      const scope = scopeOf(Doc.of({ collation: item.get('collation'), let: body.get('let') }));
      const query = { ...simpleQuery(documentField(item, 'q'), contextOf(scope)), hint: hintOf(item), limit };
      const collection = engine.catalog.find(database, name);
      for (const record of collection ? allRecords(collection, query) : []) {
        collection?.remove(record.id, record.doc);
        n++;
      }
    });
    return OK({ n, ...errorsField(errors) });
  });
};
