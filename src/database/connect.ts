import os from 'node:os';
import { Mongoose, type Connection } from 'mongoose';

/** Longest time one read may take on the server, in milliseconds. Every read carries it, so none outlives its asker. */
export const READ_LIMIT_MS = 30_000;

/** Reads that feed an export stream for minutes: the limit is per batch the server prepares. */
export const STREAM_LIMIT_MS = 600_000;

/**
 * Opens the one connection everything uses. A write is answered only when a majority has it in its journal
 * (invariant 1); unknown fields in filters are errors, not silently ignored conditions.
 * @throws when no server answers within `selectionTimeoutMs`
 */
export async function connectDatabase(uri: string, selectionTimeoutMs = 10_000): Promise<Connection> {
  const mongoose = new Mongoose({
    strictQuery: 'throw',
    maxTimeMS: READ_LIMIT_MS,
    autoIndex: false,
    autoCreate: false,
  });
  return mongoose
    .createConnection(uri, {
      dbName: databaseName(uri),
      writeConcern: { w: 'majority', journal: true },
      readConcernLevel: 'majority',
      serverSelectionTimeoutMS: selectionTimeoutMs,
      maxPoolSize: 50,
      // The driver would load it by a dynamic import, which Jest's module loader does not offer.
      runtimeAdapters: { os },
    })
    .asPromise();
}

/** The database named in the connection string, else `sipas`. */
function databaseName(uri: string): string {
  const path = /^mongodb(?:\+srv)?:\/\/[^/]+\/([^?]*)/.exec(uri)?.[1];
  return path === undefined || path === '' ? 'sipas' : decodeURIComponent(path);
}
