import { parentPort, workerData } from 'node:worker_threads';
import { DataDirInUseError, lockDirectory } from './lock.js';
import { startServer, type RunningServer } from './server.js';
import { chooseSocket } from './socket-path.js';
import { ForeignFileError } from './storage/catalog.js';
import { DamagedFileError } from './storage/file-check.js';
import type { WorkerMessage, WorkerOptions } from './worker-protocol.js';

const port = parentPort;
if (!port) throw new Error('this file is the body of a worker thread');

const send = (message: WorkerMessage): void => port.postMessage(message);

async function start({ dataDir, socketName, port: tcpPort }: WorkerOptions): Promise<() => Promise<void>> {
  const unlock = await lockDirectory(dataDir);
  const socket = chooseSocket(dataDir, socketName);
  let server: RunningServer;
  try {
    server = await startServer(dataDir, socket.path, tcpPort);
  } catch (error) {
    socket.release();
    unlock();
    throw error;
  }
  send({ kind: 'ready', socketPath: socket.path });
  return async () => {
    await server.close();
    socket.release();
    unlock();
  };
}

const isOptions = (value: unknown): value is WorkerOptions =>
  typeof value === 'object' && value !== null && 'dataDir' in value && 'socketName' in value;

const options: unknown = workerData;
if (!isOptions(options)) throw new Error('the worker was started without its options');

start(options).then(
  (close) => {
    port.once('message', () => {
      close().then(
        () => {
          send({ kind: 'closed' });
          port.close();
        },
        (error: unknown) => send({ kind: 'failed', reason: 'other', message: String(error), pid: 0 }),
      );
    });
  },
  (error: unknown) => {
    const message = error instanceof Error ? error.message : String(error);
    if (error instanceof DataDirInUseError) send({ kind: 'failed', reason: 'in-use', message, pid: error.pid });
    else
      send({
        kind: 'failed',
        reason: error instanceof ForeignFileError || error instanceof DamagedFileError ? 'damaged' : 'other',
        message,
        pid: 0,
      });
    port.close();
  },
);
