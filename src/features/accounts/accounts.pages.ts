import { Router, urlencoded, type Request, type RequestHandler, type Response } from 'express';
import { body } from 'express-validator';
import { textInput } from '../request-input.js';
import type { Clock } from '../../clock.js';
import type { SignInAttempts } from './accounts.attempts.js';
import type { OidcFlow, OidcProvider } from './accounts.oidc.js';
import type { AccountService, SignedIn, SignInMethod } from './accounts.service.js';

declare module 'express-session' {
  interface SessionData {
    /** The account signed in. */
    username: string;
    /** Where to go after signing in. */
    returnTo: string;
    /** When, in milliseconds, and from where the account signed in. */
    signedInAt: number;
    address: string;
    /** How; absent in sessions of releases that knew passwords only. */
    method: SignInMethod;
    /** Who took the first step, how and when, and still has to give a code: nobody is signed in. */
    halfway: { readonly username: string; readonly since: number; readonly method?: SignInMethod };
    /** Sent to the provider of single sign-on, and not back yet. */
    oidc: OidcFlow;
  }
}

export interface AccountPageServices {
  readonly accounts: AccountService;
  readonly signInAttempts: SignInAttempts;
  /** Null where the installation has no single sign-on. */
  readonly oidc: OidcProvider | null;
  readonly now: Clock;
}

export const SESSION_COOKIE = 'sipas_session';
export const OWN_ACCOUNT = '/account';
export const OWN_FACTOR = `${OWN_ACCOUNT}/factor`;
export const SECOND_STEP = '/login/code';
export const SINGLE_SIGN_ON = '/login/oidc';
export const SINGLE_SIGN_ON_RETURN = `${SINGLE_SIGN_ON}/callback`;
export const HOME_OF_STAFF = '/reports';
/** Signing in and out. `csrf` checks the token of a form whose body was read. */
export function accountPages(services: AccountPageServices, csrf: RequestHandler): Router {
  const router = Router();
  const form = urlencoded({ extended: false, limit: '16kb' });
  router.get('/login', showSignIn(services));
  router.post('/login', form, csrf, signInFields, postSignIn(services));
  router.post('/logout', form, csrf, postSignOut);
  return router;
}

const signInFields = [
  body('username').isString().isLength({ max: 100 }),
  body('password').isString().isLength({ max: 1000 }),
];

function showSignIn({ oidc }: AccountPageServices): RequestHandler {
  return (req, res) => {
    if (req.principal) res.redirect(303, HOME_OF_STAFF);
    else renderSignIn(res, oidc);
  };
}

/** What the page to sign in at says besides: what went wrong, with the fields or with the link to single sign-on. */
interface SignInPage {
  readonly username?: string;
  readonly error?: string;
  readonly oidcError?: string;
}

/** The page to sign in at. */
export function renderSignIn(
  res: Response,
  oidc: OidcProvider | null,
  { username = '', error, oidcError }: SignInPage = {},
): void {
  const singleSignOn = oidc && { name: oidc.name ?? res.locals.t('login.oidc'), error: oidcError ?? null };
  res.render('auth/login', { username, error: error ?? null, singleSignOn });
}

function postSignIn({ accounts, signInAttempts, oidc, now }: AccountPageServices): RequestHandler {
  return async (req, res) => {
    const { username = '', password = '' } = textInput(req);
    const address = req.ip ?? '';
    const wait = await signInAttempts.begin(username, address);
    if (wait > 0) {
      res.set('Retry-After', String(Math.ceil(wait / 1000)));
      renderSignIn(res.status(429), oidc, { username, error: res.locals.t('login.tooMany') });
      return;
    }
    const signedIn = await accounts.signIn(username, password);
    if (!signedIn) {
      renderSignIn(res.status(401), oidc, { username, error: res.locals.t('login.failed') });
      return;
    }
    if (!signedIn.secondFactor) await signInAttempts.succeeded(username, address);
    await firstStepDone(req, res, signedIn, { method: 'password', at: now() });
  };
}

/** When a step of signing in was taken, and how. */
export interface SignInStep {
  readonly method: SignInMethod;
  readonly at: Date;
}

/** On to the second step, where the account has one; else in, and to the page that was wanted. */
export async function firstStepDone(
  req: Request,
  res: Response,
  { principal, secondFactor }: SignedIn,
  step: SignInStep,
): Promise<void> {
  if (secondFactor) {
    await goHalfway(req, principal.name, step);
    res.redirect(303, SECOND_STEP);
    return;
  }
  const returnTo = req.session.returnTo ?? HOME_OF_STAFF;
  await startSession(req, principal.name, step);
  res.redirect(303, returnTo);
}

/** Remembers who took the first step, under a new id; a session of nobody. */
async function goHalfway(req: Request, username: string, { method, at }: SignInStep): Promise<void> {
  const { returnTo } = req.session;
  await renewSession(req);
  req.session.halfway = { username, since: at.getTime(), method };
  if (returnTo !== undefined) req.session.returnTo = returnTo;
  await storeSession(req);
}

/** A session of an account, under a new id. */
export async function startSession(req: Request, username: string, { method, at }: SignInStep): Promise<void> {
  await renewSession(req);
  req.session.username = username;
  req.session.signedInAt = at.getTime();
  req.session.method = method;
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
