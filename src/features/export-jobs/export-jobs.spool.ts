import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { chmod, mkdir, open, readdir, rename, rm, statfs, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { hasCode } from '../../errors.js';
import type { Attempt } from './export-jobs.model.js';

/** Room that is left to others, among them the embedded database on the same disk. */
const RESERVE_BYTES = 256 * 2 ** 20;

export interface SpooledFile {
  readonly bytes: number;
  /** Hex. */
  readonly sha256: string;
}

/** The disk has too little room for another file. */
export class SpoolFullError extends Error {}

/** Whether an error says that there is no more room, of the disk or of this user. */
export function isSpoolFull(error: unknown): boolean {
  return error instanceof SpoolFullError || hasCode(error, 'ENOSPC', 'EDQUOT');
}

/** Where finished exports of this instance wait for who asked; nobody else on the machine may read them. */
export class Spool {
  constructor(private readonly directory: string) {}

  /**
   * Writes a file under a name of its own and gives it its name when it is complete and on the disk, so that a part
   * never looks like the whole.
   * @throws what the source or the disk throws, or an AbortError; nothing is left then
   */
  async write(attempt: Attempt, source: Readable, signal: AbortSignal): Promise<SpooledFile> {
    await this.makeDirectory();
    const part = this.path(`${nameOf(attempt)}.part`);
    const hash = createHash('sha256');
    let bytes = 0;
    const digest = async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        hash.update(chunk);
        bytes += chunk.length;
        yield chunk;
      }
    };
    try {
      const file = await this.create(part);
      await pipeline(source, digest, file.createWriteStream({ flush: true }), { signal });
      await rename(part, this.path(nameOf(attempt)));
      await this.syncDirectory();
      return { bytes, sha256: hash.digest('hex') };
    } catch (error) {
      source.destroy();
      await this.remove(attempt);
      throw error;
    }
  }

  /** The finished file of a job, to be closed by the caller; null when it is not on this instance, or not whole. */
  async read(attempt: Attempt, bytes: number): Promise<FileHandle | null> {
    const file = await open(this.path(nameOf(attempt)), constants.O_RDONLY | constants.O_NOFOLLOW).catch(orNull);
    if (!file || (await file.stat()).size === bytes) return file;
    await file.close();
    return null;
  }

  /** @throws SpoolFullError when another file would take the room that others need */
  async checkRoom(): Promise<void> {
    await this.makeDirectory();
    const { bavail, bsize } = await statfs(this.directory);
    if (bavail * bsize < RESERVE_BYTES) throw new SpoolFullError('The disk is nearly full');
  }

  /** Removes the files of one beginning of a job, complete or not. */
  async remove(attempt: Attempt): Promise<void> {
    for (const ending of ['', '.part']) await rm(this.path(nameOf(attempt) + ending), { force: true });
  }

  /** Removes what earlier beginnings of a job have left here. */
  async removeEarlier({ _id, attempt }: Attempt): Promise<void> {
    const earlier = (await this.attempts()).filter((one) => one._id === _id && one.attempt < attempt);
    for (const one of earlier) await this.remove(one);
  }

  /** Every beginning of a job that has a file here, complete or not. */
  async attempts(): Promise<Attempt[]> {
    const names = (await readdir(this.directory).catch(orNull)) ?? [];
    return names.flatMap((name) => {
      const [, _id, attempt] = /^([0-9a-f-]{36})\.(\d{1,9})(?:\.part)?$/.exec(name) ?? [];
      return _id === undefined ? [] : [{ _id, attempt: Number(attempt) }];
    });
  }

  protected create(path: string): Promise<FileHandle> {
    return open(path, 'wx', 0o600);
  }

  private path(name: string): string {
    return join(this.directory, name);
  }

  private async makeDirectory(): Promise<void> {
    await mkdir(this.directory, { recursive: true, mode: 0o700 });
    // One that was there already may have been made by somebody else.
    await chmod(this.directory, 0o700);
  }

  /** A new name is on the disk only when its directory is. */
  private async syncDirectory(): Promise<void> {
    const directory = await open(this.directory, 'r');
    try {
      await directory.sync();
    } finally {
      await directory.close();
    }
  }
}

function nameOf({ _id, attempt }: Attempt): string {
  return `${_id}.${attempt}`;
}

/** What is not there is no failure. */
function orNull(error: unknown): null {
  if (hasCode(error, 'ENOENT')) return null;
  throw error;
}
