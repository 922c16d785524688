import { EJSON } from 'bson';
import { MongoClient, MongoServerError, type Db } from 'mongodb';
import type { Tree } from './parity-random.js';
import type { IndexSpec } from './parity-queries.js';

/** What the collections `docs` and `other` hold before a command. */
export interface Dataset {
  readonly docs: readonly Tree[];
  readonly other: readonly Tree[];
  readonly indexes: readonly IndexSpec[];
}

/** What a server answered, in a form that is equal when the answers are. */
export interface Answer {
  readonly error?: string;
  readonly message?: string;
  readonly result?: readonly string[];
  readonly after?: readonly string[];
}

const REFUSAL = /not supported (?:by this server|here)/;
const keepTypes = { promoteValues: false, promoteLongs: false, promoteBuffers: false, bsonRegExp: true } as const;
const canonical = (value: unknown): string => EJSON.stringify(value, { relaxed: false });

/** Ids that a server made itself in the last day differ on every server. */
const withoutNewIds = (text: string): string =>
  text.replace(/"\$oid":"([0-9a-f]{8})[0-9a-f]{16}"/g, (whole, seconds: string) =>
    Number.parseInt(seconds, 16) > Date.now() / 1000 - 86_400 ? '"$oid":"new"' : whole,
  );

const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value);

/** One server, the embedded one or a real one, with a database of its own. */
export class Side {
  #indexed: ReadonlySet<unknown> = new Set();

  private constructor(
    private readonly client: MongoClient,
    private readonly db: Db,
  ) {}

  static async connect(uri: string, database: string): Promise<Side> {
    const client = await MongoClient.connect(uri, { retryWrites: false, retryReads: false });
    return new Side(client, client.db(database));
  }

  async close(): Promise<void> {
    await this.db.dropDatabase();
    await this.client.close();
  }

  /** Fills the collections; the indexes are made first when `withIndexes` is set, else those that are there stay. */
  async load(data: Dataset, withIndexes: boolean): Promise<void> {
    this.#indexed = new Set(data.indexes.map(({ key }) => Object.keys(key)[0]));
    if (withIndexes) {
      await this.db.collection('docs').drop();
      await this.db.createCollection('docs');
      if (data.indexes.length > 0) await this.db.command({ createIndexes: 'docs', indexes: data.indexes });
    }
    for (const [name, documents] of [
      ['docs', data.docs],
      ['other', data.other],
    ] as const) {
      await this.db.command({ delete: name, deletes: [{ q: {}, limit: 0 }] });
      // Documents that two array fields keep out of a compound index are kept out of both servers alike.
      if (documents.length > 0) await this.db.command({ insert: name, documents, ordered: false });
    }
  }

  /** Runs a command; `after` tells what the collection then holds when the command may have changed it. */
  async run(command: Tree): Promise<Answer> {
    const answer = await this.#reply(command);
    const writes = ['insert', 'update', 'delete', 'findAndModify'].some((name) => name in command);
    if ('distinct' in command) return this.#withoutIndexedNull(answer, command['key']);
    if (!writes) return answer;
    const after = await this.#contents();
    // The order of the fields that an upsert takes from its filter follows MongoDB's rewriting of the filter.
    if (!JSON.stringify(command).includes('"upsert":true')) return { ...answer, after };
    return { ...answer, result: (answer.result ?? []).map(inFieldOrder), after: after.map(inFieldOrder) };
  }

  /** MongoDB tells null for missing fields when it reads an index that begins with the key, and not when it does not. */
  #withoutIndexedNull(answer: Answer, key: unknown): Answer {
    if (!this.#indexed.has(key)) return answer;
    return { ...answer, result: (answer.result ?? []).map((text) => withoutNulls(text)) };
  }

  async #reply(command: Tree): Promise<Answer> {
    try {
      const reply: unknown = await this.db.command(command, keepTypes);
      return readReply(isTree(reply) ? reply : {}, 'sort' in command || endsSorted(command));
    } catch (error) {
      if (!(error instanceof MongoServerError)) throw error;
      return { error: `${String(error.code)} ${String(error.codeName)}`, message: error.message };
    }
  }

  async #contents(): Promise<readonly string[]> {
    const answer = await this.#reply({ find: 'docs', batchSize: 1000, sort: { _id: 1 } });
    return [...(answer.result ?? [])].sort();
  }
}

const endsSorted = (command: Tree): boolean => {
  const stages = command['pipeline'];
  const last: unknown = Array.isArray(stages) ? stages.at(-1) : undefined;
  return isTree(last) && '$sort' in last;
};

const withoutNulls = (text: string): string => text.replace(/(?<=[[,])null,?/g, '').replace(/,\]$/, ']');

const inFieldOrder = (text: string): string => {
  const [, told = '', value = ''] = /^(value: )?(.*)$/s.exec(text) ?? [];
  if (!value.startsWith('{')) return text;
  const parsed: unknown = JSON.parse(value);
  return told + JSON.stringify(isTree(parsed) ? Object.entries(parsed).sort(([a], [b]) => (a < b ? -1 : 1)) : parsed);
};

function readReply(reply: Tree, ordered: boolean): Answer {
  const cursor = reply['cursor'];
  const batch = isTree(cursor) ? cursor['firstBatch'] : undefined;
  if (Array.isArray(batch)) {
    const rows = batch.map((row: unknown) => withoutNewIds(canonical(row)));
    return { result: ordered ? rows : rows.sort() };
  }
  const writeErrors = reply['writeErrors'];
  const failed: unknown = Array.isArray(writeErrors) ? writeErrors[0] : undefined;
  if (isTree(failed)) return { error: canonical(failed['code']), message: canonical(failed['errmsg']) };
  const told = ['n', 'nModified', 'upserted', 'value', 'values', 'lastErrorObject'].filter((name) => name in reply);
  return { result: told.map((name) => `${name}: ${withoutNewIds(canonical(reply[name]))}`) };
}

/** True when the engine said that it does not offer this, which its README lists. */
export const isRefusal = (answer: Answer): boolean => answer.message !== undefined && REFUSAL.test(answer.message);

/**
 * Codes that MongoDB gives to one error, one by each of its two executors (classic and slot-based). Which of them runs a
 * pipeline follows from the stages beside it, so that the code of an error is not fixed by the error.
 */
const ONE_ERROR: readonly (readonly number[])[] = [
  [17041, 17040, 7158300],
  [40400, 5911200],
  [40066, 7158303],
  [16006, 4997901],
];

function sameError(error: string | undefined): string | undefined {
  const code = Number(error?.split(' ')[0]);
  return ONE_ERROR.find((codes) => codes.includes(code))?.join() ?? error;
}

/** How two answers differ, or undefined when they agree. Texts of errors may differ, their codes may not. */
export function difference(engine: Answer, real: Answer): string | undefined {
  if (sameError(engine.error) !== sameError(real.error)) return `engine: ${tell(engine)}\nreal:   ${tell(real)}`;
  const [left, right] = [engine, real].map(({ result, after }) => canonical([result, after]));
  return left === right ? undefined : `engine: ${tell(engine)}\nreal:   ${tell(real)}`;
}

const tell = (answer: Answer): string =>
  answer.error === undefined
    ? [...(answer.result ?? []), ...(answer.after ? ['after:', ...answer.after] : [])].join('\n        ')
    : `error ${answer.error}: ${answer.message ?? ''}`;
