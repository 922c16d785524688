import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { open, type RootDatabase, type Transaction } from 'lmdb';
import { MongoError } from '../errors.js';

/** Address space reserved for the data file; the file itself grows only as needed. */
export const MAX_FILE_BYTES = 256 * 2 ** 30;

/** A batch is committed after at most this long, so that nobody waits for a long queue. */
const BATCH_MILLISECONDS = 30;

export interface StoreHooks {
  readonly beforeCommit: () => void;
  readonly afterRollback: () => void;
}

interface Job {
  readonly run: () => unknown;
  readonly resolve: (result: never) => void;
  readonly reject: (error: unknown) => void;
}

interface Entry {
  readonly key: Buffer;
  readonly value: Buffer;
}

/** Half-open range of keys: `low` included, `high` not. */
export interface KeyRange {
  readonly low: Buffer;
  readonly high: Buffer;
}

/**
 * The data file. Reads see everything committed; writes are jobs that run one after another inside a transaction shared
 * by all that wait (group commit), and are acknowledged once that transaction is flushed to the disk.
 */
export class Store {
  readonly #db: RootDatabase<Buffer, Buffer>;
  #queue: Job[] = [];
  #scheduled = false;
  #inTransaction = false;
  #closing = false;
  readonly #path: string;
  readonly #hooks: StoreHooks | undefined;
  readonly #reading: { readonly transaction?: Transaction };

  /** Without hooks the file is opened for reading only, as it is now: later commits are not seen. */
  constructor(path: string, hooks?: StoreHooks) {
    this.#path = path;
    this.#hooks = hooks;
    this.#db = open<Buffer, Buffer>({
      path,
      noSubdir: true,
      encoding: 'binary',
      keyEncoding: 'binary',
      mapSize: MAX_FILE_BYTES,
      // Classic LMDB commits: pages, flush, then the page that makes them valid, flushed too.
      overlappingSync: false,
      maxReaders: 64,
      readOnly: hooks === undefined,
    });
    this.#reading = hooks ? {} : { transaction: this.#db.useReadTransaction() };
  }

  get inTransaction(): boolean {
    return this.#inTransaction;
  }

  get(key: Buffer): Buffer | undefined {
    if (this.#reading.transaction) return this.#db.get(key, this.#reading);
    const shared = this.#db.getBinaryFast(key);
    return shared && copyOf(shared);
  }

  put(key: Buffer, value: Buffer): void {
    this.#db.putSync(key, value);
  }

  remove(key: Buffer): void {
    this.#db.removeSync(key);
  }

  /** Up to `limit` entries in key order. */
  entries(range: KeyRange, limit: number): readonly Entry[] {
    return Array.from(this.#db.getRange({ start: range.low, end: range.high, limit, ...this.#reading }));
  }

  /** Up to `limit` entries from the end of the range backwards. */
  entriesReverse(range: KeyRange, limit: number): readonly Entry[] {
    const found: Entry[] = [];
    for (const entry of this.#db.getRange({ start: range.high, reverse: true, limit: limit + 1, ...this.#reading })) {
      if (entry.key.compare(range.low) < 0 || found.length === limit) break;
      if (entry.key.compare(range.high) < 0) found.push(entry);
    }
    return found;
  }

  /** Up to `limit` keys in order. */
  keys(range: KeyRange, limit: number): readonly Buffer[] {
    return Array.from(this.#db.getKeys({ start: range.low, end: range.high, limit, ...this.#reading }));
  }

  count(range: KeyRange): number {
    return this.#db.getKeysCount({ start: range.low, end: range.high, ...this.#reading });
  }

  lastKey(range: KeyRange): Buffer | undefined {
    return this.entriesReverse(range, 1)[0]?.key;
  }

  /** Removes every entry of the range; inside a write job. */
  removeRange(range: KeyRange): void {
    for (;;) {
      const keys = [...this.#db.getKeys({ start: range.low, end: range.high, limit: 5000 })];
      for (const key of keys) this.remove(key);
      if (keys.length < 5000) return;
    }
  }

  /**
   * Runs a write job and resolves when what it wrote is flushed. A MongoError of the job rejects it but keeps what the
   * job wrote before; any failure of the transaction rejects every job in it and keeps nothing.
   */
  write<R>(run: () => R): Promise<R> {
    if (this.#closing) return Promise.reject(new MongoError(11600, 'the server is shutting down'));
    return new Promise<R>((resolve, reject) => {
      this.#queue.push({ run, resolve, reject });
      this.#schedule();
    });
  }

  #schedule(): void {
    if (this.#scheduled || this.#queue.length === 0) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.commitBatch();
      this.#schedule();
    });
  }

  /** Runs the jobs that wait in one transaction and flushes it. */
  commitBatch(): void {
    const done: (() => void)[] = [];
    const batch: Job[] = [];
    const deadline = performance.now() + BATCH_MILLISECONDS;
    try {
      this.#db.transactionSync(() => {
        this.#inTransaction = true;
        for (let job = this.#queue.shift(); job; job = this.#queue.shift()) {
          batch.push(job);
          done.push(runJob(job));
          if (performance.now() > deadline) break;
        }
        this.#hooks?.beforeCommit();
      });
      this.#inTransaction = false;
    } catch (error) {
      this.#inTransaction = false;
      this.#hooks?.afterRollback();
      for (const job of batch) job.reject(storageError(error, this.#path));
      return;
    }
    for (const settle of done) settle();
  }

  /** A consistent copy of the data file as of the last commit. */
  async backup(path: string): Promise<void> {
    await this.#db.backup(path, false);
  }

  /** Finishes the waiting writes and closes the file. */
  async close(): Promise<void> {
    while (this.#queue.length > 0) this.commitBatch();
    this.#closing = true;
    this.#reading.transaction?.done();
    await this.#db.close();
  }
}

/**
 * A copy of what lies where every value read comes to lie. Out of the pool of small buffers it costs a third of what the
 * library's own copy does, which is a block of memory by itself that has to be given back by itself. That place stays as
 * large as twice the largest value so far, of 16 MB at most.
 */
function copyOf(shared: Buffer): Buffer {
  const copy = Buffer.allocUnsafe(shared.length);
  copy.set(shared.subarray(0, shared.length));
  return copy;
}

/** Runs one job of a batch; gives what to tell its caller after the commit. Storage failures end the whole batch. */
function runJob(job: Job): () => void {
  try {
    const result = job.run();
    return () => (job.resolve as (result: unknown) => void)(result);
  } catch (error) {
    if (!(error instanceof MongoError) && isStorageFailure(error)) throw error;
    return () => job.reject(error);
  }
}

const isStorageFailure = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && typeof error.code === 'number';

/** With less free space than this a failed write is put down to the full disk. */
const FULL_BELOW = 1024 * 1024;

/** What a client is told when the data file could not be written. */
function storageError(error: unknown, path: string): unknown {
  if (error instanceof MongoError || !(error instanceof Error)) return error;
  if (/no space|MAP_FULL|too large|quota/i.test(error.message) || freeSpace(path) < FULL_BELOW) {
    return new MongoError(14031, `The disk of the data directory is full: ${error.message}`);
  }
  return new MongoError(8, `The data file could not be written: ${error.message}`);
}

function freeSpace(path: string): number {
  try {
    const { bavail, bsize } = statfsSync(dirname(path));
    return bavail * bsize;
  } catch {
    return Infinity;
  }
}
