import { formatNumber, formatPercent } from '../../domain/format-vi.js';
import type { Lang, MessageKey, Translate } from '../../i18n/index.js';
import { JOBS_PATH } from '../exports/exports.job-form.js';
import { instantText, rangeText } from '../reports/reports.names.js';
import { isUnfinished, KEPT_HOURS, type ExportJob, type Failure } from './export-jobs.model.js';
import { MAX_KEPT } from './export-jobs.service.js';

/** How often the page shows again how far the files are, in seconds. */
const REFRESH_SECONDS = 5;
/** The estimate is not the number itself: the last percent is for the end. */
const MOST_PERCENT = 99;

export interface ExportJobsPageInput {
  readonly jobs: readonly ExportJob[];
  /** The reader wants it to stay as it is. */
  readonly isStill: boolean;
  readonly problem: MessageKey | null;
  readonly now: Date;
  readonly lang: Lang;
  readonly t: Translate;
}

/** Locals of `exports/jobs`. */
export interface ExportJobsPage {
  readonly title: string;
  /** Seconds after which it is loaded again; absent when nothing changes by itself, or the reader does not want it. */
  readonly refresh?: number;
  /** Turns loading again off or on; null where nothing changes by itself. */
  readonly refreshLink: { readonly href: string; readonly label: string } | null;
  readonly problem: string | null;
  readonly jobs: readonly ShownJob[];
  readonly keptText: string;
}

export interface ShownJob {
  readonly id: string;
  readonly name: string;
  readonly about: string;
  readonly state: string;
  readonly progress: { readonly percent: number; readonly text: string } | null;
  /** What is known of it: label and text. */
  readonly facts: readonly { readonly label: string; readonly text: string }[];
  readonly failure: string | null;
  readonly download: string | null;
  /** Where a form cancels it. */
  readonly cancel: string | null;
}

/** The page of files in the making and made. */
export function exportJobsPage({ jobs, isStill, problem, now, lang, t }: ExportJobsPageInput): ExportJobsPage {
  const isMoving = jobs.some(isUnfinished);
  const refreshLink = isStill
    ? { href: JOBS_PATH, label: t('jobs.refresh.on') }
    : { href: `${JOBS_PATH}?auto=off`, label: t('jobs.refresh.off') };
  return {
    title: t('jobs.title'),
    ...(isMoving && !isStill ? { refresh: REFRESH_SECONDS } : {}),
    refreshLink: isMoving ? refreshLink : null,
    problem: problem && t(problem),
    jobs: jobs.map((job) => shownJob(job, now, lang, t)),
    keptText: t('jobs.kept', { hours: KEPT_HOURS, n: MAX_KEPT }),
  };
}

/** The name under which a file is saved, without its ending. */
export function fileName({ range }: Pick<ExportJob, 'range'>): string {
  return `phieu_${range.from}_${range.to}`;
}

function shownJob(job: ExportJob, now: Date, lang: Lang, t: Translate): ShownJob {
  const address = `${JOBS_PATH}/${job._id}`;
  const place = job.placeName ?? t('reports.wholeScope');
  return {
    id: job._id,
    name: `${fileName(job)}.${job.format}`,
    about: `${place} – ${rangeText(job.range, '', lang, t)}`,
    state: t(`jobs.state.${job.state}`),
    progress: job.state === 'running' ? progressOf(job, now, lang, t) : null,
    facts: factsOf(job, lang, t),
    failure: job.failure && t(FAILURE_TEXTS[job.failure]),
    download: job.state === 'done' ? `${address}/file` : null,
    cancel: isUnfinished(job) ? `${address}/cancel` : null,
  };
}

const FAILURE_TEXTS: Readonly<Record<Failure, MessageKey>> = {
  'disk-full': 'jobs.failure.diskFull',
  interrupted: 'jobs.failure.interrupted',
  internal: 'jobs.failure.internal',
};

function progressOf({ rows, total, startedAt }: ExportJob, now: Date, lang: Lang, t: Translate) {
  const percent = total === 0 ? 0 : Math.min(MOST_PERCENT, Math.floor((100 * rows) / total));
  const done = t('jobs.progress', {
    percent: formatPercent(percent, 0, lang),
    rows: formatNumber(rows, 0, lang),
    total: formatNumber(total, 0, lang),
  });
  return { percent, text: `${done} – ${timeLeft(rows, total, startedAt, now, lang, t)}` };
}

/** By the pace so far; unknown before the first rows. */
function timeLeft(rows: number, total: number, startedAt: Date | null, now: Date, lang: Lang, t: Translate): string {
  if (rows === 0 || !startedAt) return t('jobs.left.unknown');
  const elapsed = Math.max(0, now.getTime() - startedAt.getTime());
  const seconds = Math.ceil((elapsed / 1000) * Math.max(0, total / rows - 1));
  if (seconds < 60) return t('jobs.left.seconds', { n: formatNumber(seconds, 0, lang) });
  return t('jobs.left.minutes', { n: formatNumber(Math.ceil(seconds / 60), 0, lang) });
}

function factsOf(job: ExportJob, lang: Lang, t: Translate): ShownJob['facts'] {
  const { requestedAt, rows, bytes, sha256, expiresAt } = job;
  const facts = [{ label: t('jobs.requestedAt'), text: instantText(requestedAt, lang) }];
  if (job.state !== 'done' || bytes === null || sha256 === null || !expiresAt) return facts;
  return [
    ...facts,
    { label: t('exports.count'), text: formatNumber(rows, 0, lang) },
    { label: t('jobs.size'), text: sizeText(bytes, lang) },
    { label: t('jobs.keptUntil'), text: instantText(expiresAt, lang) },
    { label: 'SHA-256', text: sha256 },
  ];
}

function sizeText(bytes: number, lang: Lang): string {
  return bytes < 1e6 ? `${formatNumber(bytes / 1e3, 0, lang)} kB` : `${formatNumber(bytes / 1e6, 1, lang)} MB`;
}
