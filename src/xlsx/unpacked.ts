import { finished } from 'node:stream/promises';
import { fromBufferPromise } from 'yauzl';

/** What a workbook has when it is unpacked; one of 50,000 rows and twenty columns takes a quarter of it. */
export const UNPACKED_MB = 400;
const UNPACKED_BYTES = UNPACKED_MB * 1024 * 1024;
const FILES_MAX = 1000;

/**
 * Whether an archive is more than is unpacked: told by unpacking it piece by piece, since what it says of itself need not
 * be true. (OWASP ASVS 5, 5.2.3)
 * @throws Error when it is no archive, or one that says of its files what is not so
 */
export async function isTooLargeUnpacked(archive: Buffer): Promise<boolean> {
  const files = await fromBufferPromise(archive);
  if (files.entryCount > FILES_MAX) return true;
  let bytes = 0;
  for await (const entry of files.eachEntry()) {
    bytes += entry.uncompressedSize;
    if (bytes > UNPACKED_BYTES) return true;
    const pieces = await files.openReadStreamPromise(entry);
    // A piece beyond the size that the archive gives for the file ends the reading with an error.
    await finished(pieces.resume());
  }
  return false;
}
