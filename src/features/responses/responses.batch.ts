import type { RequestHandler } from 'express';
import { z } from 'zod';
import { ValidationError, type FieldError } from '../../errors.js';
import type { CatalogueService } from '../catalogue/catalogue.service.js';
import { fieldErrors } from '../validation.js';
import type { Arrival, Outcome, ResponseService } from './responses.service.js';
import { BATCH_MAX, checkResponse, type Checked } from './responses.validators.js';

type BatchStatus = 'stored' | 'duplicate' | 'conflict' | 'invalid';

/** What became of one response of a batch. */
export interface BatchResult {
  readonly id: string | null;
  readonly status: BatchStatus;
  readonly errors?: readonly FieldError[];
}

const batchShape = z.strictObject({
  responses: z
    .array(z.unknown())
    .min(1, 'must hold at least one response')
    .max(BATCH_MAX, `must hold at most ${BATCH_MAX} responses`),
});

/** The items of a batch as they came. @throws ValidationError when the body is no batch */
export function batchItems(body: unknown): unknown[] {
  const parsed = batchShape.safeParse(body);
  if (!parsed.success) throw new ValidationError(fieldErrors(parsed.error));
  return parsed.data.responses;
}

/**
 * Makes sure that the questionnaires which a body names are known here, one response or a batch of them: another process
 * may have published one and shown it to a kiosk.
 */
export function knowQuestionnaires(catalogue: CatalogueService): RequestHandler {
  return async (req, _res, next) => {
    const body: unknown = req.body;
    const items: readonly unknown[] =
      isObject(body) && 'responses' in body && Array.isArray(body.responses) ? body.responses : [body];
    await catalogue.know(items.flatMap(namedIn));
    next();
  };
}

/** The version that an item names, plain or in the envelope of a device. */
function namedIn(item: unknown): { questionnaire: string; version: number }[] {
  const response = isObject(item) && 'response' in item ? item.response : item;
  if (!isObject(response) || !('questionnaire' in response) || !('version' in response)) return [];
  const { questionnaire, version } = response;
  return typeof questionnaire === 'string' && typeof version === 'number' ? [{ questionnaire, version }] : [];
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/**
 * Takes in the valid ones of a batch and says of each, in order, what became of it; one bad item never blocks the
 * others. `arrivalOf` checks one item.
 */
export async function receiveBatch(
  responses: ResponseService,
  items: readonly unknown[],
  arrivalOf: (item: unknown) => Checked<Arrival>,
): Promise<BatchResult[]> {
  const checks = items.map((item) => ({ item, checked: arrivalOf(item) }));
  const valid = checks.flatMap(({ checked }) => (checked.ok ? [checked.value] : []));
  const received = await responses.receiveMany(valid);
  const outcomes = new Map(valid.map((arrival, index) => [arrival, received[index]]));
  return checks.map(({ item, checked }): BatchResult => {
    if (!checked.ok) return { id: idOf(item), status: 'invalid', errors: checked.errors };
    return batchResult(checked.value.input.id, outcomes.get(checked.value));
  });
}

/** Checks one item that is a response and nothing else. */
export function plainArrival(
  catalogue: CatalogueService,
  origin: Arrival['origin'],
  receivedAt: Date,
): (item: unknown) => Checked<Arrival> {
  return (item) => {
    const checked = checkResponse(item, catalogue, receivedAt);
    return checked.ok ? { ok: true, value: { input: checked.value, origin } } : checked;
  };
}

function batchResult(id: string, outcome: Outcome | undefined): BatchResult {
  if (outcome === 'stored' || outcome === 'duplicate') return { id, status: outcome };
  if (outcome === undefined) throw new Error(`Response ${id} has no outcome`);
  return { id, status: 'conflict', errors: [conflictError(outcome)] };
}

/** What a refused response is told. */
export function conflictError(outcome: 'other-content' | 'dossier-rated'): FieldError {
  return outcome === 'dossier-rated'
    ? { path: 'dossier', message: 'this dossier was already rated' }
    : { path: 'id', message: 'there is another response with this id' };
}

/** The id of an item that is otherwise not valid, so that the sender can tell which one is meant. */
function idOf(item: unknown): string | null {
  if (typeof item !== 'object' || item === null) return null;
  if ('response' in item) return idOf(item.response);
  return 'id' in item && typeof item.id === 'string' ? item.id.slice(0, 100) : null;
}
