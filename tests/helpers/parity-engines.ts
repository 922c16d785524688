import { EJSON } from 'bson';
import { MongoClient, MongoServerError, type Db } from 'mongodb';
import type { Tree } from './parity-random.js';
import type { IndexSpec } from './parity-queries.js';

/** What the collections `docs` and `other` hold before a command. */
export interface Dataset {
  readonly docs: readonly Tree[];
  readonly other: readonly Tree[];
  readonly indexes: readonly IndexSpec[];
  /** What `out` holds, where a pipeline may write to it; `k` is unique there. */
  readonly out?: readonly Tree[];
}

/** What a server answered, in a form that is equal when the answers are. */
export interface Answer {
  readonly error?: string;
  readonly message?: string;
  /** What an error tells beside its code: of each failed write its number, code, and the key that was there already. */
  readonly details?: string;
  readonly result?: readonly string[];
  readonly after?: readonly string[];
}

/** What the README lists as refused and generated cases may ask for; any other refusal is a difference. */
const REFUSALS: readonly RegExp[] = [
  /^\$densify of dates by partition with other bounds than 'partition' is not supported by this server$/,
  /^\$(?:exp|ln|log|log10|pow|expMovingAvg|linearFill) of a decimal is not supported by this server$/,
];
const keepTypes = { promoteValues: false, promoteLongs: false, promoteBuffers: false, bsonRegExp: true } as const;
const canonical = (value: unknown): string => EJSON.stringify(value, { relaxed: false });

/** Whether a server wrote this time itself just now. */
const isNew = (seconds: number): boolean => Math.abs(seconds - Date.now() / 1000) < 600;

/** Ids and times that a server made itself differ on every server. */
const withoutNew = (text: string): string =>
  text
    .replace(/"\$oid":"([0-9a-f]{8})[0-9a-f]{16}"/g, (whole, seconds: string) =>
      isNew(Number.parseInt(seconds, 16)) ? '"$oid":"new"' : whole,
    )
    .replace(/"\$date":\{"\$numberLong":"(\d+)"\}/g, (whole, milliseconds: string) =>
      isNew(Number(milliseconds) / 1000) ? '"$date":"new"' : whole,
    )
    .replace(/"\$timestamp":\{"t":(\d+),"i":\d+\}/g, (whole, seconds: string) =>
      isNew(Number(seconds)) ? '"$timestamp":"new"' : whole,
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
      for (const name of ['docs', 'fresh']) await this.db.collection(name).drop();
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
    if (data.out) await this.#loadOutput(data.out);
  }

  async #loadOutput(documents: readonly Tree[]): Promise<void> {
    for (const name of ['out', 'fresh']) await this.db.collection(name).drop();
    await this.db.command({ createIndexes: 'out', indexes: [{ key: { k: 1 }, name: 'k_1', unique: true }] });
    await this.db.command({ insert: 'out', documents });
  }

  /** Runs a command; `after` tells what the collection then holds when the command may have changed it. */
  async run(command: Tree): Promise<Answer> {
    return withoutLastDigits(command, await this.#answer(command));
  }

  async #answer(command: Tree): Promise<Answer> {
    const answer = await this.#reply(command);
    if ('distinct' in command) return this.#withoutIndexedNull(answer, command['key']);
    const after = await this.#after(command, answer);
    if (after === undefined) return answer;
    // MongoDB takes the fields that an upsert has from its filter in an order that differs from run to run.
    if (!JSON.stringify(command).includes('"upsert":true')) return { ...answer, after };
    return { ...answer, result: (answer.result ?? []).map(inFieldOrder), after: after.map(inFieldOrder) };
  }

  /** What a command may have changed, as it is now. */
  async #after(command: Tree, answer: Answer): Promise<readonly string[] | undefined> {
    if (['insert', 'update', 'delete', 'findAndModify'].some((name) => name in command)) return this.#contents('docs');
    if (['createIndexes', 'dropIndexes'].some((name) => name in command)) return this.#indexes();
    // How much of its output a pipeline that fails has written follows from the size of batches.
    if (answer.error !== undefined || !writesOutput(command)) return undefined;
    return [
      ...(await this.#contents('out')),
      'fresh',
      ...(await this.#contents('fresh')),
      'docs',
      ...(await this.#contents('docs')),
    ];
  }

  async #indexes(): Promise<readonly string[]> {
    const answer = await this.#reply({ listIndexes: 'docs', cursor: {} });
    return answer.result ?? [];
  }

  /**
   * When MongoDB reads an index that begins with the key, it tells null for missing fields too, and of equal numbers the
   * one whose entry comes first, by the other fields of the index.
   */
  #withoutIndexedNull(answer: Answer, key: unknown): Answer {
    if (!this.#indexed.has(key)) return answer;
    return { ...answer, result: (answer.result ?? []).map((text) => ofOneNumberType(withoutNulls(text))) };
  }

  async #reply(command: Tree): Promise<Answer> {
    try {
      const reply: unknown = await this.db.command(command, keepTypes);
      return readReply(isTree(reply) ? reply : {}, 'sort' in command || endsSorted(command));
    } catch (error) {
      if (!(error instanceof MongoServerError)) throw error;
      const { code, codeName, message, errorResponse } = error;
      const { keyPattern, keyValue } = errorResponse;
      // Which of several duplicates an index is refused for follows from the order in which it is built.
      const details = canonical('createIndexes' in command ? keyPattern : [keyPattern, keyValue]);
      return { error: `${String(code)} ${String(codeName)}`, message, details };
    }
  }

  async #contents(name: string): Promise<readonly string[]> {
    const answer = await this.#reply({ find: name, batchSize: 1000, sort: { _id: 1 } });
    return [...(answer.result ?? [])].sort();
  }
}

const endsSorted = (command: Tree): boolean => {
  const stages = command['pipeline'];
  const last: unknown = Array.isArray(stages) ? stages.at(-1) : undefined;
  return isTree(last) && '$sort' in last;
};

const writesOutput = (command: Tree): boolean => /"\$(?:merge|out)":/.test(JSON.stringify(command));

const FROM_THE_LIBRARY = /"\$(?:pow|exp|ln|log|log10)":/;

/** The last digits of a power or a logarithm are those of a mathematical library, and what follows from them. */
function withoutLastDigits(command: Tree, answer: Answer): Answer {
  const text = JSON.stringify(command);
  let { result = [], after } = answer;
  const shortened = (row: string): string => row.replace(/("\$numberDouble":")([^"]*)/g, rounded);
  if (FROM_THE_LIBRARY.test(text)) {
    result = result.map(shortened);
    after = after?.map(shortened);
  }
  // A sum over a window keeps the zeros of the decimals that have left it.
  if (text.includes('$setWindowFields'))
    result = result.map((row) => row.replace(/(?<="\$numberDecimal":"-?\d+)\.(\d*?)0*(?=")/g, fraction));
  // The deviation of one number alone in a window that slides is an int in MongoDB.
  if (text.includes('$stdDevPop'))
    result = result.map((row) => row.replaceAll('{"$numberInt":"0"}', '{"$numberDouble":"0.0"}'));
  // To set an element null that is null already counts as a change, or not.
  if (/"\$unset":\{[^}]*\$\[/.test(text)) result = result.filter((row) => !row.startsWith('nModified'));
  return {
    ...answer,
    ...(answer.result === undefined ? {} : { result }),
    ...(after === undefined ? {} : { after }),
  };
}

const fraction = (_: string, digits: string): string => (digits === '' ? '' : `.${digits}`);
const rounded = (_: string, before: string, digits: string): string => before + Number(digits).toPrecision(14);

const withoutNulls = (text: string): string => text.replace(/(?<=[[,])null,?/g, '').replace(/,\]$/, ']');

const ofOneNumberType = (text: string): string =>
  text.replace(
    /\{"\$number(?:Int|Long|Double|Decimal)":"([^"]*)"\}/g,
    (_, digits: string) => `number ${Number(digits)}`,
  );

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
    const rows = batch.map((row: unknown) => withoutNew(canonical(row)));
    return { result: ordered ? rows : rows.sort() };
  }
  const result = TOLD.filter((name) => name in reply).map((name) => `${name}: ${withoutNew(canonical(reply[name]))}`);
  const writeErrors: unknown = reply['writeErrors'];
  const failed = Array.isArray(writeErrors) ? writeErrors.filter(isTree) : [];
  const [first] = failed;
  if (!first) return { result };
  const details = failed.map(({ index, code, keyPattern, keyValue }) => ({ index, code, keyPattern, keyValue }));
  // The number of the error, then the rest of it, as errors of one kind may have several numbers.
  return { error: String(first['code']), message: canonical(first['errmsg']), details: canonical(details), result };
}

/** What a reply without documents tells. */
const TOLD = [
  ...['n', 'nModified', 'upserted', 'value', 'values', 'lastErrorObject'],
  ...['numIndexesBefore', 'numIndexesAfter', 'nIndexesWas', 'createdCollectionAutomatically', 'note'],
];

/** True when the engine said that it does not offer this, which its README lists. */
export const isRefusal = (answer: Answer): boolean =>
  answer.message !== undefined && REFUSALS.some((refusal) => refusal.test(answer.message ?? ''));

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
  const [left, right] = [engine, real].map(({ details, result, after }) => canonical([details, result, after]));
  return left === right ? undefined : `engine: ${tell(engine)}\nreal:   ${tell(real)}`;
}

const tell = (answer: Answer): string =>
  answer.error === undefined
    ? [...(answer.result ?? []), ...(answer.after ? ['after:', ...answer.after] : [])].join('\n        ')
    : `error ${answer.error}: ${answer.message ?? ''} ${answer.details ?? ''} ${(answer.result ?? []).join()} ${(answer.after ?? []).join()}`;
