import { Doc, isNullish, typeName, type Value } from '../bson/values.js';
import { MongoError } from '../errors.js';
import { namedFields, requireArray, unary, variadic } from './arguments.js';
import type { Operator, Scope } from './compile.js';

type Maybe = Value | undefined;

function merge(values: Iterable<Maybe>): Value {
  const merged = Doc.from();
  for (const value of values) {
    if (isNullish(value)) continue;
    if (!(value instanceof Doc))
      throw new MongoError(40400, `$mergeObjects requires object inputs, but input is of type ${typeName(value)}`);
    for (const [key, field] of value.entries()) merged.set(key, field);
  }
  return merged;
}

/** The documents to merge: the arguments, or the elements of the one array given. */
const mergeObjects: Operator = (argument, scope, name) => {
  if (Array.isArray(argument)) return variadic(merge)(argument, scope, name);
  const inner = scope.compile(argument);
  return (root) => {
    const value = inner(root);
    return merge(Array.isArray(value) ? value : [value]);
  };
};

function objectToArray(value: Maybe): Maybe {
  if (isNullish(value)) return null;
  if (!(value instanceof Doc))
    throw new MongoError(40390, `$objectToArray requires a document input, found: ${typeName(value)}`);
  return [...value.entries()].map(([k, v]) => Doc.of({ k, v }));
}

function arrayToObject(value: Maybe): Maybe {
  if (isNullish(value)) return null;
  const items = requireArray(value, 40386, (type) => `$arrayToObject requires an array input, found: ${type}`);
  return Doc.from(items.map((item) => keyValue(item, Array.isArray(items[0]))));
}

function keyValue(item: Value, pairs: boolean): [string, Value] {
  if (pairs) {
    if (!Array.isArray(item))
      throw new MongoError(
        40396,
        `$arrayToObject requires a consistent input format. Elements must all be arrays or all be objects. Array was detected, now found: ${typeName(item)}`,
      );
    const [key, value] = item;
    if (item.length !== 2)
      throw new MongoError(
        40397,
        `$arrayToObject requires an array of size 2 arrays,found array of size: ${item.length}`,
      );
    if (typeof key !== 'string')
      throw new MongoError(
        40395,
        `$arrayToObject requires an array of key-value pairs, where the key must be of type string. Found key type: ${typeName(key)}`,
      );
    return [key, value ?? null];
  }
  if (!(item instanceof Doc))
    throw new MongoError(40398, `Unrecognised input type format for $arrayToObject: ${typeName(item)}`);
  const [key, value] = [item.get('k'), item.get('v')];
  if (item.size !== 2)
    throw new MongoError(
      40392,
      `$arrayToObject requires an object keys of 'k' and 'v'. Found incorrect number of keys:${item.size}`,
    );
  if (key === undefined || value === undefined)
    throw new MongoError(40393, "$arrayToObject requires an object with keys 'k' and 'v'. Missing either or both keys");
  if (typeof key !== 'string')
    throw new MongoError(
      40394,
      `$arrayToObject requires an object with keys 'k' and 'v', where the value of 'k' must be of type string. Found type: ${typeName(key)}`,
    );
  return [key, value];
}

const getField: Operator = (argument, scope) => {
  const named = argument instanceof Doc && argument.first()?.[0].startsWith('$') !== true;
  const fields = named ? namedFields('$getField', argument, ['field'], ['input']) : Doc.of({ field: argument });
  const field = fieldName('$getField', fields.get('field') ?? null, scope, 5654602);
  const input = fields.has('input') ? scope.compile(fields.get('input') ?? null) : (root: Doc): Maybe => root;
  return (root) => {
    const object = input(root);
    if (object instanceof Doc) return object.get(field);
    return isNullish(object) && object !== undefined ? null : undefined;
  };
};

/** The constant name of a field. */
function fieldName(operator: string, spec: Value, scope: Scope, code: number): string {
  const isConstant =
    typeof spec === 'string'
      ? !spec.startsWith('$')
      : spec instanceof Doc && ['$literal', '$const'].includes(spec.first()?.[0] ?? '');
  const value = isConstant ? scope.compile(spec)(Doc.from()) : spec;
  if (isConstant && typeof value === 'string') return value;
  throw new MongoError(code, `${operator} requires 'field' to evaluate to type String, but got ${typeName(value)}`);
}

const setField =
  (removes: boolean): Operator =>
  (argument, scope, name) => {
    const fields = namedFields(name, argument, removes ? ['field', 'input'] : ['field', 'input', 'value']);
    const field = fieldName(name, fields.get('field') ?? null, scope, 4161107);
    const input = scope.compile(fields.get('input') ?? null);
    const value = removes ? (): Maybe => undefined : scope.compile(fields.get('value') ?? null);
    return (root) => {
      const object = input(root);
      if (isNullish(object)) return null;
      if (!(object instanceof Doc))
        throw new MongoError(4161105, `${name} requires 'input' to evaluate to type Object`);
      const result = object.clone();
      const set = value(root);
      if (set === undefined) result.delete(field);
      else result.set(field, set);
      return result;
    };
  };

export const objectOperators: Readonly<Record<string, Operator>> = {
  $mergeObjects: mergeObjects,
  $objectToArray: unary(objectToArray),
  $arrayToObject: unary(arrayToObject),
  $getField: getField,
  $setField: setField(false),
  $unsetField: setField(true),
};
