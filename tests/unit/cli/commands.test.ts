import { commands } from '../../../src/cli/commands.js';
import { help, usageOf } from '../../../src/cli/help.js';
import { UsageError } from '../../../src/cli/command.js';

describe('the table of commands', () => {
  test.each(Object.keys(commands))('%s is a name of one or two words', (name) => {
    expect(name).toMatch(/^[a-z]+( [a-z]+)?$/);
  });

  test('has no command that hides the first word of another', () => {
    const families = new Set(Object.keys(commands).flatMap((name) => (name.includes(' ') ? name.split(' ', 1) : [])));
    expect(Object.keys(commands).filter((name) => families.has(name))).toEqual([]);
  });
});

describe('help', () => {
  test('puts optional options in brackets', () => {
    expect(usageOf('centre add', commands['centre add']!)).toBe(
      'sipas centre add --code C --name N --unit UNITCODE [--level province|commune] [--json]',
    );
  });

  test('lists a family by its first word', () => {
    expect(help(commands, 'token').data).toMatchObject([
      { name: 'token create' },
      { name: 'token list' },
      { name: 'token revoke' },
    ]);
  });

  test('does not know a property that every object has', () => {
    expect(() => help(commands, 'constructor')).toThrow(UsageError);
  });
});
