import { Router, type RequestHandler } from 'express';
import { lastQuarter, localDay } from '../../domain/period.js';
import { AppError } from '../../errors.js';
import type { AccountLimit } from '../access/account-limit.js';
import { principalOf, requireRight } from '../access/access.middleware.js';
import { messages, pageInput, refusal, valuesOf, type FiguresPageServices } from '../reports/figures.pages.js';
import type { ReportService } from '../reports/reports.service.js';
import { checkQuery, commonFields, readCommonQuery } from '../reports/reports.validators.js';
import { countResponses } from './exports.count.js';
import { EXPORTS_PATH, exportsPage } from './exports.views.js';

export type ExportPageServices = Pick<FiguresPageServices, 'scopes' | 'catalogue' | 'now'> & {
  readonly reports: ReportService;
  readonly exportLimit: AccountLimit;
};

/** The page on which an official says what of, and takes the files. */
export function exportPages(services: ExportPageServices): Router {
  const router = Router();
  router.get(EXPORTS_PATH, requireRight('exports:read'), showExports(services));
  return router;
}

function showExports(services: ExportPageServices): RequestHandler {
  const { scopes, catalogue, reports, exportLimit, now } = services;
  return async (req, res) => {
    const values = valuesOf(req, { period: lastQuarter(localDay(now())) });
    const input = { ...(await pageInput(services, req, res, values)), limit: exportLimit.most };
    const invalid = (errors: Readonly<Record<string, string>>) => {
      res.status(422).render('exports/exports', exportsPage({ ...input, errors, found: null }));
    };
    const checked = await checkQuery(commonFields, (request) => readCommonQuery(request, now()), values);
    if (!checked.ok) {
      const wrong = checked.errors.map(({ path }) => path);
      invalid(messages(wrong, res.locals.t));
      return;
    }
    try {
      const { range, questionnaire } = checked.query;
      const scope = await scopes.select(principalOf(req), checked.query);
      const responses = await countResponses(reports, { range, scope, questionnaire });
      const scopeName = scopes.nameOf(scope, range.to);
      res.render('exports/exports', exportsPage({ ...input, scopeName, found: { range, responses } }));
    } catch (error) {
      // A code that does not exist or is not theirs is a slip in the form, shown beside it.
      if (!(error instanceof AppError)) throw error;
      invalid(refusal(error, values, catalogue, res.locals.t));
    }
  };
}
