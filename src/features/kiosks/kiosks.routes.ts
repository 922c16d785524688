import { Router, type Request, type RequestHandler } from 'express';
import { NotFoundError } from '../../errors.js';
import { principalOf, requireRight } from '../access/access.middleware.js';
import type { ScopeService } from '../access/scope.service.js';
import { jsonBody } from '../json-body.js';
import type { ErrandService } from '../responses/errands.service.js';
import type { Kiosk, KioskService } from './kiosks.service.js';

const BODY_LIMIT = '16kb';

export interface KioskRouteServices {
  readonly kiosks: KioskService;
  readonly scopes: ScopeService;
  readonly errands: ErrandService;
}

/** `POST` and `DELETE /kiosks/{code}/next` (contract §3 Kiosks), for the software that calls the next citizen. */
export function kioskRoutes(services: KioskRouteServices): Router {
  const router = Router();
  router.post('/kiosks/:code/next', requireRight('kiosks:bind'), jsonBody(BODY_LIMIT), bindNext(services));
  router.delete('/kiosks/:code/next', requireRight('kiosks:bind'), releaseNext(services));
  return router;
}

function bindNext(services: KioskRouteServices): RequestHandler {
  return async (req, res) => {
    const { code } = await kioskInScope(services, req);
    const until = await services.errands.bind(code, req.body);
    res.json({ kiosk: code, until: until.toISOString() });
  };
}

function releaseNext(services: KioskRouteServices): RequestHandler {
  return async (req, res) => {
    const { code } = await kioskInScope(services, req);
    await services.errands.release(code);
    res.status(204).end();
  };
}

/** @throws NotFoundError, or ForbiddenError for a kiosk outside the scope of who asks */
export async function kioskInScope(
  { kiosks, scopes }: Pick<KioskRouteServices, 'kiosks' | 'scopes'>,
  req: Request,
): Promise<Kiosk> {
  const code = String(req.params['code']);
  const kiosk = await kiosks.find(code);
  if (!kiosk) throw new NotFoundError(`There is no kiosk ${code}.`);
  await scopes.select(principalOf(req), { centre: kiosk.centre });
  return kiosk;
}
