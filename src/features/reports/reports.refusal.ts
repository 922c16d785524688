import { AppError } from '../../errors.js';
import type { Translate } from '../../i18n/index.js';
import type { TooManyResponsesError } from './filtered-responses.js';

/** Whether a failure is about what was asked, to be said beside the field, and not about the server. */
export function isSlip(error: unknown): error is AppError {
  return error instanceof AppError && error.status < 500;
}

/** What to do where filters leave too much to count, beside the first of them. */
export function tooManyText({ errors }: TooManyResponsesError, t: Translate): Record<string, string> {
  return Object.fromEntries(errors.map(({ path }) => [path, t('reports.error.tooMany')]));
}
