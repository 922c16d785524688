import { compareText } from '../bson/compare.js';
import {
  BSONRegExp,
  BSONSymbol,
  Code,
  Doc,
  isNullish,
  isNumeric,
  Timestamp,
  typeName,
  type Value,
} from '../bson/values.js';
import { MongoError } from '../errors.js';
import { compileRegExp } from '../query/regex.js';
import { toNumber } from '../query/types.js';
import { binary, namedArguments, several, unary, variadic } from './arguments.js';
import { indexBound } from './arrays.js';
import type { Expression, Operator } from './compile.js';
import { numberText } from './conversions.js';

type Maybe = Value | undefined;

/** A value as the string operators take it: null is empty, numbers and dates are written out. */
function asText(value: Maybe, name: string): string {
  if (isNullish(value)) return '';
  if (typeof value === 'string') return value;
  if (isNumeric(value) && typeName(value) === 'double') return shortText(toNumber(value));
  if (isNumeric(value)) return numberText(value);
  if (value instanceof Date) return value.toISOString();
  if (value instanceof BSONSymbol) return value.value;
  if (value instanceof Code) return value.code;
  if (value instanceof Timestamp) return timestampText(value);
  throw new MongoError(16007, `can't convert from BSON type ${typeName(value)} to String${name === '' ? '' : ''}`);
}

/** A double in six digits at most, as `printf` writes `%g`. */
function shortText(value: number): string {
  if (!Number.isFinite(value)) return String(value).replace('NaN', 'nan').replace('Infinity', 'inf');
  if (Object.is(value, -0)) return '-0';
  const [digits = '', exponent = ''] = value.toExponential(5).split('e');
  if (Number(exponent) >= -4 && Number(exponent) < 6) return String(Number(value.toPrecision(6)));
  return `${Number(digits)}e${exponent.startsWith('-') ? '-' : '+'}${exponent.slice(1).padStart(2, '0')}`;
}

function timestampText(value: Timestamp): string {
  const [, day = '', month = '', , time = ''] = new Date(value.t * 1000).toUTCString().split(' ');
  return `${month} ${day.replace(/^0/, ' ')} ${time}:${value.i}`;
}

function requireText(value: Maybe, code: number, message: (type: string) => string): string {
  if (typeof value === 'string') return value;
  throw new MongoError(code, message(typeName(value)));
}

function concat(values: Iterable<Maybe>): Maybe {
  let result = '';
  for (const value of values) {
    if (isNullish(value)) return null;
    result += requireText(value, 16702, (type) => `$concat only supports strings, not ${type}`);
  }
  return result;
}

/** Only the letters of ASCII change their case, as in MongoDB. */
const lower = (text: string): string => text.replace(/[A-Z]+/g, (part) => part.toLowerCase());
const upper = (text: string): string => text.replace(/[a-z]+/g, (part) => part.toUpperCase());

function split(text: Maybe, separator: Maybe): Maybe {
  if (isNullish(text) || isNullish(separator)) return null;
  const [whole, by] = [
    requireText(
      text,
      40085,
      (type) => `$split requires an expression that evaluates to a string as a first argument, found: ${type}`,
    ),
    requireText(
      separator,
      40086,
      (type) => `$split requires an expression that evaluates to a string as a second argument, found: ${type}`,
    ),
  ];
  if (by === '') throw new MongoError(40087, '$split requires a non-empty separator');
  return whole.split(by);
}

const WHITESPACE = '\0 \t\n\v\f\r\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a';

const trim = (left: boolean, right: boolean): Operator => {
  return (argument, scope, name) => {
    const { input, chars } = namedArguments(name, argument, scope, ['input'], ['chars']);
    return (root) => {
      const text = input?.(root);
      const wanted = chars ? chars(root) : WHITESPACE;
      if (isNullish(text) || isNullish(wanted)) return null;
      const set = new Set(
        requireText(wanted, 50700, (type) => `${name} requires 'chars' to be a string, got: ${type}`),
      );
      const letters = Array.from(
        requireText(text, 50699, (type) => `${name} requires its input to be a string, got ${type}`),
      );
      let [start, end] = [0, letters.length];
      while (left && start < end && set.has(letters[start] ?? '')) start++;
      while (right && end > start && set.has(letters[end - 1] ?? '')) end--;
      return letters.slice(start, end).join('');
    };
  };
};

const replace = (all: boolean): Operator => {
  return (argument, scope, name) => {
    const parts = namedArguments(name, argument, scope, ['input', 'find', 'replacement']);
    return (root) => {
      const values = (['input', 'find', 'replacement'] as const).map((part) => parts[part]?.(root));
      values.forEach((value, i) => {
        if (!isNullish(value))
          requireText(
            value,
            [51746, 51745, 51744][i] ?? 51746,
            (type) =>
              `${name} requires that '${['input', 'find', 'replacement'][i] ?? ''}' be a string, found: ${type}`,
          );
      });
      if (values.some(isNullish)) return null;
      const [input = '', find = '', replacement = ''] = values.map(String);
      return all ? input.replaceAll(find, () => replacement) : input.replace(find, () => replacement);
    };
  };
};

/** $indexOfBytes and $indexOfCP: place of a text in another, in bytes or code points. */
const indexOf = (bytes: boolean): Operator =>
  several(2, 4, ([text, wanted, from, to], name) => {
    if (isNullish(text)) return null;
    const code = bytes ? 40091 : 40093;
    const whole = requireText(text, code, (type) => `${name} requires a string as the first argument, found: ${type}`);
    const part = requireText(
      wanted,
      code + 1,
      (type) => `${name} requires a string as the second argument, found: ${type}`,
    );
    const [start, end] = [indexBound(from, 'starting') ?? 0, indexBound(to, 'ending') ?? Infinity];
    if (bytes) {
      const buffer = Buffer.from(whole);
      if (start > buffer.length || end < start) return -1;
      return buffer.subarray(0, Math.min(end, buffer.length)).indexOf(part, start);
    }
    const letters = Array.from(whole);
    if (start > letters.length || end < start) return -1;
    const before = letters.slice(0, start).join('').length;
    const found = letters.slice(0, end).join('').indexOf(part, before);
    return found < 0 ? -1 : Array.from(whole.slice(0, found)).length;
  });

function substring(bytes: boolean): Operator {
  return several(3, 3, ([value, first, count], name) => {
    const text = asText(value, name);
    if (!isNumeric(first))
      throw new MongoError(
        bytes ? 16034 : 34450,
        `${name}: starting index must be a numeric type (is BSON type ${typeName(first)})`,
      );
    if (!isNumeric(count))
      throw new MongoError(
        bytes ? 16035 : 34452,
        `${name}: length must be a numeric type (is BSON type ${typeName(count)})`,
      );
    const [start, length] = [Math.trunc(toNumber(first)), Math.trunc(toNumber(count))];
    if (!bytes) {
      if (start < 0) throw new MongoError(34455, `${name}: the starting index must be nonnegative integer.`);
      if (length < 0) throw new MongoError(34454, `${name}: length must be a nonnegative integer.`);
      return Array.from(text)
        .slice(start, start + length)
        .join('');
    }
    if (start < 0) throw new MongoError(50752, `${name}: starting index must be non-negative (got: ${start})`);
    const buffer = Buffer.from(text);
    const end = length < 0 ? buffer.length : Math.min(buffer.length, start + length);
    if (isContinuation(buffer[start]))
      throw new MongoError(28656, `${name}: Invalid range, starting index is a UTF-8 continuation byte.`);
    if (isContinuation(buffer[end]))
      throw new MongoError(28657, `${name}: Invalid range, ending index is in the middle of a UTF-8 character.`);
    return buffer.toString('utf8', Math.min(start, buffer.length), end);
  });
}

const isContinuation = (byte: number | undefined): boolean => byte !== undefined && (byte & 0xc0) === 0x80;

interface RegexParts {
  readonly text: string;
  readonly regex: RegExp;
}

/** The text and the expression of a $regex… operator; undefined when one is null. */
function regexInput(
  name: string,
  parts: Partial<Record<'input' | 'regex' | 'options', Expression>>,
  root: Doc,
): RegexParts | undefined {
  const [input, pattern, options] = [parts.input?.(root), parts.regex?.(root), parts.options?.(root)];
  const text = isNullish(input)
    ? undefined
    : requireText(input, 51104, () => `${name} needs 'input' to be of type string`);
  if (!isNullish(pattern) && typeof pattern !== 'string' && !(pattern instanceof BSONRegExp)) {
    throw new MongoError(51105, `${name} needs 'regex' to be of type string or regex`);
  }
  if (!isNullish(options)) requireText(options, 51106, () => `${name} needs 'options' to be of type string`);
  if (isNullish(pattern) || text === undefined) return undefined;
  const inner = pattern instanceof BSONRegExp ? pattern.options : '';
  if (inner !== '' && typeof options === 'string' && options !== '') {
    throw new MongoError(51107, `${name} found regex option(s) specified in both 'regex' and 'option' fields`);
  }
  const source = pattern instanceof BSONRegExp ? pattern.pattern : pattern;
  return {
    text,
    regex: compileRegExp(source, typeof options === 'string' && options !== '' ? options : inner),
  };
}

function describeMatch(text: string, match: RegExpExecArray): Doc {
  return Doc.of({
    match: match[0],
    idx: Array.from(text.slice(0, match.index)).length,
    captures: match.slice(1).map((group: string | undefined) => group ?? null),
  });
}

const regexOperator = (answer: (found: RegexParts | undefined) => Value): Operator => {
  return (argument, scope, name) => {
    const parts = namedArguments(name, argument, scope, ['input', 'regex'], ['options']);
    return (root) => answer(regexInput(name, parts, root));
  };
};

function allMatches({ text, regex }: RegexParts): Value[] {
  return [...text.matchAll(new RegExp(regex.source, `${regex.flags}g`))].map((match) => describeMatch(text, match));
}

export const stringOperators: Readonly<Record<string, Operator>> = {
  $concat: variadic(concat),
  $toLower: unary((value) => lower(asText(value, '$toLower'))),
  $toUpper: unary((value) => upper(asText(value, '$toUpper'))),
  $split: binary(split),
  $trim: trim(true, true),
  $ltrim: trim(true, false),
  $rtrim: trim(false, true),
  $replaceOne: replace(false),
  $replaceAll: replace(true),
  $strLenBytes: unary((value) =>
    Buffer.byteLength(requireText(value, 34473, (type) => `$strLenBytes requires a string argument, found: ${type}`)),
  ),
  $strLenCP: unary(
    (value) =>
      Array.from(requireText(value, 34471, (type) => `$strLenCP requires a string argument, found: ${type}`)).length,
  ),
  $strcasecmp: binary((a, b) => Math.sign(compareText(upper(asText(a, '')), upper(asText(b, ''))))),
  $indexOfBytes: indexOf(true),
  $indexOfCP: indexOf(false),
  $substr: substring(true),
  $substrBytes: substring(true),
  $substrCP: substring(false),
  $regexMatch: regexOperator((found) => found !== undefined && found.regex.test(found.text)),
  $regexFind: regexOperator((found) => {
    const match = found?.regex.exec(found.text);
    return found && match ? describeMatch(found.text, match) : null;
  }),
  $regexFindAll: regexOperator((found) => (found ? allMatches(found) : [])),
};
