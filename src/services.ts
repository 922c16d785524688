import { join } from 'node:path';
import type { Connection } from 'mongoose';
import type { Clock } from './clock.js';
import type { Config } from './config.js';
import { AccountLimit } from './features/access/account-limit.js';
import { ScopeService } from './features/access/scope.service.js';
import { TokenService } from './features/access/tokens.service.js';
import { AuditService } from './features/audit/audit.service.js';
import { SignInAttempts } from './features/accounts/accounts.attempts.js';
import { SecondFactors } from './features/accounts/accounts.factors.js';
import { Identities } from './features/accounts/accounts.identities.js';
import { OidcProvider } from './features/accounts/accounts.oidc.js';
import { SINGLE_SIGN_ON_RETURN } from './features/accounts/accounts.pages.js';
import { AccountService } from './features/accounts/accounts.service.js';
import { CatalogueService } from './features/catalogue/catalogue.service.js';
import { UnitService } from './features/catalogue/units.service.js';
import { GradeTableService } from './features/grade-tables/grade-tables.service.js';
import { CentreService } from './features/centres/centres.service.js';
import { DemoService } from './features/demo/demo.service.js';
import { DossierTallyService } from './features/dossiers/dossier-tallies.service.js';
import { DossierService } from './features/dossiers/dossiers.service.js';
import { ExportJobRunner } from './features/export-jobs/export-jobs.runner.js';
import { ExportJobService } from './features/export-jobs/export-jobs.service.js';
import { Spool } from './features/export-jobs/export-jobs.spool.js';
import { ExportService } from './features/exports/exports.service.js';
import { CentreImportService } from './features/imports/centre-imports.service.js';
import { DossierImportService } from './features/imports/dossier-imports.service.js';
import { FileImportService } from './features/imports/file-imports.service.js';
import { ColumnMappings } from './features/imports/imports.mappings.js';
import { ImportService } from './features/imports/imports.service.js';
import { ImportSpool } from './features/imports/imports.spool.js';
import { UploadService } from './features/imports/uploads.service.js';
import { FormService } from './features/forms/forms.service.js';
import { FlagService } from './features/flags/flags.service.js';
import { ClipService } from './features/clips/clips.service.js';
import { DraftService } from './features/drafts/drafts.service.js';
import { KioskService } from './features/kiosks/kiosks.service.js';
import { DossierReportService } from './features/reports/dossier-reports.service.js';
import { IndexService } from './features/reports/index.service.js';
import { OtherIndexService } from './features/other-indices/other-indices.service.js';
import { CriteriaService } from './features/reports/criteria.service.js';
import { CompareService } from './features/reports/compare.service.js';
import { OverviewService } from './features/reports/overview.service.js';
import { RankingService } from './features/reports/ranking.service.js';
import { QuestionnaireService } from './features/questionnaires/questionnaires.service.js';
import { ReportPrinter } from './features/reports/report-printer.js';
import { ReportService } from './features/reports/reports.service.js';
import { ReportTallies } from './features/reports/reports.tallies.js';
import { installationOf } from './features/settings/installation.js';
import { SettingsService } from './features/settings/settings.service.js';
import { RetentionService } from './features/retention/retention.service.js';
import { ResultService } from './features/results/results.service.js';
import { ErrandService } from './features/responses/errands.service.js';
import { ResponseService } from './features/responses/responses.service.js';
import { TthcScoreService } from './features/tthc-score/tthc-score.service.js';
import { TicketService } from './features/tickets/tickets.service.js';
import { TallyService } from './features/tallies/tallies.service.js';
import { lowRatings } from './features/webhooks/webhooks.low-ratings.js';
import { WebhookSender } from './features/webhooks/webhooks.sender.js';
import { WebhookService } from './features/webhooks/webhooks.service.js';
import { Languages } from './i18n/languages.js';

/** The project's root, from `dist/` as from `src/`. */
export const ROOT = join(__dirname, '..');

export type Services = Awaited<ReturnType<typeof createServices>>;

/** Wires everything once; loads the reference data the database lacks. */
export async function createServices(
  connection: Connection,
  config: Omit<Config, 'host' | 'port' | 'adminPassword' | 'embeddedPort' | 'tallyIntervalMs' | 'logLevel'>,
  now: Clock,
) {
  const languages = Languages.read([join(ROOT, 'data/locales'), join(config.dataDir, 'locales')]);
  const catalogue = new CatalogueService(connection, languages.localize, now);
  await catalogue.loadFiles(join(ROOT, 'data'));
  await catalogue.open();
  const audit = new AuditService(connection, config.secret, now);
  const settings = new SettingsService(connection, config.settings, audit);
  await settings.refresh();
  const centres = new CentreService(connection, catalogue, audit, now);
  const tokens = new TokenService(connection, audit, now);
  const kiosks = new KioskService(connection, centres, catalogue, tokens, audit, config.publicUrl, now);
  const errands = new ErrandService(connection, config.secret, now);
  const flags = new FlagService(connection, now);
  const responses = new ResponseService(connection, config.secret, now, errands, flags, centres);
  const scopes = new ScopeService(catalogue, centres);
  const webhooks = new WebhookService(connection, scopes, audit, config.secret, now);
  const tallies = new TallyService(connection, catalogue, centres, (responses) =>
    webhooks.note('response.low', () => lowRatings(responses, catalogue)),
  );
  const dossierTallies = new DossierTallyService(connection, centres);
  const dossiers = new DossierService(connection, scopes, dossierTallies, config.secret);
  const reported = new ReportTallies(connection, catalogue);
  const dossierReports = new DossierReportService(dossiers, reported, catalogue);
  const tthcScores = new TthcScoreService(connection, dossierReports, catalogue, settings, audit);
  const reports = new ReportService(reported, catalogue, tallies, now);
  const indices = new IndexService(reported, catalogue, tallies, now);
  const responseExports = new ExportService(connection, catalogue, flags);
  const spool = new Spool(join(config.dataDir, 'spool/exports'));
  const imports = new ImportService(responses, scopes, catalogue, now);
  const dossierImports = new DossierImportService(dossiers);
  const centreImports = new CentreImportService(centres, new UnitService(connection, catalogue, now), scopes);
  const fileImports = new FileImportService(imports, dossierImports, centreImports, catalogue, audit);
  const importSpool = new ImportSpool(config.dataDir, now);
  const exportLimit = new AccountLimit(connection, 'exports', now);
  const importLimit = new AccountLimit(connection, 'imports', now);
  return {
    now,
    publicUrl: config.publicUrl,
    connection,
    audit,
    languages,
    catalogue,
    centres,
    tokens,
    kiosks,
    questionnaires: new QuestionnaireService(connection, catalogue, kiosks, audit, now),
    gradeTables: new GradeTableService(connection, catalogue, audit, now),
    errands,
    tickets: new TicketService(centres, catalogue, errands, config.secret, config.publicUrl, now),
    responses,
    tallies,
    scopes,
    accounts: new AccountService(connection, audit, now),
    identities: new Identities(connection, audit, now),
    /** Null where the installation has no single sign-on. */
    oidc: config.oidc ? new OidcProvider(config.oidc, `${config.publicUrl}${SINGLE_SIGN_ON_RETURN}`, now) : null,
    factors: new SecondFactors(connection, config.secret, audit, now),
    signInAttempts: new SignInAttempts(connection, config.secret, now),
    flags,
    clips: ClipService.read(join(config.dataDir, 'audio')),
    drafts: new DraftService(connection, responses, catalogue, now),
    reports,
    results: new ResultService(reports, scopes, now),
    indices,
    criteria: new CriteriaService(reported, catalogue, tallies, now),
    rankings: new RankingService(reported, catalogue, dossiers),
    dossierReports,
    overviews: new OverviewService(reports, dossierReports, catalogue, now),
    comparisons: new CompareService(reports, dossierReports, catalogue, now),
    otherIndices: new OtherIndexService(connection, catalogue, indices, audit),
    tthcScores,
    forms: new FormService(reports, dossierReports, catalogue, scopes, tthcScores, now),
    dossiers,
    dossierTallies,
    exports: responseExports,
    settings,
    installation: installationOf(ROOT, config),
    retention: new RetentionService(connection, settings, audit, now),
    exportLimit,
    printer: new ReportPrinter(join(ROOT, 'public/build'), exportLimit, audit),
    exportJobs: new ExportJobService(connection, scopes, spool, now),
    exportJobRunner: new ExportJobRunner({
      ...{ connection, exports: responseExports, scopes, audit, spool, webhooks, now },
    }),
    webhooks,
    webhookSender: new WebhookSender(connection, webhooks, config.webhookNetworks, now),
    imports,
    dossierImports,
    fileImports,
    importSpool,
    uploads: new UploadService(importSpool, fileImports, new ColumnMappings(connection), importLimit),
    demo: new DemoService(connection, catalogue, centres, kiosks, responses, dossiers, tallies, now),
  };
}
