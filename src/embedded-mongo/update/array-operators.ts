import { compareValues, equalValues } from '../bson/compare.js';
import { formatValue } from '../bson/format.js';
import { Doc, isNumeric, typeName, type Value } from '../bson/values.js';
import { badValue, failedToParse, MongoError } from '../errors.js';
import type { QueryContext } from '../query/context.js';
import { compileFilter, isOperatorDocument } from '../query/matcher.js';
import { compareBySort, parseSort } from '../query/sort.js';
import { toInteger, toNumber } from '../query/types.js';
import type { Change, Place } from './apply.js';

/** The array at a place; a missing one is empty. @throws MongoError when another type is there. */
function arrayAt(
  current: Value | undefined,
  place: Place,
  message: (id: string, field: string) => MongoError,
): Value[] {
  if (current === undefined) return [];
  if (Array.isArray(current)) return [...current];
  const id = formatValue(place.root.get('_id') ?? null);
  throw message(id, place.path.slice(place.path.lastIndexOf('.') + 1));
}

const PUSH_FIELDS = new Set(['$each', '$slice', '$sort', '$position']);

export function push(argument: Value, context: QueryContext): Change {
  const each = argument instanceof Doc ? argument.get('$each') : undefined;
  const options = each === undefined || !(argument instanceof Doc) ? Doc.from() : argument;
  for (const key of options.keys()) {
    if (!PUSH_FIELDS.has(key)) throw badValue(`Unrecognized clause in $push: ${key}`);
  }
  if (each !== undefined && !Array.isArray(each))
    throw badValue(`The argument to $each in $push must be an array but it was of type: ${typeName(each)}`);
  const added = each ?? [argument];
  const position = integerOption(options, '$position');
  const slice = integerOption(options, '$slice');
  const order = pushOrder(options.get('$sort'), context);
  return {
    creates: true,
    apply: (current, place) => {
      const items = arrayAt(current, place, (id, field) =>
        badValue(`The field '${field}' must be an array but is of type ${typeName(current)} in document {_id: ${id}}`),
      );
      items.splice(position ?? items.length, 0, ...added);
      if (order) items.sort(order);
      if (slice === undefined) return items;
      return slice >= 0 ? items.slice(0, slice) : items.slice(slice);
    },
  };
}

function integerOption(options: Doc, name: string): number | undefined {
  const value = options.get(name);
  if (value === undefined) return undefined;
  const integer = toInteger(value);
  if (integer === undefined)
    throw badValue(`The value for ${name} must be an integer value but was given type: ${typeName(value)}`);
  return integer;
}

function pushOrder(sort: Value | undefined, context: QueryContext): ((a: Value, b: Value) => number) | undefined {
  if (sort === undefined) return undefined;
  if (isNumeric(sort)) {
    const direction = toNumber(sort);
    if (direction !== 1 && direction !== -1) throw badValue('The $sort element value must be either 1 or -1');
    return (a, b) => compareValues(a, b, context.compareText) * direction;
  }
  if (!(sort instanceof Doc))
    throw badValue('The $sort is invalid: use 1/-1 to sort the whole element, or {field:1/-1} to sort embedded fields');
  const compare = compareBySort(parseSort(sort), context.compareText);
  const asDocument = (value: Value): Doc => (value instanceof Doc ? value : Doc.from());
  return (a, b) => compare(asDocument(a), asDocument(b));
}

export function addToSet(argument: Value): Change {
  const each = argument instanceof Doc && argument.first()?.[0] === '$each' ? argument.get('$each') : undefined;
  if (each !== undefined && !Array.isArray(each)) {
    throw typeMismatchEach(each);
  }
  if (each !== undefined && argument instanceof Doc && argument.size > 1)
    throw badValue(`Found unexpected fields after $each in $addToSet: ${formatValue(argument)}`);
  const added = each ?? [argument];
  return {
    creates: true,
    apply: (current, place) => {
      const items = arrayAt(current, place, (_id, field) =>
        badValue(
          `Cannot apply $addToSet to non-array field. Field named '${field}' has non-array type ${typeName(current)}`,
        ),
      );
      for (const value of added) if (!items.some((item) => equalValues(item, value))) items.push(value);
      return items;
    },
  };
}

const typeMismatchEach = (each: Value): MongoError =>
  new MongoError(14, `The argument to $each in $addToSet must be an array but it was of type ${typeName(each)}`);

export function pop(argument: Value, path: string): Change {
  const direction = isNumeric(argument) ? toNumber(argument) : NaN;
  if (direction !== 1 && direction !== -1) {
    throw failedToParse(
      isNumeric(argument)
        ? `$pop expects 1 or -1, found: ${formatValue(argument)}`
        : `Expected a number in: ${path}: ${formatValue(argument)}`,
    );
  }
  return {
    creates: false,
    apply: (current, place) => {
      const items = arrayAt(
        current,
        place,
        () => new MongoError(14, `Path '${place.path}' contains an element of non-array type '${typeName(current)}'`),
      );
      return direction === 1 ? items.slice(0, -1) : items.slice(1);
    },
  };
}

const removing = (name: string, matches: (item: Value) => boolean): Change => ({
  creates: false,
  apply: (current, place) =>
    arrayAt(current, place, () => badValue(`Cannot apply ${name} to a non-array value`)).filter(
      (item) => !matches(item),
    ),
});

export function pull(condition: Value, context: QueryContext): Change {
  if (condition instanceof Doc && !isOperatorDocument(condition)) {
    const matches = compileFilter(condition, context);
    return removing('$pull', (item) => item instanceof Doc && matches(item));
  }
  // A condition on the elements themselves: looked for in a document that holds just the element.
  const matches = compileFilter(Doc.from([['item', condition]]), context);
  const whole = Array.isArray(condition);
  return removing('$pull', (item) => (whole ? equalValues(item, condition) : matches(Doc.from([['item', item]]))));
}

export function pullAll(argument: Value): Change {
  if (!Array.isArray(argument))
    throw badValue(`$pullAll requires an array argument but was given a ${typeName(argument)}`);
  return removing('$pullAll', (item) => argument.some((value) => equalValues(item, value)));
}
