import type { Request, RequestHandler } from 'express';
import { actingAs, type Actor } from '../features/audit/audit.actor.js';
import { API_PATH } from './setUpErrors.js';

/** Whatever a request does is recorded in the name of whoever it turns out to come from. */
export function setUpActor(): RequestHandler {
  return (req, _res, next) => actingAs(() => actorOf(req), next);
}

function actorOf(req: Request): Actor {
  const { principal, requestId: request, ip: address = '' } = req;
  if (!principal) return { kind: 'visitor', name: '', address, request };
  return { kind: req.originalUrl.startsWith(API_PATH) ? 'token' : 'account', name: principal.name, address, request };
}
