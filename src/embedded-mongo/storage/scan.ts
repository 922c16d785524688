import { Doc } from '../bson/values.js';
import type { Collection } from './collection.js';
import type { Index } from './index-definition.js';
import { afterKey, recordIdAtEnd, recordKey, recordRange } from './keys.js';
import type { KeyRange, Store } from './store.js';

/** A stored document and where it is. */
export interface Record {
  readonly id: number;
  readonly doc: Doc;
}

/** The first entry alone, as a search by a key mostly wants no more; then ever more at a time. */
const CHUNKS = [1, 32];
const CHUNK = 512;

/**
 * The entries of a range. They are read in chunks, so that no snapshot is held open between them and writes in between
 * are seen or not, as with MongoDB.
 */
function* entriesOf(store: Store, range: KeyRange, reverse: boolean): Generator<{ key: Buffer; value: Buffer }> {
  let { low, high } = range;
  for (let i = 0; ; i++) {
    const size = CHUNKS[i] ?? CHUNK;
    const chunk = reverse ? store.entriesReverse({ low, high }, size) : store.entries({ low, high }, size);
    yield* chunk;
    const last = chunk.at(-1);
    if (chunk.length < size || !last) return;
    if (reverse) high = last.key;
    else low = afterKey(last.key);
  }
}

/** All documents of a collection in the order they were inserted. */
export function* scanCollection(store: Store, collection: Collection, reverse = false): Generator<Record> {
  for (const { key, value } of entriesOf(store, recordRange(collection.id), reverse)) {
    yield { id: recordIdAtEnd(key), doc: Doc.view(value) };
  }
}

/** The documents an index leads to, by ranges of its keys in the order given; each document once. */
export function* scanIndex(
  store: Store,
  collection: Collection,
  index: Index,
  ranges: readonly KeyRange[],
  reverse: boolean,
): Generator<Record> {
  const seen = index.multikey ? new Set<number>() : undefined;
  for (const range of ranges) {
    for (const id of recordIdsOf(store, index, range, reverse)) {
      if (seen?.has(id)) continue;
      seen?.add(id);
      const bytes = store.get(recordKey(collection.id, id));
      if (bytes) yield { id, doc: Doc.view(bytes) };
    }
  }
}

function* recordIdsOf(store: Store, index: Index, range: KeyRange, reverse: boolean): Generator<number> {
  if (index.unique) for (const { value } of entriesOf(store, range, reverse)) yield recordIdAtEnd(value);
  else if (reverse) for (const { key } of entriesOf(store, range, true)) yield recordIdAtEnd(key);
  else yield* recordIdsForward(store, range);
}

/** The common case: only keys are read. */
function* recordIdsForward(store: Store, { low, high }: KeyRange): Generator<number> {
  for (let i = 0; ; i++) {
    const size = CHUNKS[i] ?? CHUNK;
    const keys = store.keys({ low, high }, size);
    for (const key of keys) yield recordIdAtEnd(key);
    const last = keys.at(-1);
    if (keys.length < size || !last) return;
    low = afterKey(last);
  }
}
