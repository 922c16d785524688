import { Router, urlencoded, type Request, type RequestHandler } from 'express';
import { body, query } from 'express-validator';
import { formatInstant } from '../../domain/format-vi.js';
import { AppError, ConflictError, ForbiddenError } from '../../errors.js';
import type { MessageKey, Translate } from '../../i18n/index.js';
import { principalOf, requireRight } from '../access/access.middleware.js';
import type { ScopeService } from '../access/scope.service.js';
import { textInput, type TextInput, type FormError } from '../request-input.js';
import type { SecondFactors } from './accounts.factors.js';
import type { Identities } from './accounts.identities.js';
import { NAME_MAX, type OidcProvider } from './accounts.oidc.js';
import { STAFF_ROLES, type AccountService, type AccountSummary } from './accounts.service.js';

export interface AccountAdminServices {
  readonly accounts: AccountService;
  readonly factors: SecondFactors;
  readonly identities: Identities;
  /** Null where the installation has no single sign-on. */
  readonly oidc: OidcProvider | null;
  readonly scopes: ScopeService;
  readonly publicUrl: string;
}

const LIST = '/admin/accounts';
const ACCOUNTS_A_PAGE = 50;

/** An administrator's pages about accounts. `csrf` checks a form's token. */
export function accountAdminPages(services: AccountAdminServices, csrf: RequestHandler): Router {
  const { accounts, factors } = services;
  const router = Router();
  const may = requireRight('accounts:manage');
  const form = [may, urlencoded({ extended: false, limit: '16kb' }), csrf];
  const fields = body(['username', 'role', 'scope']).optional().isString().isLength({ max: 100 });
  const search = query(['q', 'page']).optional().isString().isLength({ max: 100 });
  router.get(LIST, may, search, showList(services));
  router.post(LIST, form, fields, addAccount(services));
  router.get(`${LIST}/:username`, may, showAccount(services));
  router.post(`${LIST}/:username/rights`, form, fields, setRights(services));
  router.post(`${LIST}/:username/identity`, form, body('identity').isString(), setIdentity(services));
  router.post(`${LIST}/:username/link`, form, makeLink(services));
  const change = (act: (username: string) => Promise<unknown>): RequestHandler => {
    return async (req, res) => {
      const { username } = await accounts.find(String(req.params['username']));
      await act(username);
      res.redirect(303, pathOf(username));
    };
  };
  router.post(
    `${LIST}/:username/disable`,
    form,
    notOneself,
    change((name) => accounts.disable(name)),
  );
  router.post(
    `${LIST}/:username/enable`,
    form,
    change((name) => accounts.enable(name)),
  );
  router.post(
    `${LIST}/:username/sessions`,
    form,
    change((name) => accounts.endSessions(name)),
  );
  router.post(
    `${LIST}/:username/factor`,
    form,
    change((name) => factors.remove(name)),
  );
  return router;
}

/** So that there is always an administrator left. */
const notOneself: RequestHandler = (req, _res, next) => {
  if (principalOf(req).name === req.params['username']) throw new ForbiddenError('Nobody takes their own rights away.');
  next();
};

function showList(services: AccountAdminServices): RequestHandler {
  return async (req, res) => res.render('accounts/list', await listPage(services, req, {}, []));
}

async function listPage(
  { accounts }: AccountAdminServices,
  req: Request,
  values: TextInput,
  errors: readonly FormError[],
) {
  const { q = '', page = '1' } = textInput(req);
  const number = /^[1-9]\d{0,4}$/.test(page) ? Number(page) : 1;
  const found = await accounts.search(q, (number - 1) * ACCOUNTS_A_PAGE, ACCOUNTS_A_PAGE + 1);
  const addressOf = (other: number) => `${LIST}?${new URLSearchParams({ q, page: String(other) }).toString()}`;
  return {
    accounts: found.slice(0, ACCOUNTS_A_PAGE),
    q,
    previous: number > 1 ? addressOf(number - 1) : null,
    next: found.length > ACCOUNTS_A_PAGE ? addressOf(number + 1) : null,
    roles: STAFF_ROLES,
    values,
    errors,
  };
}

function addAccount(services: AccountAdminServices): RequestHandler {
  return async (req, res) => {
    const values = textInput(req);
    const username = (values['username'] ?? '').toLowerCase();
    const errors = await problems(services, values, res.locals.t, async (role, scope) => {
      await services.accounts.add({ username, role, scope });
    });
    if (errors.length > 0) res.status(422).render('accounts/list', await listPage(services, req, values, errors));
    else await renderWithLink(services, username, req, res);
  };
}

function showAccount(services: AccountAdminServices): RequestHandler {
  return async (req, res) => {
    const account = await services.accounts.find(String(req.params['username']));
    res.render('accounts/account', await accountPage(services, account, req));
  };
}

/** What a page of an account shows besides the account: what was entered and what is wrong with it; a new link. */
interface Shown {
  readonly errors?: readonly FormError[];
  readonly link?: string;
  readonly values?: TextInput;
  readonly identity?: string;
}

async function accountPage(services: AccountAdminServices, account: AccountSummary, req: Request, shown: Shown = {}) {
  const { errors = [], link = null, values = { role: account.role, scope: account.scope ?? '' } } = shown;
  return {
    user: account,
    isOneself: principalOf(req).name === account.username,
    identity: await identityForm(services, account.username, shown.identity),
    sessions: (await services.accounts.sessionsOf(account.username)).length,
    roles: STAFF_ROLES,
    values,
    errors,
    link,
  };
}

/** The name for single sign-on; null where there is none. */
async function identityForm({ identities, oidc }: AccountAdminServices, username: string, entered?: string) {
  if (!oidc) return null;
  const known = await identities.summary(username);
  const since = known?.since ? formatInstant(known.since) : null;
  return { value: entered ?? known?.name ?? '', isSet: known !== null, since, most: NAME_MAX };
}

function setIdentity(services: AccountAdminServices): RequestHandler {
  return async (req, res) => {
    const account = await services.accounts.find(String(req.params['username']));
    const { identity = '' } = textInput(req);
    const problem = await identityProblem(services.identities, account.username, identity);
    if (problem === null) {
      res.redirect(303, pathOf(account.username));
      return;
    }
    const errors = [{ field: 'identity', message: res.locals.t(problem, { most: NAME_MAX }) }];
    res.status(422).render('accounts/account', await accountPage(services, account, req, { errors, identity }));
  };
}

/** What keeps a name for single sign-on from being set; null once it is. */
async function identityProblem(identities: Identities, username: string, name: string): Promise<MessageKey | null> {
  if (name.trim().length > NAME_MAX) return 'accounts.identity.error.name';
  try {
    await identities.setName(username, name);
    return null;
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error;
    return 'accounts.identity.error.taken';
  }
}

function setRights(services: AccountAdminServices): RequestHandler {
  return async (req, res) => {
    const account = await services.accounts.find(String(req.params['username']));
    const { username } = account;
    const values = textInput(req);
    const isOwn = principalOf(req).name === username;
    const errors =
      isOwn && (values['role'] !== 'admin' || values['scope'] !== undefined)
        ? [{ field: 'role', message: res.locals.t('accounts.error.oneself') }]
        : await problems(services, values, res.locals.t, (role, scope) =>
            services.accounts.setRights(username, { role, scope }),
          );
    if (errors.length === 0) res.redirect(303, pathOf(username));
    else res.status(422).render('accounts/account', await accountPage(services, account, req, { errors, values }));
  };
}

function makeLink(services: AccountAdminServices): RequestHandler {
  return async (req, res) => {
    const { username } = await services.accounts.find(String(req.params['username']));
    await renderWithLink(services, username, req, res);
  };
}

/** The page of an account with a new link, shown this once. */
async function renderWithLink(
  services: AccountAdminServices,
  username: string,
  req: Request,
  res: Parameters<RequestHandler>[1],
): Promise<void> {
  const link = `${services.publicUrl}/password/${await services.accounts.makeLink(username)}`;
  const account = await services.accounts.find(username);
  res.render('accounts/account', await accountPage(services, account, req, { link }));
}

/** What keeps a form from being done, by its fields; none once it is. */
async function problems(
  { scopes }: AccountAdminServices,
  values: TextInput,
  t: Translate,
  act: (role: (typeof STAFF_ROLES)[number], scope: string | null) => Promise<void>,
): Promise<readonly FormError[]> {
  const { scope = null } = values;
  const role = STAFF_ROLES.find((one) => one === values['role']);
  if (!role) return [{ field: 'role', message: t('accounts.error.role') }];
  if (scope !== null && !(await scopes.isPlace(scope))) return [{ field: 'scope', message: t('accounts.error.scope') }];
  try {
    await act(role, scope);
    return [];
  } catch (error) {
    if (!(error instanceof AppError) || error.status >= 500) throw error;
    const key: MessageKey = error.status === 409 ? 'accounts.error.taken' : 'accounts.error.username';
    return [{ field: 'username', message: t(key) }];
  }
}

function pathOf(username: string): string {
  return `${LIST}/${encodeURIComponent(username)}`;
}
