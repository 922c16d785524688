import { Doc, Double, type Value } from '../bson/values.js';
import { encodeDocument } from '../bson/write.js';
import { MongoError } from '../errors.js';
import { PAUSE, type Stream } from '../query/execute.js';

/** Documents in the first batch when the client does not say. */
const FIRST_BATCH = 101;
/** Bytes of a batch: the reply must stay under MongoDB's limit. */
const BATCH_BYTES = 16 * 1024 * 1024;
/** A cursor that nobody reads is closed after this many milliseconds. */
const IDLE = 10 * 60 * 1000;

interface Cursor {
  readonly namespace: string;
  readonly source: Iterator<Doc | typeof PAUSE>;
  /** A document that no longer fitted into the last batch. */
  pending: Doc | undefined;
  lastUsed: number;
  readonly deadline: number;
  busy: boolean;
}

export interface Batch {
  readonly id: bigint;
  readonly docs: readonly Doc[];
}

const pause = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** The open cursors of all clients. */
export class Cursors {
  readonly #open = new Map<bigint, Cursor>();
  /** Cursors that ended with their collection, so that whoever reads on is told why. */
  readonly #killed = new Map<bigint, number>();
  #next = BigInt(Date.now()) * 1000n;

  get size(): number {
    return this.#open.size;
  }

  /** Opens a cursor and reads its first batch; the id is 0 when nothing is left. */
  async open(
    namespace: string,
    stream: Stream<Doc>,
    batchSize: number | undefined,
    single: boolean,
    maxTime: number,
  ): Promise<Batch> {
    const cursor: Cursor = {
      namespace,
      source: stream[Symbol.iterator](),
      pending: undefined,
      lastUsed: Date.now(),
      deadline: maxTime > 0 ? performance.now() + maxTime : Infinity,
      busy: true,
    };
    const { docs, done } = await readBatch(cursor, batchSize ?? FIRST_BATCH);
    cursor.busy = false;
    if (done || single) {
      cursor.source.return?.();
      return { id: 0n, docs };
    }
    const id = ++this.#next;
    this.#open.set(id, cursor);
    return { id, docs };
  }

  /** @throws MongoError 43 when there is no such cursor. */
  async more(id: bigint, namespace: string, batchSize: number | undefined): Promise<Batch> {
    const cursor = this.#open.get(id);
    if (!cursor)
      throw this.#killed.delete(id)
        ? new MongoError(175, 'collection dropped')
        : new MongoError(43, `cursor id ${id} not found`);
    if (cursor.namespace !== namespace) {
      throw new MongoError(
        13,
        `Requested getMore on namespace '${namespace}', but cursor belongs to a different namespace ${cursor.namespace}`,
      );
    }
    if (cursor.busy) throw new MongoError(12051, `cursor id ${id} is already in use`);
    cursor.busy = true;
    try {
      const { docs, done } = await readBatch(cursor, batchSize ?? Infinity);
      cursor.lastUsed = Date.now();
      if (done) this.#open.delete(id);
      return { id: done ? 0n : id, docs };
    } catch (error) {
      this.#open.delete(id);
      throw error;
    } finally {
      cursor.busy = false;
    }
  }

  close(id: bigint): boolean {
    this.#open.get(id)?.source.return?.();
    return this.#open.delete(id);
  }

  closeIdle(now: number): void {
    for (const [id, cursor] of this.#open) if (!cursor.busy && now - cursor.lastUsed > IDLE) this.close(id);
    for (const [id, since] of this.#killed) if (now - since > IDLE) this.#killed.delete(id);
  }

  /** Closes the cursors on a collection that goes away, or on all of a database. */
  closeAll(namespace: string): void {
    for (const [id, cursor] of this.#open) {
      if (cursor.namespace !== namespace && !cursor.namespace.startsWith(`${namespace}.`)) continue;
      this.close(id);
      this.#killed.set(id, Date.now());
    }
  }
}

async function readBatch(cursor: Cursor, wanted: number): Promise<{ docs: Doc[]; done: boolean }> {
  const docs: Doc[] = [];
  let bytes = 0;
  if (wanted === 0) return { docs, done: false };
  if (cursor.pending) {
    docs.push(cursor.pending);
    bytes += cursor.pending.rawLength ?? 0;
    cursor.pending = undefined;
  }
  while (docs.length < wanted) {
    const next = cursor.source.next();
    if (next.done === true) return { docs, done: true };
    if (next.value === PAUSE) {
      if (performance.now() > cursor.deadline) throw new MongoError(50, 'operation exceeded time limit');
      await pause();
      continue;
    }
    const doc = encoded(next.value);
    const size = doc.rawLength ?? 0;
    if (docs.length > 0 && bytes + size > BATCH_BYTES) {
      cursor.pending = doc;
      return { docs, done: false };
    }
    bytes += size;
    docs.push(doc);
  }
  return { docs, done: false };
}

/** The document as bytes. @throws MongoError when it is too large to be sent. */
function encoded(doc: Doc): Doc {
  const raw = doc.rawLength === undefined ? Doc.view(encodeDocument(doc)) : doc;
  const length = raw.rawLength ?? 0;
  if (length <= BATCH_BYTES + 16 * 1024) return raw;
  throw new MongoError(10334, `BSONObj size: ${length} is invalid. Size must be between 0 and 16793600(16MB)`);
}

/** All documents of a stream, with pauses for others. */
export async function readAll(stream: Stream<Doc>): Promise<Doc[]> {
  const docs: Doc[] = [];
  for (const doc of stream) {
    if (doc === PAUSE) await pause();
    else docs.push(doc);
  }
  return docs;
}

/** The reply that carries a batch. */
export function cursorReply(namespace: string, batch: Batch, name: 'firstBatch' | 'nextBatch'): Doc {
  const docs: Value[] = [...batch.docs];
  return Doc.of({
    cursor: Doc.from([
      [name, docs],
      ['id', batch.id],
      ['ns', namespace],
    ]),
    ok: new Double(1),
  });
}
