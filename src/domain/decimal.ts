/**
 * Exact arithmetic for printed figures. Binary floating point has no 1.005 and no 5.93/6, so rounding "half up" with
 * `Math.round(x * 100) / 100` is sometimes a digit off. Here a number stands for the shortest decimal that JavaScript
 * prints for it, and every step is done on integers (BigInt).
 */
export interface Fraction {
  readonly numerator: bigint;
  /** Always positive. */
  readonly denominator: bigint;
}

/** The number as the fraction its shortest decimal representation means: 5.93 → 593/100. RangeError if not finite. */
export function toFraction(value: number): Fraction {
  if (!Number.isFinite(value)) throw new RangeError(`Not a finite number: ${value}`);
  const [mantissa = '', exponent = '0'] = value.toString().split('e');
  const [whole = '', decimals = ''] = mantissa.split('.');
  const digits = BigInt(whole + decimals);
  const places = decimals.length - Number(exponent);
  return places >= 0
    ? { numerator: digits, denominator: powerOfTen(places) }
    : { numerator: digits * powerOfTen(-places), denominator: 1n };
}

/** a + b. */
export function plus(a: Fraction, b: Fraction): Fraction {
  return {
    numerator: a.numerator * b.denominator + b.numerator * a.denominator,
    denominator: a.denominator * b.denominator,
  };
}

/** a − b. */
export function minus(a: Fraction, b: Fraction): Fraction {
  return plus(a, { numerator: -b.numerator, denominator: b.denominator });
}

/** a · b. */
export function times(a: Fraction, b: Fraction): Fraction {
  return { numerator: a.numerator * b.numerator, denominator: a.denominator * b.denominator };
}

/** a ÷ b for a positive b; RangeError otherwise. */
export function dividedBy(a: Fraction, b: Fraction): Fraction {
  if (b.numerator <= 0n) throw new RangeError('The divisor must be positive');
  return { numerator: a.numerator * b.denominator, denominator: a.denominator * b.numerator };
}

/**
 * The fraction rounded half up to `decimals` places: the number nearest to the exact decimal result. Negative values
 * round by magnitude, so that a fall of 0.005 prints as large as a rise of 0.005.
 */
export function roundFraction({ numerator, denominator }: Fraction, decimals: number): number {
  const scaled = numerator * powerOfTen(decimals);
  const magnitude = scaled < 0n ? -scaled : scaled;
  const rounded = (2n * magnitude + denominator) / (2n * denominator);
  return Number(`${scaled < 0n ? -rounded : rounded}e-${decimals}`);
}

function powerOfTen(exponent: number): bigint {
  return 10n ** BigInt(exponent);
}
