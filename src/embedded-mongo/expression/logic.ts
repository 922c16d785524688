import { Doc, isNullish, type Value } from '../bson/values.js';
import { MongoError } from '../errors.js';
import { isTruthy } from '../query/types.js';
import { compileArguments, namedFields, unary } from './arguments.js';
import { checkVariableName, type Cell, type Expression, type Operator } from './compile.js';

const cond: Operator = (argument, scope, name) => {
  const parts =
    argument instanceof Doc
      ? condFields(argument).map((part) => scope.compile(part))
      : compileArguments(name, argument, scope, 3);
  const [test, yes, no] = parts;
  return (root) => (isTruthy(test?.(root)) ? yes?.(root) : no?.(root));
};

function condFields(argument: Doc): Value[] {
  for (const key of argument.keys()) {
    if (key !== 'if' && key !== 'then' && key !== 'else')
      throw new MongoError(17083, `Unrecognized parameter to $cond: ${key}`);
  }
  return (['if', 'then', 'else'] as const).map((key, i) => {
    const value = argument.get(key);
    if (value === undefined) throw new MongoError(17080 + i, `Missing '${key}' parameter to $cond`);
    return value;
  });
}

const switchOperator: Operator = (argument, scope) => {
  const fields = namedFields('$switch', argument, ['branches'], ['default']);
  const list = fields.get('branches');
  if (!Array.isArray(list)) throw new MongoError(40061, "$switch expected an array for 'branches'");
  const branches = list.map((branch) => {
    const parts = namedFields('$switch', branch, ['case', 'then']);
    return { test: scope.compile(parts.get('case') ?? null), then: scope.compile(parts.get('then') ?? null) };
  });
  if (branches.length === 0) throw new MongoError(40068, '$switch requires at least one branch.');
  const otherwise = fields.get('default');
  const fallback: Expression =
    otherwise === undefined
      ? () => {
          throw new MongoError(
            7158303,
            '$switch could not find a matching branch for an input, and no default was specified.',
          );
        }
      : scope.compile(otherwise);
  return (root) => (branches.find(({ test }) => isTruthy(test(root)))?.then ?? fallback)(root);
};

const ifNull: Operator = (argument, scope) => {
  const parts = scope.compileList(argument);
  if (parts.length < 2)
    throw new MongoError(1257300, '$ifNull needs at least two arguments, had: ' + String(parts.length));
  const last = parts.at(-1);
  const tried = parts.slice(0, -1);
  return (root) => {
    for (const part of tried) {
      const value = part(root);
      if (!isNullish(value)) return value;
    }
    return last?.(root);
  };
};

const letOperator: Operator = (argument, scope) => {
  const fields = namedFields('$let', argument, ['vars', 'in']);
  const vars = fields.get('vars');
  if (!(vars instanceof Doc)) throw new MongoError(10065, 'invalid parameter: expected an object (vars)');
  const bound = [...vars.entries()].map(([name, value]) => {
    checkVariableName(name);
    const cell: Cell = { value: undefined };
    return { name, cell, compute: scope.compile(value) };
  });
  const body = scope.with(bound.map(({ name, cell }) => [name, cell] as const)).compile(fields.get('in') ?? null);
  return (root) => {
    const values = bound.map(({ compute }) => compute(root));
    bound.forEach(({ cell }, i) => (cell.value = values[i]));
    return body(root);
  };
};

export const logicOperators: Readonly<Record<string, Operator>> = {
  $literal: (argument) => () => argument,
  $const: (argument) => () => argument,
  $expr: (argument, scope) => scope.compile(argument),
  $and: (argument, scope) => {
    const parts = scope.compileList(argument);
    return (root) => parts.every((part) => isTruthy(part(root)));
  },
  $or: (argument, scope) => {
    const parts = scope.compileList(argument);
    return (root) => parts.some((part) => isTruthy(part(root)));
  },
  $not: unary((value) => !isTruthy(value)),
  $cond: cond,
  $switch: switchOperator,
  $ifNull: ifNull,
  $let: letOperator,
};
