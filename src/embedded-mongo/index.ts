import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Worker } from 'node:worker_threads';
import { DataDirInUseError } from './lock.js';
import type { WorkerMessage, WorkerOptions } from './worker-protocol.js';

export { DataDirInUseError } from './lock.js';
export { embeddedMongoSocket } from './socket-path.js';
export { checkDatabase, type CheckReport, type CollectionReport, type IndexReport } from './storage/check.js';
export { backupDatabase, type BackupReport } from './storage/backup.js';

export interface EmbeddedMongoOptions {
  /** Directory of the data file; made when missing. One process at a time uses it. */
  readonly dataDir: string;
  /** Also listen on this port of 127.0.0.1. */
  readonly port?: number;
  /** Name of the Unix socket in the data directory; default `mongo.sock`. */
  readonly socketName?: string;
}

export interface EmbeddedMongo {
  /** Connection string for the MongoDB driver. */
  readonly uri: string;
  readonly socketPath: string;
  /** Resolves when the engine was closed, rejects when its thread died. */
  readonly ended: Promise<void>;
  /** Finishes the writes under way, removes the socket and frees the data directory. */
  close(): Promise<void>;
}

/** Room for short-lived objects. A larger one is swept less often, and kept for good once it was needed. */
const YOUNG_GENERATION_MB = 24;

/** The data file is torn or was not written by this engine. It is left as it is. */
export class DamagedDatabaseError extends Error {
  override readonly name = 'DamagedDatabaseError';
}

/**
 * Starts a MongoDB server on the data file of a directory, in a thread of this process.
 * @throws DataDirInUseError when another live process holds the directory.
 * @throws DamagedDatabaseError when the data file is torn or foreign.
 */
export async function startEmbeddedMongo(options: EmbeddedMongoOptions): Promise<EmbeddedMongo> {
  const dataDir = resolve(options.dataDir);
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const workerData: WorkerOptions = { dataDir, socketName: options.socketName ?? 'mongo.sock', port: options.port };
  const resourceLimits = { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB };
  const worker = new Worker(join(__dirname, 'worker.js'), { workerData, resourceLimits });
  const exited = new Promise<number>((done) => worker.once('exit', done));
  let failure: Error | undefined;
  worker.on('error', (error: unknown) => (failure = error instanceof Error ? error : new Error(String(error))));

  const socketPath = await new Promise<string>((ready, reject) => {
    worker.on('message', (message: WorkerMessage) => {
      if (message.kind === 'ready') ready(message.socketPath);
      else if (message.kind === 'failed') reject(failureOf(message, dataDir));
    });
    void exited.then(() => reject(failure ?? new Error('the database thread ended before it was ready')));
  });

  let closing = false;
  const ended = exited.then(() => {
    if (!closing) throw failure ?? new Error('the database thread ended unexpectedly');
  });
  // Whoever does not watch `ended` must not be ended by it.
  ended.catch(() => undefined);
  return {
    socketPath,
    uri: `mongodb://${encodeURIComponent(socketPath)}/?directConnection=true`,
    ended,
    close: async () => {
      if (!closing) worker.postMessage('close');
      closing = true;
      await exited;
    },
  };
}

function failureOf(message: Extract<WorkerMessage, { kind: 'failed' }>, dataDir: string): Error {
  if (message.reason === 'in-use') return new DataDirInUseError(dataDir, message.pid);
  return message.reason === 'damaged' ? new DamagedDatabaseError(message.message) : new Error(message.message);
}
