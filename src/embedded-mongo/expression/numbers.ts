import {
  addDecimals,
  asDecimal128,
  divideDecimals,
  finite,
  fromDecimal,
  isZero,
  moduloDecimals,
  multiplyDecimals,
  negateDecimal,
  parseDecimal,
  toDecimal,
} from '../bson/decimal.js';
import { Decimal128, Double, double, isInt32, isNumeric, type Numeric, type Value } from '../bson/values.js';
import { MongoError } from '../errors.js';
import { toNumber } from '../query/types.js';

const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;

export const fitsInt64 = (n: bigint): boolean => n >= INT64_MIN && n <= INT64_MAX;

/** How wide a number's type is: int32 < int64 < double < decimal. */
export function width(value: Numeric): 'int' | 'long' | 'double' | 'decimal' {
  if (typeof value === 'bigint') return 'long';
  if (value instanceof Decimal128) return 'decimal';
  return typeof value === 'number' && isInt32(value) ? 'int' : 'double';
}

/** Both integers, as bigints; undefined when one is a double or decimal. */
function integers(a: Numeric, b: Numeric): [bigint, bigint] | undefined {
  const left = asInteger(a);
  const right = asInteger(b);
  return left === undefined || right === undefined ? undefined : [left, right];
}

/** An int32 or int64 as a bigint. */
export function asInteger(value: Numeric): bigint | undefined {
  if (typeof value === 'bigint') return value;
  return typeof value === 'number' && isInt32(value) ? BigInt(value) : undefined;
}

/** An integer result: int32 when no operand was wider and it fits, else int64, else a double. */
function integerResult(result: bigint, a: Numeric, b: Numeric): Numeric {
  const wide = typeof a === 'bigint' || typeof b === 'bigint';
  const number = Number(result);
  if (!wide && isInt32(number)) return number;
  return fitsInt64(result) ? result : double(number);
}

const decimals = (a: Numeric, b: Numeric): boolean => a instanceof Decimal128 || b instanceof Decimal128;
const parse = (value: Numeric): ReturnType<typeof parseDecimal> => parseDecimal(asDecimal128(value));

export function add(a: Numeric, b: Numeric): Numeric {
  if (typeof a === 'number' && typeof b === 'number' && isInt32(a) && isInt32(b)) {
    const sum = a + b;
    return isInt32(sum) ? sum : BigInt(sum);
  }
  if (decimals(a, b)) return fromDecimal(addDecimals(parse(a), parse(b)));
  const both = integers(a, b);
  return both ? integerResult(both[0] + both[1], a, b) : double(toNumber(a) + toNumber(b));
}

export function subtract(a: Numeric, b: Numeric): Numeric {
  if (decimals(a, b)) return fromDecimal(addDecimals(parse(a), negateDecimal(parse(b))));
  const both = integers(a, b);
  return both ? integerResult(both[0] - both[1], a, b) : double(toNumber(a) - toNumber(b));
}

export function multiply(a: Numeric, b: Numeric): Numeric {
  if (decimals(a, b)) return fromDecimal(multiplyDecimals(parse(a), parse(b)));
  const both = integers(a, b);
  return both ? integerResult(both[0] * both[1], a, b) : double(toNumber(a) * toNumber(b));
}

/** @throws MongoError 2 when the divisor is zero. */
export function divide(a: Numeric, b: Numeric): Numeric {
  const byZero = (): MongoError => new MongoError(2, "can't $divide by zero");
  if (decimals(a, b)) {
    const divisor = parse(b);
    if (isZero(divisor)) throw byZero();
    return fromDecimal(divideDecimals(parse(a), divisor));
  }
  if (toNumber(b) === 0) throw byZero();
  return double(toNumber(a) / toNumber(b));
}

/**
 * A divisor that is a double but whole, within 32 bits, counts as an integer where what is divided is one.
 * @throws MongoError 16610, or 5733415 for decimals, when the divisor is zero
 */
export function modulo(a: Numeric, b: Numeric): Numeric {
  const byZero = (code: number): MongoError => new MongoError(code, "can't $mod by zero");
  if (decimals(a, b)) {
    const divisor = parse(b);
    if (isZero(divisor)) throw byZero(5733415);
    return fromDecimal(moduloDecimals(parse(a), divisor));
  }
  if (toNumber(b) === 0) throw byZero(16610);
  const divisor = isInt32(toNumber(b)) ? toNumber(b) : b;
  const both = integers(a, divisor);
  return both ? integerResult(both[0] % both[1], a, divisor) : double(toNumber(a) % toNumber(b));
}

/** True for NaN of either kind. */
export const isNaNNumber = (value: Value | undefined): boolean => isNumeric(value) && Number.isNaN(toNumber(value));

/** The value of a double to 34 digits, which is more than the digits it is written with. */
const exactDecimal = (value: number): Decimal128 => fromDecimal(toDecimal(value));

const DECIMAL_ZERO = fromDecimal(finite(0n, 0));

/** A sum of doubles, and what it loses by rounding. */
function twoSum(a: number, b: number): { sum: number; lost: number } {
  const sum = a + b;
  return { sum, lost: Math.abs(a) >= Math.abs(b) ? a - sum + b : b - sum + a };
}

/**
 * A sum that keeps MongoDB's types: integers stay integers, one double makes a double (added with Neumaier's correction),
 * one decimal a decimal.
 */
export class Sum {
  #integers = 0;
  #bigIntegers = 0n;
  #doubles = 0;
  #correction = 0;
  #decimal: Numeric | undefined;
  #type: 'int' | 'long' | 'double' = 'int';

  add(value: Numeric): void {
    if (typeof value === 'number' && isInt32(value)) {
      this.#integers += value;
      if (!Number.isSafeInteger(this.#integers)) this.#spill();
    } else if (typeof value === 'bigint') {
      this.#bigIntegers += value;
      if (this.#type === 'int') this.#type = 'long';
    } else if (value instanceof Decimal128) this.#decimal = add(this.#decimal ?? DECIMAL_ZERO, value);
    else this.#addDouble(value instanceof Double ? value.value : value);
  }

  #spill(): void {
    this.#bigIntegers += BigInt(this.#integers);
    this.#integers = 0;
  }

  #addDouble(value: number): void {
    this.#type = 'double';
    const { sum, lost } = twoSum(this.#doubles, value);
    if (Number.isFinite(sum)) this.#correction += lost;
    this.#doubles = sum;
  }

  result(): Numeric {
    this.#spill();
    const total = this.#bigIntegers;
    if (this.#decimal !== undefined) return this.#decimalResult(this.#decimal, total);
    if (this.#type === 'double') return double(this.#doubleTotal(total));
    const number = Number(total);
    if (this.#type === 'int' && isInt32(number)) return number;
    return fitsInt64(total) ? total : double(number);
  }

  #doubleTotal(integers: bigint): number {
    const whole = Number(integers);
    const copy = this.#correction;
    const { sum, lost } = twoSum(this.#doubles, whole);
    return Number.isFinite(sum) ? sum + (copy + lost) : sum;
  }

  #decimalResult(decimal: Numeric, integers: bigint): Numeric {
    if (this.#type !== 'double') return integers === 0n ? decimal : add(decimal, integers);
    // What is no decimal is added up first, with what a double loses kept beside it.
    const { sum, lost } = twoSum(this.#doubles, Number(integers));
    const kept = Number.isFinite(sum) ? this.#correction + lost : 0;
    return add(decimal, add(exactDecimal(sum), exactDecimal(kept)));
  }
}
