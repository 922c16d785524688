import { Router, type Request, type RequestHandler } from 'express';
import { z } from 'zod';
import type { Clock } from '../../clock.js';
import { ConflictError, ValidationError, type FieldError } from '../../errors.js';
import { kioskOf, requireRight } from '../access/access.middleware.js';
import type { CatalogueService } from '../catalogue/catalogue.service.js';
import { jsonBody } from '../json-body.js';
import { fieldErrors } from '../validation.js';
import type { Outcome, ResponseService } from './responses.service.js';
import { BATCH_MAX, checkResponse, type ResponseInput } from './responses.validators.js';

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
  router.post('/responses', requireRight('responses:write'), jsonBody(BODY_LIMIT), postResponse(services));
  router.post('/responses/batch', requireRight('responses:write'), jsonBody(BATCH_BODY_LIMIT), postBatch(services));
  return router;
}

function postResponse({ responses, catalogue, now }: ResponseRouteServices): RequestHandler {
  return async (req, res) => {
    const checked = checkResponse(req.body, catalogue, now());
    if (!checked.ok) throw new ValidationError(checked.errors);
    const outcome = await responses.receive(checked.value, originOf(req));
    const { id } = checked.value;
    if (outcome === 'other-content' || outcome === 'dossier-rated') throw conflict(outcome, id);
    res.status(outcome === 'stored' ? 201 : 200).json({ id, status: outcome });
  };
}

const batchShape = z.strictObject({
  responses: z
    .array(z.unknown())
    .min(1, 'must hold at least one response')
    .max(BATCH_MAX, `must hold at most ${BATCH_MAX} responses`),
});

type BatchStatus = 'stored' | 'duplicate' | 'conflict' | 'invalid';

interface BatchResult {
  readonly id: string | null;
  readonly status: BatchStatus;
  readonly errors?: readonly FieldError[];
}

function postBatch({ responses, catalogue, now }: ResponseRouteServices): RequestHandler {
  return async (req, res) => {
    const parsed = batchShape.safeParse(req.body);
    if (!parsed.success) throw new ValidationError(fieldErrors(parsed.error));
    const receivedAt = now();
    const origin = originOf(req);
    const checks = parsed.data.responses.map((body) => ({ body, checked: checkResponse(body, catalogue, receivedAt) }));
    const valid = checks.flatMap(({ checked }) => (checked.ok ? [checked.value] : []));
    const outcomes = new Map<ResponseInput, Outcome | undefined>();
    const received = await responses.receiveMany(valid.map((input) => ({ input, origin })));
    valid.forEach((input, index) => outcomes.set(input, received[index]));
    const results = checks.map(({ body, checked }): BatchResult => {
      if (!checked.ok) return { id: idOf(body), status: 'invalid', errors: checked.errors };
      return batchResult(checked.value.id, outcomes.get(checked.value));
    });
    res.json({ results });
  };
}

function batchResult(id: string, outcome: Outcome | undefined): BatchResult {
  if (outcome === 'stored' || outcome === 'duplicate') return { id, status: outcome };
  if (outcome === undefined) throw new Error(`Response ${id} has no outcome`);
  return { id, status: 'conflict', errors: [conflictError(outcome)] };
}

function conflictError(outcome: 'other-content' | 'dossier-rated'): FieldError {
  return outcome === 'dossier-rated'
    ? { path: 'dossier', message: 'this dossier was already rated' }
    : { path: 'id', message: 'there is another response with this id' };
}

function conflict(outcome: 'other-content' | 'dossier-rated', id: string): ConflictError {
  const { path, message } = conflictError(outcome);
  return new ConflictError(outcome, `${path === 'id' ? `${id}: ` : ''}${message}.`);
}

function originOf(req: Request) {
  const { centre, code } = kioskOf(req);
  return { centre, kiosk: code, channel: 'kiosk' as const };
}

/** The id of an item that is otherwise not valid, so that the sender can tell which one is meant. */
function idOf(body: unknown): string | null {
  if (typeof body !== 'object' || body === null || !('id' in body)) return null;
  return typeof body.id === 'string' ? body.id.slice(0, 100) : null;
}
