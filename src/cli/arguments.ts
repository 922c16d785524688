import { parseArgs, types } from 'node:util';
import { UsageError, type Command, type Option } from './command.js';

/** Options that every command has. */
export const COMMON_OPTIONS = {
  json: { type: 'boolean', about: 'print one JSON document' },
  help: { type: 'boolean', about: 'show this help' },
} as const satisfies Record<string, Option>;

/** The options and operands given to a command. */
export class Arguments {
  constructor(
    private readonly values: ReadonlyMap<string, string | boolean>,
    private readonly operands: readonly string[],
  ) {}

  /** The value of an option; an empty one counts as not given. */
  text(name: string): string | undefined {
    const value = this.values.get(name);
    return typeof value === 'string' && value !== '' ? value : undefined;
  }

  /** @throws UsageError when the option was not given */
  required(name: string): string {
    const value = this.text(name);
    if (value === undefined) throw new UsageError(`--${name} is required.`);
    return value;
  }

  flag(name: string): boolean {
    return this.values.get(name) === true;
  }

  /** @throws UsageError when the value is none of the known ones */
  oneOf<T extends string>(name: string, known: readonly T[]): T | undefined {
    const value = this.text(name);
    const found = known.find((candidate) => candidate === value);
    if (value !== undefined && found === undefined) {
      throw new UsageError(`--${name} must be ${known.length > 1 ? 'one of ' : ''}${known.join(', ')}.`);
    }
    return found;
  }

  /** @throws UsageError when the value is not a whole number from `min` to `max` */
  wholeNumber(name: string, { or, min, max }: { or: number; min: number; max: number }): number {
    const value = this.text(name);
    if (value === undefined) return or;
    const number = /^\d{1,15}$/.test(value) ? Number(value) : NaN;
    if (number >= min && number <= max) return number;
    throw new UsageError(`--${name} must be a whole number from ${min} to ${max}.`);
  }

  /** The operand at a position the command declares as required. */
  operand(index: number): string {
    const operand = this.operands[index];
    if (operand === undefined) throw new UsageError('A word is missing.');
    return operand;
  }

  allOperands(): readonly string[] {
    return this.operands;
  }
}

/**
 * Reads what stands after a command's name.
 * @throws UsageError for unknown or incomplete options and for too few or too many operands
 */
export function readArguments(command: Command, words: readonly string[]): Arguments {
  const { values, positionals } = parsed(words, { ...command.options, ...COMMON_OPTIONS });
  const args = new Arguments(new Map(values), positionals);
  if (args.flag('help')) return args;
  const { usage, min, max } = command.operands ?? { usage: '', min: 0, max: 0 };
  if (positionals.length < min) throw new UsageError(`${usage} is missing.`);
  const surplus = positionals[max];
  if (surplus !== undefined) throw new UsageError(`'${surplus}' is one word too many.`);
  for (const [name, { required, type }] of Object.entries(command.options)) {
    if (required && (type === 'boolean' ? !args.flag(name) : args.text(name) === undefined)) {
      throw new UsageError(`--${name} is required.`);
    }
  }
  return args;
}

function parsed(words: readonly string[], options: Readonly<Record<string, Option>>) {
  try {
    const { values, positionals } = parseArgs({ args: [...words], options, strict: true, allowPositionals: true });
    const single = Object.entries(values).flatMap(([name, value]) =>
      typeof value === 'string' || typeof value === 'boolean' ? [[name, value] as const] : [],
    );
    return { values: single, positionals };
  } catch (error) {
    if (isParseError(error)) throw new UsageError(error.message);
    throw error;
  }
}

function isParseError(error: unknown): error is Error {
  return types.isNativeError(error) && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS_');
}
