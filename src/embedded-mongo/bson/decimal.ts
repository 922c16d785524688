import { Decimal128, Double, isInt32, type Numeric } from './values.js';

/** A decimal number taken apart: sign · coefficient · 10^exponent, or one of the special values. */
export type Decimal =
  | {
      readonly kind: 'finite';
      readonly coefficient: bigint;
      readonly exponent: number;
      /** The sign of a zero, which its coefficient cannot tell. */
      readonly negativeZero: boolean;
    }
  | { readonly kind: 'infinite'; readonly negative: boolean }
  | { readonly kind: 'nan' };

export type Finite = Extract<Decimal, { kind: 'finite' }>;

const NAN: Decimal = { kind: 'nan' };
const DIGITS = 34;
const MIN_EXPONENT = -6176;
const MAX_EXPONENT = 6111;
const LOW_MASK = (1n << 49n) - 1n;

const infinite = (negative: boolean): Decimal => ({ kind: 'infinite', negative });

/** A finite decimal; `negative` is the sign that it has when it is zero. */
export const finite = (coefficient: bigint, exponent: number, negative = false): Finite => ({
  kind: 'finite',
  coefficient,
  exponent,
  negativeZero: negative && coefficient === 0n,
});

/** Takes the 16 bytes of a Decimal128 apart (IEEE 754-2008, binary integer decimal encoding). */
export function parseDecimal(value: Decimal128): Decimal {
  const bytes = Buffer.from(value.bytes.buffer, value.bytes.byteOffset, 16);
  const low = bytes.readBigUInt64LE(0);
  const high = bytes.readBigUInt64LE(8);
  const negative = high >> 63n === 1n;
  const combination = Number((high >> 58n) & 0x1fn);
  if (combination === 0x1e) return infinite(negative);
  if (combination === 0x1f) return NAN;
  const wide = combination >> 3 === 3;
  const exponent = Number(wide ? (high >> 47n) & 0x3fffn : (high >> 49n) & 0x3fffn) + MIN_EXPONENT;
  const coefficient = wide ? 0n : ((high & LOW_MASK) << 64n) | low;
  return finite(negative ? -coefficient : coefficient, exponent, negative);
}

/** The exact decimal value of any number. */
export function toDecimal(value: Numeric): Decimal {
  if (typeof value === 'bigint') return finite(value, 0);
  if (value instanceof Decimal128) return parseDecimal(value);
  return doubleToDecimal(value instanceof Double ? value.value : value);
}

function doubleToDecimal(value: number): Decimal {
  if (Number.isNaN(value)) return NAN;
  if (!Number.isFinite(value)) return infinite(value < 0);
  if (Number.isInteger(value)) return finite(BigInt(value), 0);
  let scaled = value;
  let twos = 0;
  while (!Number.isInteger(scaled)) {
    scaled *= 2;
    twos++;
  }
  // n / 2^k = n · 5^k / 10^k
  return finite(BigInt(scaled) * 5n ** BigInt(twos), -twos);
}

const abs = (n: bigint): bigint => (n < 0n ? -n : n);
const digitCount = (n: bigint): number => abs(n).toString().length;

/** Drops digits from the right, rounding half to even. */
function dropDigits(coefficient: bigint, count: number): bigint {
  const divisor = 10n ** BigInt(count);
  const quotient = coefficient / divisor;
  const twice = abs(coefficient % divisor) * 2n;
  const up = twice > divisor || (twice === divisor && abs(quotient) % 2n === 1n);
  return up ? quotient + (coefficient < 0n ? -1n : 1n) : quotient;
}

/** A Decimal128 rounded half to even to 34 digits. */
export function fromDecimal(value: Decimal): Decimal128 {
  if (value.kind === 'nan') return Decimal128.fromString('NaN');
  if (value.kind === 'infinite') return Decimal128.fromString(value.negative ? '-Infinity' : 'Infinity');
  let { coefficient, exponent } = value;
  const excess = Math.max(digitCount(coefficient) - DIGITS, MIN_EXPONENT - exponent, 0);
  if (excess > 0) {
    coefficient = excess > 6300 ? 0n : dropDigits(coefficient, excess);
    exponent += excess;
    if (digitCount(coefficient) > DIGITS) {
      coefficient /= 10n;
      exponent++;
    }
  }
  while (exponent > MAX_EXPONENT && coefficient !== 0n && digitCount(coefficient) < DIGITS) {
    coefficient *= 10n;
    exponent--;
  }
  if (coefficient === 0n) exponent = Math.min(Math.max(exponent, MIN_EXPONENT), MAX_EXPONENT);
  if (exponent > MAX_EXPONENT) return Decimal128.fromString(coefficient < 0n ? '-Infinity' : 'Infinity');
  // What is rounded to zero keeps its sign.
  const sign = coefficient === 0n && isNegative(value) ? '-' : '';
  return Decimal128.fromString(`${sign}${coefficient}E${exponent}`);
}

/** A double as MongoDB turns it into a decimal: 15 significant digits. */
export function decimalFromDouble(value: number): Decimal128 {
  if (!Number.isFinite(value)) return fromDecimal(doubleToDecimal(value));
  if (value === 0) return fromDecimal(finite(0n, 0, Object.is(value, -0)));
  return Decimal128.fromString(value.toExponential(14));
}

/** A number as a Decimal128 as arithmetic does it. */
export function asDecimal128(value: Numeric): Decimal128 {
  if (value instanceof Decimal128) return value;
  if (typeof value === 'bigint' || (typeof value === 'number' && isInt32(value)))
    return Decimal128.fromString(String(value));
  return decimalFromDouble(value instanceof Double ? value.value : value);
}

/** -1, 0 or 1; NaN is smaller than every number and equal to itself. */
export function compareDecimals(a: Decimal, b: Decimal): number {
  if (a.kind === 'nan' || b.kind === 'nan') return Number(a.kind !== 'nan') - Number(b.kind !== 'nan');
  if (a.kind === 'infinite' || b.kind === 'infinite') return Math.sign(infinityRank(a) - infinityRank(b));
  const exponent = Math.min(a.exponent, b.exponent);
  const left = a.coefficient * 10n ** BigInt(a.exponent - exponent);
  const right = b.coefficient * 10n ** BigInt(b.exponent - exponent);
  return left < right ? -1 : left > right ? 1 : 0;
}

function infinityRank(value: Decimal): number {
  if (value.kind !== 'infinite') return 0;
  return value.negative ? -1 : 1;
}

/** Whether the sign bit is set; a zero may have it. */
const isNegative = (value: Decimal): boolean => {
  if (value.kind === 'finite') return value.coefficient < 0n || value.negativeZero;
  return value.kind === 'infinite' && value.negative;
};

export const isZero = (value: Decimal): boolean => value.kind === 'finite' && value.coefficient === 0n;

export function addDecimals(a: Decimal, b: Decimal): Decimal {
  if (a.kind === 'nan' || b.kind === 'nan') return NAN;
  if (a.kind === 'infinite') return b.kind === 'infinite' && a.negative !== b.negative ? NAN : a;
  if (b.kind === 'infinite') return b;
  const exponent = Math.min(a.exponent, b.exponent);
  return finite(
    a.coefficient * 10n ** BigInt(a.exponent - exponent) + b.coefficient * 10n ** BigInt(b.exponent - exponent),
    exponent,
    isNegative(a) && isNegative(b),
  );
}

export function negateDecimal(value: Decimal): Decimal {
  if (value.kind === 'nan') return value;
  if (value.kind === 'infinite') return infinite(!value.negative);
  return finite(-value.coefficient, value.exponent, !isNegative(value));
}

export function multiplyDecimals(a: Decimal, b: Decimal): Decimal {
  if (a.kind === 'nan' || b.kind === 'nan') return NAN;
  const negative = isNegative(a) !== isNegative(b);
  if (a.kind === 'finite' && b.kind === 'finite')
    return finite(a.coefficient * b.coefficient, a.exponent + b.exponent, negative);
  return isZero(a) || isZero(b) ? NAN : infinite(negative);
}

/** a / b to 34 digits; the divisor is not zero. */
export function divideDecimals(a: Decimal, b: Decimal): Decimal {
  if (a.kind === 'nan' || b.kind === 'nan') return NAN;
  const negative = isNegative(a) !== isNegative(b);
  if (a.kind === 'infinite') return b.kind === 'infinite' ? NAN : infinite(negative);
  if (b.kind === 'infinite') return finite(0n, MIN_EXPONENT, negative);
  const ideal = a.exponent - b.exponent;
  const shift = Math.max(0, DIGITS + 3 + digitCount(b.coefficient) - digitCount(a.coefficient));
  const scaled = a.coefficient * 10n ** BigInt(shift);
  const remainder = scaled % b.coefficient;
  let coefficient = scaled / b.coefficient;
  let exponent = ideal - shift;
  if (remainder !== 0n) {
    // A sticky digit keeps the rounding to 34 digits right.
    return finite(coefficient * 10n + (negative ? -1n : 1n), exponent - 1);
  }
  while (exponent < ideal && coefficient % 10n === 0n) {
    coefficient /= 10n;
    exponent++;
  }
  return finite(coefficient, exponent, negative);
}

/** The remainder of a / b with the sign of a; the divisor is not zero. */
export function moduloDecimals(a: Decimal, b: Decimal): Decimal {
  if (a.kind !== 'finite' || b.kind === 'nan') return NAN;
  if (b.kind === 'infinite') return a;
  const exponent = Math.min(a.exponent, b.exponent);
  const left = a.coefficient * 10n ** BigInt(a.exponent - exponent);
  const right = b.coefficient * 10n ** BigInt(b.exponent - exponent);
  return finite(left % right, exponent, isNegative(a));
}

export type Rounding = 'truncate' | 'floor' | 'ceil' | 'half-even';

/**
 * The decimal with exactly `places` digits after the point (may be negative); not a number when 34 digits do not hold it,
 * as for the infinities.
 */
export function quantize(value: Decimal, places: number, rounding: Rounding): Decimal {
  if (value.kind !== 'finite') return NAN;
  const drop = -value.exponent - places;
  const rounded = (coefficient: bigint): Decimal => finite(coefficient, -places, isNegative(value));
  if (drop <= 0) {
    if (value.coefficient !== 0n && -drop > DIGITS) return NAN;
    const coefficient = value.coefficient * 10n ** BigInt(Math.min(-drop, DIGITS));
    return String(coefficient).replace('-', '').length > DIGITS ? NAN : rounded(coefficient);
  }
  if (rounding === 'half-even') return rounded(dropDigits(value.coefficient, drop));
  const divisor = 10n ** BigInt(drop);
  let quotient = value.coefficient / divisor;
  const exact = value.coefficient % divisor === 0n;
  if (!exact && rounding === 'floor' && value.coefficient < 0n) quotient -= 1n;
  if (!exact && rounding === 'ceil' && value.coefficient > 0n) quotient += 1n;
  return rounded(quotient);
}

/** As `quantize`, but a number whose places 34 digits do not hold is given with all of them. */
export function roundDecimal(value: Decimal, places: number, rounding: Rounding): Decimal {
  const rounded = quantize(value, places, rounding);
  if (rounded.kind === 'finite' || value.kind !== 'finite') return rounded.kind === 'finite' ? rounded : value;
  const padding = Math.max(0, DIGITS - digitCount(value.coefficient));
  return finite(value.coefficient * 10n ** BigInt(padding), value.exponent - padding);
}

/** The square root to 34 digits, rounded half to even; not a number for what is below zero. */
export function rootOfDecimal(value: Decimal): Decimal {
  if (value.kind !== 'finite') return isNegative(value) ? NAN : value;
  const odd = BigInt(Math.abs(value.exponent % 2));
  const exponent = (value.exponent - Number(odd)) / 2;
  const coefficient = value.coefficient * 10n ** odd;
  if (coefficient === 0n) return finite(0n, exponent, isNegative(value));
  if (coefficient < 0n) return NAN;
  const exact = wholeRoot(coefficient);
  if (exact * exact === coefficient) return finite(exact, exponent);
  // No root that is not whole ends after some digits: one digit more than is kept tells how to round.
  return finite(wholeRoot(coefficient * 100n ** BigInt(DIGITS + 1)) * 10n + 1n, exponent - DIGITS - 2);
}

/** The largest whole number whose square is not above a positive number (Newton's method, from above). */
function wholeRoot(square: bigint): bigint {
  let root = 10n ** BigInt(Math.ceil(digitCount(square) / 2));
  for (;;) {
    const next = (root + square / root) / 2n;
    if (next >= root) return root;
    root = next;
  }
}

/** The nearest double. */
export const decimalToNumber = (value: Decimal128): number => Number(value.toString());
