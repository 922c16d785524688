import { Router, urlencoded, type Request, type RequestHandler } from 'express';
import type { SessionData } from 'express-session';
import { body } from 'express-validator';
import { textInput } from '../request-input.js';
import type { SecondFactors } from './accounts.factors.js';
import { HOME_OF_STAFF, SECOND_STEP, startSession, type AccountPageServices } from './accounts.pages.js';

export type SecondStepServices = AccountPageServices & { readonly factors: SecondFactors };

/** So long may the second step take after the first. */
export const HALFWAY_MS = 5 * 60_000;

/** The second step of signing in, for accounts with a second factor. `csrf` checks a form's token. */
export function secondStepPages(services: SecondStepServices, csrf: RequestHandler): Router {
  const router = Router();
  const form = urlencoded({ extended: false, limit: '16kb' });
  router.get(SECOND_STEP, showStep(services));
  router.post(SECOND_STEP, form, csrf, body('code').isString().isLength({ max: 100 }), takeStep(services));
  return router;
}

function showStep(services: SecondStepServices): RequestHandler {
  return async (req, res) => {
    res.set('Cache-Control', 'no-store');
    if ((await whoIsHalfway(req, services)) === null) res.redirect(303, '/login');
    else res.render('auth/code', { error: null });
  };
}

function takeStep(services: SecondStepServices): RequestHandler {
  const { factors, signInAttempts, now } = services;
  return async (req, res) => {
    res.set('Cache-Control', 'no-store');
    const halfway = await whoIsHalfway(req, services);
    if (!halfway) {
      res.redirect(303, '/login');
      return;
    }
    const { username, method = 'password' } = halfway;
    const wait = await signInAttempts.beginCode(username);
    if (wait > 0) {
      res.set('Retry-After', String(Math.ceil(wait / 1000)));
      res.status(429).render('auth/code', { error: res.locals.t('login.tooMany') });
      return;
    }
    const { code = '' } = textInput(req);
    if ((await factors.use(username, code)) === null) {
      res.status(401).render('auth/code', { error: res.locals.t('login.code.failed') });
      return;
    }
    await signInAttempts.codeSucceeded(username);
    if (method === 'password') await signInAttempts.succeeded(username, req.ip ?? '');
    const returnTo = req.session.returnTo ?? HOME_OF_STAFF;
    await startSession(req, username, { method, at: now() });
    res.redirect(303, returnTo);
  };
}

/** Who took the first step a moment ago; null when nobody did, or when the account has been closed or changed since. */
async function whoIsHalfway(
  req: Request,
  { accounts, now }: SecondStepServices,
): Promise<SessionData['halfway'] | null> {
  const { halfway } = req.session;
  if (!halfway || now().getTime() - halfway.since >= HALFWAY_MS) return null;
  return (await accounts.current(halfway.username, halfway.since)) && halfway;
}
