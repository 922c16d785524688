import { Router, type RequestHandler } from 'express';
import { localTimestamp } from '../../domain/period.js';
import { BadRequestError } from '../../errors.js';
import { requireRight } from '../access/access.middleware.js';
import { sendExport } from '../exports/exports.send.js';
import { batchesOf } from '../exports/exports.tables.js';
import { exactQuery } from '../request-input.js';
import type { Facts } from './audit.model.js';
import type { AuditEntry, AuditService } from './audit.service.js';
import { auditQueryFields, readAuditQuery } from './audit.validators.js';
import { auditPage } from './audit.views.js';

export interface AuditPageServices {
  readonly audit: AuditService;
}

const PAGE = '/admin/audit';
const ENTRIES_A_PAGE = 50;
const COLUMNS = [
  'number',
  'at',
  'who',
  'kind',
  'address',
  'request',
  'action',
  'subject',
  'outcome',
  'before',
  'after',
];

/** Who did what: an administrator's page with filters, and the same as a file. */
export function auditPages(services: AuditPageServices): Router {
  const router = Router();
  const may = requireRight('audit:read');
  router.get(PAGE, may, auditQueryFields, showAudit(services));
  router.get(`${PAGE}.csv`, may, exactQuery(...auditQueryFields), sendAudit(services));
  return router;
}

function showAudit({ audit }: AuditPageServices): RequestHandler {
  return async (req, res) => {
    const input = readAuditQuery(req);
    const entries = input.wrong.length > 0 ? [] : await audit.list(input.query, ENTRIES_A_PAGE + 1);
    res.status(input.wrong.length > 0 ? 422 : 200);
    res.render('audit/audit', auditPage(input, entries, ENTRIES_A_PAGE, res.locals.t));
  };
}

function sendAudit({ audit }: AuditPageServices): RequestHandler {
  return async (req, res) => {
    const { query, values, wrong } = readAuditQuery(req);
    if (wrong.length > 0) {
      throw new BadRequestError(
        'The query is not valid.',
        wrong.map((path) => ({ path, message: 'is not valid' })),
      );
    }
    const table = { name: 'audit', columns: COLUMNS, batches: batchesOf(rowsOf(audit.all(query))) };
    const made = { table, notes: [] };
    const asked = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, value ?? '']));
    await sendExport(audit, asked, made, res, { name: 'nhat-ky', format: 'csv', delimiter: ',' });
  };
}

async function* rowsOf(batches: AsyncIterable<readonly AuditEntry[]>) {
  for await (const batch of batches) yield batch.map(cellsOf);
}

function cellsOf({ number, at, actor, action, subject, outcome, before, after }: AuditEntry) {
  const { name, kind, address, request } = actor;
  const facts = [before, after].map(factsText);
  return [number, localTimestamp(at), name, kind, address, request, action, subject, outcome, ...facts];
}

function factsText(facts: Facts | null): string {
  return facts ? JSON.stringify(facts) : '';
}
