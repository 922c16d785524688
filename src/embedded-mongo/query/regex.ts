import type { BSONRegExp } from '../bson/values.js';
import { MongoError } from '../errors.js';

const ESCAPES: Readonly<Record<string, string>> = {
  A: '(?<![\\s\\S])',
  z: '(?![\\s\\S])',
  Z: '(?=\\n?(?![\\s\\S]))',
  h: '[ \\t]',
  s: '[ \\t\\n\\v\\f\\r]',
  S: '[^ \\t\\n\\v\\f\\r]',
  a: '\\x07',
  e: '\\x1b',
  R: '(?:\\r\\n|[\\n\\v\\f\\r])',
};

const POSIX: Readonly<Record<string, string>> = {
  alpha: 'A-Za-z',
  digit: '0-9',
  alnum: 'A-Za-z0-9',
  upper: 'A-Z',
  lower: 'a-z',
  space: ' \\t\\n\\v\\f\\r',
  punct: '!-\\/:-@\\[-`{-~',
  xdigit: '0-9A-Fa-f',
  word: '\\w',
};

const cache = new Map<string, RegExp>();

/** A JavaScript expression with the meaning of a PCRE one. @throws MongoError 51091 when it is not a valid expression. */
export function compileRegExp(pattern: string, options: string): RegExp {
  const id = `${options}/${pattern}`;
  const known = cache.get(id);
  if (known) return known;
  if (/[^imsxu]/.test(options)) throw new MongoError(51108, `invalid flag in regex options: ${options}`);
  const inline = /^\(\?([imsx]+)\)/.exec(pattern);
  const flags = options + (inline?.[1] ?? '');
  const source = translate(inline ? pattern.slice(inline[0].length) : pattern, flags);
  const compiled = build(source, `${flags.includes('i') ? 'i' : ''}${flags.includes('m') ? 'm' : ''}`, pattern);
  if (cache.size > 500) cache.clear();
  cache.set(id, compiled);
  return compiled;
}

export const regExpOf = (value: BSONRegExp): RegExp => compileRegExp(value.pattern, value.options);

function build(source: string, flags: string, original: string): RegExp {
  for (const all of [`${flags}u`, flags]) {
    try {
      return new RegExp(source, all);
    } catch {
      // Without the u flag JavaScript takes escapes that PCRE takes too.
    }
  }
  throw new MongoError(51091, `Regular expression is invalid: ${original}`);
}

function translate(pattern: string, flags: string): string {
  const extended = flags.includes('x');
  let result = '';
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern.charAt(i);
    if (char === '\\') result += translateEscape(pattern.charAt(++i));
    else if (char === '[') {
      const end = classEnd(pattern, i);
      result += translateClass(pattern.slice(i, end));
      i = end - 1;
    } else if (char === '.') result += flags.includes('s') ? '[\\s\\S]' : '[^\\n]';
    else if (char === '$') result += flags.includes('m') ? '(?=\\n|(?![\\s\\S]))' : '(?=\\n?(?![\\s\\S]))';
    else if (char === '^' && flags.includes('m')) result += '(?<=\\n|(?<![\\s\\S]))';
    else if (char === '(' && pattern.startsWith('(?P<', i)) {
      result += '(?<';
      i += 3;
    } else if (extended && /\s/.test(char)) continue;
    else if (extended && char === '#') {
      const end = pattern.indexOf('\n', i);
      i = end < 0 ? pattern.length : end;
    } else result += char;
  }
  return result;
}

function translateEscape(char: string): string {
  const known = ESCAPES[char];
  if (known !== undefined) return known;
  // PCRE takes any escaped punctuation literally; JavaScript with the u flag only some.
  return /[A-Za-z0-9^$\\.*+?()[\]{}|/]/.test(char) ? `\\${char}` : char;
}

/** Index after the bracket that closes the class opened at `start`. */
function classEnd(pattern: string, start: number): number {
  let i = start + 1;
  if (pattern.charAt(i) === '^') i++;
  if (pattern.charAt(i) === ']') i++;
  for (; i < pattern.length; i++) {
    if (pattern.charAt(i) === '\\') i++;
    else if (pattern.startsWith('[:', i)) i = Math.max(i, pattern.indexOf(':]', i) + 1);
    else if (pattern.charAt(i) === ']') return i + 1;
  }
  return pattern.length;
}

function translateClass(text: string): string {
  return text
    .replace(/^(\[\^?)\]/, '$1\\]')
    .replace(/\[:(\w+):\]/g, (whole, name: string) => POSIX[name] ?? whole)
    .replace(/(?<!^)(?<!\\)\[/g, '\\[')
    .replace(/\\([^A-Za-z0-9^$\\.*+?()[\]{}|/-])/g, '$1');
}
