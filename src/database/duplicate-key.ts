import { MongoBulkWriteError, type WriteError } from 'mongodb';

const DUPLICATE_KEY = 11000;

/** E11000: a unique key already has this value. */
export function isDuplicateKey(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === DUPLICATE_KEY;
}

/** Positions of the writes of an unordered bulk whose key was taken; null when anything else went wrong as well. */
export function duplicatePositions(error: unknown): number[] | null {
  if (!(error instanceof MongoBulkWriteError)) return null;
  const { writeErrors } = error;
  const list: readonly WriteError[] = 'length' in writeErrors ? writeErrors : [writeErrors];
  if (list.length === 0 || list.some(({ code }) => code !== DUPLICATE_KEY)) return null;
  return list.map(({ index }) => index);
}
