import { Router, urlencoded, type Request, type RequestHandler } from 'express';
import { body } from 'express-validator';
import { AppError } from '../../errors.js';
import { principalOf, requireRight } from '../access/access.middleware.js';
import type { Translate } from '../../i18n/index.js';
import type { CatalogueService } from '../catalogue/catalogue.service.js';
import { DEFAULT_QUESTIONNAIRE } from '../centres/known-place.js';
import { textInput, type TextInput, type FormError } from '../request-input.js';
import { makeInScope, sendSheet, type TicketRouteServices } from './tickets.routes.js';
import type { Ticket } from './tickets.service.js';

export type TicketAdminServices = TicketRouteServices & { readonly catalogue: CatalogueService };

const PAGE = '/admin/tickets';
const FIELDS = ['centre', 'counter', 'dossier', 'procedure', 'officer', 'questionnaire'] as const;

/** Staff's page that makes tickets and their sheets to print. `csrf` checks a form's token. */
export function ticketAdminPages(services: TicketAdminServices, csrf: RequestHandler): Router {
  const router = Router();
  const may = requireRight('kiosks:manage');
  const form = [may, urlencoded({ extended: false, limit: '16kb' }), csrf];
  const fields = [...FIELDS, 'days'].map((name) => body(name).optional().isString().isLength({ max: 100 }));
  router.get(PAGE, may, showForm(services));
  router.post(PAGE, form, fields, makeTicket(services));
  router.get(`${PAGE}/:ticket/sheet.svg`, may, sendSheet(services));
  return router;
}

function showForm(services: TicketAdminServices): RequestHandler {
  return async (req, res) => {
    res.render('tickets/tickets', await formPage(services, req));
  };
}

interface Shown {
  readonly values?: TextInput;
  readonly errors?: readonly FormError[];
  readonly made?: Ticket;
}

async function formPage({ scopes, catalogue }: TicketAdminServices, req: Request, shown: Shown = {}) {
  const { centres } = await scopes.select(principalOf(req), {});
  const { values = {}, errors = [], made } = shown;
  return {
    centres: centres.flatMap(({ code, name, closed }) => (closed ? [] : [{ code, name }])),
    questionnaires: catalogue.offered().map(({ id, title }) => ({ id, title: title.vi })),
    values: { questionnaire: DEFAULT_QUESTIONNAIRE, ...values },
    errors,
    made: made ? { url: made.url, sheet: `${PAGE}/${made.ticket}/sheet.svg` } : null,
  };
}

function makeTicket(services: TicketAdminServices): RequestHandler {
  return async (req, res) => {
    const values = textInput(req);
    const { days, ...said } = values;
    try {
      const input = { centre: '', ...said, ...(days === undefined ? {} : { days: Number(days) }) };
      const made = await makeInScope(services, principalOf(req), input);
      res.render('tickets/tickets', await formPage(services, req, { values, made }));
    } catch (error) {
      if (!(error instanceof AppError) || error.status >= 500) throw error;
      const errors = wrongFields(error).map((field) => ({ field, message: problemOf(field, res.locals.t) }));
      res.status(422).render('tickets/tickets', await formPage(services, req, { values, errors }));
    }
  };
}

/** Which fields of the form an error is about. */
function wrongFields(error: AppError): string[] {
  if (error.errors.length > 0) return [...new Set(error.errors.map(({ path }) => path))];
  return [error.status === 409 ? 'dossier' : 'centre'];
}

function problemOf(field: string, t: Translate): string {
  if (field === 'centre') return t('tickets.error.centre');
  if (field === 'dossier') return t('tickets.error.dossier');
  return field === 'days' ? t('tickets.error.days') : t('tickets.error.other');
}
