import { csrfSync } from 'csrf-sync';
import type { RequestHandler } from 'express';
import { ForbiddenError } from '../errors.js';
import { SECOND_STEP, SINGLE_SIGN_ON, SINGLE_SIGN_ON_RETURN } from '../features/accounts/accounts.pages.js';

const { generateToken, isRequestValid } = csrfSync({
  getTokenFromRequest: (req) => {
    const body: unknown = req.body;
    const token = typeof body === 'object' && body !== null && '_csrf' in body ? body._csrf : undefined;
    return typeof token === 'string' ? token : undefined;
  },
});

/** Where somebody may sign in who is not known yet. */
const SIGN_IN_FORMS = ['/login', SECOND_STEP, SINGLE_SIGN_ON, SINGLE_SIGN_ON_RETURN];

/** Hands pages with a form the token of their session; whoever only looks around gets no session. */
export function offerCsrfToken(): RequestHandler {
  return (req, res, next) => {
    const isOpenForm = SIGN_IN_FORMS.includes(req.path) || req.path.startsWith('/password/');
    if (req.session.username !== undefined || isOpenForm) res.locals.csrfToken = generateToken(req);
    next();
  };
}

/** Refuses a form without the token of its session. */
export function requireCsrfToken(): RequestHandler {
  return (req, _res, next) => {
    if (!isRequestValid(req)) throw new ForbiddenError('The page was open for too long; load it again and repeat.');
    next();
  };
}
