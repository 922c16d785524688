import { Doc, Double } from '../bson/values.js';
import { MongoError, ProtocolError } from '../errors.js';
import type { Engine, Request } from './command.js';
import { checkGenericFields } from './generic-fields.js';
import { findCommand } from './table.js';

const COUNTED = new Map([
  ['findAndModify', 'update'],
  ['findandmodify', 'update'],
  ['find', 'query'],
  ['aggregate', 'query'],
  ['getMore', 'getmore'],
]);

/** Runs one command and gives the reply, an error as MongoDB's error document. */
export async function runCommand(engine: Engine, body: Doc, connectionId: number): Promise<Doc> {
  try {
    const name = body.first()?.[0] ?? '';
    const handler = findCommand(name);
    const database = body.get('$db');
    if (typeof database !== 'string') throw new MongoError(40571, 'OP_MSG requests require a $db argument');
    checkGenericFields(name, body);
    const counter = COUNTED.get(name) ?? (['insert', 'update', 'delete'].includes(name) ? name : 'command');
    engine.counters.set(counter, (engine.counters.get(counter) ?? 0) + 1);
    const request: Request = { engine, database, body, name, connectionId };
    return await handler(request);
  } catch (error) {
    return errorReply(error);
  }
}

/** The reply that tells of an error. */
export function errorReply(error: unknown): Doc {
  if (error instanceof ProtocolError) throw error;
  const known = error instanceof MongoError ? error : new MongoError(1, `internal error: ${describe(error)}`);
  const reply = Doc.of({ ok: new Double(0), errmsg: known.message, code: known.code, codeName: known.codeName });
  for (const [key, value] of Object.entries(known.extra)) if (value !== undefined) reply.set(key, value);
  return reply;
}

const describe = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error));
