import { compareValues } from '../bson/compare.js';
import { formatValue } from '../bson/format.js';
import { Doc, isNumeric, Timestamp, typeName, typeNumber, type Numeric, type Value } from '../bson/values.js';
import type { MongoError } from '../errors.js';
import { badValue, typeMismatch } from '../errors.js';
import { add, asInteger, fitsInt64, multiply } from '../expression/numbers.js';
import type { QueryContext } from '../query/context.js';
import type { Change, Place } from './apply.js';
import { addToSet, pop, pull, pullAll, push } from './array-operators.js';

export interface UpdateContext {
  readonly query: QueryContext;
  readonly now: Date;
}

type MakeChange = (argument: Value, path: string, context: UpdateContext) => Change;

const setTo = (value: Value): Change => ({ creates: true, apply: () => value });
const unset: Change = { creates: false, lenient: true, apply: (_current, place) => (place.inArray ? null : undefined) };

const arithmetic =
  (name: '$inc' | '$mul', compute: (a: Numeric, b: Numeric) => Numeric): MakeChange =>
  (argument, path) => {
    const verb = name === '$inc' ? 'increment' : 'multiply';
    if (!isNumeric(argument)) {
      throw typeMismatch(`Cannot ${verb} with non-numeric argument: {${path}: ${formatValue(argument)}}`);
    }
    return {
      creates: true,
      apply: (current, place) => {
        if (current === undefined) return name === '$inc' ? argument : compute(argument, 0);
        if (!isNumeric(current)) throw notNumeric(name, current, place);
        const result = checkOverflow(name, compute(current, argument), current, argument, place);
        // An equal number of the same type is no change: the zero keeps its sign, the decimal its trailing zeros.
        return typeNumber(result) === typeNumber(current) && compareValues(result, current) === 0 ? current : result;
      },
    };
  };

function notNumeric(name: string, current: Value, place: Place): MongoError {
  const id = formatValue(Doc.from([['_id', place.root.get('_id') ?? null]])).replace(/^\{ | \}$/g, '');
  const field = place.path.slice(place.path.lastIndexOf('.') + 1);
  return typeMismatch(
    `Cannot apply ${name} to a value of non-numeric type. {${id}} has the field '${field}' of non-numeric type ${typeName(current)}`,
  );
}

/** Integers that outgrow 64 bits are refused, not turned into doubles. */
function checkOverflow(name: string, result: Numeric, current: Numeric, argument: Numeric, place: Place): Numeric {
  const [a, b] = [asInteger(current), asInteger(argument)];
  if (a === undefined || b === undefined || fitsInt64(name === '$inc' ? a + b : a * b)) return result;
  throw badValue(
    `Failed to apply ${name} operations to current value ((NumberLong)${a}) for document {_id: ${formatValue(place.root.get('_id') ?? null)}}`,
  );
}

const extreme =
  (sign: 1 | -1): MakeChange =>
  (argument, _path, context) => ({
    creates: true,
    apply: (current) =>
      current === undefined || compareValues(argument, current, context.query.compareText) * sign > 0
        ? argument
        : current,
  });

const currentDate: MakeChange = (argument, _path, context) => {
  const other = argument instanceof Doc ? [...argument.keys()].find((key) => key !== '$type') : undefined;
  if (other !== undefined) throw badValue(`Unrecognized $currentDate option: ${other}`);
  const type = argument instanceof Doc ? argument.get('$type') : argument;
  if (type === true || type === false || type === 'date') return setTo(context.now);
  if (type === 'timestamp' && argument instanceof Doc) {
    return setTo(new Timestamp({ t: Math.floor(context.now.getTime() / 1000), i: 1 }));
  }
  throw badValue(
    argument instanceof Doc
      ? `The '$type' string field is required to be 'date' or 'timestamp': {$currentDate: {field : {$type: 'date'}}}`
      : `${typeName(argument)} is not valid type for $currentDate. Please use a boolean ('true') or a $type expression ({$type: 'timestamp/date'}).`,
  );
};

const bit: MakeChange = (argument, path) => {
  if (!(argument instanceof Doc)) {
    throw badValue(
      `The $bit modifier is not compatible with a ${typeName(argument)}. You must pass in an embedded document: {$bit: {field: {and/or/xor: #}}`,
    );
  }
  const steps = [...argument.entries()].map(([operator, operand]) => bitStep(operator, operand));
  if (steps.length === 0)
    throw badValue(`You must pass in at least one bitwise operation. The format is: {$bit: {field: {and/or/xor: #}}`);
  return {
    creates: true,
    apply: (current) => {
      const start = current === undefined ? 0 : current;
      const integer = isNumeric(start) ? asInteger(start) : undefined;
      if (integer === undefined) throw badValue(`Cannot apply $bit to a value of non-integral type.${path}`);
      const wide = typeof start === 'bigint' || steps.some((step) => step.wide);
      const result = steps.reduce((value, step) => step.run(value), integer);
      return wide ? BigInt.asIntN(64, result) : Number(BigInt.asIntN(32, result));
    },
  };
};

function bitStep(operator: string, operand: Value): { wide: boolean; run: (value: bigint) => bigint } {
  const mask = isNumeric(operand) ? asInteger(operand) : undefined;
  if (mask === undefined)
    throw badValue(
      `The $bit modifier field must be an Integer(32/64 bit); a '${typeName(operand)}' is not supported here: {${operator}: ${formatValue(operand)}}`,
    );
  const wide = typeof operand === 'bigint';
  if (operator === 'and') return { wide, run: (value) => value & mask };
  if (operator === 'or') return { wide, run: (value) => value | mask };
  if (operator === 'xor') return { wide, run: (value) => value ^ mask };
  throw badValue(
    `The $bit modifier only supports 'and', 'or', and 'xor', not '${operator}' which is an unknown operator: {${operator}: ${formatValue(operand)}}`,
  );
}

/** Update operators that change the value at their own path. `$rename` is taken apart before. */
export const UPDATE_OPERATORS: Readonly<Record<string, MakeChange>> = {
  $set: (argument) => setTo(argument),
  $setOnInsert: (argument) => setTo(argument),
  $unset: () => unset,
  $inc: arithmetic('$inc', add),
  $mul: arithmetic('$mul', multiply),
  $min: extreme(-1),
  $max: extreme(1),
  $currentDate: currentDate,
  $bit: bit,
  $push: (argument, _path, context) => push(argument, context.query),
  $addToSet: (argument) => addToSet(argument),
  $pop: (argument, path) => pop(argument, path),
  $pull: (argument, _path, context) => pull(argument, context.query),
  $pullAll: (argument) => pullAll(argument),
};
