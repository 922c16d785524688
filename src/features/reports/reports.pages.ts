import { Router, type Request, type RequestHandler } from 'express';
import type { Clock } from '../../clock.js';
import { localDay } from '../../domain/period.js';
import { textIn } from '../../domain/text.js';
import type { FieldError } from '../../errors.js';
import type { Translate } from '../../i18n/index.js';
import { principalOf, requireRight } from '../access/access.middleware.js';
import { may } from '../access/principal.js';
import type { ScopeService } from '../access/scope.service.js';
import type { CatalogueService } from '../catalogue/catalogue.service.js';
import { TooManyResponsesError } from './filtered-responses.js';
import type { ReportPrinter } from './report-printer.js';
import type { ReportService } from './reports.service.js';
import { FILTERS } from './reports.types.js';
import { isSlip, tooManyText } from './reports.refusal.js';
import { readReportQuery, reportQueryFields, type ReportQuery } from './reports.validators.js';
import type { FilterValues } from './filter.views.js';
import { satisfactionPage, type SatisfactionPage, type SatisfactionPageInput } from './reports.views.js';

export interface ReportPageServices {
  readonly reports: ReportService;
  readonly scopes: ScopeService;
  readonly catalogue: CatalogueService;
  readonly printer: ReportPrinter;
  readonly now: Clock;
}

/** The report pages (contract §4). */
export function reportPages(services: ReportPageServices): Router {
  const router = Router();
  router.get('/reports', requireRight('reports:read'), reportQueryFields, showSatisfaction(services));
  return router;
}

function showSatisfaction({ reports, scopes, catalogue, printer, now }: ReportPageServices): RequestHandler {
  return async (req, res) => {
    const principal = principalOf(req);
    const { lang, t } = res.locals;
    const page: Omit<SatisfactionPageInput, 'report' | 'scopeName' | 'errors'> = {
      scales: catalogue.scalesInUse(),
      values: filterValues(req),
      options: {
        today: localDay(now()),
        centres: await scopes.listed(principal),
        questionnaires: catalogue.questionnaires().map(({ id, title }) => ({ id, title: textIn(title, lang) })),
      },
      downloads: may(principal.role, 'exports:read') ? ['satisfaction', 'responses'] : [],
      lang,
      t,
    };
    const invalid = (errors: Readonly<Record<string, string>>) => {
      res
        .status(422)
        .render('reports/satisfaction', satisfactionPage({ ...page, report: null, scopeName: null, errors }));
    };
    const checked = readReportQuery(req, now());
    if (!checked.ok) {
      invalid(fieldMessages(checked.errors, t));
      return;
    }
    let shown: SatisfactionPage;
    try {
      const scope = await scopes.select(principal, checked.query);
      const report = await reports.satisfaction({ ...checked.query, scope });
      const scopeName = scopes.nameOf(scope, checked.query.range.to);
      shown = satisfactionPage({ ...page, report, scopeName, errors: {} });
    } catch (error) {
      // A code that does not exist or is not theirs is a slip in the form, shown beside it.
      if (!isSlip(error)) throw error;
      if (error instanceof TooManyResponsesError) invalid(tooManyText(error, t));
      else if (error.errors.length > 0) invalid(fieldMessages(error.errors, t));
      else invalid(fieldMessages([{ path: unknownField(checked.query, catalogue) }], t));
      return;
    }
    await printer.satisfaction(req, res, shown);
  };
}

function filterValues(req: Request): FilterValues {
  const value = (name: string) => {
    const given = req.query[name];
    return typeof given === 'string' ? given : '';
  };
  return {
    period: value('period'),
    from: value('from'),
    to: value('to'),
    centre: value('centre'),
    unit: value('unit'),
    questionnaire: value('questionnaire'),
    groupBy: value('groupBy'),
    sort: value('sort'),
    field: value('field'),
    procedure: value('procedure'),
    counter: value('counter'),
    officer: value('officer'),
    channel: value('channel'),
  };
}

const FIELDS = ['period', 'from', 'to', 'centre', 'unit', 'questionnaire', 'groupBy', ...FILTERS] as const;

/** What is wrong with each field, in the reader's words. */
function fieldMessages(errors: readonly Pick<FieldError, 'path'>[], t: Translate): Record<string, string> {
  const wrong = FIELDS.filter((field) => errors.some(({ path }) => path === field));
  return Object.fromEntries(wrong.map((field) => [field, t(`reports.error.${field}`)]));
}

/** The field whose code does not exist or is not theirs to see. */
function unknownField({ unit, questionnaire }: ReportQuery, catalogue: CatalogueService): (typeof FIELDS)[number] {
  if (questionnaire !== undefined && !catalogue.questionnaire(questionnaire)) return 'questionnaire';
  return unit === undefined ? 'centre' : 'unit';
}
