import { Decimal128 } from 'bson';
import { compareText } from '../../../src/embedded-mongo/bson/compare.js';
import { formatValue } from '../../../src/embedded-mongo/bson/format.js';
import { identity } from '../../../src/embedded-mongo/bson/key.js';
import { Doc, type Value } from '../../../src/embedded-mongo/bson/values.js';
import { Scope } from '../../../src/embedded-mongo/expression/compile.js';
import { OPERATORS } from '../../../src/embedded-mongo/expression/operators.js';

const scope = new Scope(new Date(0), compareText, OPERATORS, identity);

/** What an operator makes of its arguments; texts stand for decimals. */
function evaluate(operator: string, ...values: (string | number)[]): string {
  const decimals = values.map((value): Value => (typeof value === 'string' ? Decimal128.fromString(value) : value));
  return formatValue(scope.compile(Doc.from([[operator, decimals]]))(Doc.from()) ?? null);
}

// Every expected value was read from a MongoDB 7.0.15.
describe('decimals', () => {
  it.each<[string, (string | number)[], string]>([
    ['$subtract', ['-0', '0'], '-0'],
    ['$add', ['1', '-1'], '0'],
    ['$add', ['-0.00', '-0'], '0.00'],
    ['$multiply', ['0E+3', '-0E+5'], '-0E+8'],
    ['$multiply', [-0, '1'], '-0'],
    ['$multiply', ['1E-6176', '-1E-6176'], '-0E-6176'],
    ['$divide', ['-0', '5'], '-0'],
    ['$divide', ['1.50', '-Infinity'], '-0E-6176'],
    ['$mod', ['-1.0', '1'], '-0.0'],
    ['$round', ['-0.4', -1], '-0E+1'],
    ['$ceil', ['-0.5'], '-0'],
    ['$abs', ['-0'], '0'],
    ['$sum', ['-0.000'], '0.000'],
  ])('%s of %j has the sign and exponent of its zero', (operator, values, expected) => {
    expect(evaluate(operator, ...values)).toBe(expected);
  });

  it.each([
    ['2', '1.414213562373095048801688724209698'],
    ['123.4567', '11.11110705555481541639651584896590'],
    ['9999999999999999999999999999999999', '99999999999999999.99999999999999999'],
    ['1E+6111', '3.162277660168379331998893544432719E+3055'],
    ['9E-6000', '3E-3000'],
    ['-0.000', '-0.00'],
    ['0E+3', '0E+1'],
  ])('the square root of %s has 34 digits', (value, expected) => {
    expect(evaluate('$sqrt', value)).toBe(expected);
  });

  it.each([
    ['$round', ['5E+40', 2], '5.000000000000000000000000000000000E+40'],
    ['$trunc', ['-Infinity'], '-Infinity'],
    ['$floor', ['-Infinity'], 'NaN'],
    ['$ceil', ['5E+40'], 'NaN'],
  ])('%s of %j, whose places 34 digits do not hold', (operator, values, expected) => {
    expect(evaluate(operator, ...values)).toBe(expected);
  });

  it.each([
    ['$degreesToRadians', '180', '3.141592653589793238462643383279503'],
    ['$radiansToDegrees', '3.14159', '179.9998479605042884433403151824447'],
  ])('%s of %s keeps 34 digits', (operator, value, expected) => {
    expect(evaluate(operator, value)).toBe(expected);
  });

  it('a decimal below every double is not zero', () => {
    expect(evaluate('$toBool', '1E-6176')).toBe('true');
    expect(evaluate('$divide', '1E-6176', '1E-6176')).toBe('1');
    expect(() => evaluate('$toDouble', '1E-310')).toThrow(expect.objectContaining({ code: 241 }));
  });

  it.each([
    ['$exp', ['1']],
    ['$ln', ['2']],
    ['$log10', ['100']],
    ['$log', ['8', 2]],
    ['$pow', [2, '0.5']],
    ['$sin', ['1']],
    ['$atan2', ['1', 2]],
  ])('%s of %j is refused rather than computed to fewer digits', (operator, values) => {
    expect(() => evaluate(operator, ...values)).toThrow('not supported by this server');
  });

  it('a division by a decimal zero has codes of its own', () => {
    expect(() => evaluate('$mod', 5, '0.0')).toThrow(expect.objectContaining({ code: 5733415 }));
    expect(() => evaluate('$divide', 5, '-0')).toThrow(expect.objectContaining({ code: 2 }));
  });
});
