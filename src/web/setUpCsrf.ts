import { csrfSync } from 'csrf-sync';
import type { RequestHandler } from 'express';
import { ForbiddenError } from '../errors.js';
import { SECOND_STEP } from '../features/accounts/accounts.pages.js';

const { generateToken, isRequestValid } = csrfSync({
  getTokenFromRequest: (req) => {
    const body: unknown = req.body;
    const token = typeof body === 'object' && body !== null && '_csrf' in body ? body._csrf : undefined;
    return typeof token === 'string' ? token : undefined;
  },
});

/** Hands pages with a form the token of their session; whoever only looks around gets no session. */
export function offerCsrfToken(): RequestHandler {
  return (req, res, next) => {
    const isOpenForm = req.path === '/login' || req.path === SECOND_STEP || req.path.startsWith('/password/');
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
