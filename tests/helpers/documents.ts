import { execFile, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const DOCS = join(__dirname, '../../docs');

/** The code blocks of one language in a document. */
export function codeBlocks(document: string, language: string): string[] {
  const text = readFileSync(join(DOCS, document), 'utf8');
  return [...text.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(([, block]) => block ?? '');
}

/** `describe` where a program is; elsewhere the tests are skipped, and say why. `version` makes it tell its own. */
export function describeWith(program: string, name: string, tests: () => void, version = '--version'): void {
  if (spawnSync(program, [version]).status === 0) describe(name, tests);
  else describe.skip(`${name} [skipped: no ${program}]`, tests);
}

const run = promisify(execFile);

export interface ProgramOptions {
  /** Added to the environment of the tests. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Where it runs. */
  readonly directory?: string;
}

/** What a program prints. @throws when it fails */
export async function printedBy(
  program: string,
  words: readonly string[],
  { environment = {}, directory }: ProgramOptions = {},
): Promise<string> {
  const { stdout } = await run(program, [...words], { env: { ...process.env, ...environment }, cwd: directory });
  return stdout;
}
