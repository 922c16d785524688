import { createHash, randomUUID } from 'node:crypto';
import compression from 'compression';
import { Router, type Request, type RequestHandler } from 'express';
import { rateLimit } from 'express-rate-limit';
import { AppError } from '../../errors.js';
import { flowRoutes, renderQuestion, setStation, type FlowServices } from '../drafts/flow.pages.js';
import type { OpenTicket, TicketService } from './tickets.service.js';
import { ticketStation } from './tickets.station.js';

export type TicketPageServices = FlowServices & { readonly tickets: TicketService };

const WINDOW_MS = 10 * 60_000;
/** Answers from one address with one ticket: enough for a family in the waiting hall, and for 19 questions each. */
const ANSWERS_A_WINDOW = 60;

/** The questionnaire on a citizen's own phone (contract §4), by plain forms. */
export function ticketPages(services: TicketPageServices): Router {
  const router = Router();
  const withTicket = findTicket(services);
  router.use('/r', compression());
  router.get('/r/:ticket', withTicket, showFirst(services));
  router.post('/r/:ticket/answers', limitAnswers());
  router.use(flowRoutes(services, '/r/:ticket', [withTicket]));
  return router;
}

/** Shows a page of its own for a ticket that does not admit. */
function findTicket({ tickets }: TicketPageServices): RequestHandler {
  return async (req, res, next) => {
    const text = ticketIn(req);
    const admission = await tickets.admit(text);
    // Neither may a search engine list it, nor a shared computer keep it.
    res.set({ 'X-Robots-Tag': 'noindex', 'Cache-Control': 'private, no-cache' });
    if (admission.kind === 'open') {
      setStation(res, ticketStation(text, admission.ticket));
      opened.set(req, admission.ticket);
      next();
    } else {
      res.status(admission.kind === 'unknown' ? 404 : 410).render('ticket/closed', { reason: admission.kind });
    }
  };
}

const opened = new WeakMap<Request, OpenTicket>();

function showFirst(services: TicketPageServices): RequestHandler {
  return async (req, res) => {
    const ticket = opened.get(req);
    if (!ticket) throw new Error('findTicket did not run');
    if (await services.tickets.isUsed(ticket)) {
      res.status(410).render('kiosk/rated', { centreName: ticket.centre.name, returnSeconds: null });
    } else {
      renderQuestion(services, res, { responseId: randomUUID(), step: 1, draft: null });
    }
  };
}

/** Counts by address and ticket, so that one phone company's shared address shuts out nobody at another centre. */
function limitAnswers(): RequestHandler {
  return rateLimit({
    windowMs: WINDOW_MS,
    limit: ANSWERS_A_WINDOW,
    standardHeaders: true,
    legacyHeaders: false,
    validate: { keyGeneratorIpFallback: false },
    keyGenerator: (req) => `${req.ip ?? ''} ${createHash('sha256').update(ticketIn(req)).digest('base64url')}`,
    handler: (_req, _res, next) => next(new AppError('too-many', 429, 'Too many requests', 'Try again later.')),
  });
}

function ticketIn(req: Request): string {
  return String(req.params['ticket']);
}
