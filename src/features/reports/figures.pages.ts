import { Router, type Request, type RequestHandler, type Response } from 'express';
import type { ValidationChain } from 'express-validator';
import type { Clock } from '../../clock.js';
import { HIGHEST_PERCENTAGE } from '../../domain/grades.js';
import { localDay, parsePeriod, yearKey } from '../../domain/period.js';
import { textIn } from '../../domain/text.js';
import { BadRequestError, type AppError } from '../../errors.js';
import type { MessageKey, Translate } from '../../i18n/index.js';
import { principalOf, requireRight } from '../access/access.middleware.js';
import { may } from '../access/principal.js';
import type { ScopeSelection, ScopeService } from '../access/scope.service.js';
import type { CatalogueService } from '../catalogue/catalogue.service.js';
import type { CentreService } from '../centres/centres.service.js';
import type { DossierReportService } from './dossier-reports.service.js';
import { sortable, type FiguresPage, type PageInput, type Tool } from './figures.views.js';
import { TooManyResponsesError } from './filtered-responses.js';
import type { IndexService } from './index.service.js';
import { indexDownloads, indexPage } from './index.views.js';
import { onTimePage } from './on-time.views.js';
import type { ReportPrinter } from './report-printer.js';
import { lastDay, type OverviewService } from './overview.service.js';
import { overviewPage } from './overview.views.js';
import type { RankingService } from './ranking.service.js';
import { rankingPage } from './ranking.views.js';
import { isSlip, tooManyText } from './reports.refusal.js';
import { isKept } from './reports.tallies.js';
import type { Values } from './reports.tabs.js';
import { successionTexts } from './succession.views.js';
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
  readonly overviews: OverviewService;
  readonly indices: IndexService;
  readonly rankings: RankingService;
  readonly dossierReports: DossierReportService;
  readonly scopes: ScopeService;
  readonly centres: CentreService;
  readonly catalogue: CatalogueService;
  readonly printer: ReportPrinter;
  readonly now: Clock;
}

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
    until: ({ range }) => range.to,
    async find(query) {
      const found = await indices.index(query);
      return { ...found, range: query.range, scale: catalogue.scale(found.scale) };
    },
    page: (input, index) => indexPage({ ...input, index }),
    downloads: indexDownloads,
  });
  show('/reports/ranking', {
    fields: rankingQueryFields,
    defaults: (today) => ({ period: yearKey(today), questionnaire: headlineQuestionnaire(catalogue) }),
    read: readRankingQuery,
    until: ({ period }) => period.range.to,
    async find(query) {
      const { period } = query;
      const found =
        // Of what is counted from responses, no more years are read than are shown.
        period.kind === 'year' && isKept({ filters: query.filters, items: query.measure === 'index' })
          ? await rankings.rankingOfYear(query)
          : { ranking: await rankings.ranking(query), bestGradeYears: null };
      return { ...found, period };
    },
    page: (input, shown) => rankingPage({ ...input, shown, gradeTables: percentTables(catalogue) }),
  });
  show('/reports/on-time', {
    fields: dossierQueryFields,
    defaults: (today) => ({ period: yearKey(today) }),
    read: (req) => readDossierQuery(req, now()),
    until: ({ range }) => range.to,
    async find(asked) {
      const query = { ...asked, openOn: lastDay(asked.range, localDay(now())) };
      const onTime = await dossierReports.onTime(query);
      return { groupBy: query.groupBy, onTime, responseRate: await dossierReports.responseRate(query) };
    },
    page: (input, shown) => onTimePage({ ...input, shown }),
  });
  router.get('/reports/overview', requireRight('reports:read'), showOverview(services));
  router.get('/reports/centres/:code', requireRight('reports:read'), showOverview(services));
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
  /** The last day reported on: units are named as they were then. */
  readonly until: (query: Q) => string;
  readonly find: (query: Q & { readonly scope: ScopeSelection }) => Promise<F>;
  readonly page: (input: PageInput, found: F | null) => FiguresPage;
  /** Files of the same query, for who may have them. */
  readonly downloads?: (values: Values, t: Translate) => Tool[];
}

function showPage<Q extends Place, F>(services: FiguresPageServices, page: ShownPage<Q, F>): RequestHandler {
  return async (req, res) => {
    const values = valuesOf(req, page.defaults(localDay(services.now())));
    const input = await pageInput(services, req, res, values);
    const invalid = (errors: Readonly<Record<string, string>>) => {
      res.status(422).render('reports/figures', page.page({ ...input, errors }, null));
    };
    // A field that is given twice is no value but a mistake, which must not go unsaid.
    const checked = await checkQuery(page.fields, page.read, { ...values, ...req.query });
    if (!checked.ok) {
      invalid(
        messages(
          checked.errors.map(({ path }) => path),
          res.locals.t,
        ),
      );
      return;
    }
    let shown: FiguresPage;
    try {
      const scope = await services.scopes.select(principalOf(req), checked.query);
      const found = await page.find({ ...checked.query, scope });
      const scopeName = services.scopes.nameOf(scope, page.until(checked.query));
      shown = page.page({ ...input, scopeName }, found);
    } catch (error) {
      // A code that does not exist or is not theirs is a slip in the form, shown beside it.
      if (!isSlip(error)) throw error;
      invalid(refusal(error, values, services.catalogue, res.locals.t));
      return;
    }
    const sections = shown.sections.map((section) => sortable(section, shown.action, values));
    const mayDownload = may(principalOf(req).role, 'exports:read');
    const tools = mayDownload ? page.downloads?.(values, res.locals.t) : [];
    await services.printer.figures(req, res, { ...shown, sections }, { tools });
  };
}

/** The overview of a scope and period: of one centre where the address names it, else as the filter asks. */
function showOverview(services: FiguresPageServices): RequestHandler<{ code?: string }> {
  const { scopes, overviews, centres, printer, now } = services;
  return async (req, res) => {
    const { code } = req.params;
    const values = valuesOf(req, { period: yearKey(localDay(now())) });
    const input = { ...(await pageInput(services, req, res, values)), code };
    const invalid = (fields: readonly string[]) => {
      const errors = messages(fields, res.locals.t);
      res.status(422).render('reports/figures', overviewPage({ ...input, errors, shown: null }));
    };
    const period = parsePeriod(values['period'] ?? '');
    if (!period) {
      invalid(['period']);
      return;
    }
    let page: FiguresPage;
    try {
      const scope = await scopes.select(principalOf(req), code === undefined ? placeOf(values) : { centre: code });
      const scopeName = scopes.nameOf(scope, period.range.to);
      const shown = await overviews.overview(scope, period);
      const succession = await successionTexts(centres, scope, period.range.to, input);
      page = overviewPage({ ...input, scopeName, shown, succession });
    } catch (error) {
      // A centre in the path that is not there, or not theirs, is no slip in the form.
      if (code !== undefined || !isSlip(error)) throw error;
      invalid([values['unit'] ? 'unit' : 'centre']);
      return;
    }
    await printer.figures(req, res, page);
  };
}

/** The place that the fields of a form name, if any. */
export function placeOf({ unit, centre }: Readonly<Record<string, string>>): Partial<Place> {
  return { unit: unit || undefined, centre: centre || undefined };
}

/** What every page of figures is made from: what was asked, and what can be. */
export async function pageInput(
  { scopes, catalogue, now }: Pick<FiguresPageServices, 'scopes' | 'catalogue' | 'now'>,
  req: Request,
  res: Response,
  values: Readonly<Record<string, string>>,
): Promise<PageInput> {
  const { lang, t } = res.locals;
  const options = {
    today: localDay(now()),
    centres: await scopes.listed(principalOf(req)),
    questionnaires: catalogue.questionnaires().map(({ id, title }) => ({ id, title: textIn(title, lang) })),
  };
  return { values, errors: {}, options, scopeName: null, lang, t };
}

/** The fields as the address gives them, others as they are by default; a range of days stands for itself. */
export function valuesOf(req: Request, defaults: Readonly<Record<string, string>>): Record<string, string> {
  const given = Object.entries(req.query).flatMap(([name, value]) =>
    typeof value === 'string' ? [[name, value] as const] : [],
  );
  const values = Object.fromEntries(given);
  const byDays = Boolean(values['from'] || values['to']);
  const { period, ...others } = defaults;
  return { ...others, ...(byDays || period === undefined ? {} : { period }), ...values };
}

const MESSAGES: Readonly<Record<string, MessageKey>> = {
  period: 'reports.error.period',
  from: 'reports.error.from',
  to: 'reports.error.to',
  centre: 'reports.error.centre',
  unit: 'reports.error.unit',
  questionnaire: 'figures.error.needed',
  groupBy: 'reports.error.groupBy',
  field: 'reports.error.field',
  procedure: 'reports.error.procedure',
  counter: 'reports.error.counter',
  officer: 'reports.error.officer',
  channel: 'reports.error.channel',
  method: 'figures.error.method',
  measure: 'figures.error.measure',
  against: 'figures.error.against',
  minN: 'figures.error.minN',
  grades: 'figures.error.grades',
};

/** What is wrong with each field, in the reader's words. */
export function messages(fields: readonly string[], t: Translate): Record<string, string> {
  return Object.fromEntries(
    fields.flatMap((field) => {
      const message = Object.hasOwn(MESSAGES, field) ? MESSAGES[field] : undefined;
      return message === undefined ? [] : [[field, t(message)]];
    }),
  );
}

/** Why a query that is well formed cannot be answered: several scales, or a code that is unknown or not theirs. */
export function refusal(
  error: AppError,
  values: Readonly<Record<string, string>>,
  catalogue: CatalogueService,
  t: Translate,
): Record<string, string> {
  if (error instanceof TooManyResponsesError) return tooManyText(error, t);
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
  if (values['grades'] && !catalogue.hasGradeTable(values['grades'])) return messages(['grades'], t);
  return messages([values['unit'] ? 'unit' : 'centre'], t);
}

/** The grade tables that rankings can be graded by: theirs are percentages. */
function percentTables(catalogue: CatalogueService) {
  const tables = catalogue.allGradeTables().filter(({ max }) => max === HIGHEST_PERCENTAGE);
  return tables.map(({ id, versions }) => ({ id, name: versions.at(-1)?.name ?? id }));
}

/** The questionnaire an index is usually of. */
export function questionnaireOfMostItems(catalogue: CatalogueService): string {
  const most = [...catalogue.questionnaires()].sort((a, b) => b.items.length - a.items.length);
  return most[0]?.id ?? '';
}

/** The questionnaire centres are usually ranked by: one question, on the finest scale. */
function headlineQuestionnaire(catalogue: CatalogueService): string {
  const levels = ({ scale }: { readonly scale: string }) => catalogue.scale(scale).levels.length;
  const asked = catalogue.questionnaires().filter(({ headline }) => headline !== null);
  return asked.sort((a, b) => levels(b) - levels(a))[0]?.id ?? '';
}
