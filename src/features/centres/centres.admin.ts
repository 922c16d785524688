import { Router, urlencoded, type Request, type RequestHandler, type Response } from 'express';
import { body } from 'express-validator';
import type { Clock } from '../../clock.js';
import { parseHours } from '../../domain/opening-hours.js';
import { localDay } from '../../domain/period.js';
import { AppError, ForbiddenError, NotFoundError } from '../../errors.js';
import type { MessageKey, Translate } from '../../i18n/index.js';
import { principalOf, requireRight } from '../access/access.middleware.js';
import { may } from '../access/principal.js';
import type { ScopeService } from '../access/scope.service.js';
import type { CatalogueService } from '../catalogue/catalogue.service.js';
import type { KioskService } from '../kiosks/kiosks.service.js';
import { textInput, type FormError } from '../request-input.js';
import {
  CENTRES_PATH,
  centrePage,
  centrePath,
  counterField,
  doneText,
  WEEK,
  type CentrePageInput,
} from './centres.admin.views.js';
import type { Centre } from './centres.model.js';
import type { CentreService } from './centres.service.js';

export interface CentreAdminServices {
  readonly centres: CentreService;
  readonly kiosks: KioskService;
  readonly scopes: ScopeService;
  readonly catalogue: CatalogueService;
  readonly now: Clock;
}

const PAGE = `${CENTRES_PATH}/:code`;
const FIELDS = ['name', 'counter', 'on', 'successor'];

/** Staff's pages about one centre: when it is open and, for administrators, all else. `csrf` checks a form's token. */
export function centreAdminPages(services: CentreAdminServices, csrf: RequestHandler): Router {
  const { centres } = services;
  const router = Router();
  const read = [urlencoded({ extended: false, limit: '16kb' }), csrf];
  const atHours = requireRight('kiosks:manage');
  const hours = [body('days').toArray(), body('times').isString().isLength({ max: 200 }), body('clear').isString()];
  router.get(PAGE, atHours, showCentre(services));
  router.post(`${PAGE}/hours`, atHours, read, hours, setHours(services));
  const atAll = requireRight('centres:manage');
  const form = [atAll, ...read, body(FIELDS).optional().isString().trim().isLength({ max: 1000 })];
  router.post(`${PAGE}/name`, form, renameCentre(services));
  router.post(`${PAGE}/counters`, form, addCounter(services));
  router.post(`${PAGE}/counters/name`, form, renameCounter(services));
  router.post(`${PAGE}/counters/close`, form, setCounterClosed(services, true));
  router.post(`${PAGE}/counters/reopen`, form, setCounterClosed(services, false));
  router.get(`${PAGE}/close`, atAll, askToClose(services));
  router.post(`${PAGE}/close`, form, closeCentre(services));
  const reopen: RequestHandler = async (req, res) => {
    const { code } = await centreInScope(services, req);
    await centres.reopen(code);
    goTo(res, code, 'reopened');
  };
  router.post(`${PAGE}/reopen`, form, reopen);
  return router;
}

function showCentre(services: CentreAdminServices): RequestHandler {
  return async (req, res) => {
    const centre = await centreInScope(services, req);
    await render(services, req, res, centre, { done: doneText(req.query['done'], res.locals.t) });
  };
}

type Shown = Omit<CentrePageInput, 'centre' | 'hours' | 'managed'>;

async function render(
  { centres, kiosks, catalogue }: CentreAdminServices,
  req: Request,
  res: Response,
  centre: Centre,
  shown: Shown,
): Promise<void> {
  const { code } = centre;
  const hours = (await centres.hoursOf([code])).get(code) ?? null;
  const managed = may(principalOf(req).role, 'centres:manage')
    ? {
        catalogue,
        counters: await centres.counters.of(code),
        kiosks: await kiosks.ofCentre(code),
        predecessors: await centres.predecessorsOf(code),
      }
    : null;
  res.render('centres/centre', centrePage({ centre, hours, managed, ...shown }, res.locals));
}

function goTo(res: Response, code: string, done: string): void {
  res.redirect(303, `${centrePath(code)}?done=${done}`);
}

function setHours(services: CentreAdminServices): RequestHandler {
  return async (req, res) => {
    const centre = await centreInScope(services, req);
    const { times = '', clear } = textInput(req);
    const days = tickedDays(req);
    const hours = clear === undefined ? parseHours(days.join(','), times) : null;
    if (!hours && clear === undefined) {
      const errors = [{ field: 'times', message: res.locals.t('hours.error') }];
      await render(services, req, res.status(422), centre, { errors, enteredHours: { days, times } });
      return;
    }
    await services.centres.setHours(centre.code, hours);
    goTo(res, centre.code, 'hours');
  };
}

function tickedDays(req: Request): number[] {
  const form: unknown = req.body;
  const sent: unknown = typeof form === 'object' && form !== null && 'days' in form ? form.days : [];
  const ticked = new Set(Array.isArray(sent) ? sent.map(String) : []);
  return WEEK.filter((day) => ticked.has(String(day)));
}

function renameCentre(services: CentreAdminServices): RequestHandler {
  return async (req, res) => {
    const centre = await centreInScope(services, req);
    const { name = '' } = textInput(req);
    const errors = await problems(res.locals.t, CENTRE_PROBLEMS, () => services.centres.rename(centre.code, name));
    if (errors.length === 0) goTo(res, centre.code, 'named');
    else await render(services, req, res.status(422), centre, { errors, values: { name } });
  };
}

function addCounter(services: CentreAdminServices): RequestHandler {
  return async (req, res) => {
    const centre = await centreInScope(services, req);
    const { counter: code = '', name = '' } = textInput(req);
    const errors = await problems(res.locals.t, COUNTER_PROBLEMS, () =>
      services.centres.counters.add(centre.code, { code, name }),
    );
    const values = { counter: code, 'counter-name': name };
    if (errors.length === 0) goTo(res, centre.code, 'counter-added');
    else await render(services, req, res.status(422), centre, { errors, values });
  };
}

function renameCounter(services: CentreAdminServices): RequestHandler {
  return async (req, res) => {
    const centre = await centreInScope(services, req);
    const { counter: code = '', name = '' } = textInput(req);
    const { counters } = services.centres;
    const found = await problems(res.locals.t, COUNTER_PROBLEMS, () => counters.rename(centre.code, code, name));
    if (found.length === 0) {
      goTo(res, centre.code, 'counter-named');
      return;
    }
    const field = counterField((await counters.of(centre.code)).findIndex((one) => one.code === code));
    const errors = found.map(({ message }) => ({ field, message }));
    await render(services, req, res.status(422), centre, { errors, values: { [field]: name } });
  };
}

function setCounterClosed(services: CentreAdminServices, closed: boolean): RequestHandler {
  return async (req, res) => {
    const centre = await centreInScope(services, req);
    const { counter = '' } = textInput(req);
    await services.centres.counters.setClosed(centre.code, counter, closed);
    goTo(res, centre.code, closed ? 'counter-closed' : 'counter-reopened');
  };
}

/** What stops others from working is asked first. */
function askToClose(services: CentreAdminServices): RequestHandler {
  return async (req, res) => {
    const centre = await centreInScope(services, req);
    if (centre.closed) res.redirect(303, centrePath(centre.code));
    else res.render('centres/close', await closePage(services, req, centre, { on: localDay(services.now()) }, []));
  };
}

/** Locals of `centres/close`; offered as successors are the open centres of the same province. */
async function closePage(
  { scopes, kiosks, catalogue }: CentreAdminServices,
  req: Request,
  { code, name, unit }: Centre,
  values: { readonly on?: string | undefined; readonly successor?: string | undefined },
  errors: readonly FormError[],
) {
  const provinceOf = (of: string) => catalogue.unit(of)?.parent ?? of;
  const { centres } = await scopes.select(principalOf(req), {});
  const others = centres.filter(
    (other) => other.code !== code && !other.closed && provinceOf(other.unit) === provinceOf(unit),
  );
  return {
    centre: { name, path: centrePath(code) },
    kiosks: (await kiosks.ofCentre(code)).length,
    others: others.map((other) => ({ code: other.code, name: other.name })),
    values,
    errors,
  };
}

function closeCentre(services: CentreAdminServices): RequestHandler {
  return async (req, res) => {
    const centre = await centreInScope(services, req);
    const { on = '', successor } = textInput(req);
    const errors = await problems(res.locals.t, CENTRE_PROBLEMS, async () => {
      await requireInScope(services, req, successor);
      await services.centres.close(centre.code, { on, ...(successor === undefined ? {} : { successor }) });
    });
    if (errors.length === 0) goTo(res, centre.code, 'closed');
    else res.status(422).render('centres/close', await closePage(services, req, centre, { on, successor }, errors));
  };
}

/** Whatever is wrong with a code that is no centre's, the closing itself says. @throws ForbiddenError */
async function requireInScope({ scopes }: CentreAdminServices, req: Request, centre?: string): Promise<void> {
  if (centre === undefined) return;
  if (!(await scopes.covers(principalOf(req).scope, centre))) throw new ForbiddenError();
}

type Problems = Readonly<Record<string, { readonly field: string; readonly text: MessageKey }>>;

/** By what an error is about: the field of the form, and what is told beside it. */
const CENTRE_PROBLEMS: Problems = {
  name: { field: 'name', text: 'centres.error.name' },
  on: { field: 'on', text: 'centres.error.on' },
  successor: { field: 'successor', text: 'centres.error.successor' },
  forbidden: { field: 'successor', text: 'centres.error.successor' },
};
const COUNTER_PROBLEMS: Problems = {
  code: { field: 'counter', text: 'counters.error.code' },
  name: { field: 'counter-name', text: 'counters.error.name' },
  'counter-exists': { field: 'counter', text: 'counters.error.taken' },
  'counters-full': { field: 'counter', text: 'counters.error.full' },
};

/** What keeps a form from being done, by its fields; none once it is. @throws whatever is not about the form */
async function problems(t: Translate, known: Problems, act: () => Promise<void>): Promise<readonly FormError[]> {
  try {
    await act();
    return [];
  } catch (error) {
    if (!(error instanceof AppError) || error.status >= 500 || error instanceof NotFoundError) throw error;
    const about = error.errors.length > 0 ? error.errors.map(({ path }) => path) : [error.type];
    return about.map((one) => {
      const problem = known[one];
      if (!problem) throw error;
      return { field: problem.field, message: t(problem.text) };
    });
  }
}

/** @throws NotFoundError, or ForbiddenError for a centre outside the scope of who asks */
async function centreInScope({ scopes }: CentreAdminServices, req: Request): Promise<Centre> {
  const { centres } = await scopes.select(principalOf(req), { centre: String(req.params['code']) });
  const [centre] = centres;
  if (!centre) throw new Error('A scope of one centre holds none');
  return centre;
}
