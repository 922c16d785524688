import type { Services } from '../services.js';
import type { Arguments } from './arguments.js';

/** An option of a command, as `node:util` parses it and as the help shows it. */
export interface Option {
  readonly type: 'string' | 'boolean';
  /** What stands for its value in the usage line. */
  readonly value?: string;
  readonly required?: true;
  readonly about: string;
}

/** The words a command takes after its name and besides its options. */
export interface Operands {
  readonly usage: string;
  readonly min: number;
  readonly max: number;
}

/** What a command works with. */
export interface Context {
  /** Opens the database, the first time it is asked; whatever is wrong with the arguments comes before. */
  readonly open: () => Promise<Services>;
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
  /** Says how far a long command is, to a person who watches. */
  readonly progress: (text: string) => void;
}

/** What a command has to say when it is done. */
export interface Reply {
  /** The document printed with `--json`. */
  readonly data: unknown;
  /** The text printed without. */
  readonly text: string;
  /** For a person, on standard error, so that it never mixes with what a program reads. */
  readonly note?: string;
  /** Why the command ends with 1 all the same. */
  readonly failure?: string;
}

export interface Command {
  readonly summary: string;
  readonly operands?: Operands;
  readonly options: Readonly<Record<string, Option>>;
  /** Null: the command has written its output itself. */
  run(context: Context, args: Arguments): Promise<Reply | null>;
}

/** The command line itself is wrong: exit 2. */
export class UsageError extends Error {}

/** The command could not do its work: exit 1 with this message. */
export class CommandError extends Error {}
