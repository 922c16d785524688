import { KeyWriter } from '../bson/key.js';
import { BsonUndefined, Doc, type Value } from '../bson/values.js';
import { MongoError } from '../errors.js';
import { isArrayIndex } from '../query/paths.js';

export interface IndexField {
  readonly path: string;
  readonly parts: readonly string[];
  readonly descending: boolean;
}

/** One key of a document in an index: its ordered bytes and the values in it. */
export interface IndexKey {
  readonly bytes: Buffer;
  readonly values: readonly (Value | undefined)[];
}

export interface DocumentKeys {
  readonly keys: readonly IndexKey[];
  /** An array was met on the way: the document may have several keys. */
  readonly multikey: boolean;
}

type Part =
  | { readonly value: Value | undefined }
  | { readonly from: Value; readonly rest: readonly string[]; readonly prefix: string };

const writer = new KeyWriter();
const MISSING: Part = { value: undefined };

/** The keys a document has in an index over these fields; missing fields count as null. */
export function documentKeys(doc: Doc, fields: readonly IndexField[]): DocumentKeys {
  const simple = simpleKey(doc, fields);
  if (simple) return { keys: [simple], multikey: false };
  const found = new Map<string, IndexKey>();
  const multikey = expand(
    fields.map((field) => ({ from: doc, rest: field.parts, prefix: '' })),
    (values) => {
      const key = encode(values, fields);
      found.set(key.bytes.toString('latin1'), key);
    },
  );
  // In the order of the index, which decides the key that a refused duplicate is reported with.
  const keys = [...found.values()].sort((a, b) => a.bytes.compare(b.bytes));
  return { keys, multikey };
}

function encode(values: readonly (Value | undefined)[], fields: readonly IndexField[]): IndexKey {
  fields.forEach((field, i) => writer.append(values[i], field.descending));
  return { bytes: writer.take(), values };
}

/** The key when every field is at the top level and none holds an array, as is most common. */
function simpleKey(doc: Doc, fields: readonly IndexField[]): IndexKey | undefined {
  const values: (Value | undefined)[] = [];
  for (const { path, parts } of fields) {
    const value = parts.length === 1 ? doc.get(path) : walkDocuments(doc, parts);
    if (Array.isArray(value)) return undefined;
    values.push(value);
  }
  return encode(values, fields);
}

/** The value at a path through documents only; stops with the array when there is one on the way. */
function walkDocuments(doc: Doc, parts: readonly string[]): Value | undefined {
  let value: Value | undefined = doc;
  for (const part of parts) {
    if (!(value instanceof Doc)) return Array.isArray(value) ? value : undefined;
    value = value.get(part);
  }
  return value;
}

/** Calls `emit` for every combination; tells whether an array was expanded. */
function expand(parts: readonly Part[], emit: (values: (Value | undefined)[]) => void): boolean {
  const reached = parts.map(reach);
  const arrays = reached.filter((part) => 'from' in part);
  const first = arrays[0];
  if (!first) {
    emit(reached.map((part) => ('value' in part ? part.value : undefined)));
    return false;
  }
  const other = arrays.find((part) => part.prefix !== first.prefix);
  if (other) {
    throw new MongoError(171, `cannot index parallel arrays [${lastPart(other.prefix)}] [${lastPart(first.prefix)}]`);
  }
  const items = Array.isArray(first.from) ? first.from : [];
  if (items.length === 0) {
    emit(
      reached.map((part) =>
        'value' in part ? part.value : part.rest.length === 0 ? BsonUndefined.instance : undefined,
      ),
    );
  }
  for (const item of items)
    expand(
      reached.map((part) => ('value' in part ? part : intoItem(part, items, item))),
      emit,
    );
  return true;
}

const lastPart = (prefix: string): string => prefix.slice(prefix.lastIndexOf('.') + 1);

function intoItem({ rest, prefix }: Exclude<Part, { value: unknown }>, items: readonly Value[], item: Value): Part {
  const [name] = rest;
  if (name === undefined) return { value: item };
  if (item instanceof Doc && (!isArrayIndex(name) || item.has(name))) return { from: item, rest, prefix };
  const positioned = isArrayIndex(name) ? items[Number(name)] : undefined;
  if (positioned === undefined) return MISSING;
  const empty = Array.isArray(positioned) && positioned.length === 0;
  return rest.length === 1
    ? { value: empty ? BsonUndefined.instance : positioned }
    : { from: positioned, rest: rest.slice(1), prefix: `${prefix}.${name}` };
}

/** Follows a part through documents up to its value or to an array that must be expanded. */
function reach(part: Part): Part {
  if ('value' in part) return part;
  let from: Value | undefined = part.from;
  let prefix = part.prefix;
  for (const [i, name] of part.rest.entries()) {
    if (Array.isArray(from)) return { from, rest: part.rest.slice(i), prefix };
    if (!(from instanceof Doc)) return MISSING;
    from = from.get(name);
    prefix += `.${name}`;
  }
  return Array.isArray(from) ? { from, rest: [], prefix } : { value: from };
}
