import type { ErrorRequestHandler, Request, RequestHandler } from 'express';
import { MongoNetworkError, MongoNotConnectedError, MongoServerError, MongoServerSelectionError } from 'mongodb';
import type { Logger } from 'pino';
import { AppError, BadRequestError, NotFoundError, UnauthorizedError } from '../errors.js';
import { storeSession } from '../features/accounts/accounts.pages.js';
import { errorText } from '../i18n/index.js';
import { localAddress } from './paths.js';
import { withoutSecrets } from './setUpLogging.js';

/** MongoDB's OutOfDiskSpace, which the embedded engine gives too. */
const OUT_OF_DISK_SPACE = 14031;

export const API_PATH = '/api/';

/** What is left when no route took the request. */
export function notFound(): RequestHandler {
  return () => {
    throw new NotFoundError();
  };
}

/** Sends who has to sign in first to do so, and afterwards to the page that was asked for. */
export function setUpSignInFirst(): ErrorRequestHandler {
  return async (thrown: unknown, req, res, next) => {
    if (!(thrown instanceof UnauthorizedError) || req.method !== 'GET' || wantsProblem(req)) {
      next(thrown);
      return;
    }
    req.session.returnTo = localAddress(req.originalUrl);
    await storeSession(req);
    res.set('Cache-Control', 'no-store').redirect(303, '/login');
  };
}

/** The one place where a failure becomes an answer: problem+json (RFC 9457) for programs, a page for people. */
export function setUpErrors(log: Logger): ErrorRequestHandler {
  return (thrown: unknown, req, res, next) => {
    const error = asAppError(thrown);
    if (error.status >= 500) log.error({ err: thrown, requestId: req.requestId }, 'request failed');
    else if (error.status === 403) logRefusal(log, req);
    if (res.headersSent) {
      next(thrown);
      return;
    }
    res.status(error.status).set({ ...error.headers, 'Cache-Control': 'no-store' });
    if (wantsProblem(req)) {
      res.type('application/problem+json').send(JSON.stringify(problem(error, req)));
    } else {
      res.render('error', { status: error.status, ...errorText(error.status, res.locals.t) });
    }
  };
}

/** Only of who is known: what anybody may send must not fill the log. */
function logRefusal(log: Logger, { requestId, principal, method, path }: Request): void {
  if (!principal) return;
  const { name, role } = principal;
  log.warn({ requestId, name, role, method, path: withoutSecrets(path) }, 'request refused');
}

function wantsProblem(req: Request): boolean {
  return req.path.startsWith(API_PATH) || !req.accepts('html') || !('t' in (req.res?.locals ?? {}));
}

function problem(error: AppError, req: Request) {
  return {
    type: `urn:sipas:problem:${error.type}`,
    title: error.title,
    status: error.status,
    detail: error.message,
    instance: req.requestId,
    ...(error.status === 400 || error.status === 422 ? { errors: error.errors } : {}),
  };
}

function asAppError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  return (
    requestError(thrown) ??
    unavailable(thrown) ??
    new AppError('internal', 500, 'Internal error', 'Something went wrong on our side.')
  );
}

/** What Express and its body parsers throw about a request they cannot read: by its `type`, else by its status. */
function requestError(thrown: unknown): AppError | null {
  if (!(thrown instanceof Error) || !('status' in thrown) || typeof thrown.status !== 'number') return null;
  switch ('type' in thrown ? thrown.type : undefined) {
    case 'entity.parse.failed':
      return new BadRequestError('The body is not valid JSON.', [{ path: '', message: 'is not valid JSON' }]);
    case 'entity.too.large':
    case 'parameters.too.many':
      return new AppError('too-large', 413, 'Content too large', 'The body is larger than allowed here.');
    case 'encoding.unsupported':
    case 'charset.unsupported':
      return new AppError('unsupported-media-type', 415, 'Unsupported media type', 'Send UTF-8 text.');
    default:
      return thrown.status >= 400 && thrown.status < 500
        ? new BadRequestError('The request could not be read.', [{ path: '', message: 'could not be read' }])
        : null;
  }
}

function unavailable(thrown: unknown): AppError | null {
  const down =
    thrown instanceof MongoServerSelectionError ||
    thrown instanceof MongoNetworkError ||
    thrown instanceof MongoNotConnectedError;
  if (down) return tryAgain('The database does not answer; try again.');
  const diskFull = thrown instanceof MongoServerError && thrown.code === OUT_OF_DISK_SPACE;
  return diskFull ? tryAgain('The disk of the database is full; nothing was stored.') : null;
}

function tryAgain(message: string): AppError {
  return new AppError('unavailable', 503, 'Service unavailable', message, [], { 'Retry-After': '5' });
}
