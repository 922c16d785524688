import { Router } from 'express';

/** The entry page. */
export function homePages(): Router {
  const router = Router();
  router.get('/', (_req, res) => res.render('home'));
  return router;
}
