import { Router, type Request, type RequestHandler } from 'express';
import { collectDefaultMetrics, Histogram, Registry } from 'prom-client';
import { ForbiddenError } from '../errors.js';
import { bearer } from '../features/access/access.middleware.js';
import { may } from '../features/access/principal.js';
import type { TokenService } from '../features/access/tokens.service.js';

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

/** Measures every request, and `GET /metrics` for this machine or an admin token (contract §1). */
export function setUpMetrics(tokens: TokenService): { measure: RequestHandler; routes: Router } {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const duration = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from request to end of answer',
    labelNames: ['method', 'status'],
    buckets: SECONDS,
    registers: [registry],
  });
  const routes = Router();
  routes.get('/metrics', async (req, res) => {
    if (!isLocal(req) && !(await isAdmin(req, tokens))) throw new ForbiddenError();
    res.type(registry.contentType).send(await registry.metrics());
  });
  return { measure: measureWith(duration), routes };
}

function measureWith(duration: Histogram<'method' | 'status'>): RequestHandler {
  return (req, res, next) => {
    const stop = duration.startTimer();
    res.on('finish', () => stop({ method: req.method, status: res.statusCode }));
    next();
  };
}

/** From this machine itself, not through a proxy that stands on it. */
function isLocal(req: Request): boolean {
  const direct = req.get('x-forwarded-for') === undefined && req.get('forwarded') === undefined;
  return direct && /^(::ffff:)?127\.|^::1$/.test(req.socket.remoteAddress ?? '');
}

async function isAdmin(req: Request, tokens: TokenService): Promise<boolean> {
  const principal = await bearer(req, tokens);
  return principal !== null && may(principal.role, 'metrics:read');
}
