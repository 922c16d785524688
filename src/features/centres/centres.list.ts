import { Router, type Request, type RequestHandler } from 'express';
import { query } from 'express-validator';
import { principalOf, requireRight } from '../access/access.middleware.js';
import type { ScopeService } from '../access/scope.service.js';
import type { CatalogueService } from '../catalogue/catalogue.service.js';
import { listAddress, pageOf } from '../paging.js';
import { textInput } from '../request-input.js';
import { CENTRES_PATH, centreLine } from './centres.admin.views.js';
import { centreText, wordsIn } from './centres.search.js';
import { rootUnits } from './units.admin.js';

export interface CentreListServices {
  readonly scopes: ScopeService;
  readonly catalogue: CatalogueService;
}

const CENTRES_A_PAGE = 50;

/** An administrator's list of centres. */
export function centreListPages(services: CentreListServices): Router {
  const router = Router();
  const filters = query(['q', 'unit', 'page']).optional().isString().isLength({ max: 100 });
  router.get(CENTRES_PATH, requireRight('centres:manage'), filters, showList(services));
  return router;
}

function showList(services: CentreListServices): RequestHandler {
  return async (req, res) => {
    const { scopes, catalogue } = services;
    const { q = '', unit = '', page } = textInput(req);
    const { centres } = await scopes.select(principalOf(req), unit === '' ? {} : { unit });
    const matches = wordsIn(q);
    const found = centres.filter((centre) => matches(centreText(centre, catalogue)));
    const listed = pageOf(found, page, CENTRES_A_PAGE, (number) => listAddress(CENTRES_PATH, { q, unit }, number));
    res.render('centres/list', {
      ...listed,
      shown: listed.shown.map((centre) => centreLine(centre, catalogue, res.locals)),
      q,
      unit,
      units: unitChoices(services, req, unit),
      isFiltered: q !== '' || unit !== '',
    });
  };
}

/** The provinces, and the unit that is chosen where it is none. */
function unitChoices({ catalogue }: CentreListServices, req: Request, chosen: string) {
  const roots = rootUnits(catalogue, principalOf(req));
  const codes = chosen === '' || roots.includes(chosen) ? roots : [...roots, chosen];
  return codes.map((code) => ({ code, name: catalogue.unitName(code) }));
}
