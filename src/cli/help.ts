import { COMMON_OPTIONS, type Arguments } from './arguments.js';
import { UsageError, type Command, type Option, type Reply } from './command.js';
import { columns } from './text.js';

export type CommandTable = Readonly<Record<string, Command>>;

/** `help` and `help COMMAND`; the table is asked for late, since it holds this command too. */
export function helpCommand(table: () => CommandTable): Command {
  return {
    summary: 'show the commands, or one of them',
    operands: { usage: '[COMMAND]', min: 0, max: 2 },
    options: {},
    run: async (_context, args: Arguments) => help(table(), args.allOperands().join(' ')),
  };
}

/**
 * The help of one command, of a family such as `user`, or of all of them.
 * @throws UsageError when there is no such command
 */
export function help(table: CommandTable, name = ''): Reply {
  const command = Object.hasOwn(table, name) ? table[name] : undefined;
  if (command) return { data: described(name, command), text: commandHelp(name, command) };
  const family = Object.entries(table).filter(([known]) => name === '' || known.startsWith(`${name} `));
  if (family.length === 0) throw unknownCommand(name);
  return { data: family.map(([known, member]) => described(known, member)), text: overview(family) };
}

export function unknownCommand(name: string): UsageError {
  return new UsageError(name === '' ? 'A command is missing.' : `There is no command '${name}'.`);
}

/** `sipas user add --username U --role R [--scope CODE] --password-stdin`. */
export function usageOf(name: string, command: Command): string {
  const options = Object.entries({ ...command.options, json: COMMON_OPTIONS.json }).map(([option, spec]) => {
    const text = optionText(option, spec);
    return 'required' in spec && spec.required ? text : `[${text}]`;
  });
  return ['sipas', name, ...(command.operands ? [command.operands.usage] : []), ...options].join(' ');
}

function described(name: string, command: Command) {
  return { name, summary: command.summary, usage: usageOf(name, command) };
}

function overview(commands: readonly (readonly [string, Command])[]): string {
  const rows = commands.map(([name, { summary }]) => [`  ${name}`, summary]);
  return `Usage: sipas COMMAND [OPTIONS]\n\n${columns(rows)}\n\nsipas help COMMAND says more about one of them.`;
}

function commandHelp(name: string, command: Command): string {
  const options = Object.entries({ ...command.options, ...COMMON_OPTIONS });
  const rows = options.map(([option, spec]) => [`  ${optionText(option, spec)}`, spec.about]);
  const { summary } = command;
  return `Usage: ${usageOf(name, command)}\n\n${summary.charAt(0).toUpperCase()}${summary.slice(1)}.\n\n${columns(rows)}`;
}

function optionText(name: string, option: Option): string {
  return option.value === undefined ? `--${name}` : `--${name} ${option.value}`;
}
