import { identity } from '../bson/key.js';
import { compareDecimals, parseDecimal, quantize, type Decimal } from '../bson/decimal.js';
import {
  Binary,
  BSONRegExp,
  BSONSymbol,
  Decimal128,
  Doc,
  Double,
  isNumeric,
  typeNumber,
  type Value,
} from '../bson/values.js';
import { badValue, failedToParse } from '../errors.js';
import { equality, type ValueTest } from './comparison.js';
import type { QueryContext } from './context.js';
import { compileRegExp } from './regex.js';
import { parseTypes, toInteger, toNumber, asText } from './types.js';

interface LeafOperator {
  readonly test: ValueTest;
  /** Whether the elements of an array are tested too. */
  readonly expandArrays: boolean;
}

/** Operators whose test needs nothing but the value. @throws MongoError on an unknown operator or a bad argument. */
export function leafOperator(operator: string, argument: Value): LeafOperator {
  switch (operator) {
    case '$type': {
      const types = parseTypes(argument);
      return { test: (value) => value !== undefined && types.has(typeNumber(value)), expandArrays: true };
    }
    case '$size':
      return { test: sizeTest(argument), expandArrays: false };
    case '$mod':
      return { test: modTest(argument), expandArrays: true };
    case '$bitsAllSet':
    case '$bitsAllClear':
    case '$bitsAnySet':
    case '$bitsAnyClear':
      return { test: bitsTest(operator, argument), expandArrays: true };
    default:
      throw badValue(
        operator.startsWith('$geo') || operator.startsWith('$near') || operator === '$within'
          ? `geospatial queries (${operator}) are not supported by this server`
          : `unknown operator: ${operator}`,
      );
  }
}

/** Holds for values equal to one of the list or matching one of its regular expressions. */
export function membership(operator: string, argument: Value, context: QueryContext): ValueTest {
  if (!Array.isArray(argument)) throw badValue(`${operator} needs an array`);
  const patterns: ValueTest[] = [];
  const others: ValueTest[] = [];
  const known = new Set<string>();
  for (const item of argument) {
    if (item instanceof BSONRegExp) patterns.push(regexTest(item, undefined));
    else if (item instanceof Doc && item.first()?.[0].startsWith('$') === true && !item.has('$ref')) {
      throw badValue(`cannot nest $ under ${operator}`);
    } else if (item === null || context.compareText('a', 'A') === 0 || hasText(item, context))
      others.push(equality(item, context));
    else known.add(identity(item));
  }
  const rest = [...patterns, ...others];
  return (value) => (value !== undefined && known.has(identity(value))) || rest.some((test) => test(value));
}

/** With a collation, texts inside documents and arrays compare by it too. */
const hasText = (item: Value, context: QueryContext): boolean =>
  context.compareText('a', 'á') === 0 && typeof item !== 'number';

/** Holds for texts that match, and for the same regular expression stored as a value. */
export function regexTest(argument: Value, options: Value | undefined): ValueTest {
  const { pattern, flags } = regexParts(argument, options);
  const regex = compileRegExp(pattern, flags);
  return (value) => {
    if (typeof value === 'string') return regex.test(value);
    if (value instanceof BSONSymbol) return regex.test(value.value);
    return value instanceof BSONRegExp && value.pattern === pattern && value.options === flags;
  };
}

function regexParts(argument: Value, options: Value | undefined): { pattern: string; flags: string } {
  if (options !== undefined && typeof options !== 'string') throw badValue('$options has to be a string');
  if (argument instanceof BSONRegExp) {
    if (options !== undefined && argument.options !== '') throw badValue('options set in both $regex and $options');
    return { pattern: argument.pattern, flags: options ?? argument.options };
  }
  if (typeof argument !== 'string') throw badValue('$regex has to be a string');
  if (argument.includes('\0')) throw badValue('Regular expression cannot contain an embedded null byte');
  return { pattern: argument, flags: options ?? '' };
}

function sizeTest(argument: Value): ValueTest {
  const size = toInteger(argument);
  if (size === undefined)
    throw badValue(
      `Failed to parse $size. Expected an integer: $size: ${isNumeric(argument) ? toNumber(argument) : '…'}`,
    );
  if (size < 0) throw badValue(`Failed to parse $size. Expected a non-negative number in: $size: ${size}`);
  return (value) => Array.isArray(value) && value.length === size;
}

function modTest(argument: Value): ValueTest {
  if (!Array.isArray(argument)) throw badValue('malformed mod, needs to be an array');
  if (argument.length < 2) throw badValue('malformed mod, not enough elements');
  if (argument.length > 2) throw badValue('malformed mod, too many elements');
  const [divisor, remainder] = argument.map(truncated);
  if (divisor === undefined) throw badValue('malformed mod, divisor not a number');
  if (remainder === undefined) throw badValue('malformed mod, remainder not a number');
  if (divisor === 0n) throw badValue('divisor cannot be 0');
  return (value) => {
    const integer = truncated(value);
    return integer !== undefined && integer % divisor === remainder;
  };
}

/** A number cut to an integer; undefined for what is not a finite number. */
function truncated(value: Value | undefined): bigint | undefined {
  if (typeof value === 'bigint') return value;
  if (value instanceof Decimal128) return int64(quantize(parseDecimal(value), 0, 'truncate'));
  if (!isNumeric(value)) return undefined;
  const number = toNumber(value);
  return Math.abs(number) < 2 ** 63 ? BigInt(Math.trunc(number)) : undefined;
}

const int64 = (whole: Decimal): bigint | undefined =>
  whole.kind === 'finite' && BigInt.asIntN(64, whole.coefficient) === whole.coefficient ? whole.coefficient : undefined;

function bitsTest(operator: string, argument: Value): ValueTest {
  const mask = bitMask(operator, argument);
  return (value) => {
    const bits = value instanceof Binary ? binaryBits(value) : integerBits(value);
    if (bits === undefined) return false;
    const common = bits & mask;
    if (operator === '$bitsAllSet') return common === mask;
    if (operator === '$bitsAllClear') return common === 0n;
    return operator === '$bitsAnySet' ? common !== 0n : common !== mask;
  };
}

/** Bits of an integral number, the sign extended without end. */
function integerBits(value: Value | undefined): bigint | undefined {
  if (typeof value === 'bigint') return value;
  if (value instanceof Decimal128) return decimalBits(value);
  const number = value instanceof Double ? value.value : value;
  return isNumeric(number) && Number.isInteger(toNumber(number)) && Math.abs(toNumber(number)) < 2 ** 63
    ? BigInt(toNumber(number))
    : undefined;
}

function decimalBits(value: Decimal128): bigint | undefined {
  const exact = parseDecimal(value);
  const whole = quantize(exact, 0, 'truncate');
  return compareDecimals(exact, whole) === 0 ? int64(whole) : undefined;
}

/** Bits of binary data: bit 0 is the lowest of the first byte. */
function binaryBits(value: Binary): bigint {
  let bits = 0n;
  for (let i = value.length() - 1; i >= 0; i--) bits = (bits << 8n) | BigInt(value.buffer[i] ?? 0);
  return bits;
}

function bitMask(operator: string, argument: Value): bigint {
  if (argument instanceof Binary) return binaryBits(argument);
  if (Array.isArray(argument))
    return argument.reduce<bigint>((mask, bit) => mask | (1n << BigInt(bitPosition(bit))), 0n);
  const mask = integerBits(argument);
  if (mask === undefined)
    throw badValue(`${operator} takes an Array, a number, or a BinData but received: ${asText(argument)}`);
  if (mask < 0n) throw failedToParse(`Expected a non-negative number in: ${operator}: ${mask}`);
  return mask;
}

function bitPosition(value: Value): number {
  const position = toInteger(value);
  if (position === undefined) throw badValue('bit positions must be an integer');
  if (position < 0) throw badValue('bit positions must be >= 0');
  return position;
}
