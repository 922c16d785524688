import { open, type FileHandle } from 'node:fs/promises';
import type { FieldError } from '../../errors.js';
import { csvRow } from '../exports/exports.csv.js';
import type { ImportFile } from './imports.files.js';
import type { RejectedLine } from './imports.service.js';

const ERRORS_COLUMN = 'errors';
const BOM = '\uFEFF';

/**
 * Where the lines an import refused are kept with the reasons, in the format they came in (those of a workbook as CSV),
 * so that they can be corrected and imported again. The file is made with the first of them.
 */
export class RejectedFile {
  private handle: FileHandle | undefined;

  constructor(
    private readonly path: string,
    private readonly file: ImportFile,
  ) {}

  async add(rejected: RejectedLine): Promise<void> {
    if (!this.handle) {
      this.handle = await open(this.path, 'w');
      await this.handle.write(startOf(this.file));
    }
    await this.handle.write(this.file.format === 'ndjson' ? ndjsonText(rejected) : csvText(rejected, this.file));
  }

  /** Gives the path of the file; null when nothing was rejected. */
  async close(): Promise<string | null> {
    await this.handle?.close();
    return this.handle ? this.path : null;
  }
}

type TableImport = Exclude<ImportFile, { format: 'ndjson' }>;

function startOf(file: ImportFile): string {
  return file.format === 'ndjson' ? '' : BOM + csvRow([...kept(file.header, file), ERRORS_COLUMN], file.delimiter);
}

/** The row as it stood, and one cell more: one that had too few or too many cells still has. */
function csvText({ line, errors }: RejectedLine, file: TableImport): string {
  const cells = typeof line.raw === 'string' ? [line.raw] : kept(line.raw, file);
  return csvRow([...cells, errors.map((error) => describe(error, file)).join('; ')], file.delimiter);
}

/** Without the reasons of an earlier import. */
function kept(cells: readonly string[], { header }: TableImport): string[] {
  return cells.filter((_, index) => header[index] !== ERRORS_COLUMN);
}

function describe({ path, message }: FieldError, { columns }: TableImport): string {
  const column = columns.columnOf(path);
  return column === '' ? message : `${column}: ${message}`;
}

function ndjsonText({ line, errors }: RejectedLine): string {
  const content = line.problem === undefined ? { item: line.fields } : { raw: line.raw };
  return `${JSON.stringify({ line: line.number, errors, ...content })}\n`;
}
