import { asText } from '../query/types.js';
import { updatePipeline, stageParts, type PipelineSource } from '../aggregate/pipeline.js';
import { equalValues } from '../bson/compare.js';
import { formatValue } from '../bson/format.js';
import { Doc, isNullish, typeName, type Value } from '../bson/values.js';
import { badValue, MongoError, typeMismatch } from '../errors.js';
import { allRecords, simpleQuery } from '../query/execute.js';
import { someValueAt } from '../query/paths.js';
import type { Collection } from '../storage/collection.js';
import type { Record } from '../storage/scan.js';
import { withId } from '../update/update.js';
import type { Request } from './command.js';
import { checkPart, shape } from './fields.js';

interface Target {
  readonly database: string;
  readonly name: string;
}

/** The `$out` or `$merge` a pipeline ends with. */
export function outputStage(pipeline: readonly Value[]): [string, Value] | undefined {
  if (pipeline.length === 0) return undefined;
  const last = stageParts(pipeline.at(-1) ?? null);
  return last[0] === '$out' || last[0] === '$merge' ? last : undefined;
}

/** @throws MongoError when the last stage of a pipeline cannot be carried out whatever the pipeline gives. */
export function checkOutput(request: Request, [stage, argument]: [string, Value]): void {
  if (stage !== '$merge') {
    const { name } = targetOf(request, argument, '$out');
    if (name.startsWith('system.')) throw new MongoError(17385, `Can't $out to special collection: ${name}`);
    return;
  }
  if (typeof argument !== 'string' && !(argument instanceof Doc))
    throw typeMismatch(`$merge requires a string or object argument, but found ${typeName(argument)}`);
  const spec = mergeSpec(argument);
  checkPart(spec, '$merge', MERGE);
  refuseModes(spec.get('whenMatched') ?? 'merge', spec.get('whenNotMatched') ?? 'insert');
  const { database, name } = targetOf(request, spec.get('into'), '$merge');
  const on = onFields(spec.get('on'));
  const collection = request.engine.catalog.find(database, name);
  if (collection) requireUniqueIndex(collection, on);
  else if (on.join() !== '_id') throw noUniqueIndex();
}

const MERGE = shape(
  {
    into: 'any',
    on: 'any',
    let: 'object',
    whenMatched: 'any',
    whenNotMatched: 'string',
    targetCollectionVersion: 'any',
  },
  ['into'],
);

const mergeSpec = (argument: Value): Doc => (argument instanceof Doc ? argument : Doc.of({ into: argument }));

/** Writes the results of a pipeline as its last stage says. */
export async function writeOutput(
  request: Request,
  source: PipelineSource,
  [stage, argument]: [string, Value],
  docs: readonly Doc[],
): Promise<void> {
  const { store } = request.engine.catalog;
  await store.write(() => {
    if (stage === '$out') replaceCollection(request, targetOf(request, argument, '$out'), docs);
    else mergeInto(request, source, argument, docs);
  });
}

function targetOf(request: Request, spec: Value | undefined, stage: string): Target {
  if (typeof spec === 'string') return { database: request.database, name: spec };
  const [database, name] = spec instanceof Doc ? [spec.get('db'), spec.get('coll')] : [];
  if (typeof name !== 'string') throw new MongoError(16990, `${stage} only supports a string or object argument`);
  return { database: typeof database === 'string' ? database : request.database, name };
}

/** `$out` replaces the documents and keeps the indexes; nothing changes when one document cannot be stored. */
function replaceCollection(request: Request, target: Target, docs: readonly Doc[]): void {
  const { catalog } = request.engine;
  const collection = catalog.ensure(target.database, target.name);
  const before = allRecords(collection, simpleQuery(Doc.from(), NO_CONTEXT));
  for (const record of before) collection.remove(record.id, record.doc);
  const stored: Doc[] = [];
  try {
    for (const doc of docs) {
      collection.insert(withId(doc));
      stored.push(doc);
    }
  } catch (error) {
    for (const record of allRecords(collection, simpleQuery(Doc.from(), NO_CONTEXT)))
      collection.remove(record.id, record.doc);
    for (const record of before) collection.insert(record.doc);
    throw error;
  }
}

const NO_CONTEXT = {
  compareText: (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0),
  compileCondition: () => () => true,
};

function mergeInto(request: Request, source: PipelineSource, argument: Value, docs: readonly Doc[]): void {
  const spec = mergeSpec(argument);
  const { catalog } = request.engine;
  const target = targetOf(request, spec.get('into'), '$merge');
  const matched = spec.get('whenMatched') ?? 'merge';
  const notMatched = spec.get('whenNotMatched') ?? 'insert';
  const collection = catalog.ensure(target.database, target.name);
  const on = onFields(spec.get('on'));
  const keyed = docs.map((doc) => (on.includes('_id') && !doc.has('_id') ? withId(doc) : doc));
  for (const doc of keyed) refuseKey(doc, on);
  let unmatched = false;
  for (const doc of keyed) {
    const change = whenMatched(source, matched, spec.get('let'), doc);
    const found = findByKey(collection, source, doc, on);
    if (found) change(collection, found);
    else if (notMatched === 'insert') collection.insert(withId(SET_BY_NAME.has(matched) ? inNameOrder(doc) : doc));
    else unmatched = true;
  }
  if (unmatched && notMatched === 'fail')
    throw new MongoError(
      13113,
      '$merge could not find a matching document in the target collection for at least one document in the source collection',
    );
}

const MATCHED = ['replace', 'keepExisting', 'merge', 'fail'];
const NOT_MATCHED = ['insert', 'discard', 'fail'];

function refuseModes(matched: Value, notMatched: Value): void {
  const name = Array.isArray(matched) ? 'pipeline' : asText(matched);
  if (!Array.isArray(matched) && !MATCHED.includes(name))
    throw badValue(`Enumeration value '${name}' for field '$merge.whenMatched' is not a valid value.`);
  if (!NOT_MATCHED.includes(asText(notMatched)))
    throw badValue(`Enumeration value '${asText(notMatched)}' for field '$merge.whenNotMatched' is not a valid value.`);
  if ((name === 'keepExisting' || name === 'fail') && notMatched !== 'insert')
    throw new MongoError(
      51181,
      `Combination of $merge modes 'whenMatched: ${name}' and 'whenNotMatched: ${asText(notMatched)}' is not supported`,
    );
}

/** @throws MongoError when a field that documents are matched by has no single value. */
function refuseKey(doc: Doc, on: readonly string[]): void {
  for (const path of on) {
    const value = path
      .split('.')
      .reduce<Value | undefined>((at, part) => (at instanceof Doc ? at.get(part) : undefined), doc);
    if (Array.isArray(value)) throw new MongoError(51185, `$merge write error: 'on' field '${path}' is an array`);
    if (isNullish(value))
      throw new MongoError(
        51132,
        `$merge write error: 'on' field '${path}' cannot be missing, null, undefined or an array`,
      );
  }
}

/** Modes that set the fields of the document one by one, in the order of their names. */
const SET_BY_NAME: ReadonlySet<Value> = new Set(['merge', 'keepExisting']);

const inNameOrder = (doc: Doc): Doc => Doc.from([...doc.entries()].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));

function onFields(on: Value | undefined): string[] {
  if (on === undefined) return ['_id'];
  return (Array.isArray(on) ? on : [on]).map(String);
}

function requireUniqueIndex(collection: Collection, on: readonly string[]): void {
  const fits = collection.indexes.some(
    (index) =>
      index.unique &&
      !index.partialFilter &&
      index.fields.length === on.length &&
      index.fields.every(({ path }) => on.includes(path)),
  );
  if (!fits) throw noUniqueIndex();
}

const noUniqueIndex = (): MongoError =>
  new MongoError(51183, 'Cannot find index to verify that join fields will be unique');

function findByKey(
  collection: Collection,
  source: PipelineSource,
  doc: Doc,
  on: readonly string[],
): Record | undefined {
  const filter = Doc.from(
    on.map((path) => {
      let key: Value = null;
      someValueAt(doc, path.split('.'), (value) => {
        key = value ?? null;
        return true;
      });
      return [path, Doc.of({ $eq: key })];
    }),
  );
  return allRecords(collection, simpleQuery(filter, source.query(source.scope)))[0];
}

type Change = (collection: Collection, found: Record) => void;

/** What is done to a stored document that a document of the pipeline matches. */
function whenMatched(source: PipelineSource, action: Value, variables: Value | undefined, doc: Doc): Change {
  const replaceBy =
    (make: (stored: Doc) => Doc): Change =>
    (collection, { id, doc: stored }) =>
      collection.replace(id, stored, sameId(stored, make(stored)));
  if (Array.isArray(action)) return replaceBy(pipelineChange(source, action, variables, doc));
  if (action === 'replace') return replaceBy(() => doc);
  if (action === 'merge') return replaceBy((stored) => Doc.from([...stored.entries(), ...inNameOrder(doc).entries()]));
  if (action === 'fail') return (collection) => collection.insert(doc);
  return () => undefined;
}

function pipelineChange(
  source: PipelineSource,
  stages: readonly Value[],
  variables: Value | undefined,
  doc: Doc,
): (stored: Doc) => Doc {
  const given = variables instanceof Doc ? [...variables.entries()] : [['new', '$$ROOT'] as const];
  const scope = source.scope.with(
    given.flatMap(([name, expression]) => {
      const value = source.scope.compile(expression)(doc);
      // A variable of a missing field is none.
      return value === undefined ? [] : [[name, { value }] as const];
    }),
  );
  return updatePipeline({ ...source, scope }, stages);
}

/** The document with the id of the stored one, first. @throws MongoError 66 when it has another id. */
function sameId(stored: Doc, doc: Doc): Doc {
  const [id, given] = [stored.get('_id') ?? null, doc.get('_id')];
  if (given !== undefined && !equalValues(id, given))
    throw new MongoError(
      66,
      `$merge failed to update the matching document, did you attempt to modify the _id or the shard key? :: caused by :: After applying the update, the (immutable) field '_id' was found to have been altered to _id: ${formatValue(given)}`,
    );
  const rest = [...doc.entries()].filter(([key]) => key !== '_id');
  return Doc.from([['_id', id], ...rest]);
}
