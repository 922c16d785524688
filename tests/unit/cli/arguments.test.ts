import { readArguments } from '../../../src/cli/arguments.js';
import { UsageError, type Command } from '../../../src/cli/command.js';

const command: Command = {
  summary: 'for tests',
  operands: { usage: 'FILE', min: 1, max: 1 },
  options: {
    name: { type: 'string', value: 'N', required: true, about: 'a name' },
    size: { type: 'string', value: 'S', about: 'a size' },
    sure: { type: 'boolean', required: true, about: 'a promise' },
  },
  run: async () => null,
};
const COMPLETE = ['x.csv', '--name', 'Lan', '--sure'];
const read = (...more: string[]) => readArguments(command, [...COMPLETE, ...more]);

describe('the arguments of a command', () => {
  test('are its options and its words, in any order', () => {
    const args = readArguments(command, ['--sure', '--name=Lan', 'x.csv', '--json']);
    expect([args.text('name'), args.operand(0), args.flag('json')]).toEqual(['Lan', 'x.csv', true]);
  });

  test('take - for a word', () => {
    expect(readArguments(command, ['-', '--name', 'Lan', '--sure']).operand(0)).toBe('-');
  });

  test('know an option that was not given', () => {
    expect([read().text('size'), read().flag('json')]).toEqual([undefined, false]);
  });

  test('take an empty value for none', () => {
    expect(read('--size=').text('size')).toBeUndefined();
  });

  test('need nothing else when help is asked for', () => {
    expect(readArguments(command, ['--help']).flag('help')).toBe(true);
  });

  test.each([
    ['an option nobody knows', ['--colour', 'red'], /--colour/],
    ['an option without its value', ['--size'], /--size/],
    ['a value for an option that takes none', ['--json=1'], /--json/],
    ['a word too many', ['y.csv'], /'y\.csv' is one word too many/],
  ])('refuse %s', (_, more, message) => {
    expect(() => read(...more)).toThrow(UsageError);
    expect(() => read(...more)).toThrow(message);
  });

  test.each([
    ['a required option', ['x.csv', '--sure'], '--name is required.'],
    ['a required option left empty', ['x.csv', '--name', '', '--sure'], '--name is required.'],
    ['a required flag', ['x.csv', '--name', 'Lan'], '--sure is required.'],
    ['a word', ['--name', 'Lan', '--sure'], 'FILE is missing.'],
  ])('refuse to do without %s', (_, words, message) => {
    expect(() => readArguments(command, words)).toThrow(new UsageError(message));
  });
});

describe('a value out of a list', () => {
  test('is given as it is', () => expect(read('--size', 'L').oneOf('size', ['S', 'L'])).toBe('L'));

  test('is refused when the list lacks it', () => {
    expect(() => read('--size', 'M').oneOf('size', ['S', 'L'])).toThrow(new UsageError('--size must be one of S, L.'));
  });
});

describe('a whole number', () => {
  const size = (value: string) => read('--size', value).wholeNumber('size', { or: 5, min: 1, max: 10 });

  test.each([
    ['1', 1],
    ['10', 10],
    ['', 5],
  ])('%p is %p', (value, number) => expect(size(value)).toBe(number));

  test.each(['0', '11', '1.5', '1e1', 'x', '99999999999999999999'])('%p is refused', (value) => {
    expect(() => size(value)).toThrow(new UsageError('--size must be a whole number from 1 to 10.'));
  });
});
