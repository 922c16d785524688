import { Doc, isNumeric, typeName, type Value } from '../bson/values.js';
import { badValue, MongoError } from '../errors.js';
import { fieldPath, type Expression, type Scope } from '../expression/compile.js';
import { elementMatch } from './matcher.js';
import type { QueryContext } from './context.js';
import { byteInclusion, type KeptField } from './inclusion.js';
import { isTruthy, toInteger } from './types.js';

export type Projection = (doc: Doc, matchedIndex?: number) => Doc;

type Leaf =
  | { readonly kind: 'include' | 'exclude' }
  | { readonly kind: 'compute'; readonly expression: Expression }
  | {
      readonly kind: 'change' | 'element' | 'position';
      readonly change: (value: Value, matchedIndex: number | undefined) => Value | undefined;
    };

type Node = Leaf | { readonly kind: 'nested'; readonly children: Map<string, Node> };
type Tree = Extract<Node, { kind: 'nested' }>;

const EMPTY_TREE = (): Tree => ({ kind: 'nested', children: new Map() });

/** What the fields read so far have settled; fields are judged in their order, as MongoDB does. */
interface Reading {
  /** Whether the projection keeps only what it names, once a field has told. */
  inclusive: boolean | undefined;
  positional: boolean;
}

interface Parser {
  readonly scope: Scope;
  readonly context: QueryContext;
  /** find: positional paths, $slice and $elemMatch are allowed. */
  readonly find: boolean;
  readonly reading: Reading;
}

/** Turns the projection of a find or of a `$project` stage into a function. @throws MongoError on what MongoDB refuses. */
export function compileProjection(spec: Doc, scope: Scope, context: QueryContext, find: boolean): Projection {
  const root = EMPTY_TREE();
  const reading: Reading = { inclusive: undefined, positional: false };
  for (const [path, value] of spec.entries()) addPath(root, path, value, { scope, context, find, reading }, '');
  if (spec.size === 0 && !find) throw new MongoError(51272, 'projection specification must have at least one field');
  const inclusive = reading.inclusive ?? isInclusiveOtherwise(root);
  if (inclusive && !root.children.has('_id')) root.children.set('_id', { kind: 'include' });
  const kept = inclusive ? keptFields(root) : undefined;
  const copy = kept && byteInclusion(kept);
  return (doc, matchedIndex) => copy?.(doc) ?? project(doc, root, inclusive, doc, matchedIndex);
}

/** The fields a projection keeps, if keeping fields is all it does. */
function keptFields(tree: Tree): KeptField[] | undefined {
  const kept: KeptField[] = [];
  for (const [name, node] of tree.children) {
    // The one exclusion an inclusion may name is that of the _id.
    if (node.kind === 'exclude') continue;
    const below = node.kind === 'nested' ? keptFields(node) : undefined;
    if (node.kind !== 'include' && !below) return undefined;
    kept.push({ name, below });
  }
  return kept;
}

function addPath(root: Tree, path: string, value: Value, parser: Parser, prefix: string): void {
  const positional = parser.find && path.endsWith('.$');
  if (parser.find && path.includes('.$.'))
    throw new MongoError(
      31394,
      "As of 4.4, it's illegal to specify positional operator in the middle of a path. Positional projection may only be used at the end, for example: a.b.$. If the query previously used a form like a.b.$.d, remove the parts following the '$' and the results will be equivalent.",
    );
  const parts = projectedPath(positional ? path.slice(0, -2) : path);
  const node: Node = positional ? positionalNode(value, parser.reading) : parseValue(value, parser, prefix + path);
  if (node.kind === 'nested') for (const [key, child] of node.children) insert(root, [...parts, key], child, path);
  else {
    settle(node, prefix + path, parser.reading);
    insert(root, parts, node, path);
  }
}

/** The parts of a path that a projection or a `distinct` names. @throws MongoError when it is malformed. */
export function projectedPath(path: string): string[] {
  if (path === '') throw new MongoError(40352, 'FieldPath cannot be constructed with empty string');
  return fieldPath(path);
}

function positionalNode(value: Value, reading: Reading): Leaf {
  if (reading.positional) throw new MongoError(31276, 'Cannot specify more than one positional projection per query.');
  if (reading.inclusive === false || ((typeof value === 'boolean' || isNumeric(value)) && !isTruthy(value)))
    throw new MongoError(31395, 'positional projection cannot be used with exclusion');
  reading.positional = true;
  return { kind: 'position', change: positionalElement };
}

/** Notes what a field tells about the projection as a whole. @throws MongoError when an earlier one has told otherwise. */
function settle({ kind }: Leaf, path: string, reading: Reading): void {
  if (kind === 'change' || kind === 'element') return;
  if (path === '_id' && (kind === 'include' || kind === 'exclude')) return;
  reading.inclusive ??= kind !== 'exclude';
  if (reading.inclusive && kind === 'exclude')
    throw new MongoError(31254, `Cannot do exclusion on field ${path} in inclusion projection`);
  if (!reading.inclusive && kind === 'include')
    throw new MongoError(31253, `Cannot do inclusion on field ${path} in exclusion projection`);
  if (!reading.inclusive && kind === 'compute')
    throw new MongoError(31252, `Cannot use an expression in an exclusion projection: ${path}`);
}

function insert(root: Tree, parts: readonly string[], node: Node, path: string): void {
  let at = root;
  for (const part of parts.slice(0, -1)) {
    let next = at.children.get(part);
    if (!next) {
      next = EMPTY_TREE();
      at.children.set(part, next);
    }
    if (next.kind !== 'nested')
      throw new MongoError(31249, `Path collision at ${path} remaining portion ${parts.at(-1) ?? ''}`);
    at = next;
  }
  const last = parts.at(-1) ?? '';
  const existing = at.children.get(last);
  if (existing?.kind === 'nested' && node.kind === 'nested') {
    for (const [key, child] of node.children) insert(existing, [key], child, path);
    return;
  }
  if (existing) throw new MongoError(31250, `Path collision at ${path}`);
  at.children.set(last, node);
}

function parseValue(value: Value, parser: Parser, path: string): Node {
  if (typeof value === 'boolean' || isNumeric(value)) return { kind: isTruthy(value) ? 'include' : 'exclude' };
  if (value instanceof Doc) return parseObject(value, parser, path);
  return { kind: 'compute', expression: parser.scope.compile(value) };
}

function parseObject(value: Doc, parser: Parser, path: string): Node {
  const first = value.first();
  if (!first) throw new MongoError(51270, 'An empty sub-projection is not a valid value. Found empty object at path');
  const [key, argument] = first;
  if (parser.find && key === '$slice' && value.size === 1) return { kind: 'change', change: sliceOf(argument) };
  if (parser.find && key === '$elemMatch') return elementNode(argument, parser, path);
  if (key === '$meta') throw badValue('$meta projections are not supported by this server');
  if (key.startsWith('$') && value.size === 1) {
    if (!parser.scope.operators.has(key)) throw new MongoError(31325, `Unknown expression ${key}`);
    return { kind: 'compute', expression: parser.scope.compile(value) };
  }
  const tree = EMPTY_TREE();
  for (const [inner, item] of value.entries()) addPath(tree, inner, item, { ...parser, find: false }, `${path}.`);
  return tree;
}

function elementNode(argument: Value, { context }: Parser, path: string): Leaf {
  if (!(argument instanceof Doc))
    throw new MongoError(31274, `elemMatch: Invalid argument, object required, but got ${typeName(argument)}`);
  if (path.includes('.')) throw new MongoError(31275, 'Cannot use $elemMatch projection on a nested field.');
  return { kind: 'element', change: firstMatching(argument, context) };
}

/** What is kept when no field has told: with only `$elemMatch`, or an `_id` alone, just those. */
const isInclusiveOtherwise = (root: Tree): boolean => {
  const kinds = new Set([...root.children.values()].map(({ kind }) => kind));
  return kinds.has('element') || (!kinds.has('change') && root.children.get('_id')?.kind === 'include');
};

function project(doc: Doc, tree: Tree, inclusive: boolean, root: Doc, matchedIndex: number | undefined): Doc {
  const result = Doc.from();
  for (const [key, value] of doc.entries()) {
    const node = tree.children.get(key);
    const kept = node ? projectValue(value, node, inclusive, root, matchedIndex) : inclusive ? undefined : value;
    if (kept !== undefined) result.set(key, kept);
  }
  for (const [key, node] of tree.children) addComputed(result, key, node, root, doc, inclusive);
  return result;
}

function projectValue(
  value: Value,
  node: Node,
  inclusive: boolean,
  root: Doc,
  matched: number | undefined,
): Value | undefined {
  switch (node.kind) {
    case 'include':
      return value;
    case 'exclude':
      return undefined;
    case 'compute':
      return undefined;
    case 'element':
      // Beside fields that are kept it is a computed field, which comes last.
      return inclusive ? undefined : node.change(value, matched);
    case 'change':
    case 'position':
      return node.change(value, matched);
    case 'nested':
      return projectNested(value, node, inclusive, root, matched);
  }
}

function projectNested(
  value: Value,
  tree: Tree,
  inclusive: boolean,
  root: Doc,
  matched: number | undefined,
): Value | undefined {
  if (value instanceof Doc) return project(value, tree, inclusive, root, matched);
  if (Array.isArray(value)) {
    return value.flatMap((item) => {
      const kept = projectNested(item, tree, inclusive, root, matched);
      return kept === undefined ? [] : [kept];
    });
  }
  if (hasComputed(tree)) return project(Doc.from(), tree, inclusive, root, matched);
  return inclusive ? undefined : value;
}

const hasComputed = (tree: Tree): boolean =>
  [...tree.children.values()].some((node) => node.kind === 'compute' || (node.kind === 'nested' && hasComputed(node)));

function addComputed(result: Doc, key: string, node: Node, root: Doc, source: Doc, inclusive: boolean): void {
  if (node.kind === 'compute') {
    const value = node.expression(root);
    if (value !== undefined) result.set(key, value);
  } else if (node.kind === 'element') {
    const value = inclusive ? source.get(key) : undefined;
    const element = value === undefined ? undefined : node.change(value, undefined);
    if (element !== undefined) result.set(key, element);
  } else if (node.kind === 'nested' && !source.has(key) && hasComputed(node)) {
    result.set(key, project(Doc.from(), node, true, root, undefined));
  }
}

function positionalElement(value: Value, matchedIndex: number | undefined): Value | undefined {
  if (!Array.isArray(value)) return value;
  if (matchedIndex === undefined) {
    throw new MongoError(
      51246,
      "Executor error during find command :: caused by :: positional operator '.$' couldn't find a matching element in the array",
    );
  }
  const element = value[matchedIndex];
  return element === undefined ? [] : [element];
}

function sliceOf(argument: Value): (value: Value) => Value {
  const list = Array.isArray(argument) ? argument.map(toInteger) : [toInteger(argument)];
  if (list.length > 2) throw new MongoError(28724, 'First argument to $slice must be an array, but is of type: int');
  if (list.some((n) => n === undefined)) throw new MongoError(28667, 'Invalid $slice syntax');
  const [first = 0, second] = list;
  if (second !== undefined && second <= 0)
    throw new MongoError(28724, `First argument to $slice must be an array, but is of type: int`);
  return (value) => (Array.isArray(value) ? sliceArray(value, first, second) : value);
}

/** `count` elements from `first`, or without a count the first (negative: last) `first` ones. */
export function sliceArray(items: readonly Value[], first: number, count: number | undefined): Value[] {
  if (count === undefined) return first >= 0 ? items.slice(0, first) : items.slice(first);
  const start = first >= 0 ? first : Math.max(0, items.length + first);
  return items.slice(start, start + count);
}

function firstMatching(argument: Value, context: QueryContext): (value: Value) => Value | undefined {
  const matches = elementMatch(argument, context);
  return (value) => {
    const found = Array.isArray(value) ? value.find((item) => matches([item])) : undefined;
    return found === undefined ? undefined : [found];
  };
}
