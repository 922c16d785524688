/** One thing wrong with one field of the input; `path` is where it stands, e.g. `answers.overall`. */
export interface FieldError {
  readonly path: string;
  readonly message: string;
}

/**
 * A failure the caller may be told about. `type` is stable and machine-readable, `message` is safe to show;
 * whatever is not an AppError is answered as an internal error without its text.
 */
export class AppError extends Error {
  constructor(
    readonly type: string,
    readonly status: number,
    readonly title: string,
    message: string,
    readonly errors: readonly FieldError[] = [],
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.name = new.target.name;
  }
}

/** Whether something thrown bears one of these codes, as failures of the system and of streams do. */
export function hasCode(thrown: unknown, ...codes: readonly string[]): boolean {
  return (
    typeof thrown === 'object' && thrown !== null && 'code' in thrown && codes.some((code) => code === thrown.code)
  );
}

export class BadRequestError extends AppError {
  constructor(message: string, errors: readonly FieldError[] = []) {
    super('bad-request', 400, 'Bad request', message, errors);
  }
}

export class UnauthorizedError extends AppError {
  constructor(message = 'A valid token is required.') {
    super('unauthorized', 401, 'Unauthorized', message, [], { 'WWW-Authenticate': 'Bearer' });
  }
}

export class ForbiddenError extends AppError {
  constructor(message = 'This is outside what you may do or see.') {
    super('forbidden', 403, 'Forbidden', message);
  }
}

export class NotFoundError extends AppError {
  constructor(message = 'There is nothing at this address.') {
    super('not-found', 404, 'Not found', message);
  }
}

export class ConflictError extends AppError {
  constructor(type: string, message: string) {
    super(type, 409, 'Conflict', message);
  }
}

export class ValidationError extends AppError {
  constructor(errors: readonly FieldError[]) {
    super('validation', 422, 'Unprocessable content', describe(errors), errors);
  }
}

function describe(errors: readonly FieldError[]): string {
  const [first] = errors;
  if (!first) return 'The input is not valid.';
  const where = first.path === '' ? '' : `${first.path}: `;
  return errors.length === 1 ? `${where}${first.message}` : `${where}${first.message} (and ${errors.length - 1} more)`;
}
