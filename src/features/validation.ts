import { z } from 'zod';
import { ValidationError, type FieldError } from '../errors.js';

/** The issues of a failed parse as field errors with paths such as `answers.overall` and `reasons[0]`. */
export function fieldErrors(error: z.ZodError): FieldError[] {
  return error.issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({ path: pathText([...issue.path, key]), message: 'unknown field' }));
    }
    return [{ path: pathText(issue.path), message: issue.message }];
  });
}

/** What a shape makes of the input. @throws ValidationError */
export function checked<T>(shape: z.ZodType<T>, input: unknown): T {
  const parsed = shape.safeParse(input);
  if (!parsed.success) throw new ValidationError(fieldErrors(parsed.error));
  return parsed.data;
}

/** `answers.overall` and `reasons[0]`. */
export function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? String(part) : `${text}.${String(part)}`;
  }, '');
}

/** Length of a text in characters as people type them, not in UTF-16 units: an emoji is one. */
export function characterCount(text: string): number {
  return Array.from(text).length;
}

const CONTROL = /[\u0000-\u001f\u007f]/;

/** Whether a text holds no half of a surrogate pair, which could not be stored as UTF-8. */
export function isWellFormed(text: string): boolean {
  return text.isWellFormed();
}

/** A text of one line that is not empty. */
export function line(max: number) {
  return z
    .string()
    .min(1, 'must not be empty')
    .max(max, `must be at most ${max} characters`)
    .refine((text) => !CONTROL.test(text) && isWellFormed(text), 'must not hold control characters');
}

/** A text of one line as people type it, without the spaces around it. */
export function typedLine(max: number) {
  return z.string('is required').trim().min(1, 'is required').pipe(line(max));
}

/**
 * A parser may pass over `__proto__` in silence; here it is a field nobody knows, like any other. Looks no deeper than
 * the items of the API have fields, so that no depth of nesting can exhaust the stack.
 */
export function hiddenKeys(body: unknown): FieldError[] {
  return entriesOf(body).flatMap(([name, value]) =>
    [name, ...entriesOf(value).map(([inner]) => `${name}.${inner}`)]
      .filter((path) => path.split('.').includes('__proto__'))
      .map((path) => ({ path, message: 'unknown field' })),
  );
}

function entriesOf(value: unknown): [string, unknown][] {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
}
