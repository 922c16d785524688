import { Doc, typeName, type Value } from '../bson/values.js';
import { MongoError } from '../errors.js';
import type { Expression, Operator, Scope } from './compile.js';

type Values = readonly (Value | undefined)[];

/** Compiles the arguments of an operator that takes between `min` and `max` of them. */
export function compileArguments(name: string, argument: Value, scope: Scope, min: number, max = min): Expression[] {
  const compiled = scope.compileList(argument);
  if (compiled.length >= min && compiled.length <= max) return compiled;
  const wanted = min === max ? `exactly ${min} arguments` : `at least ${min} arguments, and at most ${max}`;
  const [code, text] = min === max ? [16020, wanted] : [28667, wanted];
  throw new MongoError(code, `Expression ${name} takes ${text}. ${compiled.length} were passed in.`);
}

/** An operator of one argument. */
export const unary =
  (compute: (value: Value | undefined, name: string) => Value | undefined): Operator =>
  (argument, scope, name) => {
    const [inner] = compileArguments(name, argument, scope, 1);
    return (root) => compute(inner?.(root), name);
  };

/** An operator of two arguments. */
export const binary =
  (compute: (a: Value | undefined, b: Value | undefined, name: string) => Value | undefined): Operator =>
  (argument, scope, name) => {
    const [left, right] = compileArguments(name, argument, scope, 2);
    return (root) => compute(left?.(root), right?.(root), name);
  };

/** An operator of `min` to `max` arguments. */
export const several =
  (min: number, max: number, compute: (values: Values, name: string) => Value | undefined): Operator =>
  (argument, scope, name) => {
    const compiled = compileArguments(name, argument, scope, min, max);
    return (root) =>
      compute(
        compiled.map((item) => item(root)),
        name,
      );
  };

/** An operator of any number of arguments; one that is not asked for is not computed, and cannot fail. */
export const variadic =
  (compute: (values: Iterable<Value | undefined>, name: string) => Value | undefined): Operator =>
  (argument, scope, name) => {
    const compiled = compileArguments(name, argument, scope, 0, Infinity);
    return (root) => compute(computed(compiled, root), name);
  };

function* computed(expressions: readonly Expression[], root: Doc): Generator<Value | undefined> {
  for (const expression of expressions) yield expression(root);
}

/** Compiles the fields of an operator that takes a document. @throws MongoError on an unknown or absent field. */
export function namedArguments<Name extends string>(
  name: string,
  argument: Value,
  scope: Scope,
  required: readonly Name[],
  optional: readonly Name[] = [],
): Partial<Record<Name, Expression>> {
  const fields = namedFields(name, argument, required, optional);
  const compiled: Partial<Record<Name, Expression>> = {};
  for (const key of [...required, ...optional]) {
    const value = fields.get(key);
    if (value !== undefined) compiled[key] = scope.compile(value);
  }
  return compiled;
}

/** The document an operator takes, its fields checked but not compiled. */
export function namedFields(
  name: string,
  argument: Value,
  required: readonly string[],
  optional: readonly string[] = [],
): Doc {
  if (!(argument instanceof Doc)) {
    throw new MongoError(9, `${name} only supports an object as its argument, got ${typeName(argument)}`);
  }
  for (const key of argument.keys()) {
    if (!required.includes(key) && !optional.includes(key))
      throw new MongoError(9, `Unrecognized argument to ${name}: ${key}`);
  }
  for (const key of required) {
    if (!argument.has(key)) throw new MongoError(9, `Missing '${key}' parameter to ${name}`);
  }
  return argument;
}

/** @throws MongoError when the value is not an array. */
export function requireArray(
  value: Value | undefined,
  code: number,
  message: (type: string) => string,
): readonly Value[] {
  if (Array.isArray(value)) return value;
  throw new MongoError(code, message(typeName(value)));
}
