import { compareText } from '../bson/compare.js';
import { identity } from '../bson/key.js';
import { Doc, Double, typeName, type Value } from '../bson/values.js';
import { badValue, MongoError, typeMismatch } from '../errors.js';
import { OPERATORS } from '../expression/operators.js';
import { Scope, type Cell } from '../expression/compile.js';
import { queryContext, type PipelineSource } from '../aggregate/pipeline.js';
import type { QueryContext } from '../query/context.js';
import { toNumber } from '../query/types.js';
import { parseCollation } from '../query/collation.js';
import { checkNamespace, type Catalog } from '../storage/catalog.js';
import type { Cursors } from './cursors.js';

/** What all commands share. */
export interface Engine {
  readonly catalog: Catalog;
  readonly cursors: Cursors;
  readonly startedAt: number;
  readonly dataDir: string;
  /** Numbers for serverStatus. */
  readonly counters: Map<string, number>;
  connections: number;
}

/** One command of a client. */
export interface Request {
  readonly engine: Engine;
  readonly database: string;
  readonly body: Doc;
  readonly name: string;
  readonly connectionId: number;
}

export type Handler = (request: Request) => Promise<Doc> | Doc;

/** Fields that any command may carry. */
const GENERIC = new Set([
  '$db',
  'lsid',
  '$clusterTime',
  '$readPreference',
  'txnNumber',
  'autocommit',
  'startTransaction',
  'readConcern',
  'writeConcern',
  'maxTimeMS',
  'maxTimeMSOpOnly',
  'comment',
  'apiVersion',
  'apiStrict',
  'apiDeprecationErrors',
  '$audit',
  '$client',
  '$configServerState',
  'mayBypassWriteBlocking',
  '$queryOptions',
  'allowImplicitCollectionCreation',
  'databaseVersion',
]);

/** @throws MongoError 40415 when the command has a field that it does not know. */
export function checkFields(request: Request, structure: string, known: readonly string[]): void {
  for (const key of request.body.keys()) {
    if (key === request.name || GENERIC.has(key) || known.includes(key)) continue;
    throw new MongoError(40415, `BSON field '${structure}.${key}' is an unknown field.`);
  }
}

/** The collection that the command names. */
export function collectionName(request: Request): string {
  const name = request.body.get(request.name);
  if (typeof name !== 'string') throw badValue(`collection name has invalid type ${typeName(name)}`);
  if (name === '') throw new MongoError(73, `Invalid namespace specified '${request.database}.'`);
  checkNamespace(request.database, name);
  return name;
}

export function documentField(body: Doc, name: string): Doc {
  const value = body.get(name);
  if (value === undefined || value === null) return Doc.from();
  if (value instanceof Doc) return value;
  throw typeMismatch(`BSON field '${name}' is the wrong type '${typeName(value)}', expected type 'object'`);
}

export function arrayField(body: Doc, name: string): Value[] | undefined {
  const value = body.get(name);
  if (value === undefined) return undefined;
  if (Array.isArray(value)) return value;
  throw typeMismatch(`BSON field '${name}' is the wrong type '${typeName(value)}', expected type 'array'`);
}

/** A number that may not be negative; absent: 0. */
export function countField(body: Doc, name: string): number {
  const value = body.get(name);
  if (value === undefined || value === null) return 0;
  const number = toNumber(value);
  if (Number.isNaN(number))
    throw typeMismatch(
      `BSON field '${name}' is the wrong type '${typeName(value)}', expected types '[long, int, decimal, double']`,
    );
  if (number < 0) throw new MongoError(51024, `BSON field '${name}' value must be >= 0, actual value '${number}'`);
  return Math.trunc(number);
}

/** What expressions of a command may use: the time, its collation and the variables of its `let`. */
export function scopeOf(body: Doc): Scope {
  const collation = parseCollation(body.get('collation'));
  const scope = new Scope(new Date(), collation?.compare ?? compareText, OPERATORS, collation?.identity ?? identity);
  const variables = body.get('let');
  if (!(variables instanceof Doc)) return scope;
  return scope.with(
    [...variables.entries()].map(([name, value]): [string, Cell] => [
      name,
      { value: scope.compile(value)(Doc.from()) },
    ]),
  );
}

export const contextOf = (scope: Scope): QueryContext => queryContext(scope);

export function pipelineSource(request: Request, scope: Scope, hint?: Value): PipelineSource {
  return { catalog: request.engine.catalog, database: request.database, scope, query: queryContext, hint };
}

export const OK = (fields: Readonly<Record<string, Value | undefined>> = {}): Doc =>
  Doc.of({ ...fields, ok: new Double(1) });
