import { Router, urlencoded, type Request, type RequestHandler } from 'express';
import { body } from 'express-validator';
import { textInput } from '../request-input.js';
import type { Clock } from '../../clock.js';
import type { SignInAttempts } from './accounts.attempts.js';
import type { AccountService } from './accounts.service.js';

declare module 'express-session' {
  interface SessionData {
    /** The account signed in. */
    username: string;
    /** Where to go after signing in. */
    returnTo: string;
    /** When, in milliseconds, and from where the account signed in. */
    signedInAt: number;
    address: string;
    /** Who gave the right password, and when, and still has to give a code: nobody is signed in. */
    halfway: { readonly username: string; readonly since: number };
  }
}

export interface AccountPageServices {
  readonly accounts: AccountService;
  readonly signInAttempts: SignInAttempts;
  readonly now: Clock;
}

export const SESSION_COOKIE = 'sipas_session';
export const OWN_ACCOUNT = '/account';
export const OWN_FACTOR = `${OWN_ACCOUNT}/factor`;
export const SECOND_STEP = '/login/code';
export const HOME_OF_STAFF = '/reports';
/** Signing in and out. `csrf` checks the token of a form whose body was read. */
export function accountPages(services: AccountPageServices, csrf: RequestHandler): Router {
  const router = Router();
  const form = urlencoded({ extended: false, limit: '16kb' });
  router.get('/login', showSignIn);
  router.post('/login', form, csrf, signInFields, postSignIn(services));
  router.post('/logout', form, csrf, postSignOut);
  return router;
}

const signInFields = [
  body('username').isString().isLength({ max: 100 }),
  body('password').isString().isLength({ max: 1000 }),
];

const showSignIn: RequestHandler = (req, res) => {
  if (req.principal) {
    res.redirect(303, HOME_OF_STAFF);
    return;
  }
  res.render('auth/login', { username: '', error: null });
};

function postSignIn({ accounts, signInAttempts, now }: AccountPageServices): RequestHandler {
  return async (req, res) => {
    const { username = '', password = '' } = textInput(req);
    const address = req.ip ?? '';
    const wait = await signInAttempts.begin(username, address);
    if (wait > 0) {
      res.set('Retry-After', String(Math.ceil(wait / 1000)));
      res.status(429).render('auth/login', { username, error: res.locals.t('login.tooMany') });
      return;
    }
    const signedIn = await accounts.signIn(username, password);
    if (!signedIn) {
      res.status(401).render('auth/login', { username, error: res.locals.t('login.failed') });
      return;
    }
    const { principal, secondFactor } = signedIn;
    if (secondFactor) {
      await goHalfway(req, principal.name, now());
      res.redirect(303, SECOND_STEP);
      return;
    }
    await signInAttempts.succeeded(username, address);
    const returnTo = req.session.returnTo ?? HOME_OF_STAFF;
    await startSession(req, principal.name, now());
    res.redirect(303, returnTo);
  };
}

/** Remembers whose password was right, under a new id; a session of nobody. */
async function goHalfway(req: Request, username: string, now: Date): Promise<void> {
  const { returnTo } = req.session;
  await renewSession(req);
  req.session.halfway = { username, since: now.getTime() };
  if (returnTo !== undefined) req.session.returnTo = returnTo;
  await storeSession(req);
}

/** A session of an account, under a new id. */
export async function startSession(req: Request, username: string, now: Date): Promise<void> {
  await renewSession(req);
  req.session.username = username;
  req.session.signedInAt = now.getTime();
  req.session.address = req.ip ?? '';
  await storeSession(req);
}

/**
 * Stores a session before a redirect is sent. By itself it is stored while the head of the answer is already on its
 * way, and a browser that follows the redirect at once would not be known yet.
 */
export function storeSession(req: Request): Promise<void> {
  return new Promise((resolve, reject) => {
    req.session.save((error: unknown) => (error ? reject(asError(error)) : resolve()));
  });
}

/** A session id known before signing in is worth nothing after it. */
function renewSession(req: Request): Promise<void> {
  return new Promise((resolve, reject) => {
    req.session.regenerate((error: unknown) => (error ? reject(asError(error)) : resolve()));
  });
}

const postSignOut: RequestHandler = (req, res, next) => {
  req.session.destroy((error: unknown) => {
    if (error) return next(error);
    res.clearCookie(SESSION_COOKIE).redirect(303, '/');
  });
};

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
