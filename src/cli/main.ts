import { userInfo } from 'node:os';
import { actingAs, type Actor } from '../features/audit/audit.actor.js';
import { limitHeapGrowth } from '../heap.js';
import { readArguments, type Arguments } from './arguments.js';
import { UsageError, type Command, type Context, type Reply } from './command.js';
import { commands } from './commands.js';
import { help, unknownCommand, usageOf } from './help.js';
import { Session } from './session.js';

const EXIT = { done: 0, failed: 1, usage: 2 } as const;

async function main(words: readonly string[]): Promise<number> {
  limitHeapGrowth();
  const named = findCommand(words);
  if (!named) return failUsage(unknownCommand(words.slice(0, 2).join(' ')), helpNear(words));
  const { name, command, rest } = named;
  const session = new Session();
  const context = contextOf(session);
  try {
    const args = readArguments(command, rest);
    const reply = args.flag('help') ? help(commands, name) : await actingAs(operator, () => command.run(context, args));
    context.progress('');
    return reply ? print(reply, args) : EXIT.done;
  } catch (error) {
    if (error instanceof UsageError) return failUsage(error, `Usage: ${usageOf(name, command)}`);
    // What fails because a signal closed the database is no news.
    return session.interruption() ?? fail(error);
  } finally {
    await session.close();
    process.stdin.destroy();
  }
}

/** The command with the longest name that the words begin with. */
function findCommand(words: readonly string[]): { name: string; command: Command; rest: readonly string[] } | null {
  const [first = ''] = words;
  if (first === '--help' || first === '-h') return findCommand(['help', ...words.slice(1)]);
  for (const length of [2, 1]) {
    const name = words.slice(0, length).join(' ');
    const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (command) return { name, command, rest: words.slice(length) };
  }
  return null;
}

/** The help of the family the first word names, if there is one. */
function helpNear([first = '']: readonly string[]): string {
  const isFamily = Object.keys(commands).some((name) => name.startsWith(`${first} `));
  return help(commands, isFamily ? first : '').text;
}

function contextOf(session: Session): Context {
  const { stdin, stdout, stderr } = process;
  return {
    open: () => session.open(),
    input: stdin,
    output: stdout,
    progress: (text) => {
      if (stderr.isTTY) stderr.write(`\r${text}\x1b[K`);
    },
  };
}

/** Who types the command, as the machine knows them; in a container a user may have a number only. */
function operator(): Actor {
  let name: string;
  try {
    name = userInfo().username;
  } catch {
    name = `uid ${process.getuid?.() ?? '?'}`;
  }
  return { kind: 'command', name, address: '', request: '' };
}

function print(reply: Reply, args: Arguments): number {
  if (reply.note !== undefined) console.error(reply.note);
  console.log(args.flag('json') ? JSON.stringify(reply.data, null, 2) : reply.text);
  if (reply.failure === undefined) return EXIT.done;
  console.error(`sipas: ${reply.failure}`);
  return EXIT.failed;
}

function failUsage({ message }: UsageError, usage: string): number {
  console.error(`sipas: ${message}\n\n${usage}`);
  return EXIT.usage;
}

function fail(error: unknown): number {
  console.error(`sipas: ${error instanceof Error ? error.message : String(error)}`);
  return EXIT.failed;
}

/** A reader of the output who went away, as `head` does, is no failure. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') process.exit(fail(error));
});

main(process.argv.slice(2)).then(
  (exitCode) => {
    process.exitCode = exitCode;
  },
  (error: unknown) => {
    process.exitCode = fail(error);
  },
);
