import { open } from 'node:fs/promises';
import { CommandError } from './command.js';

/** The name that stands for standard input. */
export const STDIN = '-';

/** A file as a stream, or standard input for `-`. @throws CommandError when it cannot be read */
export async function openInput(file: string, input: NodeJS.ReadableStream): Promise<NodeJS.ReadableStream> {
  if (file === STDIN) return input;
  const handle = await open(file).catch((error: unknown) => {
    throw new CommandError(`${file} cannot be read: ${reasonOf(error)}.`);
  });
  if (!(await handle.stat()).isDirectory()) return handle.createReadStream();
  await handle.close();
  throw new CommandError(`${file} is a directory.`);
}

/** What went wrong with a file, without its path and the name of the system call. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return /^[A-Z]+: ([^,]+)/.exec(error.message)?.[1] ?? error.message;
}
