import { Router, type Express, default as express } from 'express';
import type { Logger } from 'pino';
import { webhookAdminPages } from './features/webhooks/webhooks.admin.js';
import type { Config } from './config.js';
import { tokenAdminPages } from './features/access/tokens.admin.js';
import { authenticate } from './features/access/access.middleware.js';
import { readApiDocument } from './features/api-docs/api-docs.file.js';
import { auditPages } from './features/audit/audit.pages.js';
import { apiDocsPages, apiDocsRoutes } from './features/api-docs/api-docs.routes.js';
import { accountAdminPages } from './features/accounts/accounts.admin.js';
import { factorPages } from './features/accounts/accounts.factor-pages.js';
import { oidcPages } from './features/accounts/accounts.oidc-pages.js';
import { ownAccountPages } from './features/accounts/accounts.own.js';
import { accountPages } from './features/accounts/accounts.pages.js';
import { secondStepPages } from './features/accounts/accounts.second-step.js';
import { gradeTablePages } from './features/grade-tables/grade-tables.pages.js';
import { catalogueRoutes } from './features/catalogue/catalogue.routes.js';
import { centreAdminPages } from './features/centres/centres.admin.js';
import { centreListPages } from './features/centres/centres.list.js';
import { unitAdminPages } from './features/centres/units.admin.js';
import { clipRoutes } from './features/clips/clips.routes.js';
import { dossierRoutes } from './features/dossiers/dossiers.routes.js';
import { exportJobPages } from './features/export-jobs/export-jobs.pages.js';
import { exportPages } from './features/exports/exports.pages.js';
import { exportRoutes } from './features/exports/exports.routes.js';
import { homePages } from './features/home/home.pages.js';
import { importPages } from './features/imports/imports.pages.js';
import { languagePages } from './features/languages/languages.pages.js';
import { kioskAdminPages } from './features/kiosks/kiosks.admin.js';
import { kioskPages } from './features/kiosks/kiosks.pages.js';
import { kioskRoutes } from './features/kiosks/kiosks.routes.js';
import { otherIndexPages } from './features/other-indices/other-indices.pages.js';
import { comparePages } from './features/reports/compare.pages.js';
import { figuresPages } from './features/reports/figures.pages.js';
import { privacyPages } from './features/retention/privacy.pages.js';
import { questionnairePages } from './features/questionnaires/questionnaires.pages.js';
import { reportPages } from './features/reports/reports.pages.js';
import { reportRoutes } from './features/reports/reports.routes.js';
import { resultPages } from './features/results/results.pages.js';
import { settingsPages } from './features/settings/settings.pages.js';
import { tthcScorePages } from './features/tthc-score/tthc-score.pages.js';
import { ticketRoutes } from './features/tickets/tickets.routes.js';
import { ticketAdminPages } from './features/tickets/tickets.admin.js';
import { ticketPages } from './features/tickets/tickets.pages.js';
import { responseRoutes } from './features/responses/responses.routes.js';
import { ROOT, type Services } from './services.js';
import { setUpActor } from './web/setUpActor.js';
import { offerCsrfToken, requireCsrfToken } from './web/setUpCsrf.js';
import { notFound, setUpErrors, setUpSignInFirst } from './web/setUpErrors.js';
import { healthRoutes, type Readiness } from './web/setUpHealth.js';
import { setUpLogging } from './web/setUpLogging.js';
import { setUpMetrics } from './web/setUpMetrics.js';
import { setUpRequestId } from './web/setUpRequestId.js';
import { currentAccount, setUpSession } from './web/setUpSession.js';
import { setUpStatic } from './web/setUpStatic.js';
import { setUpViews } from './web/setUpViews.js';
import { refuseCrossSite, refuseServerTarget, setUpWebSecurity } from './web/setUpWebSecurity.js';

export interface AppOptions {
  readonly services: Services;
  readonly config: Pick<Config, 'secret' | 'publicUrl' | 'trustProxy'>;
  readonly readiness: Readiness;
  readonly log: Logger;
}

/** The whole web application, ready to listen. Touches nothing outside what it is given. */
export function createApp({ services, config, readiness, log }: AppOptions): Express {
  const app = express();
  const metrics = setUpMetrics(services.tokens);
  const apiDocument = readApiDocument(`${ROOT}/docs/openapi.yaml`);
  app.disable('x-powered-by');
  // Answers are never to be cached; hashing each of them would be for nothing.
  app.disable('etag');
  app.set('trust proxy', config.trustProxy);
  app.use(setUpRequestId());
  app.use(setUpActor());
  app.use(setUpWebSecurity(config));
  app.use(refuseServerTarget());
  app.use(healthRoutes(readiness));
  app.use(metrics.measure);
  app.use(metrics.routes);
  app.use(setUpLogging(log));
  app.use(setUpStatic(`${ROOT}/public`));
  app.use(clipRoutes(services));
  app.use('/api/v1', apiDocsRoutes(apiDocument), apiRoutes(services));
  const { languages, demo, settings } = services;
  app.use(
    setUpViews(app, {
      root: ROOT,
      languages,
      isDemo: () => demo.isLoaded(),
      settings,
    }),
  );
  app.use(refuseCrossSite());
  app.use(apiDocsPages(apiDocument));
  app.use(kioskPages(services));
  app.use(ticketPages(services));
  app.use(resultPages(services));
  app.use(privacyPages(services));
  app.use(staffPages(services, config, log));
  app.use(notFound());
  app.use(setUpSignInFirst());
  app.use(setUpErrors(log));
  return app;
}

/** The JSON API: every request bears a token. */
function apiRoutes(services: Services): Router {
  const api = Router();
  api.use(authenticate(services.tokens));
  api.use(catalogueRoutes(services));
  api.use(responseRoutes(services));
  api.use(kioskRoutes(services));
  api.use(ticketRoutes(services));
  api.use(dossierRoutes(services));
  api.use(reportRoutes(services));
  api.use(exportRoutes(services));
  api.use(notFound());
  return api;
}

/** Pages with a session: who signs in sees their scope, forms carry a token. */
function staffPages(services: Services, { secret }: AppOptions['config'], log: Logger): Router {
  const pages = Router();
  pages.use(setUpSession(services.connection, secret));
  pages.use(currentAccount(services.accounts, services.settings));
  pages.use(offerCsrfToken());
  pages.use(homePages());
  pages.use(accountPages(services, requireCsrfToken()));
  pages.use(oidcPages(services, log));
  pages.use(secondStepPages(services, requireCsrfToken()));
  pages.use(ownAccountPages(services, requireCsrfToken()));
  pages.use(factorPages(services, requireCsrfToken()));
  pages.use(accountAdminPages(services, requireCsrfToken()));
  pages.use(kioskAdminPages(services, requireCsrfToken()));
  pages.use(centreListPages(services));
  pages.use(centreAdminPages(services, requireCsrfToken()));
  pages.use(unitAdminPages(services, requireCsrfToken()));
  pages.use(ticketAdminPages(services, requireCsrfToken()));
  pages.use(tokenAdminPages(services, requireCsrfToken()));
  pages.use(webhookAdminPages(services, requireCsrfToken()));
  pages.use(questionnairePages(services, requireCsrfToken()));
  pages.use(gradeTablePages(services, requireCsrfToken()));
  pages.use(languagePages(services));
  pages.use(auditPages(services));
  pages.use(reportPages(services));
  pages.use(figuresPages(services));
  pages.use(comparePages(services));
  pages.use(otherIndexPages(services, requireCsrfToken()));
  pages.use(tthcScorePages(services, requireCsrfToken()));
  pages.use(settingsPages(services, requireCsrfToken()));
  pages.use(importPages(services, requireCsrfToken()));
  pages.use(exportPages(services));
  pages.use(exportJobPages(services, requireCsrfToken()));
  pages.use(exportRoutes(services));
  return pages;
}
