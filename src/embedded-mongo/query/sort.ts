import { compareText, compareValues } from '../bson/compare.js';
import { Doc, isNumeric, type Value } from '../bson/values.js';
import { formatValue } from '../bson/format.js';
import { badValue, MongoError } from '../errors.js';
import { documentKeys, type IndexField, type IndexKey } from '../storage/index-keys.js';
import type { QueryContext } from './context.js';
import { projectedPath } from './projection.js';
import { toNumber } from './types.js';

type TextOrder = QueryContext['compareText'];

/** The fields of a sort specification. @throws MongoError when a direction is not 1 or -1. */
export function parseSort(spec: Doc): IndexField[] {
  return [...spec.entries()].map(([path, direction]) => {
    if (direction instanceof Doc) {
      if (direction.has('$meta')) throw badValue(`$meta sort is not supported by this server`);
      throw new MongoError(17312, '$meta is the only expression supported by $sort right now');
    }
    if (!isNumeric(direction))
      throw new MongoError(15974, `Illegal key in $sort specification: ${path}: ${formatValue(direction)}`);
    const number = toNumber(direction);
    if (number !== 1 && number !== -1) {
      throw new MongoError(15975, '$sort key ordering must be 1 (for ascending) or -1 (for descending)');
    }
    return { path, parts: projectedPath(path), descending: number < 0 };
  });
}

interface Keyed<R> {
  readonly item: R;
  readonly key: IndexKey;
  readonly place: number;
}

/**
 * Collects items and gives them in sort order; equal ones in the order they came. With a limit only the first ones are
 * kept in memory.
 */
export class Sorter<R> {
  #items: Keyed<R>[] = [];
  #count = 0;
  readonly #compare: (a: Keyed<R>, b: Keyed<R>) => number;

  constructor(
    private readonly fields: readonly IndexField[],
    private readonly limit: number,
    private readonly text: TextOrder,
  ) {
    const byKey = keyOrder(fields, text);
    this.#compare = (a, b) => byKey(a.key, b.key) || a.place - b.place;
  }

  add(item: R, doc: Doc): void {
    this.#items.push({ item, key: sortKey(doc, this.fields, this.text), place: this.#count++ });
    if (this.#items.length > 1000 && this.#items.length > 2 * this.limit) this.#shrink();
  }

  #shrink(): void {
    this.#items.sort(this.#compare);
    this.#items.length = Math.min(this.#items.length, this.limit);
  }

  sorted(): R[] {
    this.#shrink();
    return this.#items.map(({ item }) => item);
  }
}

type KeyOrder = (a: IndexKey, b: IndexKey) => number;

function keyOrder(fields: readonly IndexField[], text: TextOrder): KeyOrder {
  if (text === compareText) return (a, b) => a.bytes.compare(b.bytes);
  return (a, b) => {
    for (const [i, { descending }] of fields.entries()) {
      const order = compareValues(a.values[i] ?? null, b.values[i] ?? null, text);
      if (order !== 0) return descending ? -order : order;
    }
    return 0;
  };
}

/** The smallest key of the document in the order of the sort: arrays sort by their smallest (descending: greatest) element. */
function sortKey(doc: Doc, fields: readonly IndexField[], text: TextOrder): IndexKey {
  const order = keyOrder(fields, text);
  return sortKeys(doc, fields).reduce((least, key) => (order(key, least) < 0 ? key : least));
}

function sortKeys(doc: Doc, fields: readonly IndexField[]): readonly IndexKey[] {
  try {
    return documentKeys(doc, fields).keys;
  } catch (error) {
    if (!(error instanceof MongoError) || error.code !== 171) throw error;
    throw badValue('cannot sort with keys that are parallel arrays');
  }
}

/** Compares two documents by a sort specification. */
export function compareBySort(fields: readonly IndexField[], text: TextOrder): (a: Doc, b: Doc) => number {
  const order = keyOrder(fields, text);
  return (a, b) => order(sortKey(a, fields, text), sortKey(b, fields, text));
}

/** Sorts plain values. */
export const sortValues = (values: readonly Value[], text: TextOrder): Value[] =>
  [...values].sort((a, b) => compareValues(a, b, text));
