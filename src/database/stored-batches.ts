import type { ClientSession } from 'mongodb';
import type { Connection } from 'mongoose';
import { StoredFields } from './stored-fields.js';

/** Documents as they are stored: BSON, one after another, each beginning at its start. */
export interface StoredBatch {
  readonly bytes: Buffer;
  readonly starts: readonly number[];
}

export interface StoredQuery {
  readonly collection: string;
  readonly filter: Readonly<Record<string, unknown>>;
  readonly batchSize: number;
  /** Longest time the server may take for one batch, in milliseconds. */
  readonly maxTimeMS: number;
}

/**
 * The documents of a query in batches, as the server sends them. The driver's own cursor makes some dozen objects of each
 * document even where it gives only the bytes, which for a million of them is half the work and nearly all the garbage.
 */
export async function* storedBatches(connection: Connection, query: StoredQuery): AsyncGenerator<StoredBatch> {
  const { collection, filter, batchSize, maxTimeMS } = query;
  const session = await connection.startSession();
  const run = (command: Readonly<Record<string, unknown>>) => cursorOf(connection, command, session);
  let id = 0n;
  try {
    const find = { find: collection, filter, batchSize, maxTimeMS, readConcern: { level: 'majority' } };
    for (let cursor = await run(find); ; cursor = await run({ getMore: id, collection, batchSize })) {
      id = cursor.id;
      if (cursor.starts.length > 0) yield cursor;
      if (id === 0n) return;
    }
  } finally {
    // Who stops half way leaves nothing open; a server that cannot be reached closes it by itself.
    if (id !== 0n) await run({ killCursors: collection, cursors: [id] }).catch(() => undefined);
    await session.endSession();
  }
}

interface CursorReply extends StoredBatch {
  /** 0 when there is no more. */
  readonly id: bigint;
}

async function cursorOf(
  connection: Connection,
  command: Readonly<Record<string, unknown>>,
  session: ClientSession,
): Promise<CursorReply> {
  if (!connection.db) throw new Error('The database is not connected');
  const { cursor } = await connection.db.command(command, { raw: true, session });
  if (!(cursor instanceof Uint8Array)) throw new TypeError('The driver gave something else than the bytes of a cursor');
  const bytes = Buffer.from(cursor.buffer, cursor.byteOffset, cursor.byteLength);
  const starts: number[] = [];
  let id = 0n;
  for (const field = new StoredFields(bytes); field.advance();) {
    if (field.name === 'id') id = field.long();
    if (field.name !== 'firstBatch' && field.name !== 'nextBatch') continue;
    for (const document = field.inner(); document.advance();) starts.push(document.start);
  }
  return { bytes, starts, id };
}
