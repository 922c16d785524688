import { Router, urlencoded, type Request, type RequestHandler } from 'express';
import { body, query } from 'express-validator';
import { formatDay } from '../../domain/format-vi.js';
import { AppError, ForbiddenError, NotFoundError } from '../../errors.js';
import type { Translate } from '../../i18n/index.js';
import { principalOf, requireRight } from '../access/access.middleware.js';
import type { Principal } from '../access/principal.js';
import type { ScopeService } from '../access/scope.service.js';
import type { Unit } from '../catalogue/catalogue.model.js';
import { UNIT_KIND_NAMES, type CatalogueService } from '../catalogue/catalogue.service.js';
import { listAddress, pageOf } from '../paging.js';
import { textInput, type TextInput, type FormError } from '../request-input.js';
import { centreLine, centrePath, levelText, UNITS_PATH, unitPath } from './centres.admin.views.js';
import type { Centre } from './centres.model.js';
import { wordsIn } from './centres.search.js';
import { OF_ANOTHER_UNIT, type CentreService } from './centres.service.js';

export interface UnitAdminServices {
  readonly centres: CentreService;
  readonly scopes: ScopeService;
  readonly catalogue: CatalogueService;
}

const UNITS_A_PAGE = 50;

/** An administrator's pages about units, where centres are added to them. `csrf` checks a form's token. */
export function unitAdminPages(services: UnitAdminServices, csrf: RequestHandler): Router {
  const router = Router();
  const may = requireRight('centres:manage');
  const form = [may, urlencoded({ extended: false, limit: '16kb' }), csrf];
  const filters = query(['q', 'parent', 'page']).optional().isString().isLength({ max: 100 });
  const fields = body(['code', 'name']).optional().isString().trim().isLength({ max: 1000 });
  router.get(UNITS_PATH, may, filters, showList(services));
  router.get(`${UNITS_PATH}/:code`, may, showUnit(services));
  router.post(`${UNITS_PATH}/:code/centres`, form, fields, addCentre(services));
  return router;
}

/** The uppermost units in a scope; none in that of a single centre. */
export function rootUnits(catalogue: CatalogueService, { scope }: Pick<Principal, 'scope'>): readonly string[] {
  if (scope === null) return catalogue.unitsBelow(null);
  return catalogue.unit(scope) ? [scope] : [];
}

function showList(services: UnitAdminServices): RequestHandler {
  return async (req, res) => {
    const { scopes, catalogue } = services;
    const { q = '', parent = '', page } = textInput(req);
    const roots = rootUnits(catalogue, principalOf(req));
    const { centres } = await scopes.select(principalOf(req), {});
    const codes = unitsAsked(catalogue, roots, q, parent);
    const listed = pageOf(codes, page, UNITS_A_PAGE, (number) => listAddress(UNITS_PATH, { q, parent }, number));
    const counts = centresByUnit(centres, catalogue);
    res.render('centres/units', {
      ...listed,
      shown: listed.shown.map((code) => ({
        ...unitLine(code, services, res.locals.t),
        centres: counts.get(code) ?? 0,
      })),
      q,
      parent,
      // Units are everybody's.
      mayImport: principalOf(req).scope === null,
      provinces: roots.map((code) => ({ code, name: catalogue.unitName(code) })),
    });
  };
}

/** Each province before its communes; where nothing is asked for, the uppermost alone. */
function unitsAsked(catalogue: CatalogueService, roots: readonly string[], q: string, parent: string): string[] {
  const chosen = parent === '' ? roots : roots.filter((code) => code === parent);
  if (q === '' && parent === '') return [...chosen];
  const matches = wordsIn(q);
  return chosen
    .flatMap((code) => [code, ...catalogue.unitsBelow(code)])
    .filter((code) => matches(`${code} ${catalogue.unitName(code)}`));
}

/** How many centres are in each unit, those of the units below among them. */
function centresByUnit(centres: readonly Centre[], catalogue: CatalogueService): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { unit } of centres) {
    for (const code of [unit, catalogue.unit(unit)?.parent ?? null]) {
      if (code !== null) counts.set(code, (counts.get(code) ?? 0) + 1);
    }
  }
  return counts;
}

function unitLine(code: string, { catalogue }: UnitAdminServices, t: Translate) {
  const parent = catalogue.unit(code)?.parent ?? null;
  return {
    code,
    name: catalogue.unitName(code),
    path: unitPath(code),
    level: levelText(parent === null ? 'province' : 'commune', t),
    parent: parent === null ? null : { name: catalogue.unitName(parent), path: unitPath(parent) },
    centresPath: `/admin/centres?${new URLSearchParams({ unit: code }).toString()}`,
  };
}

function showUnit(services: UnitAdminServices): RequestHandler {
  return async (req, res) => {
    const unit = await unitInScope(services, req);
    res.render('centres/unit', await unitPage(services, unit, res.locals, {}));
  };
}

interface Shown {
  readonly values?: TextInput;
  readonly errors?: readonly FormError[];
}

/** Locals of `centres/unit`. */
async function unitPage(
  services: UnitAdminServices,
  { code }: Unit,
  wording: Express.Locals,
  { values, errors = [] }: Shown,
) {
  const { centres, catalogue } = services;
  const own = await centres.inUnits([code]);
  const versions = [...catalogue.unitVersionsOf(code)].reverse();
  const below = catalogue.unitsBelow(code).length;
  const day = (text: string | null) => (text === null ? '' : formatDay(text, wording.lang));
  const usual = { name: wording.t('units.centreName', { unit: catalogue.unitName(code) }) };
  return {
    unit: unitLine(code, services, wording.t),
    versions: versions.map(({ kind, name, validFrom, validTo, decree }) => ({
      ...{ name: `${UNIT_KIND_NAMES[kind]} ${name}`, from: day(validFrom), to: day(validTo), decree },
    })),
    below: below === 0 ? null : { n: below, path: `${UNITS_PATH}?${new URLSearchParams({ parent: code }).toString()}` },
    centres: own.map((centre) => centreLine(centre, catalogue, wording)),
    values: values ?? (own.length === 0 ? usual : {}),
    errors,
  };
}

function addCentre(services: UnitAdminServices): RequestHandler {
  return async (req, res) => {
    const unit = await unitInScope(services, req);
    const values = textInput(req);
    const { code = '', name = '' } = values;
    try {
      const centre = await services.centres.add({ code, name, unit: unit.code });
      res.redirect(303, `${centrePath(centre.code)}?done=added`);
    } catch (error) {
      const errors = problems(error, res.locals.t);
      res.status(422).render('centres/unit', await unitPage(services, unit, res.locals, { values, errors }));
    }
  };
}

/** What keeps a centre from being added. @throws whatever is not about the form */
function problems(error: unknown, t: Translate): FormError[] {
  if (!(error instanceof AppError) || error.status >= 500) throw error;
  if (error.status === 409) return [{ field: 'code', message: t('centres.error.taken') }];
  return error.errors.map(({ path, message }) => {
    if (path === 'name') return { field: 'name', message: t('centres.error.name') };
    return { field: 'code', message: t(message === OF_ANOTHER_UNIT ? 'centres.error.unitCode' : 'centres.error.code') };
  });
}

/** @throws NotFoundError, or ForbiddenError for a unit outside the scope of who asks */
async function unitInScope({ scopes, catalogue }: UnitAdminServices, req: Request): Promise<Unit> {
  const unit = catalogue.unit(String(req.params['code']));
  if (!unit) throw new NotFoundError();
  if (!(await scopes.covers(principalOf(req).scope, unit.code))) throw new ForbiddenError();
  return unit;
}
