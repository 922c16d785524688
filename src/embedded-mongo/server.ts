import { chmodSync, existsSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import type { Engine } from './commands/command.js';
import { Cursors } from './commands/cursors.js';
import { runCommand } from './commands/run.js';
import { compileIndexFilter } from './query/index-filter.js';
import { Catalog } from './storage/catalog.js';
import { DATA_FILE } from './storage/check.js';
import { verifyFile } from './storage/file-check.js';
import { startSweeper } from './storage/sweeper.js';
import { Connection } from './wire/connection.js';

/** Milliseconds spent at most on looking at the leaf pages of the file before it is opened. */
const VERIFY_BUDGET = 300;

export interface RunningServer {
  readonly engine: Engine;
  close(): Promise<void>;
}

/** Opens the data file and serves clients on the socket and, when a port is given, on 127.0.0.1. */
export async function startServer(
  dataDir: string,
  socketPath: string,
  port: number | undefined,
): Promise<RunningServer> {
  const file = join(dataDir, DATA_FILE);
  if (existsSync(file)) verifyFile(file, VERIFY_BUDGET);
  const catalog = new Catalog(file, compileIndexFilter);
  await catalog.claim().catch(async (error: unknown) => {
    await catalog.store.close();
    throw error;
  });
  const engine: Engine = {
    catalog,
    cursors: new Cursors(),
    startedAt: Date.now(),
    dataDir,
    counters: new Map(),
    connections: 0,
  };
  const sockets = new Set<Socket>();
  let lastConnection = 0;
  const accept = (socket: Socket): void => {
    const id = ++lastConnection;
    engine.connections++;
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('close', () => {
      engine.connections--;
      sockets.delete(socket);
    });
    new Connection(socket, (body) => runCommand(engine, body, id));
  };
  const servers = [await listenOnSocket(socketPath, accept)];
  if (port !== undefined) servers.push(await listen(createServer(accept), { host: '127.0.0.1', port }));
  const stopSweeper = startSweeper(engine);
  return {
    engine,
    close: async () => {
      stopSweeper();
      for (const server of servers) server.close();
      for (const socket of sockets) socket.destroy();
      await catalog.store.close();
      rmSync(socketPath, { force: true });
    },
  };
}

async function listenOnSocket(path: string, accept: (socket: Socket) => void): Promise<Server> {
  // The directory is ours alone (it is locked), so a socket that is there belongs to a process that has died.
  rmSync(path, { force: true });
  const server = await listen(createServer(accept), { path });
  if (process.platform !== 'win32') chmodSync(path, 0o600);
  return server;
}

function listen(server: Server, where: { path: string } | { host: string; port: number }): Promise<Server> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(where, () => {
      server.off('error', reject);
      resolve(server);
    });
  });
}
