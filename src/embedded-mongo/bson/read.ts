import { ProtocolError } from '../errors.js';
import {
  Binary,
  BSONRegExp,
  BsonUndefined,
  BSONSymbol,
  Code,
  DbPointer,
  Decimal128,
  Doc,
  double,
  MaxKey,
  MinKey,
  ObjectId,
  ScopedCode,
  Timestamp,
  type Value,
} from './values.js';

/** Byte at an index known to be inside. */
export const at = (bytes: Uint8Array, index: number): number => bytes[index] ?? 0;

const cstringEnd = (bytes: Buffer, position: number): number => bytes.indexOf(0, position);

const stringAt = (bytes: Buffer, position: number): string =>
  bytes.toString('utf8', position + 4, position + 3 + bytes.readInt32LE(position));

/** Position after the value of `type` that begins at `position`. The bytes are valid BSON. */
export function skipValue(bytes: Buffer, position: number, type: number): number {
  switch (type) {
    case 1:
    case 9:
    case 17:
    case 18:
      return position + 8;
    case 2:
    case 13:
    case 14:
      return position + 4 + bytes.readInt32LE(position);
    case 3:
    case 4:
    case 15:
      return position + bytes.readInt32LE(position);
    case 5:
      return position + 5 + bytes.readInt32LE(position);
    case 7:
      return position + 12;
    case 8:
      return position + 1;
    case 11:
      return cstringEnd(bytes, cstringEnd(bytes, position) + 1) + 1;
    case 12:
      return position + 4 + bytes.readInt32LE(position) + 12;
    case 16:
      return position + 4;
    case 19:
      return position + 16;
    default:
      return position;
  }
}

/** The value of `type` that begins at `position`; nested documents stay unread. The bytes are valid BSON. */
export function readValue(bytes: Buffer, position: number, type: number): Value {
  switch (type) {
    case 1:
      return double(bytes.readDoubleLE(position));
    case 2:
      return stringAt(bytes, position);
    case 3:
      return Doc.view(bytes, position);
    case 4:
      return readArray(bytes, position);
    case 5:
      return readBinary(bytes, position);
    case 6:
      return BsonUndefined.instance;
    case 7:
      return new ObjectId(bytes.subarray(position, position + 12));
    case 8:
      return bytes[position] === 1;
    case 9:
      return new Date(Number(bytes.readBigInt64LE(position)));
    case 10:
      return null;
    case 11:
      return readRegExp(bytes, position);
    case 16:
      return bytes.readInt32LE(position);
    case 17:
      return new Timestamp(bytes.readBigUInt64LE(position));
    case 18:
      return bytes.readBigInt64LE(position);
    case 19:
      return new Decimal128(Buffer.from(bytes.subarray(position, position + 16)));
    default:
      return readRareValue(bytes, position, type);
  }
}

function readRareValue(bytes: Buffer, position: number, type: number): Value {
  switch (type) {
    case 12: {
      const end = position + 4 + bytes.readInt32LE(position);
      return new DbPointer(stringAt(bytes, position), new ObjectId(bytes.subarray(end, end + 12)));
    }
    case 13:
      return new Code(stringAt(bytes, position));
    case 14:
      return new BSONSymbol(stringAt(bytes, position));
    case 15:
      return new ScopedCode(
        stringAt(bytes, position + 4),
        Doc.view(bytes, position + 8 + bytes.readInt32LE(position + 4)),
      );
    case 127:
      return new MaxKey();
    default:
      return new MinKey();
  }
}

function readArray(bytes: Buffer, start: number): Value[] {
  const values: Value[] = [];
  let position = start + 4;
  for (let type = at(bytes, position); type !== 0; type = at(bytes, position)) {
    const valueStart = cstringEnd(bytes, position + 1) + 1;
    values.push(readValue(bytes, valueStart, type));
    position = skipValue(bytes, valueStart, type);
  }
  return values;
}

function readBinary(bytes: Buffer, position: number): Binary {
  const length = bytes.readInt32LE(position);
  return new Binary(Buffer.from(bytes.subarray(position + 5, position + 5 + length)), bytes[position + 4]);
}

function readRegExp(bytes: Buffer, position: number): BSONRegExp {
  const patternEnd = cstringEnd(bytes, position);
  const flagsEnd = cstringEnd(bytes, patternEnd + 1);
  return new BSONRegExp(bytes.toString('utf8', position, patternEnd), bytes.toString('utf8', patternEnd + 1, flagsEnd));
}

/** Deepest nesting MongoDB stores. */
const MAX_DEPTH = 200;

/**
 * Checks that a well-formed BSON document begins at `start` and ends by `limit`, and gives its end.
 * @throws ProtocolError when it does not.
 */
export function validateDocument(bytes: Buffer, start: number, limit: number, depth = 0): number {
  if (depth > MAX_DEPTH || limit - start < 5) throw new ProtocolError('not a BSON document');
  const end = start + bytes.readInt32LE(start);
  if (end > limit || end < start + 5 || bytes[end - 1] !== 0) throw new ProtocolError('BSON length is wrong');
  let position = start + 4;
  while (position < end - 1) {
    const type = at(bytes, position);
    const nameEnd = bytes.indexOf(0, position + 1);
    if (nameEnd < 0 || nameEnd >= end - 1) throw new ProtocolError('BSON field name without end');
    position = validateValue(bytes, nameEnd + 1, end - 1, type, depth);
  }
  if (position !== end - 1) throw new ProtocolError('BSON value beyond the end');
  return end;
}

function validateValue(bytes: Buffer, position: number, limit: number, type: number, depth: number): number {
  if (type === 3 || type === 4) return validateDocument(bytes, position, limit, depth + 1);
  if (type === 15) return validateScopedCode(bytes, position, limit, depth);
  if (!isKnownType(type)) throw new ProtocolError(`unknown BSON type ${type}`);
  if (type === 2 || type === 13 || type === 14 || type === 5 || type === 12) {
    if (position + 5 > limit || bytes.readInt32LE(position) < (type === 5 ? 0 : 1)) {
      throw new ProtocolError('BSON string length is wrong');
    }
  } else if (type === 11) validateRegExp(bytes, position, limit);
  const end = skipValue(bytes, position, type);
  if (end > limit) throw new ProtocolError('BSON value beyond the end');
  if ((type === 2 || type === 13 || type === 14) && bytes[end - 1] !== 0)
    throw new ProtocolError('BSON string without end');
  if (type === 8 && at(bytes, position) > 1) throw new ProtocolError('BSON boolean is neither 0 nor 1');
  return end;
}

function validateRegExp(bytes: Buffer, position: number, limit: number): void {
  const patternEnd = cstringEnd(bytes, position);
  const flagsEnd = patternEnd < 0 ? -1 : cstringEnd(bytes, patternEnd + 1);
  if (flagsEnd < 0 || flagsEnd >= limit) throw new ProtocolError('BSON regular expression without end');
}

function validateScopedCode(bytes: Buffer, position: number, limit: number, depth: number): number {
  if (position + 14 > limit) throw new ProtocolError('BSON code is too short');
  const end = position + bytes.readInt32LE(position);
  const codeLength = bytes.readInt32LE(position + 4);
  const scope = position + 8 + codeLength;
  if (end > limit || codeLength < 1 || scope > end || validateDocument(bytes, scope, end, depth + 1) !== end) {
    throw new ProtocolError('BSON code length is wrong');
  }
  return end;
}

const isKnownType = (type: number): boolean => (type >= 1 && type <= 19) || type === 127 || type === 255;
