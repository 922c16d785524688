import { Router, type Request, type RequestHandler, type Response } from 'express';
import type { Logger } from 'pino';
import { NotFoundError } from '../../errors.js';
import { isFromElsewhere } from '../cross-site.js';
import type { Identities } from './accounts.identities.js';
import { ProviderUnreachable, SignInRefused, type OidcProvider } from './accounts.oidc.js';
import {
  firstStepDone,
  HOME_OF_STAFF,
  renderSignIn,
  SINGLE_SIGN_ON,
  SINGLE_SIGN_ON_RETURN,
  storeSession,
  type AccountPageServices,
} from './accounts.pages.js';
import type { SignedIn } from './accounts.service.js';

export type OidcPageServices = AccountPageServices & { readonly identities: Identities };

/** Signing in at the provider of single sign-on, where the installation has one. */
export function oidcPages(services: OidcPageServices, log: Logger): Router {
  const router = Router();
  const { oidc } = services;
  // A plain link: the policy of our pages would not let a form lead to another site.
  router.get(SINGLE_SIGN_ON, withProvider(oidc, log, beginSignIn));
  router.get(SINGLE_SIGN_ON_RETURN, withProvider(oidc, log, finishSignIn(services, log)));
  return router;
}

type OidcHandler = (req: Request, res: Response, oidc: OidcProvider) => Promise<void>;

/** Where the provider does not answer, passwords still work. */
function withProvider(oidc: OidcProvider | null, log: Logger, handle: OidcHandler): RequestHandler {
  return async (req, res) => {
    if (!oidc) throw new NotFoundError();
    res.set('Cache-Control', 'no-store');
    try {
      await handle(req, res, oidc);
    } catch (error) {
      if (!(error instanceof ProviderUnreachable)) throw error;
      log.warn({ requestId: req.requestId, ...reasonOf(error) }, 'single sign-on does not answer');
      renderSignIn(res.status(503), oidc, { oidcError: res.locals.t('login.oidc.unreachable') });
    }
  };
}

const beginSignIn: OidcHandler = async (req, res, oidc) => {
  if (req.principal) {
    res.redirect(303, HOME_OF_STAFF);
    return;
  }
  // Signing in is for the person to ask for: a provider that knows them lets them in without a question.
  if (isFromElsewhere(req)) {
    res.redirect(303, '/login');
    return;
  }
  const { address, flow } = await oidc.begin();
  req.session.oidc = flow;
  await storeSession(req);
  res.redirect(303, address.href);
};

function finishSignIn({ identities, signInAttempts, now }: OidcPageServices, log: Logger): OidcHandler {
  return async (req, res, oidc) => {
    // Whoever goes back to the address of a return that let them in.
    if (req.principal && !req.session.oidc) {
      res.redirect(303, HOME_OF_STAFF);
      return;
    }
    const address = req.ip ?? '';
    const wait = await signInAttempts.beginReturn(address);
    if (wait > 0) {
      res.set('Retry-After', String(Math.ceil(wait / 1000)));
      renderSignIn(res.status(429), oidc, { oidcError: res.locals.t('login.tooMany') });
      return;
    }
    // Before anything is looked at: what an administrator changes meanwhile ends the session that begins here.
    const at = now();
    try {
      const signedIn = await whoReturned(req, oidc, identities);
      await signInAttempts.returnSucceeded(address);
      await firstStepDone(req, res, signedIn, { method: 'oidc', at });
    } catch (error) {
      if (!(error instanceof SignInRefused)) throw error;
      await identities.noteRefusal(error);
      log.info({ requestId: req.requestId, reason: error.reason, ...reasonOf(error) }, 'single sign-on refused');
      const oidcError = res.locals.t('login.oidc.refused', { id: req.requestId });
      renderSignIn(res.status(401), oidc, { oidcError });
    }
  };
}

/** What was begun can be finished once, however it ends. */
async function whoReturned(req: Request, oidc: OidcProvider, identities: Identities): Promise<SignedIn> {
  const { oidc: flow } = req.session;
  delete req.session.oidc;
  if (flow) await storeSession(req);
  const person = await oidc.finish(flow, new URL(req.originalUrl, 'http://here').search);
  return identities.signIn(person);
}

/** For whoever sets it up: what the library says is wrong. Nothing of the query, which anybody may have written. */
function reasonOf({ cause }: Error): Readonly<Record<string, unknown>> {
  if (!(cause instanceof Error)) return {};
  return {
    cause: messagesOf(cause).join(': '),
    ...('code' in cause ? { code: cause.code } : {}),
    // What the provider itself answered, such as `invalid_grant`.
    ...(cause.name === 'ResponseBodyError' && 'error' in cause ? { error: cause.error } : {}),
  };
}

/** Of a failure and of what it comes from. */
function messagesOf(failure: unknown): readonly string[] {
  return failure instanceof Error ? [failure.message, ...messagesOf(failure.cause)] : [];
}
