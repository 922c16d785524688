import { Router, urlencoded, type RequestHandler } from 'express';
import { body } from 'express-validator';
import { ConflictError, NotFoundError, ValidationError } from '../../errors.js';
import type { Translate } from '../../i18n/index.js';
import { requireRight } from '../access/access.middleware.js';
import type { ScopeService } from '../access/scope.service.js';
import { textInput, type TextInput, type FormError } from '../request-input.js';
import { WEBHOOK_EVENTS, type WebhookEvent } from './webhooks.model.js';
import type { WebhookService } from './webhooks.service.js';

export interface WebhookAdminServices {
  readonly webhooks: WebhookService;
  readonly scopes: ScopeService;
}

const LIST = '/admin/webhooks';
const LONGEST_ADDRESS = 2000;

/** The field of the form that asks for an event. */
const FIELD_OF: Readonly<Record<WebhookEvent, string>> = { 'response.low': 'responseLow', 'export.done': 'exportDone' };

interface Shown {
  readonly values?: TextInput;
  readonly errors?: readonly FormError[];
  readonly made?: { readonly name: string; readonly secret: string };
}

/** An administrator's page about webhooks. `csrf` checks a form's token. */
export function webhookAdminPages(services: WebhookAdminServices, csrf: RequestHandler): Router {
  const router = Router();
  const may = requireRight('accounts:manage');
  const form = [may, urlencoded({ extended: false, limit: '16kb' }), csrf];
  const names = ['name', 'url', 'scope', ...Object.values(FIELD_OF)];
  const fields = body(names).optional().isString().trim().isLength({ max: LONGEST_ADDRESS });
  router.get(LIST, may, async (_req, res) => res.render('webhooks/list', await listPage(services)));
  router.post(LIST, form, fields, addWebhook(services));
  router.get(`${LIST}/:name/remove`, may, askToRemove(services));
  router.post(`${LIST}/:name/remove`, form, removeWebhook(services));
  return router;
}

async function listPage({ webhooks }: WebhookAdminServices, { values = {}, errors = [], made }: Shown = {}) {
  return { webhooks: await webhooks.list(), values, errors, made: made ?? null };
}

function addWebhook(services: WebhookAdminServices): RequestHandler {
  return async (req, res) => {
    const values = textInput(req);
    const { name = '', url = '', scope = null } = values;
    const { t } = res.locals;
    const events = WEBHOOK_EVENTS.filter((event) => values[FIELD_OF[event]] !== undefined);
    const refuse = async (...errors: readonly FormError[]) => {
      res.status(422).render('webhooks/list', await listPage(services, { values, errors }));
    };
    if (scope !== null && !(await services.scopes.isPlace(scope))) {
      return refuse({ field: 'scope', message: t('accounts.error.scope') });
    }
    try {
      const secret = await services.webhooks.add({ name, url, events, scope });
      res.render('webhooks/list', await listPage(services, { made: { name, secret } }));
    } catch (error) {
      if (error instanceof ValidationError) await refuse(...error.errors.map(({ path }) => inWords(path, t)));
      else if (error instanceof ConflictError) await refuse({ field: 'name', message: t('webhooks.error.taken') });
      else throw error;
    }
  };
}

/** What is wrong with a field, in the reader's words. */
function inWords(path: string, t: Translate): FormError {
  if (path === 'name') return { field: path, message: t('webhooks.error.name') };
  if (path === 'url') return { field: path, message: t('webhooks.error.url') };
  return { field: 'events', message: t('webhooks.error.events') };
}

/** What cannot be undone is asked first. */
function askToRemove({ webhooks }: WebhookAdminServices): RequestHandler {
  return async (req, res) => {
    const webhook = (await webhooks.list()).find(({ name }) => name === req.params['name']);
    if (!webhook) throw new NotFoundError();
    res.render('webhooks/remove', { webhook });
  };
}

function removeWebhook({ webhooks }: WebhookAdminServices): RequestHandler {
  return async (req, res) => {
    await webhooks.remove(String(req.params['name']));
    res.redirect(303, LIST);
  };
}
