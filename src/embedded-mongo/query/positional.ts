import { Doc, type Value } from '../bson/values.js';
import type { QueryContext } from './context.js';
import { isTruthy } from './types.js';
import { compileFilter, isOperatorDocument, type Predicate } from './matcher.js';

interface ArrayCondition {
  readonly parts: readonly string[];
  readonly holds: Predicate;
  /** The condition compares values, so that it is always one of them that satisfies it. */
  readonly compares: boolean;
}

/** Finds the array element that satisfied the filter: what `$` in an update path or a projection stands for. */
export function matchedIndexFinder(filter: Doc, context: QueryContext): (doc: Doc) => number | undefined {
  const conditions = conditionsOf(filter, context);
  return (doc) => {
    let found: number | undefined;
    for (const condition of conditions) found = matchedElement(doc, condition) ?? found;
    return found;
  };
}

function conditionsOf(filter: Doc, context: QueryContext): ArrayCondition[] {
  const conditions: ArrayCondition[] = [];
  for (const [key, value] of filter.entries()) {
    if ((key === '$and' || key === '$or') && Array.isArray(value)) {
      for (const clause of value) if (clause instanceof Doc) conditions.push(...conditionsOf(clause, context));
    } else if (!key.startsWith('$')) {
      const named = namingPart(value);
      if (named === undefined) continue;
      const holds = compileFilter(Doc.from([[key, named]]), context);
      conditions.push({ parts: key.split('.'), holds, compares: isComparison(named) });
    }
  }
  return conditions;
}

/** Operators that are about the array as a whole, or hold because of what is not there. */
const NAMES_NONE = new Set(['$size', '$ne', '$nin', '$not']);

/** What of a condition an element satisfies; nothing when it names none. */
function namingPart(condition: Value): Value | undefined {
  if (!isOperatorDocument(condition)) return condition;
  const naming = [...condition.entries()].filter(
    ([operator, operand]) => !NAMES_NONE.has(operator) && (operator !== '$exists' || isTruthy(operand)),
  );
  return naming.length > 0 ? Doc.from(naming) : undefined;
}

const COMPARISONS = new Set(['$gt', '$gte', '$lt', '$lte', '$exists']);
const isComparison = (condition: Value): boolean =>
  condition instanceof Doc && condition.size > 0 && [...condition.keys()].every((key) => COMPARISONS.has(key));

/** Index of the first element of the array on the path that satisfies the condition by itself. */
function matchedElement(doc: Doc, { parts, holds, compares }: ArrayCondition): number | undefined {
  const place = firstArray(doc, parts);
  if (!place) return undefined;
  // A condition that needs no element, like one that something is not there, names none.
  if (!compares && holds(withArray(doc, place.path, []))) return undefined;
  const index = place.items.findIndex((item) => holds(withArray(doc, place.path, [item])));
  if (index >= 0) return index;
  // A position in the condition's path names the element.
  const next = parts[place.path.length];
  return next !== undefined && /^\d+$/.test(next) && holds(doc) ? Number(next) : undefined;
}

function firstArray(
  doc: Doc,
  parts: readonly string[],
): { path: readonly string[]; items: readonly Value[] } | undefined {
  let value: Value | undefined = doc;
  for (const [i, part] of parts.entries()) {
    value = value instanceof Doc ? value.get(part) : undefined;
    if (Array.isArray(value)) return { path: parts.slice(0, i + 1), items: value };
  }
  return undefined;
}

function withArray(doc: Doc, path: readonly string[], items: Value[]): Doc {
  const [name = '', ...rest] = path;
  const copy = doc.clone();
  const inner = doc.get(name);
  copy.set(name, rest.length > 0 && inner instanceof Doc ? withArray(inner, rest, items) : items);
  return copy;
}
