import { pipeline } from 'node:stream/promises';
import { Router, type Request, type Response } from 'express';
import { NotFoundError } from '../../errors.js';
import type { CatalogueService } from '../catalogue/catalogue.service.js';
import { csvStream } from '../exports/exports.csv.js';
import { tableOf } from '../exports/exports.tables.js';
import type { PublishedScale, ResultService } from './results.service.js';
import { centreResultsPage, resultsPage, type ResultsInput } from './results.views.js';

export interface ResultPageServices {
  readonly results: ResultService;
  readonly catalogue: CatalogueService;
}

/** Finished quarters hardly change; late forms show within this time. */
const CACHE_SECONDS = 600;
const CSV_COLUMNS = [
  ...['scale', 'centre', 'centre_name', 'responses', 'n', 'very_satisfied', 'satisfied', 'neutral', 'dissatisfied'],
  ...['satisfied_low', 'satisfied_high'],
];

/** Published results, for anyone (contract §4): no session, the same for every reader of one language. */
export function resultPages({ results, catalogue }: ResultPageServices): Router {
  const router = Router();
  const input = ({ locals: { lang, t } }: Response): ResultsInput => {
    return { scales: catalogue.scalesInUse(), quarters: results.quarters(), lang, t };
  };
  router.get('/results', async (req, res) => {
    const quarter = askedQuarter(req, results);
    const found = await results.ofQuarter(quarter.key);
    cacheable(res).render('results/results', resultsPage({ ...input(res), quarter, results: found }));
  });
  router.get('/results.csv', async (req, res) => {
    const quarter = askedQuarter(req, results);
    const found = await results.ofQuarter(quarter.key);
    cacheable(res).set({
      'Content-Type': 'text/csv; charset=utf-8',
      'Content-Disposition': `attachment; filename="ket-qua_${quarter.key}.csv"`,
    });
    await pipeline(csvStream(tableOf('results', CSV_COLUMNS, found.flatMap(csvRows)), ','), res);
  });
  router.get('/results/:code', async (req, res) => {
    const centre = await results.ofCentre(req.params.code);
    cacheable(res).render('results/results', centreResultsPage({ ...input(res), centre }));
  });
  return router;
}

/** The quarter asked for, else the newest. @throws NotFoundError for a period that is not on offer */
function askedQuarter(req: Request, results: ResultService) {
  const { period } = req.query;
  const quarters = results.quarters();
  const quarter = period === undefined || period === '' ? quarters[0] : quarters.find(({ key }) => key === period);
  if (!quarter) throw new NotFoundError('There are no published results of this period.');
  return quarter;
}

function cacheable(res: Response): Response {
  return res.set('Cache-Control', `public, max-age=${CACHE_SECONDS}`).vary('Cookie');
}

function csvRows({ scale, rows }: PublishedScale): (string | number)[][] {
  return rows.map(({ key, label, figures }) => {
    if (!figures) return [scale, key, label, ...Array.from({ length: 8 }, () => '')];
    const { responses, n, rates, ci95 } = figures;
    const { verySatisfied, satisfied, neutral, dissatisfied } = rates;
    const cells = [verySatisfied, satisfied, neutral, dissatisfied, ...(ci95.satisfied ?? [null, null])];
    return [scale, key, label, responses, n, ...cells.map((value) => value ?? '')];
  });
}
