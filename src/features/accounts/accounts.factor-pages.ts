import { Router, urlencoded, type Request, type RequestHandler, type Response } from 'express';
import { rateLimit } from 'express-rate-limit';
import { body } from 'express-validator';
import { toString as qrCode } from 'qrcode';
import { formatInstant } from '../../domain/format-vi.js';
import { NotFoundError } from '../../errors.js';
import { principalOf } from '../access/access.middleware.js';
import { textInput } from '../request-input.js';
import type { FactorSecret, SecondFactors } from './accounts.factors.js';
import { TRIES } from './accounts.own.js';
import { OWN_ACCOUNT, OWN_FACTOR, storeSession, type AccountPageServices } from './accounts.pages.js';

declare module 'express-session' {
  interface SessionData {
    /** A second factor that is being set up, sealed. */
    offeredFactor: string;
  }
}

export type FactorPageServices = AccountPageServices & { readonly factors: SecondFactors };

/** Everyone's own second factor: set up, with its recovery codes, and removed. `csrf` checks a form's token. */
export function factorPages(services: FactorPageServices, csrf: RequestHandler): Router {
  const router = Router();
  const form = [urlencoded({ extended: false, limit: '16kb' }), csrf];
  const tries = rateLimit({ ...TRIES, keyGenerator: (req) => principalOf(req).name });
  const fields = body(['code', 'present']).optional().isString().isLength({ max: 1000 });
  router.get(OWN_FACTOR, showFactor(services));
  router.get(`${OWN_FACTOR}/qr.svg`, sendQr(services));
  router.post(OWN_FACTOR, signedIn, form, tries, fields, enable(services));
  router.post(`${OWN_FACTOR}/remove`, signedIn, form, tries, fields, remove(services));
  return router;
}

const signedIn: RequestHandler = (req, _res, next) => {
  principalOf(req);
  next();
};

interface FieldProblem {
  readonly field: 'code' | 'present';
  readonly message: string;
}

function showFactor(services: FactorPageServices): RequestHandler {
  return async (req, res) => renderFactor(services, req, res, []);
}

/** The page of a factor that is on, or of one to set up: the same one until it is. */
async function renderFactor(
  { factors }: FactorPageServices,
  req: Request,
  res: Response,
  errors: readonly FieldProblem[],
): Promise<void> {
  const { name } = principalOf(req);
  const summary = await factors.summary(name);
  if (summary) {
    res.render('accounts/factor-on', { since: formatInstant(summary.since), left: summary.recoveryLeft, errors });
    return;
  }
  let secret = offered(factors, req);
  if (!secret) {
    req.session.offeredFactor = factors.offer(name);
    await storeSession(req);
    secret = offered(factors, req);
  }
  res.render('accounts/factor', { secret: secret?.text ?? '', errors });
}

function offered(factors: SecondFactors, req: Request): FactorSecret | null {
  const sealed = req.session.offeredFactor;
  return sealed === undefined ? null : factors.reveal(principalOf(req).name, sealed);
}

function sendQr({ factors }: FactorPageServices): RequestHandler {
  return async (req, res) => {
    const secret = offered(factors, req);
    if (!secret) throw new NotFoundError();
    res.type('svg').send(await qrCode(secret.uri, { type: 'svg', errorCorrectionLevel: 'M', margin: 4 }));
  };
}

function enable(services: FactorPageServices): RequestHandler {
  const { accounts, factors, now } = services;
  return async (req, res) => {
    const { name } = principalOf(req);
    const { code = '', present = '' } = textInput(req);
    const refuse = async (...errors: readonly FieldProblem[]) => {
      res.status(422);
      await renderFactor(services, req, res, errors);
    };
    // Who found a screen unlocked must not shut its owner out, and an offer made before a factor was on not replace it.
    if (!(await accounts.isPassword(name, present))) return refuse(wrongPassword(res));
    if (await factors.summary(name)) return refuse();
    const { offeredFactor: sealed } = req.session;
    const codes = sealed === undefined ? null : await factors.enable(name, sealed, code);
    if (!codes) return refuse({ field: 'code', message: res.locals.t('factor.error.code') });
    delete req.session.offeredFactor;
    // Password and code were right just now: this session goes on as one that began with both.
    req.session.signedInAt = now().getTime();
    await storeSession(req);
    await accounts.sessions.endAll(name, req.sessionID);
    res.render('accounts/recovery', { codes });
  };
}

function remove(services: FactorPageServices): RequestHandler {
  const { accounts, factors } = services;
  return async (req, res) => {
    const { name } = principalOf(req);
    const { present = '' } = textInput(req);
    if (await accounts.isPassword(name, present)) {
      await factors.remove(name);
      res.redirect(303, OWN_ACCOUNT);
      return;
    }
    res.status(422);
    await renderFactor(services, req, res, [wrongPassword(res)]);
  };
}

function wrongPassword({ locals: { t } }: Response): FieldProblem {
  return { field: 'present', message: t('account.error.present') };
}
