import { formatValue } from '../bson/format.js';
import { Doc, type Value } from '../bson/values.js';
import { badValue, failedToParse } from '../errors.js';
import { compileFilter } from '../query/matcher.js';
import type { UpdateContext } from './operators.js';

/** A path that an update changes. */
export interface UpdatePath {
  readonly path: string;
  readonly parts: readonly string[];
}

type ArrayFilters = Map<string, (element: Value) => boolean>;

/**
 * The conditions of `arrayFilters` by identifier, as the paths of an update use them.
 * @throws MongoError when one is malformed, unused or lacking
 */
export function compileArrayFilters(
  filters: readonly Value[],
  context: UpdateContext,
  steps: readonly UpdatePath[],
): ArrayFilters {
  const compiled = parseArrayFilters(filters, context);
  for (const [name, filter] of namedFilters(filters)) {
    if (!steps.some(({ parts }) => parts.includes(`$[${name}]`))) {
      throw failedToParse(
        `The array filter for identifier '${name}' was not used in the update ${formatValue(filter)}`,
      );
    }
  }
  for (const { parts, path } of steps) {
    for (const part of parts) {
      const name = /^\$\[(\w+)\]$/.exec(part)?.[1];
      if (name !== undefined && !compiled.has(name)) {
        throw badValue(`No array filter found for identifier '${name}' in path '${path}'`);
      }
    }
  }
  return compiled;
}

/** The conditions of `arrayFilters` by identifier, whether used or not. @throws MongoError when one is malformed */
export function parseArrayFilters(filters: readonly Value[], context: UpdateContext): ArrayFilters {
  const compiled: ArrayFilters = new Map();
  for (const [name, filter] of namedFilters(filters)) {
    if (compiled.has(name))
      throw failedToParse(`Found multiple array filters with the same top-level field name ${name}`);
    const matches = compileFilter(filter, context.query);
    compiled.set(name, (element) => matches(Doc.from([[name, element]])));
  }
  return compiled;
}

function namedFilters(filters: readonly Value[]): (readonly [name: string, filter: Doc])[] {
  return filters.map((filter) => {
    if (!(filter instanceof Doc)) throw badValue('arrayFilters must be documents');
    return [filterIdentifier(filter), filter];
  });
}

function isEmptyAll(condition: Doc): boolean {
  const all = condition.get('$all');
  return condition.size === 1 && Array.isArray(all) && all.length === 0;
}

function filterIdentifier(filter: Doc): string {
  const names = new Set<string>();
  for (const [key, value] of filter.entries()) {
    if (!key.startsWith('$')) {
      // `$all` of nothing is never true of any field: it counts as no condition on this one.
      if (!(value instanceof Doc && isEmptyAll(value))) names.add(key.split('.')[0] ?? '');
    } else if (Array.isArray(value))
      for (const item of value) if (item instanceof Doc) names.add(filterIdentifier(item));
  }
  const [name, other] = [...names];
  if (name === undefined)
    throw failedToParse('Cannot use an expression without a top-level field name in arrayFilters');
  if (other !== undefined) {
    throw failedToParse(
      `Error parsing array filter :: caused by :: Expected a single top-level field name, found '${name}' and '${other}'`,
    );
  }
  if (!/^[a-z]\w*$/.test(name)) {
    throw badValue(
      `Error parsing array filter :: caused by :: The top-level field name must be an alphanumeric string beginning with a lowercase letter, found '${name}'`,
    );
  }
  return name;
}
