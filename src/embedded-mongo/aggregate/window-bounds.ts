import { compareValues } from '../bson/compare.js';
import { Doc, isNumeric, type Value } from '../bson/values.js';
import { failedToParse, MongoError } from '../errors.js';
import { addUnits, parseUnit } from '../expression/calendar.js';
import { UTC } from '../expression/zone.js';
import { add } from '../expression/numbers.js';
import { toInteger, toNumber } from '../query/types.js';
import type { IndexField } from '../storage/index-keys.js';

/** The documents of one partition in order, with what their sort field holds. */
export interface Partition {
  readonly docs: readonly Doc[];
  readonly keys: readonly (Value | undefined)[];
}

/** The value of a window function for each document of a partition. */
export type WindowFunction = (partition: Partition) => (Value | undefined)[];

/** First and last index of the window around a document. */
export type Bounds = (partition: Partition, index: number) => readonly [number, number];

/** The bounds that the `window` of an output describes; without one the whole partition. */
export function windowBounds(window: Value | undefined, sort: readonly IndexField[]): Bounds {
  if (window === undefined || (window instanceof Doc && window.size === 0)) return ({ docs }) => [0, docs.length - 1];
  if (!(window instanceof Doc)) throw failedToParse("'window' field must be an object");
  const documents = window.get('documents');
  const range = window.get('range');
  if (documents !== undefined && range !== undefined)
    throw failedToParse("Window bounds can specify either 'documents' or 'unit', not both.");
  if (documents !== undefined) return documentBounds(pair(documents, 'documents'), sort);
  if (range !== undefined) return rangeBounds(pair(range, 'range'), window.get('unit'), sort);
  return ({ docs }) => [0, docs.length - 1];
}

function pair(bounds: Value, name: string): [Value, Value] {
  const [lower, upper] = Array.isArray(bounds) ? bounds : [];
  if (!Array.isArray(bounds) || bounds.length !== 2 || lower === undefined || upper === undefined) {
    throw failedToParse(`Window bounds must be a 2-element array: ${name}`);
  }
  return [lower, upper];
}

function documentBounds([lower, upper]: [Value, Value], sort: readonly IndexField[]): Bounds {
  const offset = (bound: Value, unbounded: number): number => {
    if (bound === 'unbounded') return unbounded;
    if (bound === 'current') return 0;
    const integer = toInteger(bound);
    if (integer === undefined) throw failedToParse('Numeric document-based bounds must be an integer');
    return integer;
  };
  const [from, to] = [offset(lower, -Infinity), offset(upper, Infinity)];
  if (from > to) throw new MongoError(5339900, 'Lower bound must not exceed upper bound');
  if (sort.length === 0 && (from !== -Infinity || to !== Infinity))
    throw new MongoError(5339901, 'Document-based bounds require a sortBy');
  return ({ docs }, i) => [Math.max(0, i + from), Math.min(docs.length - 1, i + to)];
}

function rangeBounds([lower, upper]: [Value, Value], unit: Value | undefined, sort: readonly IndexField[]): Bounds {
  if (sort.length !== 1) throw new MongoError(5339902, 'Range-based bounds require sortBy a single field');
  if (sort[0]?.descending === true) throw new MongoError(8947401, 'Range-based bounds require an ascending sortBy');
  const shift = (key: Value, bound: Value): Value => {
    if (!isNumeric(bound)) return key;
    if (key instanceof Date) {
      if (typeof unit !== 'string')
        throw new MongoError(5429513, 'For windows that involve date or time ranges, a unit must be provided.');
      return new Date(addUnits(key.getTime(), parseUnit(unit), toNumber(bound), UTC));
    }
    if (unit !== undefined) throw new MongoError(5429514, 'Invalid range: Expected the sortBy field to be a Date');
    if (!isNumeric(key)) throw new MongoError(5429414, 'Invalid range: Expected the sortBy field to be a number');
    return add(key, bound);
  };
  return ({ keys }, i) => {
    const key = keys[i] ?? null;
    const [low, high] = [shift(key, lower), shift(key, upper)];
    let from = lower === 'unbounded' ? 0 : i;
    let to = upper === 'unbounded' ? keys.length - 1 : i;
    if (lower !== 'unbounded') {
      from = keys.findIndex((other) => comparable(other, key) && compareValues(other ?? null, low) >= 0);
      if (from < 0) return [0, -1];
    }
    if (upper !== 'unbounded') {
      to = keys.findLastIndex((other) => comparable(other, key) && compareValues(other ?? null, high) <= 0);
    }
    return [from, to];
  };
}

const comparable = (a: Value | undefined, b: Value): boolean =>
  isNumeric(a) === isNumeric(b) && a instanceof Date === b instanceof Date;
