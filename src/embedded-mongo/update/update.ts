import { formatValue } from '../bson/format.js';
import { encodeDocument } from '../bson/write.js';
import { BSONRegExp, BsonUndefined, Doc, ObjectId, typeName, type Value } from '../bson/values.js';
import { badValue, failedToParse, MongoError } from '../errors.js';
import { isArrayIndex } from '../query/paths.js';
import { applyAt, type Change, type Positions } from './apply.js';
import { compileArrayFilters, parseArrayFilters, type UpdatePath } from './array-filters.js';
import { UPDATE_OPERATORS, type UpdateContext } from './operators.js';

/** What an update makes of a document. */
export interface Update {
  readonly kind: 'operators' | 'replacement' | 'pipeline';
  /** The new document; `matched` gives the array index that the filter matched, for `$` in paths. */
  apply(doc: Doc, inserting: boolean, matched: () => number | undefined): Doc;
  readonly usesPosition: boolean;
}

/** Passes over what is there; the path must still be one that can be followed. */
const NO_CHANGE: Change = { creates: false, lenient: true, apply: (current) => current };

interface Step extends UpdatePath {
  readonly run: (result: Doc, before: Doc, inserting: boolean, positions: Positions) => void;
}

/** A pipeline of stages over one document; given by the part that knows pipelines. */
export type CompilePipeline = (stages: readonly Value[]) => (doc: Doc) => Doc;

/** Compiles the `u` of an update. @throws MongoError as MongoDB does on an update that it does not accept. */
export function compileUpdate(
  update: Value,
  arrayFilters: readonly Value[] | undefined,
  context: UpdateContext,
  pipeline: CompilePipeline,
): Update {
  if (Array.isArray(update)) {
    if (arrayFilters !== undefined) throw failedToParse('Cannot specify arrayFilters for a pipeline-style update');
    const run = pipeline(update);
    return { kind: 'pipeline', usesPosition: false, apply: (doc) => keepId(doc, run(doc)) };
  }
  if (!(update instanceof Doc)) throw failedToParse('Update argument must be either an object or an array');
  if (update.first()?.[0].startsWith('$') === true) return operatorUpdate(update, arrayFilters, context);
  parseArrayFilters(arrayFilters ?? [], context);
  return { kind: 'replacement', usesPosition: false, apply: (doc) => replace(doc, withoutDollars(update)) };
}

/** What an update puts in place of a document. @throws MongoError 52 when a field of it looks like an operator. */
function withoutDollars(replacement: Doc): Doc {
  const field = [...replacement.keys()].find((key) => key.startsWith('$'));
  if (field !== undefined) throw dollarPrefixed(field, field);
  return replacement;
}

const dollarPrefixed = (field: string, path: string): MongoError =>
  new MongoError(
    52,
    `The dollar ($) prefixed field '${field}' in '${path}' is not allowed in the context of an update's replacement document. Consider using an aggregation pipeline with $replaceWith.`,
  );

function replace(doc: Doc, replacement: Doc): Doc {
  const id = doc.get('_id');
  const given = replacement.get('_id');
  if (id === undefined) return given === undefined ? replacement : idFirst(given, replacement);
  if (given !== undefined && !sameBytes(id, given)) {
    throw new MongoError(
      66,
      `After applying the update, the (immutable) field '_id' was found to have been altered to _id: ${formatValue(given)}`,
    );
  }
  return idFirst(id, replacement);
}

function idFirst(id: Value, doc: Doc): Doc {
  const result = Doc.from([['_id', id]]);
  for (const [key, value] of doc.entries()) if (key !== '_id') result.set(key, value);
  return result;
}

const sameBytes = (a: Value, b: Value): boolean =>
  encodeDocument(Doc.from([['', a]])).equals(encodeDocument(Doc.from([['', b]])));

/** After an update the `_id` must be what it was; it comes first. */
function keepId(before: Doc, after: Doc): Doc {
  const id = before.get('_id');
  if (id === undefined) {
    const given = after.get('_id');
    return given === undefined ? after : idFirst(given, after);
  }
  const now = after.get('_id');
  if (now === undefined) return idFirst(id, after);
  if (!sameBytes(id, now)) {
    throw new MongoError(66, `Performing an update on the path '_id' would modify the immutable field '_id'`);
  }
  return after.first()?.[0] === '_id' ? after : idFirst(id, after);
}

function operatorUpdate(update: Doc, arrayFilters: readonly Value[] | undefined, context: UpdateContext): Update {
  const renames = parseRenames(update);
  const steps = [...parseSteps(update, context), ...renames.map(renameStep)];
  refuseConflicts([...steps.map(({ path }) => path), ...renames.map(([from]) => from)]);
  steps.sort((a, b) => comparePaths(a.parts, b.parts));
  const filters = compileArrayFilters(arrayFilters ?? [], context, steps);
  return {
    kind: 'operators',
    usesPosition: steps.some(({ parts }) => parts.includes('$')),
    apply: (doc, inserting, matched) => {
      const result = doc.clone();
      const positions: Positions = { matched, filters, owned: new WeakSet() };
      for (const step of steps) step.run(result, doc, inserting, positions);
      return keepUpdatedId(doc, result);
    },
  };
}

function keepUpdatedId(before: Doc, after: Doc): Doc {
  if (before.has('_id') && !after.has('_id')) {
    throw new MongoError(66, `Performing an update on the path '_id' would modify the immutable field '_id'`);
  }
  return keepId(before, after);
}

function parseSteps(update: Doc, context: UpdateContext): Step[] {
  const steps: Step[] = [];
  for (const [operator, fields] of update.entries()) {
    if (operator === '$rename') continue;
    const make = UPDATE_OPERATORS[operator];
    if (!make) {
      throw failedToParse(
        `Unknown modifier: ${operator}. Expected a valid update modifier or pipeline-style update specified as an array`,
      );
    }
    for (const [path, argument] of operatorFields(operator, fields)) {
      steps.push(changeStep(path, make(argument, path, context), operator === '$setOnInsert'));
    }
  }
  return steps;
}

function changeStep(path: string, change: Change, onInsert: boolean): Step {
  const parts = checkedPath(path);
  return {
    path,
    parts,
    run: (result, before, inserting, positions) => {
      applyAt(result, parts, onInsert && !inserting ? NO_CHANGE : change, positions, before);
    },
  };
}

function operatorFields(operator: string, fields: Value): Iterable<[string, Value]> {
  if (fields instanceof Doc) return fields.entries();
  throw failedToParse(
    `Modifiers operate on fields but we found type ${typeName(fields)} instead. For example: {$mod: {<field>: ...}} not {${operator}: ${formatValue(fields)}}`,
  );
}

function checkedPath(path: string): string[] {
  const parts = path.split('.');
  if (path === '') throw new MongoError(56, 'An empty update path is not valid.');
  if (parts.includes(''))
    throw new MongoError(56, `The update path '${path}' contains an empty field name, which is not allowed.`);
  if (parts[0] === '$' || parts[0]?.startsWith('$[') === true) {
    throw badValue(`Cannot have positional (i.e. '$') element in the first position in path '${path}'`);
  }
  // Below the top level a name may begin with a dollar.
  if (parts[0]?.startsWith('$') === true) throw dollarPrefixed(parts[0], path);
  if (parts.filter((part) => part === '$').length > 1)
    throw badValue(`Too many positional (i.e. '$') elements found in path '${path}'`);
  return parts;
}

function parseRenames(update: Doc): [string, string][] {
  const fields = update.get('$rename');
  if (fields === undefined) return [];
  return [...operatorFields('$rename', fields)].map(([from, to]) => {
    if (typeof to !== 'string')
      throw badValue(`The 'to' field for $rename must be a string: ${from}: ${formatValue(to)}`);
    for (const [name, path] of [
      ['source', from],
      ['destination', to],
    ] as const) {
      if (checkedPath(path).some((part) => part.startsWith('$'))) {
        throw badValue(`The ${name} field for $rename may not be dynamic: ${path}`);
      }
    }
    if (from === to) throw badValue(`The source and target field for $rename must differ: ${from}: "${to}"`);
    if (from.startsWith(`${to}.`) || to.startsWith(`${from}.`))
      throw badValue(`The source and target field for $rename must not be on the same path: ${from}: "${to}"`);
    return [from, to];
  });
}

/** A rename takes its turn with the changes of the path it renames to. */
function renameStep([from, to]: readonly [string, string]): Step {
  return {
    path: to,
    parts: to.split('.'),
    run: (result, before, _inserting, positions) => rename(result, from, to, positions, before),
  };
}

function rename(doc: Doc, from: string, to: string, positions: Positions, root: Doc): void {
  const parts = from.split('.');
  let value: Value | undefined = doc;
  for (const part of parts) {
    if (Array.isArray(value)) {
      throw badValue(
        `The source field cannot be an array element, '${from}' in doc with _id: ${formatValue(root.get('_id') ?? null)} has an array field called '${part}'`,
      );
    }
    if (value !== undefined && !(value instanceof Doc)) {
      throw new MongoError(
        28,
        `cannot use the part (${part} of ${from}) to traverse the element (${formatValue(value)})`,
      );
    }
    value = value?.get(part);
  }
  if (value === undefined) return;
  const moved = value;
  applyAt(doc, parts, { creates: false, lenient: true, apply: () => undefined }, positions, root);
  applyAt(doc, to.split('.'), { creates: true, apply: () => moved }, positions, root);
}

/** Paths changed so far, part by part. */
interface PathTree {
  readonly children: Map<string, PathTree>;
  /** Whether a path ends here. */
  end: boolean;
}

/** Two paths cannot both be changed when one holds the other, or when they name elements of one array differently. */
function refuseConflicts(paths: readonly string[]): void {
  const tree: PathTree = { children: new Map(), end: false };
  for (const path of paths) {
    const at = addPath(tree, path.split('.'));
    if (at !== undefined) throw new MongoError(40, `Updating the path '${path}' would create a conflict at '${at}'`);
  }
}

/** Adds a path; gives where it conflicts with one that is there, if it does. */
function addPath(tree: PathTree, parts: readonly string[]): string | undefined {
  let node = tree;
  for (const [i, part] of parts.entries()) {
    if (node.end) return parts.slice(0, i).join('.');
    if (namesElementsOtherwise(node, part)) return parts.slice(0, i).join('.');
    const next = node.children.get(part) ?? { children: new Map<string, PathTree>(), end: false };
    node.children.set(part, next);
    node = next;
  }
  if (node.end || node.children.size > 0) return parts.join('.');
  node.end = true;
  return undefined;
}

const isArrayPart = (part: string): boolean => part.startsWith('$[');

/** Whether paths beside this one name elements of the same array, and not all in the same way. */
function namesElementsOtherwise({ children }: PathTree, part: string): boolean {
  if (isArrayPart(part)) return children.size > (children.has(part) ? 1 : 0);
  // As soon as there is one such part it is the only one, so the first tells.
  const [first] = children.keys();
  return first !== undefined && isArrayPart(first);
}

/** Paths are worked on in the order of their names, positions in the order of their numbers. */
function comparePaths(a: readonly string[], b: readonly string[]): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const [left = '', right = ''] = [a[i], b[i]];
    if (left === right) continue;
    if (isArrayIndex(left) && isArrayIndex(right)) return Number(left) - Number(right);
    return left < right ? -1 : 1;
  }
  return a.length - b.length;
}

/** A document ready to be stored: `_id` present, first and of a type that may be an id. */
export function withId(doc: Doc): Doc {
  const id = doc.get('_id');
  if (id === undefined) return idFirst(new ObjectId(), doc);
  if (Array.isArray(id)) throw new MongoError(53, "The '_id' value cannot be of type array");
  if (id instanceof BSONRegExp) throw new MongoError(53, "The '_id' value cannot be of type regex");
  if (id instanceof BsonUndefined) throw new MongoError(53, "The '_id' value cannot be of type undefined");
  if (id instanceof Doc && id.first()?.[0].startsWith('$') === true) {
    throw new MongoError(
      52,
      `_id fields may not contain '$'-prefixed fields: ${id.first()?.[0] ?? ''} is not valid for storage.`,
    );
  }
  return doc.first()?.[0] === '_id' ? doc : idFirst(id, doc);
}
