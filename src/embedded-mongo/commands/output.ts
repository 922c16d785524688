import { asText } from '../query/types.js';
import { updatePipeline, stageParts, type PipelineSource } from '../aggregate/pipeline.js';
import { Doc, type Value } from '../bson/values.js';
import { MongoError, failedToParse } from '../errors.js';
import { allRecords, simpleQuery } from '../query/execute.js';
import { someValueAt } from '../query/paths.js';
import type { Collection } from '../storage/collection.js';
import type { Record } from '../storage/scan.js';
import { withId } from '../update/update.js';
import type { Request } from './command.js';

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
  const spec = argument instanceof Doc ? argument : Doc.of({ into: argument });
  const { catalog } = request.engine;
  const target = targetOf(request, spec.get('into'), '$merge');
  const collection = catalog.ensure(target.database, target.name);
  const on = onFields(spec.get('on'));
  requireUniqueIndex(collection, on);
  const matched = spec.get('whenMatched') ?? 'merge';
  const notMatched = spec.get('whenNotMatched') ?? 'insert';
  for (const doc of docs) {
    const withKey = on.includes('_id') ? withId(doc) : doc;
    const found = findByKey(collection, source, withKey, on);
    if (found) whenMatched(collection, source, found, withKey, matched, spec.get('let'));
    else if (notMatched === 'insert') collection.insert(withId(withKey));
    else if (notMatched === 'fail')
      throw new MongoError(
        13113,
        '$merge could not find a matching document in the target collection for at least one document in the source collection',
      );
    else if (notMatched !== 'discard') throw failedToParse(`unknown value for whenNotMatched: ${asText(notMatched)}`);
  }
}

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
  if (!fits) throw new MongoError(51183, 'Cannot find index to verify that join fields will be unique');
}

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

function whenMatched(
  collection: Collection,
  source: PipelineSource,
  found: Record,
  doc: Doc,
  action: Value,
  variables: Value | undefined,
): void {
  if (Array.isArray(action)) {
    const scope = source.scope.with([
      ['new', { value: doc }],
      ...(variables instanceof Doc ? [...variables.entries()] : []).map(
        ([name, value]) => [name, { value: source.scope.compile(value)(doc) }] as const,
      ),
    ]);
    collection.replace(found.id, found.doc, sameId(found.doc, updatePipeline({ ...source, scope }, action)(found.doc)));
  } else if (action === 'replace') collection.replace(found.id, found.doc, sameId(found.doc, doc));
  else if (action === 'merge') {
    collection.replace(found.id, found.doc, sameId(found.doc, Doc.from([...found.doc.entries(), ...doc.entries()])));
  } else if (action === 'fail') collection.insert(doc);
  else if (action !== 'keepExisting') throw failedToParse(`unknown value for whenMatched: ${asText(action)}`);
}

/** The document with the id of the stored one, first. */
function sameId(stored: Doc, doc: Doc): Doc {
  const rest = [...doc.entries()].filter(([key]) => key !== '_id');
  return Doc.from([['_id', stored.get('_id') ?? null], ...rest]);
}
