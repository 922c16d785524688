import type { Readable } from 'node:stream';
import type { AccountLimit } from '../access/account-limit.js';
import type { Principal } from '../access/principal.js';
import { ConflictError, NotFoundError } from '../../errors.js';
import type { FileImportService, ImportKind } from './file-imports.service.js';
import type { ColumnMapping } from './imports.columns.js';
import { ImportFileError } from './imports.errors.js';
import { openRows } from './imports.files.js';
import type { ColumnMappings } from './imports.mappings.js';
import { RejectedFile } from './imports.rejected.js';
import type { ImportSpool, Upload, UploadAbout } from './imports.spool.js';

/** A file as a person uploads it. */
export interface UploadedFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** The refused lines of an upload, as a file to take away. */
export interface RejectedLines {
  readonly name: string;
  readonly type: string;
  readonly path: string;
}

/** Rows that are shown before an import. */
const PREVIEW_ROWS = 3;
/** More columns than these are no list of responses or dossiers. */
const COLUMNS_MAX = 300;

/** Imports in two steps, as people do them on pages: a file is looked at, then it is taken in. */
export class UploadService {
  constructor(
    private readonly spool: ImportSpool,
    private readonly files: FileImportService,
    private readonly mappings: ColumnMappings,
    private readonly limit: AccountLimit,
  ) {}

  /**
   * Keeps a file until it is imported, with a look at its first rows.
   * @throws ImportFileError when it cannot be read, TooManyError
   */
  async receive(by: Principal, kind: ImportKind, { name, bytes }: UploadedFile): Promise<string> {
    await this.limit.take(by);
    const id = await this.spool.keep(bytes);
    const source = this.spool.read(id);
    try {
      await this.spool.describe(id, { by: by.name, kind, name, ...(await firstRows(source, name)) });
    } catch (error) {
      await this.spool.remove(id);
      throw error;
    } finally {
      source.destroy();
    }
    return id;
  }

  /** @throws NotFoundError for an upload of somebody else, or one that is no longer kept */
  async find(by: Principal, id: string): Promise<Upload> {
    const upload = await this.spool.find(by.name, id);
    if (!upload) throw new NotFoundError('There is no such upload, or no longer.');
    return upload;
  }

  /** Whether an upload is being imported now. */
  isUnderWay({ id, result }: Upload): Promise<boolean> {
    return result ? Promise.resolve(false) : this.spool.isTaken(id);
  }

  /** What the account said last about columns of these names. */
  async remembered(by: Principal, { kind }: Upload): Promise<ColumnMapping> {
    return this.mappings.of(by.name, kind);
  }

  /**
   * Imports an upload; of NDJSON, which names its fields itself, the mapping is not used.
   * @throws ImportFileError when its columns do not suffice, ConflictError when it is being imported already
   */
  async run(by: Principal, { id, kind, name, format }: Upload, mapping: ColumnMapping): Promise<void> {
    const source = await this.spool.take(id);
    if (!source) throw new ConflictError('import-begun', 'This file is being imported, or was.');
    try {
      const opened = await this.files.open(kind, source, name, format === 'ndjson' ? undefined : mapping);
      if (format !== 'ndjson') await this.mappings.remember(by.name, kind, mapping);
      const rejected = new RejectedFile(this.spool.rejectedPath(id), opened.file);
      const counts = await this.files.store(by, opened, (line) => rejected.add(line)).finally(() => rejected.close());
      const hasRejected = (await rejected.close()) !== null;
      await this.spool.finish(id, { counts, sha256: opened.sha256(), hasRejected });
    } catch (error) {
      source.destroy();
      await this.spool.putBack(id);
      throw error;
    }
  }

  /** The refused lines of an upload with the reasons. @throws NotFoundError when there are none */
  rejected({ id, name, format, result }: Upload): RejectedLines {
    if (!result?.hasRejected) throw new NotFoundError('No line of this file was refused.');
    const [ending, type] =
      format === 'ndjson' ? ['ndjson', 'application/x-ndjson'] : ['csv', 'text/csv; charset=utf-8'];
    const plainName = name.replace(/(\.rejected)?\.\w+$/, '');
    return { name: `${plainName}.rejected.${ending}`, type, path: this.spool.rejectedPath(id) };
  }
}

/** What is shown of a file before it is imported. */
async function firstRows(source: Readable, name: string): Promise<Pick<UploadAbout, 'format' | 'header' | 'rows'>> {
  const opened = await openRows(source, name);
  const rows: UploadAbout['rows'] = [];
  if (opened.format === 'ndjson') {
    for await (const { number, raw } of opened.lines) {
      rows.push({ number, cells: [String(raw)] });
      if (rows.length === PREVIEW_ROWS) break;
    }
    if (rows.length === 0) throw new ImportFileError('empty', 'The file is empty.');
    return { format: 'ndjson', header: [], rows };
  }
  const { format, header } = opened;
  try {
    if (header.length > COLUMNS_MAX) {
      throw new ImportFileError('too-many-columns', `The file has more than ${COLUMNS_MAX} columns.`);
    }
    for await (const row of opened.rows) {
      rows.push({ number: row.number, cells: 'broken' in row ? [row.broken] : [...row.cells] });
      if (rows.length === PREVIEW_ROWS) break;
    }
    return { format, header: [...header], rows };
  } finally {
    await opened.close();
  }
}
