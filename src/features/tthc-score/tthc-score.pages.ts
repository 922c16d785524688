import { Router, urlencoded, type Request, type RequestHandler, type Response } from 'express';
import { body, query } from 'express-validator';
import { lastQuarter, localDay, parsePeriod, type Period } from '../../domain/period.js';
import { AppError, BadRequestError, NotFoundError, type FieldError } from '../../errors.js';
import { principalOf, requireRight } from '../access/access.middleware.js';
import { may } from '../access/principal.js';
import type { ScopeSelection } from '../access/scope.service.js';
import { messages, pageInput, placeOf, valuesOf, type FiguresPageServices } from '../reports/figures.pages.js';
import type { FiguresPage } from '../reports/figures.views.js';
import { SCORE_PATH, withQuery } from '../reports/reports.tabs.js';
import { textInput, type TextInput } from '../request-input.js';
import { ENTRY_PATH, entryPage, PLACE_AND_PERIOD } from './tthc-score.entry.views.js';
import { isScorePeriod, type TthcScoreService } from './tthc-score.service.js';
import { checkScore, SCORE_FIELDS } from './tthc-score.validators.js';
import { scorePage } from './tthc-score.views.js';

export type TthcScorePageServices = Pick<FiguresPageServices, 'scopes' | 'catalogue' | 'printer' | 'now'> & {
  readonly tthcScores: TthcScoreService;
};

/** The score of 9 indicators, and where people enter its points. `csrf` checks a form's token. */
export function tthcScorePages(services: TthcScorePageServices, csrf: RequestHandler): Router {
  const router = Router();
  const write = requireRight('scores:write');
  const place = PLACE_AND_PERIOD.map((name) => query(name).optional().isString());
  const fields = [...PLACE_AND_PERIOD, ...SCORE_FIELDS].map((name) => body(name).optional().isString().trim());
  const form = [write, urlencoded({ extended: false, limit: '16kb' }), csrf];
  const offered = onlyWhereOffered(services);
  router.get(SCORE_PATH, offered, requireRight('reports:read'), showScore(services));
  router.get(ENTRY_PATH, offered, write, place, showForm(services));
  router.post(ENTRY_PATH, offered, form, fields, putScore(services));
  return router;
}

/** Where an office does without the score its pages are not there. */
function onlyWhereOffered({ tthcScores }: TthcScorePageServices): RequestHandler {
  return (_req, _res, next) => {
    if (!tthcScores.isOffered) throw new NotFoundError();
    next();
  };
}

function showScore(services: TthcScorePageServices): RequestHandler {
  const { scopes, printer, tthcScores, now } = services;
  return async (req, res) => {
    const principal = principalOf(req);
    const values = valuesOf(req, { period: lastQuarter(localDay(now())) });
    const input = await pageInput(services, req, res, values);
    const invalid = (field: string) => {
      const { t } = res.locals;
      const errors = field === 'period' ? { period: t('score.error.period') } : messages([field], t);
      res.status(422).render('reports/figures', scorePage({ ...input, errors, shown: null }));
    };
    const period = scorePeriod(values['period']);
    if (!period) {
      invalid('period');
      return;
    }
    let page: FiguresPage;
    try {
      const scope = await scopes.select(principal, placeOf(values));
      if (scope.code === null) {
        res.render('reports/figures', scorePage({ ...input, shown: null }));
        return;
      }
      const score = await tthcScores.show(scope, period);
      const scopeName = scopes.nameOf(scope, period.range.to);
      page = scorePage({ ...input, scopeName, shown: { score, period } });
    } catch (error) {
      // A code that does not exist or is not theirs is a slip in the form, shown beside it.
      if (!(error instanceof AppError)) throw error;
      invalid(values['unit'] ? 'unit' : 'centre');
      return;
    }
    const { t } = res.locals;
    const tools = [
      ...(may(principal.role, 'scores:write')
        ? [{ href: withQuery(ENTRY_PATH, values, PLACE_AND_PERIOD), label: t('score.enter') }]
        : []),
      ...(may(principal.role, 'exports:read')
        ? [{ href: withQuery('/exports/mau-02.xlsx', values, PLACE_AND_PERIOD), label: t('exports.mau02') }]
        : []),
    ];
    await printer.figures(req, res, page, { tools });
  };
}

function scorePeriod(text = ''): Period | null {
  const period = parsePeriod(text);
  return period && isScorePeriod(period) ? period : null;
}

function showForm(services: TthcScorePageServices): RequestHandler {
  return async (req, res) => {
    const asked = await askedFor(services, req);
    if (asked.scope.code === null) {
      res.redirect(303, SCORE_PATH);
      return;
    }
    await renderForm(services, req, res, asked, null, []);
  };
}

function putScore(services: TthcScorePageServices): RequestHandler {
  const { tthcScores } = services;
  return async (req, res) => {
    const principal = principalOf(req);
    const asked = await askedFor(services, req);
    const { scope, period, input } = asked;
    const checked = checkScore(input, tthcScores.mayAppraise(principal, scope) ? ['self', 'appraised'] : ['self']);
    if (!checked.ok) {
      res.status(422);
      await renderForm(services, req, res, asked, input, checked.errors);
      return;
    }
    await tthcScores.put(principal, scope, period, checked.columns);
    const address = withQuery(ENTRY_PATH, input, PLACE_AND_PERIOD);
    res.redirect(303, `${address}${address.includes('?') ? '&' : '?'}stored=1`);
  };
}

interface Asked {
  readonly scope: ScopeSelection;
  readonly period: Period;
  readonly input: TextInput;
}

/** The place and period that an address or a form names. @throws what `ScopeService.select` throws */
async function askedFor({ scopes }: TthcScorePageServices, req: Request): Promise<Asked> {
  const input = textInput(req);
  const period = scorePeriod(input['period']);
  if (!period) {
    const message = 'must be a year, half, nine months, quarter or month such as 2026-Q4';
    throw new BadRequestError('The query is not valid.', [{ path: 'period', message }]);
  }
  const scope = await scopes.select(principalOf(req), { unit: input['unit'], centre: input['centre'] });
  return { scope, period, input };
}

async function renderForm(
  { scopes, tthcScores }: TthcScorePageServices,
  req: Request,
  res: Response,
  { scope, period, input }: Asked,
  typed: TextInput | null,
  errors: readonly FieldError[],
): Promise<void> {
  const { lang, t } = res.locals;
  const page = entryPage({
    score: await tthcScores.show(scope, period),
    period,
    scopeName: scopes.nameOf(scope, period.range.to) ?? t('reports.wholeScope'),
    place: input,
    mayAppraise: tthcScores.mayAppraise(principalOf(req), scope),
    typed,
    errors,
    stored: req.query['stored'] === '1',
    lang,
    t,
  });
  res.render('tthc-score/tthc-score', page);
}
