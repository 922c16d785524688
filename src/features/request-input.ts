import { matchedData, validationResult } from 'express-validator';
import type { FieldError } from '../errors.js';

/** A request whose validators ran: of Express, or the bare fields of one. */
export type ValidatedRequest = Parameters<typeof matchedData>[0];

/** Validated text fields of a request; what was not given, or was given empty, is absent. */
export type TextInput = Readonly<Partial<Record<string, string>>>;

/** The fields that passed their validators. */
export function textInput(req: ValidatedRequest): TextInput {
  const entries = Object.entries<unknown>(matchedData(req, { onlyValidData: true, includeOptionals: false }));
  return Object.fromEntries(
    entries.flatMap(([name, value]) => (typeof value === 'string' && value !== '' ? [[name, value] as const] : [])),
  );
}

/** What the validators of a route found, by field. */
export function inputErrors(req: ValidatedRequest): FieldError[] {
  return validationResult(req)
    .array()
    .flatMap((error) => {
      if (error.type === 'unknown_fields') {
        return error.fields.map(({ path }) => ({ path, message: 'unknown field' }));
      }
      return error.type === 'field' ? [{ path: error.path, message: String(error.msg) }] : [];
    });
}
