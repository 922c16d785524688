import { Router, type RequestHandler } from 'express';
import type { Clock } from '../../clock.js';
import { BadRequestError } from '../../errors.js';
import { principalOf, requireRight } from '../access/access.middleware.js';
import type { ScopeService } from '../access/scope.service.js';
import { exactQuery } from '../request-input.js';
import type { ReportService } from './reports.service.js';
import { readReportQuery, reportQueryFields } from './reports.validators.js';

export interface ReportRouteServices {
  readonly reports: ReportService;
  readonly scopes: ScopeService;
  readonly now: Clock;
}

/** `GET /reports/…` of the API (contract §3 Reports). */
export function reportRoutes(services: ReportRouteServices): Router {
  const router = Router();
  router.get(
    '/reports/satisfaction',
    requireRight('reports:read'),
    exactQuery(...reportQueryFields),
    getSatisfaction(services),
  );
  return router;
}

function getSatisfaction({ reports, scopes, now }: ReportRouteServices): RequestHandler {
  return async (req, res) => {
    const checked = readReportQuery(req, now());
    if (!checked.ok) throw new BadRequestError('The query is not valid.', checked.errors);
    const { range, questionnaire, groupBy, unit, centre } = checked.query;
    const scope = await scopes.select(principalOf(req), { unit, centre });
    res.set('Cache-Control', 'no-store').json(await reports.satisfaction({ range, scope, questionnaire, groupBy }));
  };
}
