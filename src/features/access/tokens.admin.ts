import { Router, urlencoded, type RequestHandler } from 'express';
import { body } from 'express-validator';
import { AppError, NotFoundError } from '../../errors.js';
import { textInput, type TextInput, type FormError } from '../request-input.js';
import { requireRight } from './access.middleware.js';
import type { ScopeService } from './scope.service.js';
import type { TokenService } from './tokens.service.js';

export interface TokenAdminServices {
  readonly tokens: TokenService;
  readonly scopes: ScopeService;
}

const LIST = '/admin/tokens';
/** A kiosk's tokens are made with the kiosk. */
const TOKEN_ROLES = ['integration', 'viewer', 'manager', 'admin'] as const;
const LONGEST_NAME = 100;

interface Shown {
  readonly values?: TextInput;
  readonly errors?: readonly FormError[];
  readonly made?: { readonly name: string; readonly token: string };
}

/** An administrator's page about API tokens. `csrf` checks a form's token. */
export function tokenAdminPages(services: TokenAdminServices, csrf: RequestHandler): Router {
  const router = Router();
  const may = requireRight('accounts:manage');
  const form = [may, urlencoded({ extended: false, limit: '16kb' }), csrf];
  const fields = body(['name', 'role', 'scope']).optional().isString().trim().isLength({ max: LONGEST_NAME });
  router.get(LIST, may, async (_req, res) => res.render('tokens/list', await listPage(services)));
  router.post(LIST, form, fields, createToken(services));
  router.get(`${LIST}/:name/revoke`, may, askToRevoke(services));
  router.post(`${LIST}/:name/revoke`, form, revokeToken(services));
  return router;
}

async function listPage({ tokens }: TokenAdminServices, { values = {}, errors = [], made }: Shown = {}) {
  return { tokens: await tokens.list(), roles: TOKEN_ROLES, values, errors, made: made ?? null };
}

function createToken(services: TokenAdminServices): RequestHandler {
  return async (req, res) => {
    const values = textInput(req);
    const { name = '', scope = null } = values;
    const { t } = res.locals;
    const role = TOKEN_ROLES.find((one) => one === values['role']);
    const refuse = async (field: string, message: string) => {
      res.status(422).render('tokens/list', await listPage(services, { values, errors: [{ field, message }] }));
    };
    if (name === '' || /\p{Cc}/u.test(name)) return refuse('name', t('tokens.error.name'));
    if (!role) return refuse('role', t('accounts.error.role'));
    if (scope !== null && !(await services.scopes.isPlace(scope))) return refuse('scope', t('accounts.error.scope'));
    try {
      const token = await services.tokens.create({ name, role, scope });
      res.render('tokens/list', await listPage(services, { made: { name, token } }));
    } catch (error) {
      if (!(error instanceof AppError) || error.status !== 409) throw error;
      await refuse('name', t('tokens.error.taken'));
    }
  };
}

/** What cannot be undone is asked first. */
function askToRevoke({ tokens }: TokenAdminServices): RequestHandler {
  return async (req, res) => {
    const token = (await tokens.list()).find(({ name, revoked }) => name === req.params['name'] && !revoked);
    if (!token) throw new NotFoundError();
    res.render('tokens/revoke', { token });
  };
}

function revokeToken({ tokens }: TokenAdminServices): RequestHandler {
  return async (req, res) => {
    await tokens.revoke(String(req.params['name']));
    res.redirect(303, LIST);
  };
}
