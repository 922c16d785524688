import { pipeline } from 'node:stream/promises';
import { Router, type Request, type RequestHandler, type Response } from 'express';
import { query } from 'express-validator';
import type { Clock } from '../../clock.js';
import { BadRequestError } from '../../errors.js';
import { principalOf, requireRight } from '../access/access.middleware.js';
import type { ScopeService } from '../access/scope.service.js';
import type { ReportService } from '../reports/reports.service.js';
import { readReportQuery, reportQueryFields, type ReportQuery } from '../reports/reports.validators.js';
import { exactQuery, textInput } from '../request-input.js';
import { DELIMITER_NAMES, DELIMITERS, type DelimiterName } from './exports.csv.js';
import type { CsvExport, ExportService } from './exports.service.js';

export interface ExportRouteServices {
  readonly exports: ExportService;
  readonly reports: ReportService;
  readonly scopes: ScopeService;
  readonly now: Clock;
}

const delimiterField = query('delimiter')
  .optional()
  .custom((name: unknown) => typeof name === 'string' && Object.hasOwn(DELIMITERS, name))
  .withMessage(`must be one of ${DELIMITER_NAMES.join(' ')}`);

/** `GET /exports/…csv` (contract §3 Exports), for API tokens and for signed-in people alike. */
export function exportRoutes(services: ExportRouteServices): Router {
  const router = Router();
  const read = [requireRight('exports:read'), ...exactQuery(...reportQueryFields, delimiterField)];
  router.get('/exports/responses.csv', read, getResponses(services));
  router.get('/exports/satisfaction.csv', read, getSatisfaction(services));
  return router;
}

function getResponses({ exports, scopes, now }: ExportRouteServices): RequestHandler {
  return async (req, res) => {
    const { range, questionnaire, unit, centre } = exportQuery(req, now);
    const scope = await scopes.select(principalOf(req), { unit, centre });
    const csv = exports.responses({ range, scope, questionnaire }, delimiterOf(req));
    await sendCsv(res, `phieu_${range.from}_${range.to}.csv`, csv);
  };
}

function getSatisfaction({ exports, reports, scopes, now }: ExportRouteServices): RequestHandler {
  return async (req, res) => {
    const { range, questionnaire, groupBy, unit, centre } = exportQuery(req, now);
    const scope = await scopes.select(principalOf(req), { unit, centre });
    const report = await reports.satisfaction({ range, scope, questionnaire, groupBy });
    await sendCsv(res, `hai-long_${range.from}_${range.to}.csv`, exports.satisfaction(report, delimiterOf(req)));
  };
}

function exportQuery(req: Request, now: Clock): ReportQuery {
  const checked = readReportQuery(req, now());
  if (!checked.ok) throw new BadRequestError('The query is not valid.', checked.errors);
  return checked.query;
}

function delimiterOf(req: Request): DelimiterName {
  return DELIMITER_NAMES.find((name) => name === textInput(req)['delimiter']) ?? ',';
}

/** Sends a CSV as it comes. A failure on the way breaks the connection, so that a part never looks like the whole. */
async function sendCsv(res: Response, filename: string, { rows, csv }: CsvExport): Promise<void> {
  res.set({
    'Content-Type': 'text/csv; charset=utf-8',
    'Content-Disposition': `attachment; filename="${filename}"`,
    'Cache-Control': 'no-store',
  });
  try {
    await pipeline(rows, csv, res);
  } catch (error) {
    res.destroy();
    // A reader who went away is no failure of ours.
    if (!(error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE')) throw error;
  }
}
