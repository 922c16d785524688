import { Doc, type Value } from '../bson/values.js';
import { MongoError } from '../errors.js';
import { formatValue } from '../bson/format.js';
import { isArrayIndex } from '../query/paths.js';
import { badValue } from '../errors.js';

/** What an operator makes of the value at its path; `undefined` removes it. */
export interface Change {
  /** Whether the path is created when it does not exist. */
  readonly creates: boolean;
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
}

/** Applies a change at a path of a document that may be changed; arrays and documents on the way are copied first. */
export function applyAt(doc: Doc, parts: readonly string[], change: Change, positions: Positions, root: Doc): void {
  changeDocument(doc, { parts, change, positions, root }, 0);
}

interface Walk {
  readonly parts: readonly string[];
  readonly change: Change;
  readonly positions: Positions;
  readonly root: Doc;
}

function changeDocument(doc: Doc, walk: Walk, depth: number): void {
  const name = walk.parts[depth] ?? '';
  if (name.startsWith('$[') || name === '$') {
    throw badValue(
      `Cannot apply array updates to non-array element ${walk.parts[depth - 1] ?? ''}: ${formatValue(doc)}`,
    );
  }
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
    const copy = current.clone();
    changeDocument(copy, walk, depth + 1);
    return copy;
  }
  if (Array.isArray(current)) return changeArray([...current], walk, depth + 1);
  if (!walk.change.creates) return KEEP;
  if (current !== undefined) throw notViable(walk, depth, current);
  const created = Doc.from();
  if (isPlaceholder(walk.parts[depth + 1] ?? '')) {
    throw badValue(`The path '${pathTo(walk, depth)}' must exist in the document in order to apply array updates.`);
  }
  changeDocument(created, walk, depth + 1);
  return created;
}

const isPlaceholder = (part: string): boolean => part === '$' || part.startsWith('$[');
const pathTo = (walk: Walk, depth: number): string => walk.parts.slice(0, depth + 1).join('.');

function notViable(walk: Walk, depth: number, current: Value): MongoError {
  const element = formatValue(Doc.from([[walk.parts[depth] ?? '', current]])).replace(/^\{ | \}$/g, '');
  return new MongoError(28, `Cannot create field '${walk.parts[depth + 1] ?? ''}' in element {${element}}`);
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

/** Which elements a path part names: a position, `$`, `$[]` or `$[identifier]`. */
function indexesOf(items: readonly Value[], walk: Walk, depth: number): number[] {
  const part = walk.parts[depth] ?? '';
  if (part === '$') return [matchedIndex(walk)];
  const identifier = /^\$\[(.*)\]$/.exec(part)?.[1];
  if (identifier !== undefined) {
    const filter = identifier === '' ? () => true : walk.positions.filters.get(identifier);
    if (!filter)
      throw badValue(`No array filter found for identifier '${identifier}' in path '${walk.parts.join('.')}'`);
    return items.flatMap((item, i) => (filter(item) ? [i] : []));
  }
  if (isArrayIndex(part)) return [Number(part)];
  if (!walk.change.creates) return [];
  const element = formatValue(Doc.from([[walk.parts[depth - 1] ?? '', [...items]]])).replace(/^\{ | \}$/g, '');
  throw new MongoError(28, `Cannot create field '${part}' in element {${element}}`);
}

function matchedIndex(walk: Walk): number {
  const index = walk.positions.matched();
  if (index !== undefined) return index;
  throw badValue('The positional operator did not find the match needed from the query.');
}
