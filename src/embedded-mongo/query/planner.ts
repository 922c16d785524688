import { compareText, equalValues } from '../bson/compare.js';
import { Doc, type Value } from '../bson/values.js';
import { badValue } from '../errors.js';
import type { Collection } from '../storage/collection.js';
import type { Index } from '../storage/index-definition.js';
import type { IndexField } from '../storage/index-keys.js';
import { afterPrefix, indexPrefix, LONGEST_KEY } from '../storage/keys.js';
import type { KeyRange } from '../storage/store.js';
import { boundsOf, clausesOf, implies, intersect, type Clause, type Interval, type PathBounds } from './conditions.js';
import type { QueryContext } from './context.js';
import { isArrayIndex } from './paths.js';
import { toNumber } from './types.js';

/** How the candidates for a filter are found. The filter is still to be applied to them. */
export type Plan =
  | { readonly kind: 'collection'; readonly reverse: boolean; readonly sorted: boolean }
  | {
      readonly kind: 'index';
      readonly index: Index;
      readonly ranges: readonly KeyRange[];
      readonly reverse: boolean;
      readonly sorted: boolean;
    }
  | { readonly kind: 'union'; readonly plans: readonly Plan[]; readonly sorted: false };

export interface PlanRequest {
  readonly filter: Doc;
  readonly sort: readonly IndexField[];
  readonly hint: Value | undefined;
  readonly context: QueryContext;
}

const MAX_RANGES = 5000;

/** Chooses the index that narrows the search best, and among equals one that gives the sort order. */
export function planQuery(collection: Collection, request: PlanRequest): Plan {
  const { filter, sort, hint, context } = request;
  const clauses = clausesOf(filter);
  if (hint !== undefined) return hintedPlan(collection, clauses, sort, hint);
  if (context.compareText !== compareText) return { kind: 'collection', reverse: false, sorted: sort.length === 0 };
  const plans = collection.indexes
    .filter((index) => !index.hidden && mayHelp(index, clauses, sort) && isComplete(index, clauses))
    .map((index) => planIndex(index, clauses, sort));
  const best = plans.reduce<IndexPlan | undefined>((a, b) => (a && a.score >= b.score ? a : b), undefined);
  if (best && best.score > 0) return best.plan;
  return (
    planAlternatives(collection, filter, request) ?? { kind: 'collection', reverse: false, sorted: sort.length === 0 }
  );
}

function hintedPlan(
  collection: Collection,
  clauses: readonly Clause[],
  sort: readonly IndexField[],
  hint: Value,
): Plan {
  const natural = hint instanceof Doc ? hint.get('$natural') : undefined;
  if (natural !== undefined) return { kind: 'collection', reverse: toNumber(natural) < 0, sorted: sort.length === 0 };
  return planIndex(findHinted(collection, hint), clauses, sort).plan;
}

/** The index a hint names. @throws MongoError when there is none. */
function findHinted(collection: Collection, hint: Value): Index {
  const index = collection.indexes.find((candidate) =>
    typeof hint === 'string' ? candidate.name === hint : equalValues(candidate.spec.get('key'), hint),
  );
  if (index && !index.hidden) return index;
  throw badValue(
    'error processing query: planner returned error :: caused by :: hint provided does not correspond to an existing index',
  );
}

/** An index helps only when something is asked of its first field, or when it may give the order. */
const mayHelp = (index: Index, clauses: readonly Clause[], sort: readonly IndexField[]): boolean =>
  sort.length > 0 || clauses.some(({ path }) => path === index.fields[0]?.path);

/** True when the index holds every document that can match. */
function isComplete(index: Index, clauses: readonly Clause[]): boolean {
  if (index.partialFilter) {
    const needed = clausesOf(index.partialFilter);
    if (needed.length === 0 || hasLogic(index.partialFilter) || !needed.every((clause) => implies(clauses, clause)))
      return false;
  }
  if (!index.sparse) return true;
  return index.fields.some(({ path }) =>
    clauses.some((clause) => clause.path === path && boundsOf(clause)?.excludesMissing === true),
  );
}

const hasLogic = (filter: Doc): boolean => [...filter.keys()].some((key) => key.startsWith('$') && key !== '$and');

interface IndexPlan {
  readonly plan: Plan;
  readonly score: number;
}

function planIndex(index: Index, clauses: readonly Clause[], sort: readonly IndexField[]): IndexPlan {
  const bounds = usableBounds(index, clauses);
  const { ranges, used, points } = buildRanges(index, bounds);
  const order = sortOrder(index, bounds, sort);
  const sorted = sort.length === 0 || order !== undefined;
  const exact = index.unique && points === index.fields.length ? 100 : 0;
  // Without any bounds, an index that leaves documents out is still shorter than the collection.
  const shorter = index.sparse || index.partialFilter ? 1 : 0;
  const score = exact + points * 10 + (used - points) * 6 + (sort.length > 0 && order !== undefined ? 4 : 0) + shorter;
  return { plan: { kind: 'index', index, ranges, reverse: order === 'backward', sorted }, score };
}

/** Bounds for each field of the index, as far as they may be combined. */
function usableBounds(index: Index, clauses: readonly Clause[]): (PathBounds | undefined)[] {
  const roots = new Set<string>();
  return index.fields.map(({ path, parts }) => {
    const found = clauses.flatMap((clause) => {
      const bounds = clause.path === path ? boundsOf(clause) : undefined;
      return bounds ? [bounds] : [];
    });
    const root = parts[0] ?? '';
    // By position or by element: the keys do not tell every way in which nothing can be there.
    if (index.multikey && parts.some(isArrayIndex) && found.some(({ excludesMissing }) => !excludesMissing))
      return undefined;
    // Different elements of one array may satisfy different conditions.
    if (index.multikey && roots.has(root)) return undefined;
    if (found.length > 0) roots.add(root);
    if (index.multikey) return found.find(({ points }) => points) ?? found[0];
    return found.length === 0 ? undefined : found.reduce(intersect);
  });
}

interface Ranges {
  readonly ranges: readonly KeyRange[];
  /** Number of leading fields whose bounds are used, and of those with single values only. */
  readonly used: number;
  readonly points: number;
}

function buildRanges(index: Index, bounds: readonly (PathBounds | undefined)[]): Ranges {
  const prefix = indexPrefix(index.id);
  let prefixes: Buffer[] = [prefix];
  let used = 0;
  for (const [i, field] of index.fields.entries()) {
    const bound = bounds[i];
    if (!bound || prefixes.length * bound.intervals.length > MAX_RANGES) break;
    const intervals = directed(bound.intervals, field.descending);
    used++;
    if (!bound.points || intervals.some((interval) => !isPoint(interval))) {
      const ranges = prefixes.flatMap((start) => intervals.map((interval) => rangeAfter(start, interval)));
      return { ranges, used: isEverything(bound) ? used - 1 : used, points: used - 1 };
    }
    prefixes = prefixes.flatMap((start) => intervals.map(({ low }) => Buffer.concat([start, low])));
  }
  return { ranges: prefixes.map(wholePrefix), used, points: used };
}

const isPoint = ({ low, high }: Interval): boolean => afterPrefix(low).equals(high) && low.length > 1;
const isEverything = (bound: PathBounds): boolean => bound.intervals.some(({ low }) => low[0] === 0);

/** Intervals as they lie in the index: for a descending field all bytes are inverted. */
function directed(intervals: readonly Interval[], descending: boolean): readonly Interval[] {
  if (!descending) return intervals;
  return intervals.map(invertInterval).reverse();
}

/**
 * The inverted keys of an interval of prefixes. A bound `x` stands for everything from the keys that begin with x on, so
 * the inverted interval runs from after the inverted upper bound to after the inverted lower one.
 */
function invertInterval({ low, high }: Interval): Interval {
  if (afterPrefix(low).equals(high)) {
    const inverted = invert(low);
    return { low: inverted, high: afterPrefix(inverted) };
  }
  return { low: afterPrefix(invert(high)), high: afterPrefix(invert(low)) };
}

const invert = (bytes: Buffer): Buffer => Buffer.from(bytes.map((byte) => ~byte));

function rangeAfter(prefix: Buffer, interval: Interval): KeyRange {
  const low = Buffer.concat([prefix, interval.low]);
  const high = Buffer.concat([prefix, interval.high]);
  return { low: shortened(low), high: high.length > LONGEST ? afterPrefix(high.subarray(0, LONGEST)) : high };
}

const LONGEST = LONGEST_KEY + 5;

/** Keys that were too long are stored with their first bytes only; bounds on them are cut likewise. */
const shortened = (key: Buffer): Buffer => (key.length > LONGEST ? key.subarray(0, LONGEST) : key);

function wholePrefix(prefix: Buffer): KeyRange {
  const low = shortened(prefix);
  return { low, high: afterPrefix(low) };
}

/** In which direction the index gives the sort order within the ranges; undefined when it does not. */
function sortOrder(
  index: Index,
  bounds: readonly (PathBounds | undefined)[],
  sort: readonly IndexField[],
): 'forward' | 'backward' | undefined {
  if (index.multikey || index.hasLongKeys || sort.length === 0) return undefined;
  const fixed = new Set(index.fields.filter((_, i) => bounds[i]?.single === true).map(({ path }) => path));
  const wanted = sort.filter(({ path }) => !fixed.has(path));
  let direction: 'forward' | 'backward' | undefined;
  let next = 0;
  for (const field of index.fields) {
    const want = wanted[next];
    if (!want) break;
    if (want.path === field.path) {
      const needed = want.descending === field.descending ? 'forward' : 'backward';
      if (direction !== undefined && direction !== needed) return undefined;
      direction = needed;
      next++;
    } else if (!fixed.has(field.path)) return undefined;
  }
  return next === wanted.length ? (direction ?? 'forward') : undefined;
}

/** Plans each alternative of an `$or` by itself, when all of them can use an index. */
function planAlternatives(collection: Collection, filter: Doc, request: PlanRequest): Plan | undefined {
  const alternatives = filter.get('$or');
  if (!Array.isArray(alternatives) || request.sort.length > 0) return undefined;
  const plans = alternatives.map((alternative) =>
    planQuery(collection, { ...request, filter: alternative instanceof Doc ? alternative : Doc.from() }),
  );
  return plans.every((plan) => plan.kind !== 'collection') ? { kind: 'union', plans, sorted: false } : undefined;
}
