import { Router } from 'express';
import type { RetentionService } from './retention.service.js';

/** What everybody may know about the collection: why, who keeps it, how long, and that it is voluntary. */
export function privacyPages({ retention }: { readonly retention: RetentionService }): Router {
  const router = Router();
  router.get('/privacy', (_req, res) => res.render('privacy', { rules: retention.rules }));
  return router;
}
