import { updatePipeline } from '../aggregate/pipeline.js';
import { Doc } from '../bson/values.js';
import { badValue, failedToParse } from '../errors.js';
import { allRecords, simpleQuery, type Query } from '../query/execute.js';
import { matchedIndexFinder } from '../query/positional.js';
import { compileProjection, type Projection } from '../query/projection.js';
import { isTruthy } from '../query/types.js';
import { compileUpdate, type Update } from '../update/update.js';
import { refuseUpsertExpressions } from '../update/upsert.js';
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
import { checkFields, shape } from './fields.js';
import { orderOf } from './read.js';
import { changeRecord, insertUpserted, validatorOf, writable } from './write.js';

const FIND_AND_MODIFY = shape({
  query: 'object',
  sort: 'object',
  remove: 'flag',
  update: 'any',
  new: 'flag',
  fields: 'object',
  upsert: 'flag',
  bypassDocumentValidation: 'flag',
  collation: 'object',
  arrayFilters: 'objects',
  hint: 'any',
  let: 'object',
  stmtId: 'any',
  stmtIds: 'any',
  sampleId: 'any',
  collectionUUID: 'any',
});

interface FindAndModify {
  readonly query: Query;
  readonly update: Update | undefined;
  readonly returnNew: boolean;
  readonly upsert: boolean;
  readonly project: Projection | undefined;
}

function parseFindAndModify(request: Request): FindAndModify {
  const { body } = request;
  const scope = scopeOf(body);
  const context = contextOf(scope);
  const spec = body.get('update');
  const removing = isTruthy(body.get('remove'));
  if (removing && spec !== undefined) throw failedToParse('Cannot specify both an update and remove=true');
  const upsert = isTruthy(body.get('upsert'));
  if (removing && upsert) throw failedToParse('Cannot specify both upsert=true and remove=true ');
  if (removing && isTruthy(body.get('new')))
    throw failedToParse("Cannot specify both new=true and remove=true; 'remove' always returns the deleted document");
  if (!removing && spec === undefined) throw failedToParse('Either an update or remove=true must be specified');
  if (removing && body.has('arrayFilters')) throw failedToParse('Cannot specify arrayFilters and remove=true');
  const fields = documentField(body, 'fields');
  if (isTruthy(body.get('new')) && [...fields.keys()].some((path) => path.endsWith('.$')))
    throw badValue('cannot use a positional projection and return the new document');
  const filter = documentField(body, 'query');
  if (upsert) refuseUpsertExpressions(filter);
  return {
    query: {
      ...simpleQuery(filter, context),
      ...orderOf(body),
      limit: 1,
    },
    update:
      spec === undefined
        ? undefined
        : compileUpdate(spec, arrayField(body, 'arrayFilters'), { query: context, now: scope.now }, (stages) =>
            updatePipeline(pipelineSource(request, scope), stages),
          ),
    returnNew: isTruthy(body.get('new')),
    upsert,
    project: fields.size > 0 ? compileProjection(fields, scope, context, true) : undefined,
  };
}

export const findAndModify: Handler = (request) => {
  checkFields(request, 'findAndModify', FIND_AND_MODIFY);
  const { engine, database, body } = request;
  const name = collectionName(request);
  writable(request, name);
  const command = parseFindAndModify(request);
  return engine.catalog.store.write(() => {
    const collection = engine.catalog.find(database, name);
    const record = collection ? allRecords(collection, command.query)[0] : undefined;
    const { update: change } = command;
    const shown = (doc: Doc): Doc => {
      const index = (): number | undefined => matchedIndexFinder(command.query.filter, command.query.context)(doc);
      return command.project ? command.project(doc, index()) : doc;
    };
    if (!change) {
      if (collection && record) collection.remove(record.id, record.doc);
      return OK({ lastErrorObject: Doc.of({ n: record ? 1 : 0 }), value: record ? shown(record.doc) : null });
    }
    if (collection && record) {
      const { doc } = changeRecord(
        collection,
        record,
        { query: command.query, update: change },
        validatorOf(collection, body),
      );
      const lastErrorObject = Doc.of({ n: 1, updatedExisting: true });
      return OK({ lastErrorObject, value: shown(command.returnNew ? doc : record.doc) });
    }
    if (!command.upsert) return OK({ lastErrorObject: Doc.of({ n: 0, updatedExisting: false }), value: null });
    const target = engine.catalog.ensure(database, name);
    const doc = insertUpserted(target, { query: command.query, update: change }, validatorOf(target, body));
    const lastErrorObject = Doc.of({ n: 1, updatedExisting: false, upserted: doc.get('_id') });
    return OK({ lastErrorObject, value: command.returnNew ? shown(doc) : null });
  });
};
