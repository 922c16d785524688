import { Router, type Request, type RequestHandler } from 'express';
import type { Clock } from '../../clock.js';
import { ConflictError, ValidationError } from '../../errors.js';
import { kioskOf, requireRight } from '../access/access.middleware.js';
import type { CatalogueService } from '../catalogue/catalogue.service.js';
import { jsonBody } from '../json-body.js';
import { batchItems, conflictError, knowQuestionnaires, plainArrival, receiveBatch } from './responses.batch.js';
import type { ResponseService } from './responses.service.js';
import { checkResponse } from './responses.validators.js';

const BODY_LIMIT = '256kb';
const BATCH_BODY_LIMIT = '2mb';

export interface ResponseRouteServices {
  readonly responses: ResponseService;
  readonly catalogue: CatalogueService;
  readonly now: Clock;
}

/** `POST /responses` and `POST /responses/batch` (contract §3 Responses). */
export function responseRoutes(services: ResponseRouteServices): Router {
  const router = Router();
  const may = requireRight('responses:write');
  const known = knowQuestionnaires(services.catalogue);
  router.post('/responses', may, jsonBody(BODY_LIMIT), known, postResponse(services));
  router.post('/responses/batch', may, jsonBody(BATCH_BODY_LIMIT), known, postBatch(services));
  return router;
}

function postResponse({ responses, catalogue, now }: ResponseRouteServices): RequestHandler {
  return async (req, res) => {
    const checked = checkResponse(req.body, catalogue, now());
    if (!checked.ok) throw new ValidationError(checked.errors);
    const outcome = await responses.receive({ input: checked.value, origin: originOf(req) });
    const { id } = checked.value;
    if (outcome === 'other-content' || outcome === 'dossier-rated') throw conflict(outcome, id);
    res.status(outcome === 'stored' ? 201 : 200).json({ id, status: outcome });
  };
}

function postBatch({ responses, catalogue, now }: ResponseRouteServices): RequestHandler {
  return async (req, res) => {
    const items = batchItems(req.body);
    res.json({ results: await receiveBatch(responses, items, plainArrival(catalogue, originOf(req), now())) });
  };
}

function conflict(outcome: 'other-content' | 'dossier-rated', id: string): ConflictError {
  const { path, message } = conflictError(outcome);
  return new ConflictError(outcome, `${path === 'id' ? `${id}: ` : ''}${message}.`);
}

function originOf(req: Request) {
  const { centre, code } = kioskOf(req);
  return { centre, kiosk: code, channel: 'kiosk' as const };
}
