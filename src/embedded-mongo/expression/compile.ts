import { Doc, type Value } from '../bson/values.js';
import { failedToParse, MongoError } from '../errors.js';
import { valueAt } from '../query/paths.js';

/** A compiled expression: its value for a document; `undefined` is a missing value. */
export type Expression = (root: Doc) => Value | undefined;

/** Compiles the argument of one operator. */
export type Operator = (argument: Value, scope: Scope, name: string) => Expression;

/** Holds the current value of one variable while an expression runs. */
export interface Cell {
  value: Value | undefined;
}

/** The variables that an expression may use, and what its command fixed. */
export class Scope {
  constructor(
    readonly now: Date,
    readonly compareText: (a: string, b: string) => number,
    readonly operators: ReadonlyMap<string, Operator>,
    /** A string that two values share exactly when the command holds them equal. */
    readonly identity: (value: Value | undefined) => string,
    readonly cells: ReadonlyMap<string, Cell> = new Map(),
  ) {}

  /** The scope with more variables, each with a cell of its own. */
  with(cells: Iterable<readonly [string, Cell]>): Scope {
    return new Scope(this.now, this.compareText, this.operators, this.identity, new Map([...this.cells, ...cells]));
  }

  compile(expression: Value): Expression {
    return compileExpression(expression, this);
  }

  /** Compiles a list of arguments; one that is not a list counts as a list of one. */
  compileList(argument: Value): Expression[] {
    return (Array.isArray(argument) ? argument : [argument]).map((item) => this.compile(item));
  }
}

/** @throws MongoError when the expression is not one that MongoDB and this server take. */
export function compileExpression(expression: Value, scope: Scope): Expression {
  if (typeof expression === 'string' && expression.startsWith('$')) return compilePath(expression, scope);
  if (Array.isArray(expression)) return compileArray(expression, scope);
  if (expression instanceof Doc) return compileObject(expression, scope);
  return () => expression;
}

/** Values that `$literal` or plain constants give are known before any document is read. */
function compileArray(items: readonly Value[], scope: Scope): Expression {
  const compiled = items.map((item) => scope.compile(item));
  return (root) => compiled.map((item) => item(root) ?? null);
}

function compileObject(object: Doc, scope: Scope): Expression {
  const first = object.first();
  if (first?.[0].startsWith('$') === true) {
    const [name, argument] = first;
    if (object.size !== 1) {
      throw new MongoError(
        15983,
        `An object representing an expression must have exactly one field: ${printKeys(object)}`,
      );
    }
    const operator = scope.operators.get(name);
    if (!operator) throw new MongoError(168, `Unrecognized expression '${name}'`);
    return operator(argument, scope, name);
  }
  const fields = [...object.entries()].map(([key, value]) => {
    if (key.startsWith('$')) throw new MongoError(16405, `FieldPath field names may not start with '$'.`);
    if (key.includes('.')) throw new MongoError(16405, `FieldPath field names may not contain '.'.`);
    return [key, scope.compile(value)] as const;
  });
  return (root) => {
    const result = Doc.from();
    for (const [key, value] of fields) {
      const computed = value(root);
      if (computed !== undefined) result.set(key, computed);
    }
    return result;
  };
}

const printKeys = (object: Doc): string => `{ ${[...object.keys()].map((key) => `${key}: …`).join(', ')} }`;

const SENTINELS = new Set(['DESCEND', 'PRUNE', 'KEEP']);

function compilePath(path: string, scope: Scope): Expression {
  if (path.startsWith('$$')) return compileVariable(path.slice(2), scope);
  const parts = fieldPath(path.slice(1));
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return (root) => root.get(only);
  return (root) => valueAt(root, parts);
}

/** The parts of a field path. @throws MongoError when it is malformed. */
export function fieldPath(path: string): string[] {
  if (path === '') throw new MongoError(16872, "'$' by itself is not a valid FieldPath");
  const parts = path.split('.');
  if (path.endsWith('.')) throw new MongoError(40353, "FieldPath must not end with a '.'.");
  for (const part of parts) {
    if (part === '') throw new MongoError(15998, 'FieldPath field names may not be empty strings.');
    if (part.startsWith('$'))
      throw new MongoError(
        16410,
        `FieldPath field names may not start with '$'. Consider using $getField or $setField.`,
      );
  }
  return parts;
}

function compileVariable(path: string, scope: Scope): Expression {
  const [name = '', ...rest] = path.split('.');
  if (name === '') throw failedToParse('empty variable names are not allowed');
  const base = variable(name, scope);
  if (rest.length === 0) return base;
  fieldPath(rest.join('.'));
  return (root) => valueAt(base(root), rest);
}

function variable(name: string, scope: Scope): Expression {
  const cell = scope.cells.get(name);
  if (cell) return () => cell.value;
  if (name === 'ROOT' || name === 'CURRENT') return (root) => root;
  if (name === 'REMOVE') return () => undefined;
  if (name === 'NOW') return () => scope.now;
  if (SENTINELS.has(name)) return () => `$$${name}`;
  if (name === 'CLUSTER_TIME') throw new MongoError(51144, "Builtin variable '$$CLUSTER_TIME' is not available");
  throw new MongoError(17276, `Use of undefined variable: ${name}`);
}

/** @throws MongoError when a user may not give a variable this name. */
export function checkVariableName(name: string): void {
  if (name === '') throw failedToParse('empty variable names are not allowed');
  if (!/^[a-z\u0080-\uffff]/u.test(name) && name !== 'CURRENT') {
    throw failedToParse(`'${name}' starts with an invalid character for a user variable name`);
  }
  if (!/^[\w\u0080-\uffff]+$/u.test(name)) {
    throw failedToParse(`'${name}' contains an invalid character for a variable name`);
  }
}
