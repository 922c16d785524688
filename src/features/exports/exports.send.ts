import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Response } from 'express';
import { hasCode } from '../../errors.js';
import type { Facts } from '../audit/audit.model.js';
import type { AuditService } from '../audit/audit.service.js';
import type { DelimiterName } from './exports.csv.js';
import { bytesOf, CONTENT_TYPES, type Format } from './exports.formats.js';
import { counting, type Export } from './exports.tables.js';

export interface ExportFile {
  /** Without its ending. */
  readonly name: string;
  readonly format: Format;
}

/** Sends an export and records who took how many rows of what, also when it breaks off. */
export async function sendExport(
  audit: AuditService,
  asked: Facts,
  made: Export,
  res: Response,
  file: ExportFile & { readonly delimiter: DelimiterName },
): Promise<void> {
  let rows = 0;
  let complete = false;
  const watched = counting(made, (sofar) => {
    rows = sofar;
  });
  const work = async () => {
    complete = await sendFile(res, file, bytesOf(watched, file.format, file.delimiter));
  };
  const event = { action: 'export', subject: made.table.name, after: asked } as const;
  await audit.change(event, work, () => ({ rows, complete }));
}

/**
 * Sends a file as it is made; false when its reader went away before the end, which is no failure of ours. A failure on
 * the way breaks the connection, so that a part never looks like the whole.
 */
export async function sendFile(res: Response, { name, format }: ExportFile, bytes: Readable): Promise<boolean> {
  res.set({
    'Content-Type': CONTENT_TYPES[format],
    'Content-Disposition': `attachment; filename="${name}.${format}"`,
    'Cache-Control': 'no-store',
  });
  try {
    await pipeline(bytes, res);
    return true;
  } catch (error) {
    res.destroy();
    if (hasCode(error, 'ERR_STREAM_PREMATURE_CLOSE')) return false;
    throw error;
  }
}
