import { Router, urlencoded, type Request, type RequestHandler, type Response } from 'express';
import { rateLimit } from 'express-rate-limit';
import { body } from 'express-validator';
import { formatInstant } from '../../domain/format-vi.js';
import { ValidationError } from '../../errors.js';
import { principalOf } from '../access/access.middleware.js';
import { textInput, type FormError } from '../request-input.js';
import { OWN_ACCOUNT, startSession, type AccountPageServices } from './accounts.pages.js';
import { PASSWORD_MIN, type AccountService } from './accounts.service.js';
import { sessionKey } from './accounts.sessions.js';

type PasswordField = 'present' | 'wanted' | 'repeated';

const BY_LINK = '/password/:secret';
/** Whoever found a screen unlocked must not find out the password at it. */
export const TRIES = { windowMs: 5 * 60_000, limit: 10, standardHeaders: true, legacyHeaders: false } as const;

/** Everyone's own account: password and sessions; and the link that sets a password. `csrf` checks a form's token. */
export function ownAccountPages(services: AccountPageServices, csrf: RequestHandler): Router {
  const router = Router();
  const form = [urlencoded({ extended: false, limit: '16kb' }), csrf];
  const passwords = body(['present', 'wanted', 'repeated']).isString().isLength({ max: 1000 });
  const tries = rateLimit({ ...TRIES, keyGenerator: (req) => principalOf(req).name });
  router.get(OWN_ACCOUNT, showAccount(services));
  router.post(`${OWN_ACCOUNT}/password`, signedIn, form, tries, passwords, changePassword(services));
  router.post(`${OWN_ACCOUNT}/sessions`, signedIn, form, body('key').isString(), endSession(services));
  router.get(BY_LINK, showLink(services));
  router.post(BY_LINK, form, passwords, setByLink(services));
  return router;
}

const signedIn: RequestHandler = (req, _res, next) => {
  principalOf(req);
  next();
};

function showAccount({ accounts, now }: AccountPageServices): RequestHandler {
  return async (req, res) => {
    const done = req.query['done'] === 'password' ? res.locals.t('account.passwordChanged') : null;
    res.render('accounts/own', { ...(await ownPage(accounts, req, now)), done });
  };
}

async function ownPage(
  accounts: AccountService,
  req: Request,
  now: AccountPageServices['now'],
  errors: readonly FormError[] = [],
) {
  const { name } = principalOf(req);
  const { signedInAt = now().getTime(), method } = req.session;
  const { role, scope } = await accounts.find(name);
  const current = await accounts.current(name, signedInAt, method);
  const sessions = await accounts.sessionsOf(name);
  return {
    username: name,
    role,
    scope,
    mustChange: current?.mustChange ?? false,
    secondFactor: current?.secondFactor ?? false,
    sessions: sessions.map((one) => ({
      key: one.key,
      signedInAt: formatInstant(one.signedInAt),
      address: one.address,
      isThis: one.key === sessionKey(req.sessionID),
    })),
    errors,
    done: null,
    least: PASSWORD_MIN,
  };
}

function changePassword({ accounts, now }: AccountPageServices): RequestHandler {
  return async (req, res) => {
    const { name } = principalOf(req);
    const { present = '', wanted = '', repeated } = textInput(req);
    const wrong = await wrongField(wanted, repeated, () => accounts.changePassword(name, present, wanted));
    if (wrong) {
      const errors = [{ field: wrong, message: passwordProblem(wrong, res) }];
      res.status(422).render('accounts/own', await ownPage(accounts, req, now, errors));
      return;
    }
    await startSession(req, name, { method: 'password', at: now() });
    res.redirect(303, `${OWN_ACCOUNT}?done=password`);
  };
}

/** The field that keeps a password from being set; null once it is. */
async function wrongField(
  wanted: string,
  repeated: string | undefined,
  set: () => Promise<boolean>,
): Promise<PasswordField | null> {
  if (wanted !== repeated) return 'repeated';
  try {
    return (await set()) ? null : 'present';
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error;
    return 'wanted';
  }
}

function passwordProblem(field: PasswordField, { locals: { t } }: Response): string {
  if (field === 'present') return t('account.error.present');
  return field === 'wanted' ? t('account.error.wanted', { least: PASSWORD_MIN }) : t('account.error.repeated');
}

function endSession({ accounts }: AccountPageServices): RequestHandler {
  return async (req, res) => {
    const { name } = principalOf(req);
    const { key } = textInput(req);
    if (key === undefined) await accounts.endSessions(name, req.sessionID);
    else await accounts.sessions.end(name, key);
    res.redirect(303, OWN_ACCOUNT);
  };
}

function showLink({ accounts }: AccountPageServices): RequestHandler {
  return async (req, res) => {
    const username = await accounts.ownerOfLink(String(req.params['secret']));
    res.set('Cache-Control', 'no-store').status(username === null ? 404 : 200);
    res.render('accounts/link', { username, errors: [], least: PASSWORD_MIN });
  };
}

function setByLink({ accounts }: AccountPageServices): RequestHandler {
  return async (req, res) => {
    const secret = String(req.params['secret']);
    const { wanted = '', repeated } = textInput(req);
    const username = await accounts.ownerOfLink(secret);
    const set = async () => (await accounts.setByLink(secret, wanted)) !== null;
    const wrong = username === null ? null : await wrongField(wanted, repeated, set);
    res.set('Cache-Control', 'no-store');
    if (username === null || wrong === 'present') {
      res.status(404).render('accounts/link', { username: null, errors: [], least: PASSWORD_MIN });
    } else if (wrong) {
      const errors = [{ field: wrong, message: passwordProblem(wrong, res) }];
      res.status(422).render('accounts/link', { username, errors, least: PASSWORD_MIN });
    } else {
      res.redirect(303, '/login');
    }
  };
}
