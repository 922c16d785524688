import { createHash } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';

const LOCK_FILE = 'engine.lock';

/** Another process that lives holds the data directory. */
export class DataDirInUseError extends Error {
  override readonly name = 'DataDirInUseError';

  constructor(
    readonly dataDir: string,
    readonly pid: number,
  ) {
    super(`The data directory ${dataDir} is in use by process ${pid}.`);
  }
}

interface Owner {
  readonly pid: number;
  /** When the process started, in a form that no other process of that number shares; empty where unknown. */
  readonly started: string;
}

/** Takes the directory for this process; gives the function that frees it. A process that dies frees it too. */
export async function lockDirectory(dataDir: string): Promise<() => void> {
  const guard = await bindGuard(dataDir);
  try {
    takeFile(dataDir);
  } catch (error) {
    guard?.close();
    throw error;
  }
  return () => {
    rmSync(join(dataDir, LOCK_FILE), { force: true });
    guard?.close();
  };
}

/** The process that holds the directory, when one does. */
export function directoryOwner(dataDir: string): number | undefined {
  const owner = readOwner(join(dataDir, LOCK_FILE));
  return owner && isAlive(owner) ? owner.pid : undefined;
}

/**
 * On Linux an abstract socket, named after the directory, makes the lock exclusive whatever happens to the file: the
 * kernel frees it with the process.
 */
async function bindGuard(dataDir: string): Promise<Server | undefined> {
  if (process.platform !== 'linux') return undefined;
  const { dev, ino } = statSync(dataDir, { bigint: true });
  const name = createHash('sha256').update(`${dev}:${ino}`).digest('hex').slice(0, 32);
  const server = createServer((socket) => socket.destroy());
  server.unref();
  await new Promise<void>((resolve, reject) => {
    server.once('error', () => {
      reject(new DataDirInUseError(dataDir, readOwner(join(dataDir, LOCK_FILE))?.pid ?? 0));
    });
    server.listen(`\0embedded-mongo-${name}`, resolve);
  });
  return server;
}

function takeFile(dataDir: string): void {
  const file = join(dataDir, LOCK_FILE);
  const own = `${file}.${process.pid}.${Date.now().toString(36)}`;
  writeFileSync(own, JSON.stringify({ pid: process.pid, started: startOf(process.pid) }), { mode: 0o600 });
  try {
    for (;;) {
      if (linked(own, file)) return;
      const owner = readOwner(file);
      if (owner && isAlive(owner)) throw new DataDirInUseError(dataDir, owner.pid);
      renameSync(file, `${own}.stale`);
      rmSync(`${own}.stale`, { force: true });
    }
  } finally {
    rmSync(own, { force: true });
  }
}

/** Gives the file its final name, complete from the first moment; false when the name is taken. */
function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

function readOwner(file: string): Owner | undefined {
  try {
    const owner: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof owner !== 'object' || owner === null || !('pid' in owner) || !('started' in owner)) return undefined;
    return { pid: Number(owner.pid), started: String(owner.started) };
  } catch {
    // No file, or one that a crash left half written: nobody holds it.
    return undefined;
  }
}

function isAlive({ pid, started }: Owner): boolean {
  if (started !== '') return startOf(pid) === started;
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Boot and start time of a process on Linux; empty elsewhere or when there is none. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const startTicks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${startTicks}`;
  } catch {
    return '';
  }
}
