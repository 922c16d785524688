import { Router, urlencoded, type Request, type RequestHandler } from 'express';
import { body } from 'express-validator';
import { parseHours, timesText, USUAL_HOURS, type OpeningHours } from '../../domain/opening-hours.js';
import { principalOf, requireRight } from '../access/access.middleware.js';
import type { ScopeService } from '../access/scope.service.js';
import { textInput } from '../request-input.js';
import type { Centre } from './centres.model.js';
import type { CentreService } from './centres.service.js';

export interface CentreAdminServices {
  readonly centres: CentreService;
  readonly scopes: ScopeService;
}

const PAGE = '/admin/centres/:code';
const WEEK = [1, 2, 3, 4, 5, 6, 7];

/** Staff's page about a centre: when it is open. `csrf` checks a form's token. */
export function centreAdminPages(services: CentreAdminServices, csrf: RequestHandler): Router {
  const router = Router();
  const may = requireRight('kiosks:manage');
  const form = [may, urlencoded({ extended: false, limit: '16kb' }), csrf];
  const fields = [body('days').toArray(), body('times').isString().isLength({ max: 200 }), body('clear').isString()];
  router.get(PAGE, may, showCentre(services));
  router.post(`${PAGE}/hours`, form, fields, setHours(services));
  return router;
}

function showCentre(services: CentreAdminServices): RequestHandler {
  return async (req, res) => {
    const centre = await centreInScope(services, req);
    const hours = (await services.centres.hoursOf([centre.code])).get(centre.code) ?? null;
    res.render('centres/centre', centrePage(centre, hours));
  };
}

interface Entered {
  readonly days: readonly number[];
  readonly times: string;
}

/** Locals of `centres/centre`. */
function centrePage({ code, name }: Centre, hours: OpeningHours | null, wrong: Entered | null = null) {
  const shown = hours ?? USUAL_HOURS;
  const { days, times } = wrong ?? { days: shown.days, times: timesText(shown) };
  return {
    centre: { code, name },
    isSaid: hours !== null,
    week: WEEK.map((day) => ({ day, isOpen: days.includes(day) })),
    times,
    isWrong: wrong !== null,
  };
}

function setHours(services: CentreAdminServices): RequestHandler {
  return async (req, res) => {
    const centre = await centreInScope(services, req);
    const { times = '', clear } = textInput(req);
    const days = tickedDays(req);
    const hours = clear === undefined ? parseHours(days.join(','), times) : null;
    if (!hours && clear === undefined) {
      const known = (await services.centres.hoursOf([centre.code])).get(centre.code) ?? null;
      res.status(422).render('centres/centre', centrePage(centre, known, { days, times }));
      return;
    }
    await services.centres.setHours(centre.code, hours);
    res.redirect(303, `/admin/centres/${encodeURIComponent(centre.code)}`);
  };
}

function tickedDays(req: Request): number[] {
  const form: unknown = req.body;
  const sent: unknown = typeof form === 'object' && form !== null && 'days' in form ? form.days : [];
  const ticked = new Set(Array.isArray(sent) ? sent.map(String) : []);
  return WEEK.filter((day) => ticked.has(String(day)));
}

/** @throws NotFoundError, or ForbiddenError for a centre outside the scope of who asks */
async function centreInScope({ scopes }: CentreAdminServices, req: Request): Promise<Centre> {
  const { centres } = await scopes.select(principalOf(req), { centre: String(req.params['code']) });
  const [centre] = centres;
  if (!centre) throw new Error('A scope of one centre holds none');
  return centre;
}
