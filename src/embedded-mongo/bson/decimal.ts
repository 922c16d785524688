import { Decimal128, Double, isInt32, type Numeric } from './values.js';

/** A decimal number taken apart: sign · coefficient · 10^exponent, or one of the special values. */
export type Decimal =
  | {
      readonly kind: 'finite';
      readonly coefficient: bigint;
      readonly exponent: number;
      readonly negativeZero?: boolean;
    }
  | { readonly kind: 'infinite'; readonly negative: boolean }
  | { readonly kind: 'nan' };

const NAN: Decimal = { kind: 'nan' };
const DIGITS = 34;
const MIN_EXPONENT = -6176;
const MAX_EXPONENT = 6111;
const LOW_MASK = (1n << 49n) - 1n;

const infinite = (negative: boolean): Decimal => ({ kind: 'infinite', negative });
const finite = (coefficient: bigint, exponent: number): Decimal => ({ kind: 'finite', coefficient, exponent });

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
  if (coefficient === 0n) return { kind: 'finite', coefficient, exponent, negativeZero: negative };
  return finite(negative ? -coefficient : coefficient, exponent);
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
  const sign = coefficient === 0n && value.negativeZero === true ? '-' : '';
  return Decimal128.fromString(`${sign}${coefficient}E${exponent}`);
}

/** A double as MongoDB turns it into a decimal: 15 significant digits. */
export function decimalFromDouble(value: number): Decimal128 {
  if (!Number.isFinite(value)) return fromDecimal(doubleToDecimal(value));
  return Decimal128.fromString(value === 0 ? String(value) : value.toExponential(14));
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

export function addDecimals(a: Decimal, b: Decimal): Decimal {
  if (a.kind === 'nan' || b.kind === 'nan') return NAN;
  if (a.kind === 'infinite') return b.kind === 'infinite' && a.negative !== b.negative ? NAN : a;
  if (b.kind === 'infinite') return b;
  const exponent = Math.min(a.exponent, b.exponent);
  return finite(
    a.coefficient * 10n ** BigInt(a.exponent - exponent) + b.coefficient * 10n ** BigInt(b.exponent - exponent),
    exponent,
  );
}

export function negateDecimal(value: Decimal): Decimal {
  if (value.kind === 'nan') return value;
  if (value.kind === 'infinite') return infinite(!value.negative);
  return finite(-value.coefficient, value.exponent);
}

export function multiplyDecimals(a: Decimal, b: Decimal): Decimal {
  if (a.kind === 'nan' || b.kind === 'nan') return NAN;
  if (a.kind === 'infinite' || b.kind === 'infinite') {
    const sign = decimalSign(a) * decimalSign(b);
    return sign === 0 ? NAN : infinite(sign < 0);
  }
  return finite(a.coefficient * b.coefficient, a.exponent + b.exponent);
}

/** a / b to 34 digits; the divisor is not zero. */
export function divideDecimals(a: Decimal, b: Decimal): Decimal {
  if (a.kind === 'nan' || b.kind === 'nan') return NAN;
  if (a.kind === 'infinite') return b.kind === 'infinite' ? NAN : infinite(decimalSign(a) * (decimalSign(b) || 1) < 0);
  if (b.kind === 'infinite') return finite(0n, 0);
  const ideal = a.exponent - b.exponent;
  const shift = Math.max(0, DIGITS + 3 + digitCount(b.coefficient) - digitCount(a.coefficient));
  const scaled = a.coefficient * 10n ** BigInt(shift);
  const remainder = scaled % b.coefficient;
  let coefficient = scaled / b.coefficient;
  let exponent = ideal - shift;
  if (remainder !== 0n) {
    // A sticky digit keeps the rounding to 34 digits right.
    const sign = a.coefficient < 0n === b.coefficient < 0n ? 1n : -1n;
    return finite(coefficient * 10n + sign, exponent - 1);
  }
  while (exponent < ideal && coefficient % 10n === 0n) {
    coefficient /= 10n;
    exponent++;
  }
  return finite(coefficient, exponent);
}

/** The remainder of a / b with the sign of a; the divisor is not zero. */
export function moduloDecimals(a: Decimal, b: Decimal): Decimal {
  if (a.kind !== 'finite' || b.kind === 'nan') return NAN;
  if (b.kind === 'infinite') return a;
  const exponent = Math.min(a.exponent, b.exponent);
  const left = a.coefficient * 10n ** BigInt(a.exponent - exponent);
  const right = b.coefficient * 10n ** BigInt(b.exponent - exponent);
  return finite(left % right, exponent);
}

export function decimalSign(value: Decimal): number {
  if (value.kind === 'nan') return 0;
  if (value.kind === 'infinite') return value.negative ? -1 : 1;
  return value.coefficient < 0n ? -1 : value.coefficient > 0n ? 1 : 0;
}

export type Rounding = 'truncate' | 'floor' | 'ceil' | 'half-even';

/** The decimal with exactly `places` digits after the point (may be negative); not a number when 34 digits do not hold it. */
export function roundDecimal(value: Decimal, places: number, rounding: Rounding): Decimal {
  if (value.kind !== 'finite') return value;
  const drop = -value.exponent - places;
  if (drop <= 0) {
    if (value.coefficient !== 0n && -drop > DIGITS) return NAN;
    const coefficient = value.coefficient * 10n ** BigInt(Math.min(-drop, DIGITS));
    return String(coefficient).replace('-', '').length > DIGITS ? NAN : finite(coefficient, -places);
  }
  if (rounding === 'half-even') return finite(dropDigits(value.coefficient, drop), -places);
  const divisor = 10n ** BigInt(drop);
  let quotient = value.coefficient / divisor;
  const exact = value.coefficient % divisor === 0n;
  if (!exact && rounding === 'floor' && value.coefficient < 0n) quotient -= 1n;
  if (!exact && rounding === 'ceil' && value.coefficient > 0n) quotient += 1n;
  return finite(quotient, -places);
}

/** The nearest double. */
export const decimalToNumber = (value: Decimal128): number => Number(value.toString());
