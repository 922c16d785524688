import { Router, urlencoded, type Request, type RequestHandler, type Response } from 'express';
import { body } from 'express-validator';
import type { Clock } from '../../clock.js';
import { BadRequestError } from '../../errors.js';
import type { MessageKey } from '../../i18n/index.js';
import { principalOf, requireRight } from '../access/access.middleware.js';
import type { ScopeService } from '../access/scope.service.js';
import type { AuditService } from '../audit/audit.service.js';
import { countResponses } from '../exports/exports.count.js';
import { JOB_FILES, JOB_QUERY, JOBS_PATH } from '../exports/exports.job-form.js';
import type { AccountLimit } from '../access/account-limit.js';
import { sendFile } from '../exports/exports.send.js';
import type { ReportService } from '../reports/reports.service.js';
import { checkQuery, commonFields, readCommonQuery, type CommonQuery } from '../reports/reports.validators.js';
import { inputErrors, textInput } from '../request-input.js';
import { FileElsewhereError, TooManyJobsError, type ExportJobService } from './export-jobs.service.js';
import { exportJobsPage, fileName } from './export-jobs.views.js';

export interface ExportJobPageServices {
  readonly audit: AuditService;
  readonly exportJobs: ExportJobService;
  readonly exportLimit: AccountLimit;
  readonly reports: ReportService;
  readonly scopes: ScopeService;
  readonly now: Clock;
}

const JOB = `${JOBS_PATH}/:id`;

/** Files that are made in the background: asked for, watched, cancelled and taken. `csrf` checks a form's token. */
export function exportJobPages(services: ExportJobPageServices, csrf: RequestHandler): Router {
  const router = Router();
  const may = requireRight('exports:read');
  const form = [may, urlencoded({ extended: false, limit: '16kb' }), csrf];
  const fields = [
    ...JOB_QUERY.map((name) => body(name).optional().isString().withMessage('is given twice')),
    body('file')
      .isIn(JOB_FILES.map(({ id }) => id))
      .withMessage('is none of the files'),
  ];
  router.get(JOBS_PATH, may, (req, res) => showJobs(services, req, res));
  router.post(JOBS_PATH, form, fields, requestJob(services));
  router.post(`${JOB}/cancel`, form, cancelJob(services));
  router.get(`${JOB}/file`, may, getFile(services));
  return router;
}

/** @param problem why what was asked for was not done */
async function showJobs(
  { exportJobs, now }: ExportJobPageServices,
  req: Request,
  res: Response,
  problem: MessageKey | null = null,
): Promise<void> {
  const { lang, t } = res.locals;
  const jobs = await exportJobs.list(principalOf(req));
  const isStill = problem !== null || req.query['auto'] === 'off';
  res.render('exports/jobs', exportJobsPage({ jobs, isStill, problem, now: now(), lang, t }));
}

function requestJob(services: ExportJobPageServices): RequestHandler {
  const { exportJobs, exportLimit, reports, scopes } = services;
  return async (req, res) => {
    const { file, query } = await readJob(req, services.now());
    const principal = principalOf(req);
    const scope = await scopes.select(principal, query);
    await exportLimit.take(principal);
    const { range, questionnaire } = query;
    const total = await countResponses(reports, { range, scope, questionnaire });
    try {
      await exportJobs.request(principal, { ...file, query: { range, scope, questionnaire }, total });
      res.redirect(303, JOBS_PATH);
    } catch (error) {
      if (!(error instanceof TooManyJobsError)) throw error;
      res.status(error.status);
      await showJobs(services, req, res, 'jobs.problem.tooMany');
    }
  };
}

/** @throws BadRequestError for what the form of the page cannot have sent */
async function readJob(req: Request, now: Date) {
  const input = textInput(req);
  const checked = await checkQuery<CommonQuery>(commonFields, (request) => readCommonQuery(request, now), input);
  const file = JOB_FILES.find(({ id }) => id === input['file']);
  const errors = [...inputErrors(req), ...(checked.ok ? [] : checked.errors)];
  if (!checked.ok || !file || errors.length > 0) throw new BadRequestError('The form is not valid.', errors);
  return { query: checked.query, file };
}

function cancelJob({ exportJobs }: ExportJobPageServices): RequestHandler<{ id: string }> {
  return async (req, res) => {
    await exportJobs.cancel(principalOf(req), req.params.id);
    res.redirect(303, JOBS_PATH);
  };
}

/** Gives the file out, and records that it was. */
function getFile(services: ExportJobPageServices): RequestHandler<{ id: string }> {
  const { audit, exportJobs } = services;
  return async (req, res) => {
    const opened = await exportJobs.open(principalOf(req), req.params.id).catch((error: unknown) => {
      if (error instanceof FileElsewhereError) return null;
      throw error;
    });
    if (!opened) {
      res.status(404);
      await showJobs(services, req, res, 'jobs.problem.elsewhere');
      return;
    }
    const { job, file } = opened;
    let complete = false;
    const work = async () => {
      res.set('Content-Length', String(job.bytes));
      const bytes = file.createReadStream();
      const isSent = await sendFile(res, { name: fileName(job), format: job.format }, bytes);
      // Who has counted all the bytes may hang up while the answer waits for its session to be stored.
      complete = isSent || bytes.bytesRead === job.bytes;
    };
    const after = { job: job._id, sha256: job.sha256 };
    await audit.change({ action: 'export.file', subject: 'responses', after }, work, () => ({ complete }));
  };
}
