import { encodeDocument } from '../bson/write.js';
import { Doc, type Value } from '../bson/values.js';
import { formatValue } from '../bson/format.js';
import { MongoError } from '../errors.js';
import type { Index } from './index-definition.js';
import type { IndexKey } from './index-keys.js';
import { indexPrefix, recordIdBytes, recordIdAtEnd, recordKey, recordRange, storedKey } from './keys.js';
import type { Store } from './store.js';

/** Largest document MongoDB stores. */
export const MAX_DOCUMENT_BYTES = 16 * 1024 * 1024;

/** Documents and index entries of one collection. Its writes run inside a write job of the store. */
export class Collection {
  readonly indexes: Index[] = [];
  count = 0;
  bytes = 0;
  /** The counts differ from the stored ones. */
  countChanged = false;
  #nextRecordId: number;

  constructor(
    readonly store: Store,
    readonly id: number,
    public database: string,
    public name: string,
    public options: Doc,
    readonly uuid: Value,
    readonly catalogChanged: (collection: Collection) => void,
  ) {
    const last = store.lastKey(recordRange(id));
    this.#nextRecordId = last ? recordIdAtEnd(last) + 1 : 1;
  }

  get namespace(): string {
    return `${this.database}.${this.name}`;
  }

  read(recordId: number): Doc | undefined {
    const bytes = this.store.get(recordKey(this.id, recordId));
    return bytes ? Doc.view(bytes) : undefined;
  }

  /** Stores a new document. @throws MongoError 11000 when a unique index holds its key; then nothing is stored. */
  insert(doc: Doc): void {
    const recordId = this.#nextRecordId;
    const entries = this.indexes.map((index) => this.#entries(index, doc));
    const bytes = checkedBytes(doc);
    for (const [i, index] of this.indexes.entries()) this.#refuseDuplicates(index, entries[i] ?? [], undefined);
    this.#nextRecordId++;
    this.store.put(recordKey(this.id, recordId), bytes);
    for (const [i, index] of this.indexes.entries()) {
      for (const entry of entries[i] ?? []) this.#putEntry(index, entry.stored, recordId);
    }
    this.#changeCount(1, bytes.length);
  }

  /** Replaces a stored document. @throws MongoError 11000 as `insert`; then nothing is changed. */
  replace(recordId: number, before: Doc, after: Doc): void {
    const bytes = checkedBytes(after);
    const changes = this.indexes.map((index) => this.#changes(index, before, after));
    for (const [i, index] of this.indexes.entries()) this.#refuseDuplicates(index, changes[i]?.added ?? [], recordId);
    for (const [i, index] of this.indexes.entries()) {
      for (const stored of changes[i]?.removed ?? []) this.#removeEntry(index, stored, recordId);
      for (const entry of changes[i]?.added ?? []) this.#putEntry(index, entry.stored, recordId);
    }
    this.store.put(recordKey(this.id, recordId), bytes);
    this.#changeCount(0, bytes.length - (before.raw?.length ?? 0));
  }

  remove(recordId: number, doc: Doc): void {
    for (const index of this.indexes) {
      for (const { stored } of this.#entries(index, doc)) this.#removeEntry(index, stored, recordId);
    }
    this.store.remove(recordKey(this.id, recordId));
    this.#changeCount(-1, -(doc.raw?.length ?? 0));
  }

  /** Adds the entries of one document to an index that is being built. */
  addToIndex(index: Index, recordId: number, doc: Doc): void {
    const entries = this.#entries(index, doc);
    this.#refuseDuplicates(index, entries, recordId);
    for (const { stored } of entries) this.#putEntry(index, stored, recordId);
  }

  #changeCount(documents: number, bytes: number): void {
    this.count += documents;
    this.bytes += bytes;
    this.countChanged = true;
  }

  #entries(index: Index, doc: Doc): Entry[] {
    const { keys, multikey } = index.keysOf(doc);
    const entries = keys.map((key) => ({ key, stored: storedKey(key.bytes) }));
    const long = entries.some(({ key, stored }) => key.bytes !== stored);
    if ((multikey && !index.multikey) || (long && !index.hasLongKeys)) {
      index.multikey ||= multikey;
      index.hasLongKeys ||= long;
      this.catalogChanged(this);
    }
    return entries;
  }

  #changes(index: Index, before: Doc, after: Doc): { removed: Buffer[]; added: Entry[] } {
    const old = this.#entries(index, before);
    const fresh = this.#entries(index, after);
    const has = (list: readonly Entry[], stored: Buffer): boolean => list.some((entry) => entry.stored.equals(stored));
    return {
      removed: old.filter(({ stored }) => !has(fresh, stored)).map(({ stored }) => stored),
      added: fresh.filter(({ stored }) => !has(old, stored)),
    };
  }

  #refuseDuplicates(index: Index, entries: readonly Entry[], own: number | undefined): void {
    if (!index.unique) return;
    for (const { key, stored } of entries) {
      const holder = this.store.get(Buffer.concat([indexPrefix(index.id), stored]));
      if (holder && recordIdAtEnd(holder) !== own) throw duplicateKey(this.namespace, index, key);
    }
  }

  #putEntry(index: Index, stored: Buffer, recordId: number): void {
    const id = recordIdBytes(recordId);
    if (index.unique) this.store.put(Buffer.concat([indexPrefix(index.id), stored]), id);
    else this.store.put(Buffer.concat([indexPrefix(index.id), stored, id]), EMPTY);
  }

  #removeEntry(index: Index, stored: Buffer, recordId: number): void {
    const key = [indexPrefix(index.id), stored];
    this.store.remove(Buffer.concat(index.unique ? key : [...key, recordIdBytes(recordId)]));
  }
}

interface Entry {
  readonly key: IndexKey;
  readonly stored: Buffer;
}

const EMPTY = Buffer.alloc(0);

function checkedBytes(doc: Doc): Buffer {
  const bytes = encodeDocument(doc);
  if (bytes.length <= MAX_DOCUMENT_BYTES) return bytes;
  throw new MongoError(
    10334,
    `BSONObj size: ${bytes.length} (0x${bytes.length.toString(16).toUpperCase()}) is invalid. Size must be between 0 and 16793600(16MB)`,
  );
}

function duplicateKey(namespace: string, index: Index, key: IndexKey): MongoError {
  const keyValue = Doc.from(index.fields.map(({ path }, i) => [path, key.values[i] ?? null]));
  const pattern = index.spec.get('key');
  return new MongoError(
    11000,
    `E11000 duplicate key error collection: ${namespace} index: ${index.name} dup key: ${formatValue(keyValue)}`,
    { keyPattern: pattern, keyValue },
  );
}
