import { Router, type Request, type RequestHandler, type Response } from 'express';
import type { ValidationChain } from 'express-validator';
import type { Clock } from '../../clock.js';
import {
  addDays,
  localDay,
  monthKey,
  parsePeriod,
  previousPeriod,
  yearAgo,
  yearKey,
  type DayRange,
} from '../../domain/period.js';
import { textIn } from '../../domain/text.js';
import { AppError, BadRequestError } from '../../errors.js';
import type { MessageKey, Translate } from '../../i18n/index.js';
import { principalOf, requireRight } from '../access/access.middleware.js';
import type { ScopeSelection, ScopeService } from '../access/scope.service.js';
import type { CatalogueService } from '../catalogue/catalogue.service.js';
import { centrePage, type CentreOnScale, type ShownCentre } from './centre.views.js';
import type { DossierReportService } from './dossier-reports.service.js';
import type { FiguresPage, PageInput } from './figures.views.js';
import type { IndexService } from './index.service.js';
import { indexPage } from './index.views.js';
import { onTimePage } from './on-time.views.js';
import type { RankingService } from './ranking.service.js';
import { rankingPage } from './ranking.views.js';
import type { ReportService } from './reports.service.js';
import type { SatisfactionReport } from './reports.types.js';
import {
  checkQuery,
  dossierQueryFields,
  indexQueryFields,
  rankingQueryFields,
  readDossierQuery,
  readIndexQuery,
  readRankingQuery,
  type Checked,
} from './reports.validators.js';

export interface FiguresPageServices {
  readonly reports: ReportService;
  readonly indices: IndexService;
  readonly rankings: RankingService;
  readonly dossierReports: DossierReportService;
  readonly scopes: ScopeService;
  readonly catalogue: CatalogueService;
  readonly now: Clock;
}

/** More centres than this are not offered in a list; their code is typed. */
const MAX_LISTED_CENTRES = 200;
const MONTHS_OF_TREND = 12;

/** The pages on index, ranking, dossiers and single centres (contract §4). */
export function figuresPages(services: FiguresPageServices): Router {
  const { indices, rankings, dossierReports, catalogue, now } = services;
  const router = Router();
  const show = <Q extends Place, F>(path: string, page: ShownPage<Q, F>) => {
    router.get(path, requireRight('reports:read'), showPage(services, page));
  };
  show('/reports/index', {
    fields: indexQueryFields,
    defaults: (today) => ({ period: yearKey(today), questionnaire: questionnaireOfMostItems(catalogue) }),
    read: (req) => readIndexQuery(req, now()),
    async find(query) {
      const found = await indices.index(query);
      return { ...found, range: query.range, scale: catalogue.scale(found.scale) };
    },
    page: (input, index) => indexPage({ ...input, index }),
  });
  show('/reports/ranking', {
    fields: rankingQueryFields,
    defaults: (today) => ({ period: yearKey(today), questionnaire: headlineQuestionnaire(catalogue) }),
    read: readRankingQuery,
    async find(query) {
      const ranking = await rankings.ranking(query);
      return { ranking, period: query.period, grades: catalogue.gradeTable(query.grades)?.name ?? query.grades };
    },
    page: (input, shown) => rankingPage({ ...input, shown }),
  });
  show('/reports/on-time', {
    fields: dossierQueryFields,
    defaults: (today) => ({ period: yearKey(today) }),
    read: (req) => readDossierQuery(req, now()),
    async find(asked) {
      const query = { ...asked, openOn: lastDay(asked.range, localDay(now())) };
      const onTime = await dossierReports.onTime(query);
      return { groupBy: query.groupBy, onTime, responseRate: await dossierReports.responseRate(query) };
    },
    page: (input, shown) => onTimePage({ ...input, shown }),
  });
  router.get('/reports/centres/:code', requireRight('reports:read'), showCentre(services));
  return router;
}

interface Place {
  readonly unit: string | undefined;
  readonly centre: string | undefined;
}

/** How one page is asked for, found and written. */
interface ShownPage<Q extends Place, F> {
  readonly fields: readonly ValidationChain[];
  /** What a field holds where the address does not name it. */
  readonly defaults: (today: string) => Readonly<Record<string, string>>;
  readonly read: (req: Parameters<typeof readRankingQuery>[0]) => Checked<Q>;
  readonly find: (query: Q & { readonly scope: ScopeSelection }) => Promise<F>;
  readonly page: (input: PageInput, found: F | null) => FiguresPage;
}

function showPage<Q extends Place, F>(services: FiguresPageServices, page: ShownPage<Q, F>): RequestHandler {
  return async (req, res) => {
    const values = valuesOf(req, page.defaults(localDay(services.now())));
    const input = await pageInput(services, req, res, values);
    const invalid = (errors: Readonly<Record<string, string>>) => {
      res.status(422).render('reports/figures', page.page({ ...input, errors }, null));
    };
    const checked = await checkQuery(page.fields, page.read, values);
    if (!checked.ok) {
      invalid(
        messages(
          checked.errors.map(({ path }) => path),
          res.locals.t,
        ),
      );
      return;
    }
    try {
      const scope = await services.scopes.select(principalOf(req), checked.query);
      const found = await page.find({ ...checked.query, scope });
      const scopeName = nameOf(scope, services.catalogue);
      res.render('reports/figures', page.page({ ...input, scopeName }, found));
    } catch (error) {
      // A code that does not exist or is not theirs is a slip in the form, shown beside it.
      if (!(error instanceof AppError)) throw error;
      invalid(refusal(error, values, services.catalogue, res.locals.t));
    }
  };
}

function showCentre(services: FiguresPageServices): RequestHandler<{ code: string }> {
  const { scopes, now } = services;
  return async (req, res) => {
    const { code } = req.params;
    const scope = await scopes.select(principalOf(req), { centre: code });
    const scopeName = scope.centres[0]?.name ?? code;
    const values = valuesOf(req, { period: yearKey(localDay(now())) });
    const input = { ...(await pageInput(services, req, res, values)), scopeName, code };
    if (!parsePeriod(values['period'] ?? '')) {
      const errors = messages(['period'], res.locals.t);
      res.status(422).render('reports/figures', centrePage({ ...input, errors, shown: null }));
      return;
    }
    const shown = await centreFigures(services, scope, values['period'] ?? '');
    res.render('reports/figures', centrePage({ ...input, shown }));
  };
}

async function centreFigures(
  { reports, dossierReports, catalogue, now }: FiguresPageServices,
  scope: ScopeSelection,
  key: string,
): Promise<ShownCentre> {
  const period = parsePeriod(key);
  if (!period) throw new RangeError(`Not a period: ${key}`);
  const [previous, aYearAgo] = [previousPeriod(period), yearAgo(period)];
  const periods = [period, previous, ...(aYearAgo.key === previous.key ? [] : [aYearAgo])];
  const find = async (range: DayRange, groupBy: 'centre' | 'month' | 'reason') => {
    const report = await reports.satisfaction({ range, scope, questionnaire: undefined, groupBy });
    return 'byScale' in report ? report.byScale : { [report.scale]: report };
  };
  const totals = await Promise.all(periods.map(({ range }) => find(range, 'centre')));
  const months = await find({ from: firstOfTrend(period.range.to), to: period.range.to }, 'month');
  const reasons = await find(period.range, 'reason');
  const scales = catalogue.scalesInUse().flatMap((scale): CentreOnScale[] => {
    const at = (found: Readonly<Record<string, SatisfactionReport>>) => found[scale.id];
    const [ofMonths, ofReasons] = [at(months), at(reasons)];
    const compared = periods.flatMap((one, index) => {
      const total = at(totals[index] ?? {})?.total;
      return total ? [{ period: one, total }] : [];
    });
    const answered = compared.some(({ total }) => total.n > 0) || (ofMonths?.total.n ?? 0) > 0;
    if (!ofMonths || !ofReasons || !answered) return [];
    return [{ scale, periods: compared, months: ofMonths, reasons: ofReasons }];
  });
  const { range } = period;
  const dossiers = { range, scope, groupBy: 'centre', openOn: lastDay(range, localDay(now())) } as const;
  const asOf = new Date(Object.values(months)[0]?.asOf ?? 0);
  const onTime = await dossierReports.onTime(dossiers);
  const responseRate = await dossierReports.responseRate({ ...dossiers, questionnaire: undefined });
  return { period, asOf, scales, onTime, responseRate };
}

/** The last day of a range or, of one that goes on, today: what is due later is not overdue yet. */
function lastDay({ from, to }: DayRange, today: string): string {
  return from <= today && today < to ? today : to;
}

/** The first day of the twelve months that end with the month of a day. */
function firstOfTrend(day: string): string {
  let first = `${monthKey(day)}-01`;
  for (let month = 1; month < MONTHS_OF_TREND; month += 1) first = `${monthKey(addDays(first, -1))}-01`;
  return first;
}

async function pageInput(
  { scopes, catalogue, now }: FiguresPageServices,
  req: Request,
  res: Response,
  values: Readonly<Record<string, string>>,
): Promise<PageInput> {
  const { lang, t } = res.locals;
  const { centres } = await scopes.select(principalOf(req), {});
  const options = {
    today: localDay(now()),
    centres: centres.length > MAX_LISTED_CENTRES ? null : centres,
    questionnaires: catalogue.questionnaires().map(({ id, title }) => ({ id, title: textIn(title, lang) })),
  };
  return { values, errors: {}, options, scopeName: null, lang, t };
}

/** The fields as the address gives them, others as they are by default; a range of days stands for itself. */
function valuesOf(req: Request, defaults: Readonly<Record<string, string>>): Record<string, string> {
  const given = Object.entries(req.query).flatMap(([name, value]) =>
    typeof value === 'string' ? [[name, value] as const] : [],
  );
  const values = Object.fromEntries(given);
  const byDays = Boolean(values['from'] || values['to']);
  const { period, ...others } = defaults;
  return { ...others, ...(byDays || period === undefined ? {} : { period }), ...values };
}

function nameOf(scope: ScopeSelection, catalogue: CatalogueService): string | null {
  if (scope.code === null) return null;
  return catalogue.unit(scope.code) ? catalogue.unitName(scope.code) : (scope.centres[0]?.name ?? scope.code);
}

const MESSAGES: Readonly<Record<string, MessageKey>> = {
  period: 'reports.error.period',
  from: 'reports.error.from',
  to: 'reports.error.to',
  centre: 'reports.error.centre',
  unit: 'reports.error.unit',
  questionnaire: 'figures.error.needed',
  groupBy: 'reports.error.groupBy',
  method: 'figures.error.method',
  measure: 'figures.error.measure',
  against: 'figures.error.against',
  minN: 'figures.error.minN',
  grades: 'figures.error.grades',
};

/** What is wrong with each field, in the reader's words. */
function messages(fields: readonly string[], t: Translate): Record<string, string> {
  return Object.fromEntries(
    fields.flatMap((field) => {
      const message = Object.hasOwn(MESSAGES, field) ? MESSAGES[field] : undefined;
      return message === undefined ? [] : [[field, t(message)]];
    }),
  );
}

/** Why a query that is well formed cannot be answered: several scales, or a code that is unknown or not theirs. */
function refusal(
  error: AppError,
  values: Readonly<Record<string, string>>,
  catalogue: CatalogueService,
  t: Translate,
): Record<string, string> {
  if (error instanceof BadRequestError && error.errors.some(({ path }) => path === 'questionnaire')) {
    return { questionnaire: t('figures.error.scales') };
  }
  if (error.errors.length > 0)
    return messages(
      error.errors.map(({ path }) => path),
      t,
    );
  if (values['questionnaire'] && catalogue.versions(values['questionnaire']).length === 0) {
    return { questionnaire: t('reports.error.questionnaire') };
  }
  if (values['grades'] && !catalogue.gradeTable(values['grades'])) return messages(['grades'], t);
  return messages([values['unit'] ? 'unit' : 'centre'], t);
}

/** The questionnaire an index is usually of. */
function questionnaireOfMostItems(catalogue: CatalogueService): string {
  const most = [...catalogue.questionnaires()].sort((a, b) => b.items.length - a.items.length);
  return most[0]?.id ?? '';
}

/** The questionnaire centres are usually ranked by: one question, on the finest scale. */
function headlineQuestionnaire(catalogue: CatalogueService): string {
  const levels = ({ scale }: { readonly scale: string }) => catalogue.scale(scale).levels.length;
  const asked = catalogue.questionnaires().filter(({ headline }) => headline !== null);
  return asked.sort((a, b) => levels(b) - levels(a))[0]?.id ?? '';
}
