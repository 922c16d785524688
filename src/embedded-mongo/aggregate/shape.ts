import { asText } from '../query/types.js';
import { Doc, typeName, type Value } from '../bson/values.js';
import { MongoError } from '../errors.js';
import { fieldPath, type Expression } from '../expression/compile.js';
import { PAUSE } from '../query/execute.js';
import { compileProjection } from '../query/projection.js';
import type { Stage, StageCompiler } from './stage.js';

/** A stage that turns each document into one document. */
export const mapping = (change: (doc: Doc) => Doc): Stage =>
  function* (input) {
    for (const doc of input) yield doc === PAUSE ? doc : change(doc);
  };

export const projectStage: StageCompiler = (argument, { scope, query }) => {
  if (!(argument instanceof Doc)) throw new MongoError(15969, '$project specification must be an object');
  const project = compileProjection(argument, scope, query, false);
  return mapping((doc) => project(doc));
};

export const unsetStage: StageCompiler = (argument, context) => {
  const paths = Array.isArray(argument) ? argument : [argument];
  if (paths.length === 0)
    throw new MongoError(31119, '$unset specification must be a string or an array with at least one field');
  if (paths.some((path) => typeof path !== 'string')) {
    throw new MongoError(31002, '$unset specification must be a string or an array of strings');
  }
  return projectStage(Doc.from(paths.map((path) => [asText(path), 0])), context);
};

type Addition = { readonly kind: 'value'; readonly expression: Expression } | AdditionTree;
interface AdditionTree {
  readonly kind: 'tree';
  readonly children: Map<string, Addition>;
}

export const addFieldsStage: StageCompiler = (argument, { scope }) => {
  if (!(argument instanceof Doc))
    throw new MongoError(40272, `$addFields specification stage must be an object, got ${typeName(argument)}`);
  const tree: AdditionTree = { kind: 'tree', children: new Map() };
  const add = (parts: readonly string[], value: Value): void => {
    const inner =
      value instanceof Doc && value.size > 0 && value.first()?.[0].startsWith('$') !== true ? value : undefined;
    if (inner) for (const [key, item] of inner.entries()) add([...parts, ...fieldPath(key)], item);
    else insertAddition(tree, parts, { kind: 'value', expression: scope.compile(value) });
  };
  for (const [path, value] of argument.entries()) add(fieldPath(path), value);
  return mapping((doc) => addTo(doc, tree, doc));
};

/** The document with a value at a path, as `$addFields` sets it: in every element of the arrays on the way. */
export function addAt(doc: Doc, parts: readonly string[], value: Value): Doc {
  const tree: AdditionTree = { kind: 'tree', children: new Map() };
  insertAddition(tree, parts, { kind: 'value', expression: () => value });
  return addTo(doc, tree, doc);
}

function insertAddition(tree: AdditionTree, parts: readonly string[], addition: Addition): void {
  let at = tree;
  for (const part of parts.slice(0, -1)) {
    let next = at.children.get(part);
    if (next?.kind === 'value')
      throw new MongoError(40176, `specification contains two conflicting paths: ${parts.join('.')}`);
    if (!next) {
      next = { kind: 'tree', children: new Map() };
      at.children.set(part, next);
    }
    at = next;
  }
  const last = parts.at(-1) ?? '';
  if (at.children.has(last))
    throw new MongoError(40176, `specification contains two conflicting paths: ${parts.join('.')}`);
  at.children.set(last, addition);
}

function addTo(target: Doc, tree: AdditionTree, root: Doc): Doc {
  const result = target.clone();
  for (const [key, addition] of tree.children) {
    const value = addition.kind === 'value' ? addition.expression(root) : addInto(target.get(key), addition, root);
    if (value === undefined) result.delete(key);
    else result.set(key, value);
  }
  return result;
}

function addInto(value: Value | undefined, tree: AdditionTree, root: Doc): Value {
  if (Array.isArray(value)) return value.map((item) => addInto(item, tree, root));
  return addTo(value instanceof Doc ? value : Doc.from(), tree, root);
}

/** $replaceRoot and $replaceWith. */
export const replaceWith = (expression: Expression, name: string): Stage =>
  mapping((doc) => {
    const value = expression(doc);
    if (value instanceof Doc) return value;
    const what = name === '$replaceRoot' ? "'newRoot' expression" : "'replacement document'";
    throw new MongoError(
      40228,
      `${what}  must evaluate to an object, but resulting value was: ${value === undefined ? 'MISSING' : typeName(value)}.`,
    );
  });

export const replaceRootStage: StageCompiler = (argument, { scope }) => {
  const root = argument instanceof Doc ? argument.get('newRoot') : undefined;
  if (root === undefined)
    throw new MongoError(40414, "BSON field '$replaceRoot.newRoot' is missing but a required field");
  return replaceWith(scope.compile(root), '$replaceRoot');
};

export const unwindStage: StageCompiler = (argument) => {
  const spec = argument instanceof Doc ? argument : Doc.of({ path: argument });
  const path = spec.get('path');
  if (typeof path !== 'string')
    throw new MongoError(
      28808,
      `expected either a string or an object as specification for $unwind stage, got ${typeName(argument)}`,
    );
  if (!path.startsWith('$'))
    throw new MongoError(28818, `path option to $unwind stage should be prefixed with a '$': ${path}`);
  for (const key of spec.keys()) {
    if (!['path', 'includeArrayIndex', 'preserveNullAndEmptyArrays'].includes(key)) {
      throw new MongoError(28811, `unrecognized option to $unwind stage: ${key}`);
    }
  }
  const parts = fieldPath(path.slice(1));
  const indexField = spec.get('includeArrayIndex');
  if (typeof indexField === 'string' && indexField.startsWith('$'))
    throw new MongoError(
      28822,
      `includeArrayIndex option to $unwind stage should not be prefixed with a '$': ${indexField}`,
    );
  const keepEmpty = spec.get('preserveNullAndEmptyArrays') === true;
  const index = typeof indexField === 'string' ? fieldPath(indexField) : undefined;
  return function* (input) {
    for (const doc of input) {
      if (doc === PAUSE) yield doc;
      else yield* unwind(doc, parts, index, keepEmpty);
    }
  };
};

function* unwind(
  doc: Doc,
  parts: readonly string[],
  index: readonly string[] | undefined,
  keepEmpty: boolean,
): Generator<Doc> {
  let value: Value | undefined = doc;
  for (const part of parts) value = value instanceof Doc ? value.get(part) : undefined;
  const withIndex = (result: Doc, position: Value): Doc => (index ? replaceAt(result, index, position) : result);
  if (Array.isArray(value)) {
    for (const [i, item] of value.entries()) yield withIndex(replaceAt(doc, parts, item), BigInt(i));
    if (value.length === 0 && keepEmpty) yield withIndex(replaceAt(doc, parts, undefined), null);
  } else if (value !== undefined && value !== null) yield withIndex(doc, null);
  else if (keepEmpty) yield withIndex(doc, null);
}

/** A copy with another value at a path through documents; `undefined` removes the field. */
export function replaceAt(doc: Doc, parts: readonly string[], value: Value | undefined): Doc {
  const [name = '', ...rest] = parts;
  const copy = doc.clone();
  if (rest.length > 0) {
    const inner = doc.get(name);
    copy.set(name, replaceAt(inner instanceof Doc ? inner : Doc.from(), rest, value));
  } else if (value === undefined) copy.delete(name);
  else copy.set(name, value);
  return copy;
}
