import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EJSON } from 'bson';
import { MongoServerError, type MongoClient } from 'mongodb';
import { z } from 'zod';

/** Commands run one after another in an empty database, and what MongoDB answered to the last one. */
const commandCase = z.object({
  name: z.string(),
  steps: z.array(z.record(z.string(), z.unknown())),
  answer: z.unknown(),
});
export type CommandCase = z.infer<typeof commandCase>;

export const CASES_FILE = join(__dirname, '../vectors/mongo-commands.json');
export const readCases = (): CommandCase[] => z.array(commandCase).parse(JSON.parse(readFileSync(CASES_FILE, 'utf8')));

const DATABASE = 'commands';
const keepTypes = { promoteValues: false, promoteLongs: false, promoteBuffers: false, bsonRegExp: true } as const;

/** What differs between two servers, or two runs, and is not an answer: texts of errors, times, ids that a server made. */
const UNTOLD = new Set(['errmsg', 'ok', 'localTime', '$clusterTime', 'operationTime', 'uuid', 'startedAt']);

/** The answer of a server to the last step of a case, as plain JSON that is equal when the answers are. */
export async function answerTo(client: MongoClient, { steps }: Pick<CommandCase, 'steps'>): Promise<unknown> {
  await client.db(DATABASE).dropDatabase();
  let answer: unknown;
  for (const step of steps) {
    const { $database = DATABASE, ...command } = EJSON.deserialize(step, { relaxed: false });
    try {
      answer = await client.db(String($database)).command(command, keepTypes);
    } catch (error) {
      if (!(error instanceof MongoServerError)) throw error;
      answer = error.errorResponse;
    }
  }
  return inFieldOrder(comparable(JSON.parse(EJSON.stringify(answer, { relaxed: false }))));
}

/** The order of fields counts in documents, but not in the reply and its cursor. */
const inFieldOrder = (reply: unknown): unknown =>
  typeof reply === 'object' && reply !== null && !Array.isArray(reply)
    ? Object.fromEntries(
        Object.entries(reply)
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([key, value]) => [key, key === 'cursor' ? inFieldOrder(value) : value]),
      )
    : reply;

function comparable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(comparable);
  if (typeof value !== 'object' || value === null) return value;
  if ('$oid' in value) return 'an id';
  const entries = Object.entries(value).filter(([key]) => !UNTOLD.has(key));
  return Object.fromEntries(
    entries.map(([key, item]) => [key, key === 'id' && 'ns' in value ? isOpen(item) : comparable(item)]),
  );
}

/** Of the id of a cursor only whether there is more to read. */
const isOpen = (id: unknown): string => (JSON.stringify(id).includes('"0"') ? 'read to its end' : 'open');
