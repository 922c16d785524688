import type { Request } from 'express';
import { matchedData, validationResult } from 'express-validator';
import type { FieldError } from '../errors.js';

/** Validated text fields of a request; what was not given, or was given empty, is absent. */
export type TextInput = Readonly<Partial<Record<string, string>>>;

/** The fields that passed their validators. */
export function textInput(req: Request): TextInput {
  const entries = Object.entries<unknown>(matchedData(req, { onlyValidData: true, includeOptionals: false }));
  return Object.fromEntries(
    entries.flatMap(([name, value]) => (typeof value === 'string' && value !== '' ? [[name, value] as const] : [])),
  );
}

/** What the validators of a route found, by field. */
export function inputErrors(req: Request): FieldError[] {
  return validationResult(req)
    .array()
    .flatMap((error) => {
      if (error.type === 'unknown_fields') {
        return error.fields.map(({ path }) => ({ path, message: 'unknown field' }));
      }
      return error.type === 'field' ? [{ path: error.path, message: String(error.msg) }] : [];
    });
}
