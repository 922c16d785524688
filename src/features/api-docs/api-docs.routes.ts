import { Router } from 'express';
import type { ApiDocument } from './api-docs.file.js';
import { apiPage } from './api-docs.views.js';

const CACHE_SECONDS = 600;
const CACHE = `public, max-age=${CACHE_SECONDS}`;

/** `GET /openapi.json` and `/openapi.yaml`: for anyone, before a token is asked for. */
export function apiDocsRoutes({ yaml, json }: ApiDocument): Router {
  const router = Router();
  router.get('/openapi.json', (_req, res) => {
    res.set('Cache-Control', CACHE).type('application/json').send(json);
  });
  router.get('/openapi.yaml', (_req, res) => {
    res.set('Cache-Control', CACHE).type('application/yaml').send(yaml);
  });
  return router;
}

/** The same as a page to read. */
export function apiDocsPages({ description }: ApiDocument): Router {
  const router = Router();
  const page = apiPage(description);
  router.get('/api-docs', (_req, res) => res.render('api/docs', { ...page, title: res.locals.t('api.title') }));
  return router;
}
