import { Router, type Request, type RequestHandler } from 'express';
import { param, query } from 'express-validator';
import { BadRequestError, NotFoundError } from '../../errors.js';
import { principalOf, requireRight } from '../access/access.middleware.js';
import type { ScopeService } from '../access/scope.service.js';
import { exactQuery, inputErrors, textInput } from '../request-input.js';
import type { Unit } from './catalogue.model.js';
import type { CatalogueService } from './catalogue.service.js';

export interface CatalogueRouteServices {
  readonly catalogue: CatalogueService;
  readonly scopes: ScopeService;
}

const code = (name: string) =>
  query(name).optional().isString().isLength({ min: 1, max: 64 }).withMessage('is not a code');

/** `GET /units`, `/centres`, `/questionnaires` and `/me` (contract §3 Catalogue). */
export function catalogueRoutes(services: CatalogueRouteServices): Router {
  const router = Router();
  const may = requireRight('catalogue:read');
  const search = query('q')
    .optional()
    .isString()
    .isLength({ min: 1, max: 100 })
    .withMessage('must be 1 to 100 characters');
  const version = query('version').optional().isInt({ min: 1 }).withMessage('must be a whole number from 1');
  router.get('/me', getMe);
  router.get('/units', may, exactQuery(code('parent'), search), getUnits(services));
  router.get('/centres', may, exactQuery(code('unit')), getCentres(services));
  router.get('/questionnaires', may, exactQuery(), getQuestionnaires(services));
  router.get(
    '/questionnaires/:id',
    may,
    param('id').isLength({ max: 64 }),
    exactQuery(version),
    getQuestionnaire(services),
  );
  return router;
}

const getMe: RequestHandler = (req, res) => {
  const { name, role, scope, kiosk } = principalOf(req);
  res.json({ name, role, scope, ...(kiosk ? { kiosk: kiosk.code, centre: kiosk.centre } : {}) });
};

function getUnits({ catalogue }: CatalogueRouteServices): RequestHandler {
  return (req, res) => {
    const { parent, q } = validQuery(req);
    if (parent !== undefined && !catalogue.unit(parent)) throw new NotFoundError(`There is no unit ${parent}.`);
    const codes = q === undefined ? catalogue.unitsBelow(parent ?? null) : catalogue.searchUnits(q, parent);
    const units = codes.flatMap((known) => catalogue.unit(known) ?? []);
    res.json({ units: units.map((unit) => unitView(unit, catalogue)) });
  };
}

function unitView(unit: Unit, catalogue: CatalogueService) {
  return { ...unit, label: catalogue.unitName(unit.code) };
}

function getCentres({ scopes }: CatalogueRouteServices): RequestHandler {
  return async (req, res) => {
    const { unit } = validQuery(req);
    const { centres } = await scopes.select(principalOf(req), { unit });
    res.json({
      centres: centres.map(({ code: known, name, unit: of, level, closed }) => ({
        ...{ code: known, name, unit: of, level },
        ...(closed ? { closed } : {}),
      })),
    });
  };
}

function getQuestionnaires({ catalogue }: CatalogueRouteServices): RequestHandler {
  return (_req, res) => {
    const newest = catalogue.questionnaires();
    res.json({
      questionnaires: newest.map(({ id, version, title, scale, headline }) => ({
        id,
        version,
        title,
        scale,
        headline,
      })),
    });
  };
}

function getQuestionnaire({ catalogue }: CatalogueRouteServices): RequestHandler {
  return (req, res) => {
    const { version } = validQuery(req);
    const questionnaire = catalogue.questionnaire(
      String(req.params['id']),
      version === undefined ? undefined : Number(version),
    );
    if (!questionnaire) throw new NotFoundError('There is no such questionnaire, or not in that version.');
    res.json({ ...questionnaire, levels: catalogue.scale(questionnaire.scale).levels });
  };
}

function validQuery(req: Request) {
  const errors = inputErrors(req);
  if (errors.length > 0) throw new BadRequestError('The query is not valid.', errors);
  return textInput(req);
}
