import { compareText } from '../bson/compare.js';
import { identity } from '../bson/key.js';
import { Doc, Double, typeName, type Value } from '../bson/values.js';
import { failedToParse, MongoError, typeMismatch } from '../errors.js';
import { OPERATORS } from '../expression/operators.js';
import { checkVariableName, Scope, type Cell } from '../expression/compile.js';
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

/** The collection that the command names. */
export function collectionName(request: Request): string {
  const name = request.body.get(request.name);
  if (typeof name !== 'string') {
    const code = request.name === 'count' ? 73 : 2;
    throw new MongoError(code, `collection name has invalid type ${typeName(name)}`);
  }
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
  return variables instanceof Doc ? scope.with(letVariables(variables, scope)) : scope;
}

/** The variables of a `let`, each of which may use those before it. @throws MongoError on a name or a field that may not be. */
function letVariables(variables: Doc, outer: Scope): Map<string, Cell> {
  const cells = new Map<string, Cell>();
  for (const [name, value] of variables.entries()) {
    checkLetName(name);
    if (readsFields(value))
      throw new MongoError(
        4890500,
        'Command let Expression tried to access a field, but this is not allowed because Command let Expressions run before the query examines any documents.',
      );
    cells.set(name, { value: outer.with(cells).compile(value)(Doc.from()) });
  }
  return cells;
}

function checkLetName(name: string): void {
  try {
    checkVariableName(name);
  } catch (error) {
    if (error instanceof MongoError) throw failedToParse(`Invalid 'let' parameter :: caused by :: ${error.message}`);
    throw error;
  }
}

/** Whether an expression names a field of a document anywhere but in a literal. */
function readsFields(expression: Value): boolean {
  if (typeof expression === 'string') return /^\$(?!\$)|^\$\$(?:ROOT|CURRENT)\b/.test(expression);
  if (Array.isArray(expression)) return expression.some(readsFields);
  if (!(expression instanceof Doc)) return false;
  return [...expression.entries()].some(([key, value]) => key !== '$literal' && readsFields(value));
}

export const contextOf = (scope: Scope): QueryContext => queryContext(scope);

export function pipelineSource(request: Request, scope: Scope, hint?: Value): PipelineSource {
  return { catalog: request.engine.catalog, database: request.database, scope, query: queryContext, hint };
}

export const OK = (fields: Readonly<Record<string, Value | undefined>> = {}): Doc =>
  Doc.of({ ...fields, ok: new Double(1) });
