import { Router, type RequestHandler } from 'express';
import { z } from 'zod';
import { ValidationError, type FieldError } from '../../errors.js';
import { principalOf, requireRight } from '../access/access.middleware.js';
import { jsonBody } from '../json-body.js';
import { fieldErrors } from '../validation.js';
import type { DossierOutcome, DossierService, DossierStatus } from './dossiers.service.js';
import { checkDossier, DOSSIER_BATCH_MAX, type DossierInput } from './dossiers.validators.js';

const BATCH_BODY_LIMIT = '2mb';

export interface DossierRouteServices {
  readonly dossiers: DossierService;
}

/** `POST /dossiers/batch` (contract §3 Dossiers). */
export function dossierRoutes(services: DossierRouteServices): Router {
  const router = Router();
  router.post('/dossiers/batch', requireRight('dossiers:write'), jsonBody(BATCH_BODY_LIMIT), postBatch(services));
  return router;
}

const batchShape = z.strictObject({
  dossiers: z
    .array(z.unknown())
    .min(1, 'must hold at least one dossier')
    .max(DOSSIER_BATCH_MAX, `must hold at most ${DOSSIER_BATCH_MAX} dossiers`),
});

interface BatchResult {
  readonly code: string | null;
  readonly status: DossierStatus;
  readonly errors?: readonly FieldError[];
}

function postBatch({ dossiers }: DossierRouteServices): RequestHandler {
  return async (req, res) => {
    const parsed = batchShape.safeParse(req.body);
    if (!parsed.success) throw new ValidationError(fieldErrors(parsed.error));
    const checks = parsed.data.dossiers.map((body) => ({ body, checked: checkDossier(body) }));
    const valid = checks.flatMap(({ checked }) => (checked.ok ? [checked.value] : []));
    const received = await dossiers.receiveMany(principalOf(req), valid);
    const outcomes = new Map<DossierInput, DossierOutcome | undefined>();
    valid.forEach((input, index) => outcomes.set(input, received[index]));
    const results = checks.map(({ body, checked }): BatchResult => {
      if (!checked.ok) return { code: codeOf(body), status: 'invalid', errors: checked.errors };
      const outcome = outcomes.get(checked.value);
      if (!outcome) throw new Error('A dossier has no outcome');
      return { code: checked.value.code, ...outcome };
    });
    res.json({ results });
  };
}

/** The code of an item that is otherwise not valid, so that the sender can tell which one is meant. */
function codeOf(body: unknown): string | null {
  if (typeof body !== 'object' || body === null || !('code' in body)) return null;
  return typeof body.code === 'string' ? body.code.slice(0, 100) : null;
}
