import type { RequestHandler } from 'express';
import { matchedData, validationResult, type ValidationChain } from 'express-validator';
import { BadRequestError, type FieldError } from '../errors.js';

/** A request whose validators ran: of Express, or the bare fields of one. */
export type ValidatedRequest = Parameters<typeof matchedData>[0];

/** Validated text fields of a request; what was not given, or was given empty, is absent. */
export type TextInput = Readonly<Partial<Record<string, string>>>;

/** What is wrong with a form: the id of the field to go to, and the reader's words for it. */
export interface FormError {
  readonly field: string;
  readonly message: string;
}

/** The fields that passed their validators. */
export function textInput(req: ValidatedRequest): TextInput {
  const entries = Object.entries<unknown>(matchedData(req, { onlyValidData: true, includeOptionals: false }));
  return Object.fromEntries(
    entries.flatMap(([name, value]) => (typeof value === 'string' && value !== '' ? [[name, value] as const] : [])),
  );
}

/** The texts of a form whose fields are not known beforehand; one sent twice counts as sent once. */
export function formTexts(sent: unknown): Readonly<Record<string, string>> {
  const entries = typeof sent === 'object' && sent !== null ? Object.entries<unknown>({ ...sent }) : [];
  return Object.fromEntries(
    entries.flatMap(([name, value]) => {
      const text: unknown = Array.isArray(value) ? value[0] : value;
      return typeof text === 'string' && name !== '__proto__' ? [[name, text] as const] : [];
    }),
  );
}

/** What the validators of a route found, by field. */
export function inputErrors(req: ValidatedRequest): FieldError[] {
  return validationResult(req)
    .array()
    .flatMap((error) => (error.type === 'field' ? [{ path: error.path, message: String(error.msg) }] : []));
}

/**
 * Validators of a query that may hold these fields and no other. (The library's own check takes fields that every
 * object inherits, such as `constructor`, for known ones.)
 */
export function exactQuery(...fields: readonly ValidationChain[]): RequestHandler[] {
  const refuseOthers: RequestHandler = (req, _res, next) => {
    const known = Object.keys(matchedData(req, { locations: ['query'], onlyValidData: false, includeOptionals: true }));
    const unknown = Object.keys(req.query).filter((name) => !known.includes(name));
    if (unknown.length === 0) {
      next();
      return;
    }
    const errors = unknown.map((path) => ({ path, message: 'unknown field' }));
    throw new BadRequestError('The query is not valid.', [...inputErrors(req), ...errors]);
  };
  return [...fields, refuseOthers];
}
