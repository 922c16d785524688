import { Doc, type Value } from '../bson/values.js';

const INDEX = /^(?:0|[1-9]\d*)$/;

/** True when the path part can address an array element. */
export const isArrayIndex = (part: string): boolean => INDEX.test(part);

/** `byPosition`: the last part of the path was the position in an array; an array there is a value, not a list of values. */
type Visit = (value: Value | undefined, byPosition: boolean) => boolean;

/**
 * Calls `visit` with every value a query path leads to (`undefined` where the path ends early) until one call returns
 * true. Arrays on the way are entered both by position and element by element, as MongoDB's queries do.
 */
export function someValueAt(
  value: Value | undefined,
  parts: readonly string[],
  visit: Visit,
  from = 0,
  byPosition = false,
): boolean {
  let current = value;
  for (let i = from; i < parts.length; i++) {
    const part = parts[i] ?? '';
    if (current instanceof Doc) current = current.get(part);
    else if (Array.isArray(current)) return someElementAt(current, parts, i, visit);
    else return visit(undefined, false);
  }
  return visit(current, byPosition && from === parts.length);
}

function someElementAt(items: readonly Value[], parts: readonly string[], from: number, visit: Visit): boolean {
  const part = parts[from] ?? '';
  const indexed = isArrayIndex(part) ? items[Number(part)] : undefined;
  // An element without fields has nothing at a longer path, not even a missing value.
  const leads = indexed instanceof Doc || Array.isArray(indexed) || from + 1 === parts.length;
  if (indexed !== undefined && leads && someValueAt(indexed, parts, visit, from + 1, true)) return true;
  return items.some((item) => item instanceof Doc && someValueAt(item, parts, visit, from));
}

/**
 * The value of a field path in an expression: arrays on the way give the array of what their documents hold there.
 */
export function valueAt(value: Value | undefined, parts: readonly string[], from = 0): Value | undefined {
  let current = value;
  for (let i = from; i < parts.length; i++) {
    if (current instanceof Doc) current = current.get(parts[i] ?? '');
    else if (Array.isArray(current)) return elementsAt(current, parts, i);
    else return undefined;
  }
  return current;
}

function elementsAt(items: readonly Value[], parts: readonly string[], from: number): Value[] {
  const found: Value[] = [];
  for (const item of items) {
    if (!(item instanceof Doc)) continue;
    const value = valueAt(item, parts, from);
    if (value !== undefined) found.push(value);
  }
  return found;
}
