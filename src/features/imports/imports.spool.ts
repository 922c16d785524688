import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { access, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { z } from 'zod';
import type { Clock } from '../../clock.js';
import { AppError, hasCode } from '../../errors.js';
import { IMPORT_KINDS } from './file-imports.service.js';

/** How long an uploaded file is kept, and what became of it. */
export const KEPT_MINUTES = 60;
const KEPT_MS = KEPT_MINUTES * 60_000;

const aboutShape = z.object({
  /** Name of the account that uploaded it, the only one that sees it. */
  by: z.string(),
  kind: z.enum(IMPORT_KINDS),
  name: z.string(),
  format: z.enum(['csv', 'xlsx', 'ndjson']),
  /** Of NDJSON: empty. */
  header: z.array(z.string()),
  /** The first rows; of NDJSON, a line each. */
  rows: z.array(z.object({ number: z.number(), cells: z.array(z.string()) })),
});
export type UploadAbout = z.infer<typeof aboutShape>;

const resultShape = z.object({
  counts: z.record(z.string(), z.number()),
  sha256: z.string(),
  hasRejected: z.boolean(),
});
/** How the import of an upload ended. */
export type ImportResult = z.infer<typeof resultShape>;

/** An uploaded file between preview and import, and for a while after. */
export interface Upload extends UploadAbout {
  readonly id: string;
  /** Null until it was imported. */
  readonly result: ImportResult | null;
}

/** Begins with the time, so that a restart does not forget which are old. */
const ID = /^(\d{13})-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const FILE = 'file';
/** What {@link FILE} is called while it is being imported. */
const TAKEN = 'taken';
const ABOUT = 'about.json';
const RESULT = 'result.json';
const REJECTED = 'rejected';

/**
 * Uploaded files on this machine's disk: a directory each, readable by this user only, since they hold what citizens
 * wrote. Several servers need a common data directory for it, or the same server for all requests of a session.
 */
export class ImportSpool {
  private readonly directory: string;

  constructor(
    dataDir: string,
    private readonly now: Clock,
  ) {
    this.directory = join(dataDir, 'spool', 'imports');
  }

  /** Keeps the bytes of a file; what is known of it is said with {@link describe}. Gives its id. */
  async keep(bytes: Uint8Array): Promise<string> {
    const id = `${this.now().getTime()}-${randomUUID()}`;
    try {
      await mkdir(join(this.directory, id), { recursive: true, mode: 0o700 });
      await writeFile(this.path(id, FILE), bytes, { mode: 0o600 });
    } catch (error) {
      await this.remove(id);
      throw hasCode(error, 'ENOSPC', 'EDQUOT') ? diskFull() : error;
    }
    return id;
  }

  async describe(id: string, about: UploadAbout): Promise<void> {
    await this.writeJson(id, ABOUT, about);
  }

  /** An upload of an account; null when there is none of this id, or no longer. */
  async find(by: string, id: string): Promise<Upload | null> {
    if (!ID.test(id)) return null;
    const about = await this.readJson(id, ABOUT, aboutShape);
    if (about?.by !== by) return null;
    return { ...about, id, result: await this.readJson(id, RESULT, resultShape) };
  }

  read(id: string): Readable {
    return createReadStream(this.path(id, FILE));
  }

  /** The file, for one import only: null when another has begun with it. */
  async take(id: string): Promise<Readable | null> {
    try {
      await rename(this.path(id, FILE), this.path(id, TAKEN));
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return null;
      throw error;
    }
    return createReadStream(this.path(id, TAKEN));
  }

  /** Gives a file back whose import broke off: it may be begun again. */
  async putBack(id: string): Promise<void> {
    await rename(this.path(id, TAKEN), this.path(id, FILE));
  }

  /** Says how an import ended; the file goes. */
  async finish(id: string, result: ImportResult): Promise<void> {
    await this.writeJson(id, RESULT, result);
    await rm(this.path(id, TAKEN));
  }

  /** Where the refused lines of an upload stand. */
  rejectedPath(id: string): string {
    return this.path(id, REJECTED);
  }

  /** Whether an import has begun that has not ended, or broke off with the server. */
  async isTaken(id: string): Promise<boolean> {
    return access(this.path(id, TAKEN)).then(
      () => true,
      () => false,
    );
  }

  async remove(id: string): Promise<void> {
    await rm(join(this.directory, id), { recursive: true, force: true });
  }

  /** Removes what was kept long enough, and what a clock set wrong dated into the future. */
  async sweep(): Promise<void> {
    const names = await readdir(this.directory).catch((error: unknown) => {
      if (hasCode(error, 'ENOENT')) return [];
      throw error;
    });
    for (const name of names) {
      const at = ID.exec(name)?.[1];
      if (at !== undefined && Math.abs(this.now().getTime() - Number(at)) > KEPT_MS) await this.remove(name);
    }
  }

  private path(id: string, file: string): string {
    return join(this.directory, id, file);
  }

  /** Whole or not at all: a file that is only partly written is never read. */
  private async writeJson(id: string, file: string, value: object): Promise<void> {
    const path = this.path(id, file);
    await writeFile(`${path}.new`, JSON.stringify(value), { mode: 0o600 });
    await rename(`${path}.new`, path);
  }

  private async readJson<T>(id: string, file: string, shape: z.ZodType<T>): Promise<T | null> {
    try {
      return shape.parse(JSON.parse(await readFile(this.path(id, file), 'utf8')));
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return null;
      throw error;
    }
  }
}

function diskFull(): AppError {
  return new AppError('unavailable', 503, 'Service unavailable', 'The disk is full; the file was not kept.', [], {
    'Retry-After': '60',
  });
}
