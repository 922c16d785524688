import { randomUUID } from 'node:crypto';
import { asText } from '../query/types.js';
import { Doc, Binary, type Value } from '../bson/values.js';
import { encodeDocument } from '../bson/write.js';
import { MongoError } from '../errors.js';
import { Collection } from './collection.js';
import { Index, type Predicate } from './index-definition.js';
import { CATALOG_RANGE, catalogKey, countKey, HEADER_KEY, indexRange, recordRange } from './keys.js';
import { scanCollection } from './scan.js';
import { Store } from './store.js';

const FORMAT = 'sipas-embedded-mongo 1';

/** Turns a filter into a predicate; given by the query part, which the storage does not know. */
export type CompileFilter = (filter: Doc) => Predicate;

export interface View {
  readonly database: string;
  readonly name: string;
  readonly options: Doc;
}

/** A file that is not one of ours, or not whole. */
export class ForeignFileError extends Error {
  override readonly name = 'ForeignFileError';
}

/** All collections and indexes of the data file. */
export class Catalog {
  readonly store: Store;
  readonly #compileFilter: CompileFilter;
  #collections = new Map<string, Collection>();
  #views = new Map<string, View & { id: number }>();
  #nextId = 1;

  constructor(path: string, compileFilter: CompileFilter, readOnly = false) {
    this.#compileFilter = compileFilter;
    const hooks = { beforeCommit: () => this.#storeCounts(), afterRollback: () => this.#load() };
    this.store = new Store(path, readOnly ? undefined : hooks);
    this.#load();
  }

  /** Marks an empty file as ours. @throws ForeignFileError when the file holds something else. */
  async claim(): Promise<void> {
    if (this.isOurs()) return;
    const header = this.store.get(HEADER_KEY);
    if (header || this.store.entries({ low: Buffer.from([0]), high: Buffer.from([0xff]) }, 1).length > 0) {
      throw new ForeignFileError('the data file was not written by this program or by a newer version of it');
    }
    await this.store.write(() => this.store.put(HEADER_KEY, Buffer.from(FORMAT)));
  }

  /** Whether this program wrote the file. */
  isOurs(): boolean {
    return this.store.get(HEADER_KEY)?.toString() === FORMAT;
  }

  get collections(): IterableIterator<Collection> {
    return this.#collections.values();
  }

  get views(): IterableIterator<View> {
    return this.#views.values();
  }

  find(database: string, name: string): Collection | undefined {
    return this.#collections.get(`${database}.${name}`);
  }

  findView(database: string, name: string): View | undefined {
    return this.#views.get(`${database}.${name}`);
  }

  /** The collection, created when missing; inside a write job. */
  ensure(database: string, name: string): Collection {
    return this.find(database, name) ?? this.create(database, name, Doc.of({}));
  }

  create(database: string, name: string, options: Doc): Collection {
    checkNewName(database, name);
    if (this.find(database, name) ?? this.findView(database, name)) {
      throw new MongoError(48, `Collection ${database}.${name} already exists.`);
    }
    const collection = this.#newCollection(this.#nextId++, database, name, options, newUuid());
    this.addIndex(collection, Doc.of({ v: 2, key: Doc.of({ _id: 1 }), name: '_id_' }));
    this.#collections.set(collection.namespace, collection);
    collection.countChanged = true;
    return collection;
  }

  createView(database: string, name: string, options: Doc): void {
    checkNewName(database, name);
    if (this.find(database, name) ?? this.findView(database, name)) {
      throw new MongoError(48, `Collection ${database}.${name} already exists.`);
    }
    const id = this.#nextId++;
    this.#views.set(`${database}.${name}`, { database, name, options, id });
    this.#put(id, Doc.of({ id, database, name, options, view: true }));
  }

  /** Removes a collection or view with all it holds; inside a write job. */
  drop(database: string, name: string): boolean {
    const view = this.#views.get(`${database}.${name}`);
    if (view) {
      this.#views.delete(`${database}.${name}`);
      this.store.remove(catalogKey(view.id));
      return true;
    }
    const collection = this.find(database, name);
    if (!collection) return false;
    for (const index of collection.indexes) this.store.removeRange(indexRange(index.id));
    this.store.removeRange(recordRange(collection.id));
    this.store.remove(countKey(collection.id));
    this.store.remove(catalogKey(collection.id));
    this.#collections.delete(collection.namespace);
    return true;
  }

  rename(collection: Collection, database: string, name: string): void {
    checkNewName(database, name);
    this.#collections.delete(collection.namespace);
    collection.database = database;
    collection.name = name;
    this.#collections.set(collection.namespace, collection);
    this.save(collection);
  }

  /** Adds an index and its entries; inside a write job. Nothing is left behind when a document does not fit. */
  addIndex(collection: Collection, spec: Doc): Index {
    const filter = spec.get('partialFilterExpression');
    const covers = filter instanceof Doc ? this.#compileFilter(filter) : () => true;
    const index = new Index(this.#nextId++, spec, covers, false, false);
    try {
      for (const { id, doc } of scanCollection(this.store, collection)) collection.addToIndex(index, id, doc);
    } catch (error) {
      this.store.removeRange(indexRange(index.id));
      throw error;
    }
    collection.indexes.push(index);
    this.save(collection);
    return index;
  }

  dropIndex(collection: Collection, index: Index): void {
    this.store.removeRange(indexRange(index.id));
    collection.indexes.splice(collection.indexes.indexOf(index), 1);
    this.save(collection);
  }

  /** Replaces the specification of an index by one that keeps its keys (collMod). */
  changeIndex(collection: Collection, index: Index, spec: Doc): void {
    const changed = new Index(index.id, spec, index.covers, index.multikey, index.hasLongKeys);
    collection.indexes.splice(collection.indexes.indexOf(index), 1, changed);
    this.save(collection);
  }

  save(collection: Collection): void {
    const indexes = collection.indexes.map((index) =>
      Doc.of({ id: index.id, spec: index.spec, multikey: index.multikey, hasLongKeys: index.hasLongKeys }),
    );
    const { id, database, name, options, uuid } = collection;
    this.#put(id, Doc.of({ id, database, name, options, uuid, indexes }));
  }

  #put(id: number, entry: Doc): void {
    this.store.put(catalogKey(id), encodeDocument(entry));
  }

  #newCollection(id: number, database: string, name: string, options: Doc, uuid: Value): Collection {
    return new Collection(this.store, id, database, name, options, uuid, (changed) => this.save(changed));
  }

  #load(): void {
    this.#collections = new Map();
    this.#views = new Map();
    this.#nextId = 1;
    for (const { value } of this.store.entries(CATALOG_RANGE, Number.MAX_SAFE_INTEGER))
      this.#loadEntry(Doc.view(value));
  }

  #loadEntry(entry: Doc): void {
    const id = Number(entry.get('id'));
    const database = asText(entry.get('database'));
    const name = asText(entry.get('name'));
    const options = asDoc(entry.get('options'));
    this.#nextId = Math.max(this.#nextId, id + 1);
    if (entry.get('view') === true) {
      this.#views.set(`${database}.${name}`, { database, name, options, id });
      return;
    }
    const collection = this.#newCollection(id, database, name, options, entry.get('uuid') ?? null);
    const indexes = entry.get('indexes');
    for (const item of Array.isArray(indexes) ? indexes : []) collection.indexes.push(this.#loadIndex(asDoc(item)));
    const counts = this.store.get(countKey(id));
    collection.count = counts?.readUIntBE(2, 6) ?? 0;
    collection.bytes = counts?.readUIntBE(10, 6) ?? 0;
    this.#collections.set(collection.namespace, collection);
  }

  #loadIndex(entry: Doc): Index {
    const spec = asDoc(entry.get('spec'));
    const filter = spec.get('partialFilterExpression');
    const id = Number(entry.get('id'));
    this.#nextId = Math.max(this.#nextId, id + 1);
    const covers = filter instanceof Doc ? this.#compileFilter(filter) : () => true;
    return new Index(id, spec, covers, entry.get('multikey') === true, entry.get('hasLongKeys') === true);
  }

  #storeCounts(): void {
    for (const collection of this.#collections.values()) {
      if (!collection.countChanged) continue;
      const counts = Buffer.alloc(16);
      counts.writeUIntBE(collection.count, 2, 6);
      counts.writeUIntBE(Math.max(0, collection.bytes), 10, 6);
      this.store.put(countKey(collection.id), counts);
      collection.countChanged = false;
    }
  }
}

const asDoc = (value: Value | undefined): Doc => (value instanceof Doc ? value : Doc.of({}));

const newUuid = (): Binary => new Binary(Buffer.from(randomUUID().replaceAll('-', ''), 'hex'), 4);

/** Collections of the system are not made by clients; one that is not there is read as empty. */
function checkNewName(database: string, name: string): void {
  checkNamespace(database, name);
  if (name.startsWith('system.') && name !== 'system.js')
    throw new MongoError(73, `Invalid system namespace: ${database}.${name}`);
}

/** @throws MongoError 73 when a database or collection cannot have the name. */
export function checkNamespace(database: string, name: string): void {
  if (!/^[^/\\. "$*<>:|?\0]{1,63}$/u.test(database)) {
    throw new MongoError(73, `Invalid namespace specified '${database}.${name}'`);
  }
  if (name === '' || name.startsWith('.') || name.includes('\0') || name.includes('$')) {
    throw new MongoError(73, `Invalid collection name: ${name === '' ? `${database}.` : name}`);
  }
  if (Buffer.byteLength(`${database}.${name}`) > 255) {
    throw new MongoError(73, `Fully qualified namespace is too long. Namespace: ${database}.${name} Max: 255`);
  }
}
