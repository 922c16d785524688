import { refuseUnknownStage, updatePipeline } from '../aggregate/pipeline.js';
import { formatValue } from '../bson/format.js';
import { encodeDocument } from '../bson/write.js';
import { Doc, Timestamp, type Value } from '../bson/values.js';
import { failedToParse, MongoError } from '../errors.js';
import { allRecords, simpleQuery, type Query } from '../query/execute.js';
import { compileFilter, type Predicate } from '../query/matcher.js';
import { matchedIndexFinder } from '../query/positional.js';
import { isTruthy, toNumber } from '../query/types.js';
import type { Collection } from '../storage/collection.js';
import type { Record } from '../storage/scan.js';
import { compileUpdate, withId, type Update } from '../update/update.js';
import { refuseUpsertExpressions, upsertBase, upsertId } from '../update/upsert.js';
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
import { checkFields, checkPart, shape } from './fields.js';
import { hintOf } from './read.js';

const MAX_BATCH = 100_000;

/** What all write commands take. */
const BATCH = { ordered: 'bool', stmtId: 'any', stmtIds: 'any', collectionUUID: 'any' } as const;

/** The operations of a write command. @throws MongoError when there are none or too many. */
function operations(request: Request, name: string): Value[] {
  const list = arrayField(request.body, name) ?? [];
  if (list.length === 0 || list.length > MAX_BATCH) {
    throw new MongoError(16, `Write batch sizes must be between 1 and ${MAX_BATCH}. Got ${list.length} operations.`);
  }
  return list;
}

const isView = ({ engine, database }: Request, name: string): boolean =>
  engine.catalog.findView(database, name) !== undefined;

/** @throws MongoError 166 when documents cannot be written under the name. */
export function writable(request: Request, name: string): void {
  if (isView(request, name)) {
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
      if (item instanceof Doc) run(item, index);
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

/** Every operation on a view fails by itself. */
const refuseAll = (list: readonly Value[], request: Request, name: string): { writeErrors?: Value[] } =>
  errorsField(runEach(list, isOrdered(request.body), () => writable(request, name)));

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

const INSERT = shape({ ...BATCH, documents: 'objects', bypassDocumentValidation: 'flag' }, ['documents']);

export const insert: Handler = (request) => {
  checkFields(request, 'insert', INSERT);
  const { engine, database, body } = request;
  const name = collectionName(request);
  const list = operations(request, 'documents');
  if (isView(request, name)) return OK({ n: 0, ...refuseAll(list, request, name) });
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

const UPDATE_STATEMENT = shape(
  {
    q: 'object',
    u: 'any',
    c: 'object',
    multi: 'bool',
    upsert: 'bool',
    collation: 'object',
    arrayFilters: 'objects',
    hint: 'any',
    upsertSupplied: 'bool',
    sampleId: 'any',
  },
  ['q'],
);

/** @throws MongoError on a statement that is none, before any is carried out. */
function checkUpdate(item: Value): void {
  if (!(item instanceof Doc)) return;
  checkPart(item, 'update.updates', UPDATE_STATEMENT);
  const change = item.get('u');
  if (change === undefined)
    throw new MongoError(40414, "BSON field 'update.updates.u' is missing but a required field");
  if (Array.isArray(change)) for (const stage of change) refuseUnknownStage(stage);
  else if (!(change instanceof Doc)) throw failedToParse('Update argument must be either an object or an array');
}

function parseUpdate(request: Request, item: Doc): UpdateOperation {
  const spec = item.get('u') ?? null;
  const multi = isTruthy(item.get('multi'));
  const scope = scopeOf(Doc.of({ collation: item.get('collation'), let: mergedVariables(request.body, item) }));
  const context = contextOf(scope);
  if (item.has('c') && !Array.isArray(spec))
    throw new MongoError(51198, 'Constant values may only be specified for pipeline updates');
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

const UPDATE = shape({ ...BATCH, updates: 'objects', bypassDocumentValidation: 'flag', let: 'object' }, ['updates']);

export const update: Handler = (request) => {
  checkFields(request, 'update', UPDATE);
  const { engine, database, body } = request;
  const name = collectionName(request);
  const list = operations(request, 'updates');
  list.forEach(checkUpdate);
  if (isView(request, name)) return OK({ n: 0, ...refuseAll(list, request, name), nModified: 0 });
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
    return OK({ n, ...(upserted.length > 0 ? { upserted } : {}), ...errorsField(errors), nModified });
  });
};

const DELETE = shape({ ...BATCH, deletes: 'objects', let: 'object' }, ['deletes']);
const DELETE_STATEMENT = shape({ q: 'object', limit: 'any', collation: 'object', hint: 'any', sampleId: 'any' }, [
  'q',
  'limit',
]);

function checkDelete(item: Value): void {
  if (!(item instanceof Doc)) return;
  checkPart(item, 'delete.deletes', DELETE_STATEMENT);
  const limit = toNumber(item.get('limit'));
  if (limit !== 0 && limit !== 1)
    throw failedToParse(
      `The limit field in delete objects must be 0 or 1. Got ${formatValue(item.get('limit') ?? null)}`,
    );
}

export const remove: Handler = (request) => {
  checkFields(request, 'delete', DELETE);
  const { engine, database, body } = request;
  const name = collectionName(request);
  const list = operations(request, 'deletes');
  list.forEach(checkDelete);
  if (isView(request, name)) return OK({ n: 0, ...refuseAll(list, request, name) });
  return engine.catalog.store.write(() => {
    let n = 0;
    const errors = runEach(list, isOrdered(body), (item) => {
      const scope = scopeOf(Doc.of({ collation: item.get('collation'), let: body.get('let') }));
      const query = {
        ...simpleQuery(documentField(item, 'q'), contextOf(scope)),
        hint: hintOf(item),
        limit: toNumber(item.get('limit')),
      };
      const collection = engine.catalog.find(database, name);
      for (const record of collection ? allRecords(collection, query) : []) {
        collection?.remove(record.id, record.doc);
        n++;
      }
    });
    return OK({ n, ...errorsField(errors) });
  });
};
