import { at, validateDocument } from '../bson/read.js';
import { encodeAfter } from '../bson/write.js';
import { Doc, type Value } from '../bson/values.js';
import { ProtocolError } from '../errors.js';
import { crc32c } from './crc32c.js';

export const OP_REPLY = 1;
export const OP_QUERY = 2004;
export const OP_MSG = 2013;

const HEADER = 16;
export const MAX_MESSAGE_BYTES = 48_000_000;

const CHECKSUM_PRESENT = 1;
const MORE_TO_COME = 2;
/** Bits 0 to 15 must be understood; the others may be ignored. */
const REQUIRED_BITS = 0xffff;

/** A message as it came in. */
export interface Message {
  readonly requestId: number;
  readonly opcode: number;
  readonly body: Doc;
  /** Whether the client waits for an answer. */
  readonly wantsReply: boolean;
}

/** Parses a whole message. @throws ProtocolError when it is not one. */
export function parseMessage(bytes: Buffer): Message {
  const opcode = bytes.readInt32LE(12);
  const requestId = bytes.readInt32LE(4);
  if (opcode === OP_MSG) return { requestId, opcode, ...parseOpMsg(bytes) };
  if (opcode === OP_QUERY) return { requestId, opcode, body: parseOpQuery(bytes), wantsReply: true };
  throw new ProtocolError(`unsupported opcode ${opcode}`);
}

function parseOpMsg(bytes: Buffer): { body: Doc; wantsReply: boolean } {
  if (bytes.length < HEADER + 10) throw new ProtocolError('message too short');
  const flags = bytes.readUInt32LE(HEADER);
  if ((flags & REQUIRED_BITS & ~(CHECKSUM_PRESENT | MORE_TO_COME)) !== 0)
    throw new ProtocolError('unknown required flag bits');
  const end = flags & CHECKSUM_PRESENT ? checkedEnd(bytes) : bytes.length;
  let body: Doc | undefined;
  const sequences: [string, Value[]][] = [];
  let position = HEADER + 4;
  while (position < end) {
    const kind = at(bytes, position);
    if (kind === 0) {
      if (body) throw new ProtocolError('more than one body section');
      body = Doc.view(bytes, position + 1);
      position = validateDocument(bytes, position + 1, end);
    } else if (kind === 1) position = parseSequence(bytes, position + 1, end, sequences);
    else throw new ProtocolError(`unknown section kind ${kind}`);
  }
  if (!body) throw new ProtocolError('no body section');
  return { body: withSequences(body, sequences), wantsReply: (flags & MORE_TO_COME) === 0 };
}

function checkedEnd(bytes: Buffer): number {
  const end = bytes.length - 4;
  if (crc32c(bytes.subarray(0, end)) !== bytes.readUInt32LE(end)) throw new ProtocolError('checksum does not match');
  return end;
}

/** A document sequence: its size, the name of the field it stands for, and documents up to its end. */
function parseSequence(bytes: Buffer, start: number, limit: number, sequences: [string, Value[]][]): number {
  if (start + 5 > limit) throw new ProtocolError('document sequence too short');
  const end = start + bytes.readInt32LE(start);
  const nameEnd = bytes.indexOf(0, start + 4);
  if (end > limit || end < start + 5 || nameEnd < 0 || nameEnd >= end)
    throw new ProtocolError('document sequence length is wrong');
  const docs: Value[] = [];
  let position = nameEnd + 1;
  while (position < end) {
    docs.push(Doc.view(bytes, position));
    position = validateDocument(bytes, position, end);
  }
  sequences.push([bytes.toString('utf8', start + 4, nameEnd), docs]);
  return end;
}

function withSequences(body: Doc, sequences: readonly [string, Value[]][]): Doc {
  if (sequences.length === 0) return body;
  const whole = Doc.from(body.entries());
  for (const [name, docs] of sequences) {
    if (whole.has(name)) throw new ProtocolError(`duplicate field ${name}`);
    whole.set(name, docs);
  }
  return whole;
}

/** The command in an OP_QUERY, which only greets nowadays. */
function parseOpQuery(bytes: Buffer): Doc {
  const nameEnd = bytes.indexOf(0, HEADER + 4);
  if (nameEnd < 0 || nameEnd + 9 >= bytes.length) throw new ProtocolError('OP_QUERY too short');
  const namespace = bytes.toString('utf8', HEADER + 4, nameEnd);
  const start = nameEnd + 9;
  validateDocument(bytes, start, bytes.length);
  const query = Doc.view(bytes, start);
  const inner = query.get('$query');
  const command = Doc.from((inner instanceof Doc ? inner : query).entries());
  return command.set('$db', namespace.replace(/\.\$cmd$/, ''));
}

let lastId = 0;

/** The bytes of an answer. */
export function encodeReply(opcode: number, requestId: number, body: Doc): Buffer {
  const gap = opcode === OP_QUERY ? HEADER + 20 : HEADER + 5;
  const bytes = encodeAfter(gap, body);
  bytes.fill(0, 0, gap);
  bytes.writeInt32LE(bytes.length, 0);
  bytes.writeInt32LE((lastId = (lastId + 1) & 0x7fffffff), 4);
  bytes.writeInt32LE(requestId, 8);
  bytes.writeInt32LE(opcode === OP_QUERY ? OP_REPLY : OP_MSG, 12);
  if (opcode === OP_QUERY) {
    bytes.writeInt32LE(8, HEADER);
    bytes.writeInt32LE(1, HEADER + 16);
  }
  return bytes;
}
