import { Router, type Request, type RequestHandler } from 'express';
import { query } from 'express-validator';
import type { Clock } from '../../clock.js';
import { BadRequestError } from '../../errors.js';
import type { AccountLimit } from '../access/account-limit.js';
import { principalOf, requireRight } from '../access/access.middleware.js';
import type { ScopeSelection, ScopeService } from '../access/scope.service.js';
import type { AuditService } from '../audit/audit.service.js';
import { mau02 } from '../forms/forms.mau-02.js';
import { mau03 } from '../forms/forms.mau-03.js';
import type { FormService } from '../forms/forms.service.js';
import type { FormFigures } from '../forms/forms.types.js';
import type { CriteriaService } from '../reports/criteria.service.js';
import type { ReportService } from '../reports/reports.service.js';
import {
  criteriaQueryFields,
  formQueryFields,
  readCriteriaQuery,
  readFormQuery,
  readReportQuery,
  reportQueryFields,
  type CommonQuery,
  type ReportQuery,
} from '../reports/reports.validators.js';
import { exactQuery, textInput } from '../request-input.js';
import type { Sheet } from '../../xlsx/sheet.js';
import { xlsxStream } from '../../xlsx/workbook.js';
import { criteriaExport } from './exports.criteria.js';
import { DELIMITER_NAMES, DELIMITERS, type DelimiterName } from './exports.csv.js';
import { exportFacts } from './exports.facts.js';
import { FORMATS, type Format } from './exports.formats.js';
import type { ExportService } from './exports.service.js';
import { sendExport, sendFile } from './exports.send.js';

export interface ExportRouteServices {
  readonly audit: AuditService;
  readonly exports: ExportService;
  readonly exportLimit: AccountLimit;
  readonly criteria: CriteriaService;
  readonly forms: FormService;
  readonly reports: ReportService;
  readonly scopes: ScopeService;
  readonly now: Clock;
}

const delimiterField = query('delimiter')
  .optional()
  .custom((name: unknown) => typeof name === 'string' && Object.hasOwn(DELIMITERS, name))
  .withMessage(`must be one of ${DELIMITER_NAMES.join(' ')}`);

/** Only a CSV has a delimiter. */
const delimiterFields = (format: Format) => (format === 'csv' ? [delimiterField] : []);

/** `GET /exports/…` (contract §3 Exports), for API tokens and for signed-in people alike. */
export function exportRoutes(services: ExportRouteServices): Router {
  const router = Router();
  const may = requireRight('exports:read');
  for (const format of FORMATS) {
    const read = exactQuery(...reportQueryFields, ...delimiterFields(format));
    router.get(`/exports/responses.${format}`, may, read, getResponses(services, format));
    router.get(`/exports/satisfaction.${format}`, may, read, getSatisfaction(services, format));
    const readCriteria = exactQuery(...criteriaQueryFields, ...delimiterFields(format));
    router.get(`/exports/criteria.${format}`, may, readCriteria, getCriteria(services, format));
  }
  const readForm = exactQuery(...formQueryFields);
  router.get('/exports/mau-02.xlsx', may, readForm, getForm(services, 'mau-02', mau02));
  router.get('/exports/mau-03.xlsx', may, readForm, getForm(services, 'mau-03', mau03));
  return router;
}

function getResponses(services: ExportRouteServices, format: Format): RequestHandler {
  const { audit, exports, scopes, now } = services;
  return async (req, res) => {
    const query = exportQuery(req, now);
    const scope = await admitted(req, services, query);
    const { range } = query;
    const comments = scopes.commentsFor(principalOf(req));
    const made = exports.responses({ ...query, scope, comments });
    const file = { name: `phieu_${range.from}_${range.to}`, format, delimiter: delimiterOf(req) };
    await sendExport(audit, exportFacts(query, scope.code), made, res, file);
  };
}

function getSatisfaction(services: ExportRouteServices, format: Format): RequestHandler {
  const { audit, exports, reports, now } = services;
  return async (req, res) => {
    const query = exportQuery(req, now);
    const scope = await admitted(req, services, query);
    const { range } = query;
    const made = exports.satisfaction(await reports.satisfaction({ ...query, scope }));
    const file = { name: `hai-long_${range.from}_${range.to}`, format, delimiter: delimiterOf(req) };
    await sendExport(audit, exportFacts(query, scope.code), made, res, file);
  };
}

function getCriteria(services: ExportRouteServices, format: Format): RequestHandler {
  const { audit, criteria, now } = services;
  return async (req, res) => {
    const checked = readCriteriaQuery(req, now());
    if (!checked.ok) throw new BadRequestError('The query is not valid.', checked.errors);
    const { range } = checked.query;
    const scope = await admitted(req, services, checked.query);
    const made = criteriaExport(await criteria.criteria({ ...checked.query, scope }));
    const file = { name: `tieu-chi_${range.from}_${range.to}`, format, delimiter: delimiterOf(req) };
    await sendExport(audit, exportFacts(checked.query, scope.code), made, res, file);
  };
}

function getForm(
  services: ExportRouteServices,
  name: string,
  sheetOf: (figures: FormFigures) => Sheet,
): RequestHandler {
  return async (req, res) => {
    const checked = readFormQuery(req);
    if (!checked.ok) throw new BadRequestError('The query is not valid.', checked.errors);
    const { period } = checked.query;
    const scope = await admitted(req, services, checked.query);
    const sheet = sheetOf(await services.forms.figures({ period, scope }));
    const file = { name: `${name}_${period.key}`, format: 'xlsx' } as const;
    const after = { period: period.key, scope: scope.code };
    await services.audit.change({ action: 'export', subject: name, after }, () =>
      sendFile(res, file, xlsxStream([sheet])),
    );
  };
}

/** What is asked for, by somebody who may have it and has not had too much. Only a query that can be answered counts. */
async function admitted(
  req: Request,
  { scopes, exportLimit }: ExportRouteServices,
  query: Pick<CommonQuery, 'unit' | 'centre'>,
): Promise<ScopeSelection> {
  const principal = principalOf(req);
  const scope = await scopes.select(principal, query);
  await exportLimit.take(principal);
  return scope;
}

function exportQuery(req: Request, now: Clock): ReportQuery {
  const checked = readReportQuery(req, now());
  if (!checked.ok) throw new BadRequestError('The query is not valid.', checked.errors);
  return checked.query;
}

function delimiterOf(req: Request): DelimiterName {
  return DELIMITER_NAMES.find((name) => name === textInput(req)['delimiter']) ?? ',';
}
