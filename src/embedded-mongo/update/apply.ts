import { Doc, type Value } from '../bson/values.js';
import { MongoError } from '../errors.js';
import { formatValue } from '../bson/format.js';
import { isArrayIndex } from '../query/paths.js';
import { badValue } from '../errors.js';

/** What an operator makes of the value at its path; `undefined` removes it. */
export interface Change {
  /** Whether the path is created when it does not exist. */
  readonly creates: boolean;
  /** Whether a path that cannot be followed is passed over in silence. */
  readonly lenient?: boolean;
  apply(current: Value | undefined, place: Place): Value | undefined;
}

export interface Place {
  readonly path: string;
  readonly inArray: boolean;
  /** The document before the update, for messages. */
  readonly root: Doc;
}

/** What the placeholders in paths stand for. */
export interface Positions {
  /** Index of the array element that the filter matched, for `$`. */
  readonly matched: () => number | undefined;
  /** The conditions of `arrayFilters` by identifier. */
  readonly filters: ReadonlyMap<string, (element: Value) => boolean>;
  /** Documents and arrays that this update made itself, which need no further copy before they are changed. */
  readonly owned: WeakSet<object>;
}

/** Applies a change at a path of a document that may be changed; arrays and documents on the way are copied first. */
export function applyAt(doc: Doc, parts: readonly string[], change: Change, positions: Positions, root: Doc): void {
  const resolved = parts.map((part) => (part === '$' ? String(matchedIndex(positions)) : part));
  changeDocument(doc, { parts: resolved, change, positions, root }, 0);
}

interface Walk {
  readonly parts: readonly string[];
  readonly change: Change;
  readonly positions: Positions;
  readonly root: Doc;
}

function changeDocument(doc: Doc, walk: Walk, depth: number): void {
  const name = walk.parts[depth] ?? '';
  if (isPlaceholder(name)) refusePlaceholder(walk, depth - 1, doc);
  const changed = changeValue(doc.get(name), walk, depth, false);
  if (changed === KEEP) return;
  if (changed === undefined) doc.delete(name);
  else doc.set(name, changed);
}

const KEEP = Symbol('keep');

function changeValue(
  current: Value | undefined,
  walk: Walk,
  depth: number,
  inArray: boolean,
): Value | undefined | typeof KEEP {
  if (depth === walk.parts.length - 1) {
    if (current === undefined && !walk.change.creates) return KEEP;
    return walk.change.apply(current, { path: pathTo(walk, depth), inArray, root: walk.root });
  }
  if (current instanceof Doc) {
    const copy = own(current, walk, () => current.clone());
    changeDocument(copy, walk, depth + 1);
    return copy;
  }
  if (Array.isArray(current))
    return changeArray(
      own(current, walk, () => [...current]),
      walk,
      depth + 1,
    );
  if (isPlaceholder(walk.parts[depth + 1] ?? '')) refusePlaceholder(walk, depth, current);
  if (current !== undefined) return refuse(walk, depth, current);
  if (!walk.change.creates) return KEEP;
  const created = own(undefined, walk, () => Doc.from());
  changeDocument(created, walk, depth + 1);
  return created;
}

/** What may be changed in place of the current value: itself when this update made it, else a copy. */
function own<T extends object>(current: T | undefined, { positions }: Walk, copy: () => T): T {
  if (current !== undefined && positions.owned.has(current)) return current;
  const mine = copy();
  positions.owned.add(mine);
  return mine;
}

/** A placeholder needs an array. */
function refusePlaceholder(walk: Walk, depth: number, current: Value | undefined): never {
  if (current === undefined) {
    throw badValue(`The path '${pathTo(walk, depth)}' must exist in the document in order to apply array updates.`);
  }
  throw badValue(`Cannot apply array updates to non-array element ${walk.parts[depth] ?? ''}: ${formatValue(current)}`);
}

const isPlaceholder = (part: string): boolean => part.startsWith('$[');
const pathTo = (walk: Walk, depth: number): string => walk.parts.slice(0, depth + 1).join('.');

/** The path leads through a value that has no fields, or names a field of an array. */
function refuse(walk: Walk, depth: number, current: Value): typeof KEEP {
  if (walk.change.lenient === true) return KEEP;
  const element = formatValue(Doc.from([[walk.parts[depth] ?? '', current]])).replace(/^\{ | \}$/g, '');
  const part = walk.parts[depth + 1] ?? '';
  throw new MongoError(
    28,
    walk.change.creates
      ? `Cannot create field '${part}' in element {${element}}`
      : `Cannot use the part (${part}) of (${walk.parts.join('.')}) to traverse the element ({${element}})`,
  );
}

/** Arrays longer than this are not made by writing far behind the end. */
const MAX_PADDING = 1_500_000;

function changeArray(items: Value[], walk: Walk, depth: number): Value[] | typeof KEEP {
  for (const index of indexesOf(items, walk, depth)) {
    if (index >= items.length && !walk.change.creates) continue;
    if (index > items.length + MAX_PADDING) throw new MongoError(2, `can't backfill more than ${MAX_PADDING} elements`);
    const changed = changeValue(items[index], walk, depth, true);
    if (changed === KEEP) continue;
    while (items.length < index) items.push(null);
    items[index] = changed ?? null;
  }
  return items;
}

/** Which elements a path part names: a position, `$[]` or `$[identifier]`. */
function indexesOf(items: readonly Value[], walk: Walk, depth: number): number[] {
  const part = walk.parts[depth] ?? '';
  const identifier = /^\$\[(.*)\]$/.exec(part)?.[1];
  if (identifier !== undefined) {
    const filter = identifier === '' ? () => true : walk.positions.filters.get(identifier);
    if (!filter)
      throw badValue(`No array filter found for identifier '${identifier}' in path '${walk.parts.join('.')}'`);
    return items.flatMap((item, i) => (filter(item) ? [i] : []));
  }
  if (isArrayIndex(part)) return [Number(part)];
  refuse(walk, depth - 1, [...items]);
  return [];
}

function matchedIndex(positions: Positions): number {
  const index = positions.matched();
  if (index !== undefined) return index;
  throw badValue('The positional operator did not find the match needed from the query.');
}
