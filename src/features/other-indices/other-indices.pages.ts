import { Router, urlencoded, type RequestHandler } from 'express';
import { body } from 'express-validator';
import { AppError } from '../../errors.js';
import type { MessageKey, Translate } from '../../i18n/index.js';
import { principalOf, requireRight } from '../access/access.middleware.js';
import { may } from '../access/principal.js';
import { pageInput, questionnaireOfMostItems, valuesOf, type FiguresPageServices } from '../reports/figures.pages.js';
import type { FiguresPage } from '../reports/figures.views.js';
import { textInput } from '../request-input.js';
import { OTHER_INDICES } from './other-indices.model.js';
import type { OtherIndexService } from './other-indices.service.js';
import { OTHER_INDEX_FIELDS } from './other-indices.validators.js';
import { OTHER_INDICES_PATH, otherIndicesPage } from './other-indices.views.js';

export type OtherIndexPageServices = Pick<FiguresPageServices, 'scopes' | 'catalogue' | 'printer' | 'now'> & {
  readonly otherIndices: OtherIndexService;
};

const ADMIN = '/admin/indices';

/** The board of other indices, and where an administrator enters them. `csrf` checks a form's token. */
export function otherIndexPages(services: OtherIndexPageServices, csrf: RequestHandler): Router {
  const router = Router();
  const write = requireRight('indices:write');
  const form = [write, urlencoded({ extended: false, limit: '16kb' }), csrf];
  const fields = OTHER_INDEX_FIELDS.map((name) => body(name).optional().isString());
  router.get(OTHER_INDICES_PATH, requireRight('reports:read'), showBoard(services));
  router.get(ADMIN, write, showForm());
  router.post(ADMIN, form, fields, putIndex(services));
  router.post(`${ADMIN}/remove`, form, fields, removeIndex(services));
  return router;
}

function showBoard(services: OtherIndexPageServices): RequestHandler {
  const { scopes, catalogue, otherIndices, printer } = services;
  return async (req, res) => {
    const principal = principalOf(req);
    const own = principal.scope !== null && catalogue.unit(principal.scope) ? principal.scope : '';
    const values = valuesOf(req, { unit: own, questionnaire: questionnaireOfMostItems(catalogue) });
    const input = await pageInput(services, req, res, values);
    const { unit = '', questionnaire = '' } = values;
    const tools = may(principal.role, 'indices:write') ? [{ href: ADMIN, label: res.locals.t('indices.enter') }] : [];
    const invalid = (field: 'unit' | 'questionnaire') => {
      const errors = { [field]: res.locals.t(field === 'unit' ? 'indices.error.unit' : 'figures.error.needed') };
      res.status(422).render('reports/figures', { ...otherIndicesPage({ ...input, errors, years: null }), tools });
    };
    if (unit === '') {
      res.render('reports/figures', { ...otherIndicesPage({ ...input, years: null }), tools });
      return;
    }
    if (catalogue.versions(questionnaire).length === 0) {
      invalid('questionnaire');
      return;
    }
    let page: FiguresPage;
    try {
      const scope = await scopes.select(principal, { unit });
      const years = await otherIndices.board(unit, scope, questionnaire);
      const scopeName = catalogue.unitName(unit);
      page = otherIndicesPage({ ...input, scopeName, years });
    } catch (error) {
      // A code that does not exist or is not theirs is a slip in the form, shown beside it.
      if (!(error instanceof AppError)) throw error;
      invalid(error.errors.some(({ path }) => path === 'questionnaire') ? 'questionnaire' : 'unit');
      return;
    }
    await printer.figures(req, res, page, { tools });
  };
}

function showForm(): RequestHandler {
  return (req, res) => {
    const { stored } = req.query;
    const message = typeof stored === 'string' && Object.hasOwn(DONE, stored) ? DONE[stored] : undefined;
    const done = message === undefined ? null : res.locals.t(message);
    res.render('indices/indices', { names: OTHER_INDICES, values: {}, errors: [], done });
  };
}

const DONE: Readonly<Record<string, MessageKey>> = {
  stored: 'indices.done.stored',
  updated: 'indices.done.updated',
  removed: 'indices.done.removed',
};

function putIndex({ otherIndices }: OtherIndexPageServices): RequestHandler {
  return async (req, res) => {
    const values = textInput(req);
    try {
      const outcome = await otherIndices.put(values);
      res.redirect(303, `${ADMIN}?stored=${outcome}`);
    } catch (error) {
      if (!(error instanceof AppError) || error.errors.length === 0) throw error;
      const errors = error.errors.map(({ path }) => ({ field: path, message: problemOf(path, res.locals.t) }));
      res.status(422).render('indices/indices', { names: OTHER_INDICES, values, errors, done: null });
    }
  };
}

function removeIndex({ otherIndices }: OtherIndexPageServices): RequestHandler {
  return async (req, res) => {
    const values = textInput(req);
    const index = OTHER_INDICES.find((name) => name === values['index']);
    const { unit = '', year = '' } = values;
    const removed = index !== undefined && (await otherIndices.remove({ index, unit, year: Number(year) }));
    if (removed) {
      res.redirect(303, `${ADMIN}?stored=removed`);
      return;
    }
    const errors = [{ field: 'index', message: res.locals.t('indices.error.none') }];
    res.status(404).render('indices/indices', { names: OTHER_INDICES, values, errors, done: null });
  };
}

const PROBLEMS: Readonly<Record<string, MessageKey>> = {
  index: 'indices.error.index',
  unit: 'indices.error.unit',
  year: 'indices.error.year',
  value: 'indices.error.value',
  rank: 'indices.error.rank',
  of: 'indices.error.of',
  grade: 'indices.error.grade',
  source: 'indices.error.source',
};

function problemOf(field: string, t: Translate): string {
  return t((Object.hasOwn(PROBLEMS, field) ? PROBLEMS[field] : undefined) ?? 'indices.error.index');
}
