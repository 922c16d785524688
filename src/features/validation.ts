import type { z } from 'zod';
import type { FieldError } from '../errors.js';

/** The issues of a failed parse as field errors with paths such as `answers.overall` and `reasons[0]`. */
export function fieldErrors(error: z.ZodError): FieldError[] {
  return error.issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({ path: pathText([...issue.path, key]), message: 'unknown field' }));
    }
    return [{ path: pathText(issue.path), message: issue.message }];
  });
}

function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? String(part) : `${text}.${String(part)}`;
  }, '');
}

/** Length of a text in characters as people type them, not in UTF-16 units: an emoji is one. */
export function characterCount(text: string): number {
  return Array.from(text).length;
}
