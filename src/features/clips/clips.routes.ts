import { Router } from 'express';
import { NotFoundError } from '../../errors.js';
import type { ClipService } from './clips.service.js';

const YEAR_MS = 365 * 24 * 3_600_000;

/** `GET /audio/LANG/FILE`: the recordings; their addresses change with their content. */
export function clipRoutes({ clips }: { readonly clips: ClipService }): Router {
  const router = Router();
  router.get('/audio/:lang/:file', (req, res, next) => {
    const path = clips.pathOf(req.params.lang, req.params.file);
    if (path === undefined) throw new NotFoundError();
    res.sendFile(path, { maxAge: YEAR_MS, immutable: true, dotfiles: 'allow' }, next);
  });
  return router;
}
