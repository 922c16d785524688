import { Router, type Request, type RequestHandler, type Response } from 'express';
import type { ValidationChain } from 'express-validator';
import type { Clock } from '../../clock.js';
import { BadRequestError } from '../../errors.js';
import { principalOf, requireRight } from '../access/access.middleware.js';
import type { ScopeSelection, ScopeService } from '../access/scope.service.js';
import { exactQuery } from '../request-input.js';
import type { DossierReportService } from './dossier-reports.service.js';
import { indexReport, type IndexService } from './index.service.js';
import { rankingReport, type RankingService } from './ranking.service.js';
import type { ReportService } from './reports.service.js';
import {
  dossierQueryFields,
  indexQueryFields,
  rankingQueryFields,
  readDossierQuery,
  readIndexQuery,
  readRankingQuery,
  readReportQuery,
  reportQueryFields,
  type Checked,
} from './reports.validators.js';

export interface ReportRouteServices {
  readonly reports: ReportService;
  readonly indices: IndexService;
  readonly rankings: RankingService;
  readonly dossierReports: DossierReportService;
  readonly scopes: ScopeService;
  readonly now: Clock;
}

/** `GET /reports/…` of the API (contract §3 Reports). */
export function reportRoutes(services: ReportRouteServices): Router {
  const { reports, indices, rankings, dossierReports, scopes, now } = services;
  const router = Router();
  const report = <Q extends Place>(
    name: string,
    fields: readonly ValidationChain[],
    read: (req: Request, now: Date) => Checked<Q>,
    answer: (query: Q & { readonly scope: ScopeSelection }) => Promise<unknown>,
  ) => {
    router.get(
      `/reports/${name}`,
      requireRight('reports:read'),
      exactQuery(...fields),
      answerReport(scopes, (req) => read(req, now()), answer),
    );
  };
  report('satisfaction', reportQueryFields, readReportQuery, (query) => reports.satisfaction(query));
  report('index', indexQueryFields, readIndexQuery, async (query) => indexReport((await indices.index(query)).figures));
  report('ranking', rankingQueryFields, readRankingQuery, async (query) =>
    rankingReport(await rankings.ranking(query)),
  );
  report('on-time', dossierQueryFields, readDossierQuery, (query) => dossierReports.onTime(query));
  report('response-rate', dossierQueryFields, readDossierQuery, (query) => dossierReports.responseRate(query));
  return router;
}

interface Place {
  readonly unit: string | undefined;
  readonly centre: string | undefined;
}

function answerReport<Q extends Place>(
  scopes: ScopeService,
  read: (req: Request) => Checked<Q>,
  answer: (query: Q & { readonly scope: ScopeSelection }) => Promise<unknown>,
): RequestHandler {
  return async (req: Request, res: Response) => {
    const checked = read(req);
    if (!checked.ok) throw new BadRequestError('The query is not valid.', checked.errors);
    const { query } = checked;
    const scope = await scopes.select(principalOf(req), query);
    res.set('Cache-Control', 'no-store').json(await answer({ ...query, scope }));
  };
}
