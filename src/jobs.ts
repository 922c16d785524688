import type { Logger } from 'pino';
import type { Config } from './config.js';
import type { Services } from './services.js';

/** What runs by itself while the server runs. */
export interface Jobs {
  stop(): Promise<void>;
}

const DRAFT_SWEEP_MS = 10_000;
const EXPORT_JOBS_MS = 1000;
const WEBHOOKS_MS = 2000;
const EXPORT_SWEEP_MS = 600_000;
const IMPORT_SWEEP_MS = 60_000;
/** How long another process may have published or set something before this one knows. */
const KNOWN_MS = 10_000;
const RETENTION_MS = 24 * 3_600_000;

/**
 * Starts every timed job: counting, completing the drafts of citizens who left, making files, telling others, and
 * removing what was kept long enough.
 */
export function startJobs(
  {
    catalogue,
    tallies,
    dossierTallies,
    drafts,
    exportJobs,
    exportJobRunner,
    webhookSender,
    importSpool,
    retention,
    settings,
  }: Services,
  { tallyIntervalMs }: Pick<Config, 'tallyIntervalMs'>,
  log: Logger,
): Jobs {
  const jobs = [
    // Half the interval between looks leaves the other half for the counting itself.
    repeat('tally', tallyIntervalMs / 2, () => tallies.run(), log),
    repeat('dossier-tally', tallyIntervalMs / 2, () => dossierTallies.run(), log),
    repeat('drafts', DRAFT_SWEEP_MS, () => drafts.completeDue(), log),
    repeat('export-jobs', EXPORT_JOBS_MS, () => exportJobRunner.run(), log),
    repeat('webhooks', WEBHOOKS_MS, () => webhookSender.run(), log),
    repeat('export-sweep', EXPORT_SWEEP_MS, () => exportJobs.sweep(), log),
    repeat('catalogue', KNOWN_MS, () => catalogue.refresh(), log),
    repeat('settings', KNOWN_MS, () => settings.refresh(), log),
    repeat('retention', RETENTION_MS, () => retention.apply(), log),
    repeat('imports', IMPORT_SWEEP_MS, () => importSpool.sweep(), log),
  ];
  return {
    async stop() {
      exportJobRunner.stop();
      await Promise.all(jobs.map((job) => job.stop()));
    },
  };
}

/** Runs a job again and again, `pauseMs` after it ended; a failure is logged and the next run tries again. */
function repeat(name: string, pauseMs: number, job: () => Promise<unknown>, log: Logger): Jobs {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const run = async () => {
    await job().catch((error: unknown) => log.error({ err: error, job: name }, 'job failed'));
    if (stopped) return;
    timer = setTimeout(() => {
      running = run();
    }, pauseMs);
  };
  let running = run();
  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
