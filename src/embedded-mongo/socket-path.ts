import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

/** Longest path that fits into a socket address on every system. */
const LONGEST = 103;
/** Names the socket when it could not lie in the data directory itself. */
const POINTER = 'socket-path';

export interface SocketPlace {
  readonly path: string;
  /** Removes what was made for the socket. */
  readonly release: () => void;
}

/** Where the socket of a data directory goes: into it, or when that path is too long into a private directory. */
export function chooseSocket(dataDir: string, name: string): SocketPlace {
  const pointer = join(dataDir, POINTER);
  rmSync(pointer, { force: true });
  const direct = resolve(dataDir, name);
  if (Buffer.byteLength(direct) <= LONGEST) return { path: direct, release: () => undefined };
  const directory = mkdtempSync(join(tmpdir(), 'mongo-'));
  chmodSync(directory, 0o700);
  const path = join(directory, name);
  writeFileSync(pointer, path, { mode: 0o600 });
  return {
    path,
    release: () => {
      rmSync(pointer, { force: true });
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** The socket of the server that runs on a data directory; undefined when there is none. */
export function embeddedMongoSocket(dataDir: string, name = 'mongo.sock'): string | undefined {
  const direct = resolve(dataDir, name);
  const path = isSocket(direct) ? direct : pointedTo(dataDir);
  return path !== undefined && isSocket(path) ? path : undefined;
}

function pointedTo(dataDir: string): string | undefined {
  try {
    const path = readFileSync(join(dataDir, POINTER), 'utf8');
    // Anyone may make a directory in the temporary folder: only one of our own is trusted.
    return statSync(dirname(path)).uid === process.getuid?.() ? path : undefined;
  } catch {
    return undefined;
  }
}

function isSocket(path: string): boolean {
  try {
    return statSync(path).isSocket();
  } catch {
    return false;
  }
}
