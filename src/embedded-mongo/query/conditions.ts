import { compareValues, ORDER, typeOrder } from '../bson/compare.js';
import { encodeKey } from '../bson/key.js';
import { BSONRegExp, BsonUndefined, Doc, MaxKey, MinKey, type Value } from '../bson/values.js';
import { isNaNNumber } from '../expression/numbers.js';
import { afterPrefix } from '../storage/keys.js';
import { isOperatorDocument } from './matcher.js';
import { isTruthy } from './types.js';

/** Keys of one indexed value: those that begin with a prefix from `low` on and before `high`. */
export interface Interval {
  readonly low: Buffer;
  readonly high: Buffer;
}

/** What a filter demands of one path, as far as an index can use it. Every document that matches satisfies it. */
export interface PathBounds {
  /** Each of them covers values the path may have; sorted, not overlapping. */
  readonly intervals: readonly Interval[];
  /** Exactly one value. */
  readonly single: boolean;
  /** Only single values, no ranges. */
  readonly points: boolean;
  /** No document without the field can match. */
  readonly excludesMissing: boolean;
}

/** One elementary condition of a filter that all matching documents satisfy. */
export interface Clause {
  readonly path: string;
  readonly operator: string;
  readonly operand: Value;
}

/** The elementary conditions joined by "and" in a filter; others are left out. */
export function clausesOf(filter: Doc): Clause[] {
  const clauses: Clause[] = [];
  for (const [key, value] of filter.entries()) {
    if (key === '$and' && Array.isArray(value)) {
      for (const item of value) if (item instanceof Doc) clauses.push(...clausesOf(item));
    } else if (!key.startsWith('$')) clauses.push(...clausesOfField(key, value));
  }
  return clauses;
}

function clausesOfField(path: string, condition: Value): Clause[] {
  if (condition instanceof BSONRegExp) return [{ path, operator: '$regex', operand: condition }];
  if (!isOperatorDocument(condition)) return [{ path, operator: '$eq', operand: condition }];
  return [...condition.entries()].map(([operator, operand]) => {
    const options = condition.get('$options');
    const regex = operator === '$regex' && typeof operand === 'string' && typeof options === 'string';
    return { path, operator, operand: regex ? new BSONRegExp(operand, options) : operand };
  });
}

const point = (value: Value): Interval => {
  const low = encodeKey(value);
  return { low, high: afterPrefix(low) };
};

const typePrefix = (order: number): Buffer => Buffer.from([order]);

/** Null, missing and the undefined of an empty array. */
const NULL_INTERVAL: Interval = { low: typePrefix(ORDER.missing), high: typePrefix(ORDER.null + 1) };

/** The bounds a condition puts on a path; undefined when an index cannot help. */
export function boundsOf(clause: Clause): PathBounds | undefined {
  const { operator, operand } = clause;
  switch (operator) {
    case '$eq':
      return pointBounds([operand]);
    case '$in':
      return Array.isArray(operand) ? pointBounds(operand) : undefined;
    case '$gt':
    case '$gte':
    case '$lt':
    case '$lte':
      return rangeBounds(operator, operand);
    case '$regex':
      return regexBounds(operand);
    case '$exists':
      return isTruthy(operand)
        ? { intervals: [EVERYTHING], single: false, points: false, excludesMissing: true }
        : undefined;
    default:
      return undefined;
  }
}

const EVERYTHING: Interval = { low: Buffer.from([0]), high: Buffer.from([0xff]) };

function pointBounds(values: readonly Value[]): PathBounds | undefined {
  if (values.some((value) => Array.isArray(value) || value instanceof BSONRegExp || value instanceof BsonUndefined))
    return undefined;
  const intervals = values.map((value) => (value === null ? NULL_INTERVAL : point(value)));
  intervals.sort((a, b) => a.low.compare(b.low));
  const distinct = intervals.filter(
    (interval, i) => i === 0 || !interval.low.equals(intervals[i - 1]?.low ?? EVERYTHING.high),
  );
  const nullable = values.includes(null);
  return { intervals: distinct, single: distinct.length === 1 && !nullable, points: true, excludesMissing: !nullable };
}

function rangeBounds(operator: string, operand: Value): PathBounds | undefined {
  if (Array.isArray(operand) || operand instanceof MinKey || operand instanceof MaxKey || isNaNNumber(operand))
    return undefined;
  if (operand === null) return operator.endsWith('e') ? pointBounds([null]) : undefined;
  const order = typeOrder(operand);
  const key = encodeKey(operand);
  const interval: Interval = operator.startsWith('$g')
    ? { low: operator === '$gte' ? key : afterPrefix(key), high: typePrefix(order + 1) }
    : { low: typePrefix(order), high: operator === '$lt' ? key : afterPrefix(key) };
  return { intervals: [interval], single: false, points: false, excludesMissing: true };
}

/** `/^text/` looks only at strings that begin so. */
function regexBounds(operand: Value): PathBounds | undefined {
  const regex = typeof operand === 'string' ? new BSONRegExp(operand, '') : operand;
  if (!(regex instanceof BSONRegExp) || regex.options !== '') return undefined;
  const prefix = /^\^([^\\^$.*+?()[\]{}|]+)(?![*+?{])/.exec(regex.pattern)?.[1];
  if (prefix === undefined || regex.pattern.includes('|')) return undefined;
  const literal = /^\^[^\\^$.*+?()[\]{}|]+[*?{]/.test(regex.pattern) ? prefix.slice(0, -1) : prefix;
  const low = encodeKey(literal).subarray(0, -2);
  return {
    intervals: [{ low, high: afterPrefix(low) }, point(regex)],
    single: false,
    points: false,
    excludesMissing: true,
  };
}

/** Bounds that both conditions allow; for a path that never holds an array. */
export function intersect(a: PathBounds, b: PathBounds): PathBounds {
  const intervals: Interval[] = [];
  for (const left of a.intervals) {
    for (const right of b.intervals) {
      const low = left.low.compare(right.low) >= 0 ? left.low : right.low;
      const high = left.high.compare(right.high) <= 0 ? left.high : right.high;
      if (low.compare(high) < 0) intervals.push({ low, high });
    }
  }
  return {
    intervals,
    single: a.single || b.single,
    points: a.points || b.points,
    excludesMissing: a.excludesMissing || b.excludesMissing,
  };
}

/** True when every document that satisfies the clauses satisfies this condition too. */
export function implies(clauses: readonly Clause[], wanted: Clause): boolean {
  return clauses.some((clause) => clause.path === wanted.path && clauseImplies(clause, wanted));
}

function clauseImplies(clause: Clause, wanted: Clause): boolean {
  if (clause.operator === wanted.operator && compareValues(clause.operand, wanted.operand) === 0) return true;
  if (wanted.operator === '$exists') return isTruthy(wanted.operand) && boundsOf(clause)?.excludesMissing === true;
  if (clause.operator === '$in' && Array.isArray(clause.operand)) {
    return clause.operand.every((operand) => clauseImplies({ ...clause, operator: '$eq', operand }, wanted));
  }
  const [have, need] = [boundsOf(clause), boundsOf(wanted)];
  if (!have || !need) return false;
  return have.intervals.every((inner) =>
    need.intervals.some((outer) => inner.low.compare(outer.low) >= 0 && inner.high.compare(outer.high) <= 0),
  );
}
