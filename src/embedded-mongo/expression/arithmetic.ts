import { compareValues } from '../bson/compare.js';
import {
  finite,
  fromDecimal,
  parseDecimal,
  quantize,
  rootOfDecimal,
  roundDecimal,
  toDecimal,
  type Rounding,
} from '../bson/decimal.js';
import {
  Decimal128,
  Double,
  double,
  isInt32,
  isNullish,
  isNumeric,
  typeName,
  type Numeric,
  type Value,
} from '../bson/values.js';
import { MongoError } from '../errors.js';
import { toInteger, toNumber } from '../query/types.js';
import { binary, several, unary, variadic } from './arguments.js';
import type { Operator } from './compile.js';
import { add, asInteger, divide, fitsInt64, isNaNNumber, modulo, multiply, subtract } from './numbers.js';

/** @throws MongoError when the value is neither a number nor nullish (then undefined). */
function numberOr(name: string, value: Value | undefined, code = 28765): Numeric | undefined {
  if (isNullish(value)) return undefined;
  if (isNumeric(value)) return value;
  throw new MongoError(code, `${name} only supports numeric types, not ${typeName(value)}`);
}

/** An operator on one number; null for null. */
const numeric = (compute: (value: Numeric, name: string) => Value): Operator =>
  unary((value, name) => {
    const number = numberOr(name, value);
    return number === undefined ? null : compute(number, name);
  });

/** A function of doubles, with the range where it is defined. */
const real = (compute: (x: number) => number, defined: (x: number) => boolean = () => true, range = ''): Operator =>
  numeric((value, name) => {
    refuseDecimals(name, value);
    const x = toNumber(value);
    if (!Number.isNaN(x) && !defined(x)) {
      throw new MongoError(50989, `cannot apply ${name} to ${x}, value must be in ${range}`);
    }
    return double(compute(x));
  });

/**
 * The last of the 34 digits that MongoDB gives is its decimal library's own, not the rounded one, so that it cannot be
 * told without that library. @throws MongoError for decimals.
 */
function refuseDecimals(name: string, ...values: readonly Numeric[]): void {
  if (values.some((value) => value instanceof Decimal128))
    throw new MongoError(2, `${name} of a decimal is not supported by this server`);
}

function addAll(values: Iterable<Value | undefined>): Value | undefined {
  let sum: Numeric = 0;
  let date: Date | undefined;
  for (const value of values) {
    if (isNullish(value)) return null;
    if (value instanceof Date) {
      if (date) throw new MongoError(16612, 'only one date allowed in an $add expression');
      date = value;
    } else if (isNumeric(value)) sum = add(sum, value);
    else throw new MongoError(14, `$add only supports numeric or date types, not ${typeName(value)}`);
  }
  return date ? shiftDate(date, sum) : sum;
}

function shiftDate(date: Date, by: Numeric): Date {
  return new Date(date.getTime() + roundHalfEven(toNumber(by)));
}

function roundHalfEven(x: number): number {
  const floor = Math.floor(x);
  const rest = x - floor;
  if (rest !== 0.5) return Math.round(x);
  return floor % 2 === 0 ? floor : floor + 1;
}

function subtractValues(a: Value | undefined, b: Value | undefined): Value | undefined {
  if (isNullish(a) || isNullish(b)) return null;
  if (a instanceof Date && b instanceof Date) return BigInt(a.getTime() - b.getTime());
  if (a instanceof Date && isNumeric(b)) return shiftDate(a, subtract(0, b));
  if (isNumeric(a) && isNumeric(b)) return subtract(a, b);
  throw new MongoError(14, `can't $subtract ${typeName(b)} from ${typeName(a)}`);
}

function multiplyAll(values: Iterable<Value | undefined>): Value | undefined {
  let product: Numeric = 1;
  for (const value of values) {
    if (isNullish(value)) return null;
    if (!isNumeric(value)) throw new MongoError(14, `$multiply only supports numeric types, not ${typeName(value)}`);
    product = multiply(product, value);
  }
  return product;
}

function divideValues(a: Value | undefined, b: Value | undefined): Value | undefined {
  if (isNullish(a) || isNullish(b)) return null;
  if (isNumeric(a) && isNumeric(b)) return divide(a, b);
  throw new MongoError(14, `$divide only supports numeric types, not ${typeName(a)} and ${typeName(b)}`);
}

function modValues(a: Value | undefined, b: Value | undefined): Value | undefined {
  if (isNullish(a) || isNullish(b)) return null;
  if (isNumeric(a) && isNumeric(b)) return modulo(a, b);
  throw new MongoError(16611, `$mod only supports numeric types, not ${typeName(a)} and ${typeName(b)}`);
}

function absolute(value: Numeric): Value {
  if (value instanceof Decimal128) return Decimal128.fromString(value.toString().replace(/^-/, ''));
  if (typeof value === 'bigint') {
    if (value === -(2n ** 63n)) throw new MongoError(28680, "can't take $abs of long long min");
    return value < 0n ? -value : value;
  }
  if (typeof value === 'number' && isInt32(value)) return value === -(2 ** 31) ? 2n ** 31n : Math.abs(value);
  return double(Math.abs(toNumber(value)));
}

/** $ceil and $floor: integers stay as they are. */
const whole = (rounding: Rounding, compute: (x: number) => number, decimal = quantize): Operator =>
  numeric((value) => {
    if (asInteger(value) !== undefined) return value;
    if (value instanceof Decimal128) return fromDecimal(decimal(parseDecimal(value), 0, rounding));
    return double(compute(toNumber(value)));
  });

/** $round and $trunc with places. */
const rounded = (rounding: Rounding): Operator =>
  several(1, 2, ([value, places], name) => {
    if (isNullish(value) || (places !== undefined && isNullish(places))) return null;
    const number = numberOr(name, value, 51081);
    const digits = places === undefined ? 0 : toInteger(places);
    if (digits === undefined) throw new MongoError(51082, `precision argument to  ${name} must be a integral value`);
    if (digits < -20 || digits > 100) {
      throw new MongoError(51083, `cannot apply ${name} with precision value ${digits} value must be in [-20, 100]`);
    }
    return number === undefined ? null : roundNumber(number, digits, rounding);
  });

function roundNumber(value: Numeric, places: number, rounding: Rounding): Value {
  const integer = asInteger(value);
  if (integer !== undefined) {
    if (places >= 0) return value;
    const result = roundDecimal(finite(integer, 0), places, rounding);
    const back = result.kind === 'finite' ? result.coefficient * 10n ** BigInt(result.exponent) : 0n;
    if (!fitsInt64(back))
      throw new MongoError(51080, 'invalid conversion from Decimal128 result in $round resulting from arguments');
    return typeof value === 'bigint' || !isInt32(Number(back)) ? back : Number(back);
  }
  if (value instanceof Decimal128) return fromDecimal(roundDecimal(parseDecimal(value), places, rounding));
  const x = toNumber(value);
  if (!Number.isFinite(x)) return double(x);
  // With places a double is rounded as the decimal number that it exactly is.
  if (places === 0) return double(rounding === 'truncate' ? Math.trunc(x) : roundHalfEven(x));
  const result = Number(fromDecimal(roundDecimal(toDecimal(value), places, rounding)).toString());
  return double(result === 0 && x < 0 ? -0 : result);
}

function power(a: Value | undefined, b: Value | undefined): Value | undefined {
  if (isNullish(a) || isNullish(b)) return null;
  if (!isNumeric(a)) throw new MongoError(28762, `$pow's base must be numeric, not ${typeName(a)}`);
  if (!isNumeric(b)) throw new MongoError(28763, `$pow's exponent must be numeric, not ${typeName(b)}`);
  if (toNumber(a) === 0 && toNumber(b) < 0)
    throw new MongoError(28764, '$pow cannot take a base of 0 and a negative exponent');
  refuseDecimals('$pow', a, b);
  const [base, exponent] = [asInteger(a), asInteger(b)];
  if (base !== undefined && exponent !== undefined && (exponent >= 0n || base === 1n || base === -1n)) {
    return integerPower(base, exponent, typeof a === 'bigint' || typeof b === 'bigint');
  }
  return double(toNumber(a) ** toNumber(b));
}

function integerPower(base: bigint, exponent: bigint, wide: boolean): Value {
  const size = exponent < 0n ? -exponent : exponent;
  if (base !== 0n && base !== 1n && base !== -1n && size > 64n) return double(Number(base) ** Number(exponent));
  const result = base ** (base === 1n || base === -1n ? size % 2n : size);
  if (!wide && isInt32(Number(result))) return Number(result);
  return fitsInt64(result) ? result : double(Number(result));
}

function logarithm(a: Value | undefined, b: Value | undefined): Value | undefined {
  if (isNullish(a) || isNullish(b)) return null;
  if (!isNumeric(a)) throw new MongoError(28756, `$log's argument must be numeric, not ${typeName(a)}`);
  if (!isNumeric(b)) throw new MongoError(28757, `$log's base must be numeric, not ${typeName(b)}`);
  const [x, base] = [toNumber(a), toNumber(b)];
  if (x <= 0) throw new MongoError(28758, `$log's argument must be a positive number, but is ${x}`);
  if (base <= 0 || base === 1)
    throw new MongoError(28759, `$log's base must be a positive number not equal to 1, but is ${base}`);
  refuseDecimals('$log', a, b);
  return double(Math.log(x) / Math.log(base));
}

const positive = (name: string, compute: (x: number) => number, code: number): Operator =>
  numeric((value) => {
    const x = toNumber(value);
    if (x <= 0) throw new MongoError(code, `${name}'s argument must be a positive number, but is ${x}`);
    refuseDecimals(name, value);
    return double(compute(x));
  });

const squareRoot: Operator = numeric((value) => {
  const negative = (): MongoError => new MongoError(28714, "$sqrt's argument must be greater than or equal to 0");
  if (value instanceof Decimal128) {
    const root = rootOfDecimal(parseDecimal(value));
    if (root.kind === 'nan' && !isNaNNumber(value)) throw negative();
    return fromDecimal(root);
  }
  const x = toNumber(value);
  if (x < 0) throw negative();
  return double(Math.sqrt(x));
});

/** A product with a constant, which has digits for decimals. */
const scaled = (compute: (x: number) => number, factor: string): Operator => {
  const digits = Decimal128.fromString(factor);
  return numeric((value) => (value instanceof Decimal128 ? multiply(value, digits) : double(compute(toNumber(value)))));
};

const bits = (start: bigint, combine: (a: bigint, b: bigint) => bigint): Operator =>
  variadic((values, name) => {
    let result = start;
    let wide = false;
    for (const value of values) {
      if (isNullish(value)) return null;
      const integer = isNumeric(value) ? asInteger(value) : undefined;
      if (integer === undefined) throw new MongoError(14, `${name} only supports int and long operands.`);
      wide ||= typeof value === 'bigint';
      result = combine(result, integer);
    }
    return wide ? BigInt.asIntN(64, result) : Number(BigInt.asIntN(32, result));
  });

const inRange = (x: number): boolean => x >= -1 && x <= 1;

const compare = (holds: (order: number) => boolean): Operator => {
  return (argument, scope, name) =>
    binary((a, b) => holds(compareValues(a, b, scope.compareText)))(argument, scope, name);
};

export const arithmeticOperators: Readonly<Record<string, Operator>> = {
  $add: variadic(addAll),
  $subtract: binary(subtractValues),
  $multiply: variadic(multiplyAll),
  $divide: binary(divideValues),
  $mod: binary(modValues),
  $abs: numeric(absolute),
  $ceil: whole('ceil', Math.ceil),
  $floor: whole('floor', Math.floor),
  $round: rounded('half-even'),
  $trunc: rounded('truncate'),
  $pow: binary(power),
  $log: binary(logarithm),
  $ln: positive('$ln', Math.log, 28766),
  $log10: positive('$log10', Math.log10, 28761),
  $exp: real(Math.exp),
  $sqrt: squareRoot,
  $bitAnd: bits(-1n, (a, b) => a & b),
  $bitOr: bits(0n, (a, b) => a | b),
  $bitXor: bits(0n, (a, b) => a ^ b),
  $bitNot: numeric((value) => {
    const integer = asInteger(value);
    if (integer === undefined) throw new MongoError(14, `$bitNot only supports int and long, not: ${typeName(value)}.`);
    return typeof value === 'bigint' ? ~integer : Number(~integer);
  }),
  $sin: real(Math.sin, Number.isFinite, '(-inf,inf)'),
  $cos: real(Math.cos, Number.isFinite, '(-inf,inf)'),
  $tan: real(Math.tan, Number.isFinite, '(-inf,inf)'),
  $asin: real(Math.asin, inRange, '[-1,1]'),
  $acos: real(Math.acos, inRange, '[-1,1]'),
  $atan: real(Math.atan),
  $atan2: binary((a, b, name) => {
    const [y, x] = [numberOr(name, a, 51044), numberOr(name, b, 51045)];
    if (y === undefined || x === undefined) return null;
    refuseDecimals(name, y, x);
    return double(Math.atan2(toNumber(y), toNumber(x)));
  }),
  $sinh: real(Math.sinh),
  $cosh: real(Math.cosh),
  $tanh: real(Math.tanh),
  $asinh: real(Math.asinh),
  $acosh: real(Math.acosh, (x) => x >= 1, '[1,inf]'),
  $atanh: real(Math.atanh, inRange, '[-1,1]'),
  $degreesToRadians: scaled((x) => x * (Math.PI / 180), '0.01745329251994329576923690768488613'),
  $radiansToDegrees: scaled((x) => x * (180 / Math.PI), '57.29577951308232087679815481410517'),
  $rand: () => () => new Double(Math.random()),
  $cmp: (argument, scope, name) =>
    binary((a, b) => Math.sign(compareValues(a, b, scope.compareText)))(argument, scope, name),
  $eq: compare((order) => order === 0),
  $ne: compare((order) => order !== 0),
  $gt: compare((order) => order > 0),
  $gte: compare((order) => order >= 0),
  $lt: compare((order) => order < 0),
  $lte: compare((order) => order <= 0),
};
