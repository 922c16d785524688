import { createHash } from 'node:crypto';
import type { KeyRange } from './store.js';

/** First byte of every key: which part of the file it belongs to. */
const SPACE = { header: 0x01, catalog: 0x02, counts: 0x03, records: 0x10, index: 0x20 } as const;

/** Longest encoded index key kept whole; of longer ones the first bytes and a hash of all are kept. */
export const LONGEST_KEY = 1900;

export const HEADER_KEY = Buffer.from([SPACE.header, 0]);
export const CATALOG_RANGE: KeyRange = { low: Buffer.from([SPACE.catalog]), high: Buffer.from([SPACE.catalog + 1]) };

function numbered(space: number, id: number, extra = 0): Buffer {
  const key = Buffer.allocUnsafe(5 + extra);
  key[0] = space;
  key.writeUInt32BE(id, 1);
  return key;
}

export const catalogKey = (collectionId: number): Buffer => numbered(SPACE.catalog, collectionId);
export const countKey = (collectionId: number): Buffer => numbered(SPACE.counts, collectionId);

export function recordKey(collectionId: number, recordId: number): Buffer {
  const key = numbered(SPACE.records, collectionId, 8);
  writeRecordId(key, recordId, 5);
  return key;
}

function writeRecordId(target: Buffer, recordId: number, offset: number): void {
  target.writeUInt16BE(Math.floor(recordId / 2 ** 48), offset);
  target.writeUIntBE(recordId % 2 ** 48, offset + 2, 6);
}

/** The record id in the last 8 bytes. */
export const recordIdAtEnd = (bytes: Buffer): number => bytes.readUIntBE(bytes.length - 6, 6);

export function recordIdBytes(recordId: number): Buffer {
  const bytes = Buffer.allocUnsafe(8);
  writeRecordId(bytes, recordId, 0);
  return bytes;
}

export const recordRange = (collectionId: number): KeyRange => ({
  low: numbered(SPACE.records, collectionId),
  high: numbered(SPACE.records, collectionId + 1),
});

export const indexPrefix = (indexId: number): Buffer => numbered(SPACE.index, indexId);

export const indexRange = (indexId: number): KeyRange => ({
  low: indexPrefix(indexId),
  high: indexPrefix(indexId + 1),
});

/** The stored form of an index key: itself, or when it is too long its beginning and a hash. */
export function storedKey(encoded: Buffer): Buffer {
  if (encoded.length <= LONGEST_KEY) return encoded;
  return Buffer.concat([encoded.subarray(0, LONGEST_KEY), createHash('sha256').update(encoded).digest()]);
}

/** The smallest key greater than every key that begins with `prefix`. */
export function afterPrefix(prefix: Buffer): Buffer {
  let end = prefix.length;
  while (end > 0 && prefix[end - 1] === 0xff) end--;
  const next = Buffer.from(prefix.subarray(0, end));
  if (end > 0) next[end - 1] = (next[end - 1] ?? 0) + 1;
  return next;
}

/** The key right after this one. */
export const afterKey = (key: Buffer): Buffer => Buffer.concat([key, Buffer.alloc(1)]);
