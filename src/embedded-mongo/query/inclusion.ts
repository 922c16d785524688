import { at, skipValue } from '../bson/read.js';
import { Doc } from '../bson/values.js';

/** A field to keep: whole, or of the document in it only the fields `below`. */
export interface KeptField {
  readonly name: string;
  readonly below: readonly KeptField[] | undefined;
}

interface NamedField {
  readonly name: Buffer;
  readonly below: readonly NamedField[] | undefined;
}

const DOCUMENT = 3;
const ARRAY = 4;

/**
 * A copy of documents with some fields only, made of their bytes without reading the values: what lies beside the kept
 * fields costs nothing however large it is. Gives undefined for a document that it cannot copy that way, because an
 * array stands where a document is expected or because it has no stored bytes.
 */
export function byteInclusion(kept: readonly KeptField[]): (doc: Doc) => Doc | undefined {
  const fields = named(kept);
  return (doc) => {
    const { raw } = doc;
    if (!raw) return undefined;
    const target = scratch(raw.length);
    const end = include(raw, 0, fields, target, 0);
    return end < 0 ? undefined : Doc.view(Buffer.from(target.subarray(0, end)));
  };
}

function named(kept: readonly KeptField[]): NamedField[] {
  return kept.map(({ name, below }) => ({ name: Buffer.from(name), below: below && named(below) }));
}

let shared = Buffer.allocUnsafe(64 * 1024);

/** Room for one copy, used before the next is begun. */
function scratch(size: number): Buffer {
  if (shared.length < size) shared = Buffer.allocUnsafe(size);
  return shared;
}

/** Copies the kept fields of the document at `start` and gives the end of the copy; -1 when that is not possible. */
function include(
  source: Buffer,
  start: number,
  fields: readonly NamedField[],
  target: Buffer,
  targetStart: number,
): number {
  let end = targetStart + 4;
  let missing = fields.length;
  let position = start + 4;
  for (let type = at(source, position); type !== 0 && missing > 0; type = at(source, position)) {
    const nameEnd = endOfName(source, position + 1);
    const next = skipValue(source, nameEnd + 1, type);
    const field = fieldAt(source, position + 1, nameEnd, fields);
    if (field) {
      missing -= 1;
      if (!field.below) end += source.copy(target, end, position, next);
      else if (type === ARRAY) return -1;
      else if (type === DOCUMENT) {
        const valueStart = end + source.copy(target, end, position, nameEnd + 1);
        end = include(source, nameEnd + 1, field.below, target, valueStart);
        if (end < 0) return -1;
      }
    }
    position = next;
  }
  target[end] = 0;
  end += 1;
  target.writeInt32LE(end - targetStart, targetStart);
  return end;
}

function endOfName(source: Buffer, start: number): number {
  let end = start;
  while (source[end] !== 0) end += 1;
  return end;
}

function fieldAt(source: Buffer, start: number, end: number, fields: readonly NamedField[]): NamedField | undefined {
  for (const field of fields) {
    const { name } = field;
    if (name.length !== end - start) continue;
    let index = 0;
    while (index < name.length && name[index] === source[start + index]) index += 1;
    if (index === name.length) return field;
  }
  return undefined;
}
