import { Router, type RequestHandler } from 'express';
import { NotFoundError } from '../../errors.js';
import { principalOf, requireRight } from '../access/access.middleware.js';
import type { Principal } from '../access/principal.js';
import type { ScopeService } from '../access/scope.service.js';
import { jsonBody } from '../json-body.js';
import type { TicketService } from './tickets.service.js';

export interface TicketRouteServices {
  readonly tickets: TicketService;
  readonly scopes: ScopeService;
}

const BODY_LIMIT = '16kb';

/** `POST /tickets` and `GET /tickets/{ticket}/sheet.svg` (contract §3 Tickets). */
export function ticketRoutes(services: TicketRouteServices): Router {
  const router = Router();
  const may = requireRight('tickets:make');
  router.post('/tickets', may, jsonBody(BODY_LIMIT), postTicket(services));
  router.get('/tickets/:ticket/sheet.svg', may, sendSheet(services));
  return router;
}

function postTicket({ tickets, scopes }: TicketRouteServices): RequestHandler {
  return async (req, res) => {
    const body: unknown = req.body;
    const { ticket, url, expiresAt } = await makeInScope({ tickets, scopes }, principalOf(req), body);
    res.status(201).json({ ticket, url, expiresAt: expiresAt?.toISOString() ?? null });
  };
}

/** Makes a ticket for a centre in the scope of who asks. @throws ForbiddenError outside of it, and as `make` does */
export async function makeInScope(
  { tickets, scopes }: TicketRouteServices,
  principal: Principal,
  input: unknown,
): ReturnType<TicketService['make']> {
  const centre = typeof input === 'object' && input !== null && 'centre' in input ? input.centre : undefined;
  // A centre that is none is told as a wrong field.
  const exists = typeof centre === 'string' && (await tickets.knowsCentre(centre));
  if (exists) await scopes.select(principal, { centre });
  return tickets.make(input);
}

/** A page to print for a ticket, by API or by a signed-in page. @throws NotFoundError, ForbiddenError */
export function sendSheet({ tickets, scopes }: TicketRouteServices): RequestHandler {
  return async (req, res) => {
    const text = String(req.params['ticket']);
    const admission = await tickets.admit(text);
    if (admission.kind !== 'open') throw new NotFoundError('There is no such ticket.');
    await scopes.select(principalOf(req), { centre: admission.ticket.centre.code });
    res.set('Cache-Control', 'no-store').type('image/svg+xml').send(tickets.sheet(text, admission.ticket));
  };
}
