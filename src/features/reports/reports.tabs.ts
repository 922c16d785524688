import type { MessageKey, Translate } from '../../i18n/index.js';
import { FILTERS } from './reports.types.js';

/** A link to one of the reports. */
export interface Tab {
  readonly href: string;
  readonly label: string;
  readonly current: boolean;
  /** Of the score of 9 indicators, which an installation may do without. */
  readonly isScore: boolean;
}

export const SCORE_PATH = '/reports/tthc-score';

const PAGES = [
  { path: '/reports/overview', label: 'tabs.overview' },
  { path: '/reports', label: 'tabs.satisfaction' },
  { path: '/reports/index', label: 'tabs.index' },
  { path: '/reports/ranking', label: 'tabs.ranking' },
  { path: '/reports/on-time', label: 'tabs.onTime' },
  { path: '/reports/compare', label: 'tabs.compare' },
  { path: SCORE_PATH, label: 'tabs.score' },
  { path: '/reports/indices', label: 'tabs.indices' },
] as const satisfies readonly { path: string; label: MessageKey }[];

/** What all report pages ask for alike, and links therefore carry from page to page. */
const SHARED = ['period', 'from', 'to', 'unit', 'centre'] as const;
/** A ranking is of whole periods and of several centres. */
const SHARED_BY_RANKING = ['period', 'unit'] as const;
/** What is asked of forms alone. */
const NARROWED = ['/reports', '/reports/index', '/reports/ranking'];
const SHARED_BY_SCORE = ['period', 'unit', 'centre'] as const;

export type Values = Readonly<Partial<Record<string, string>>>;

/** Links to the reports, about the same period and place. */
export function tabsOf(current: string, values: Values, t: Translate): Tab[] {
  return PAGES.map(({ path, label }) => ({
    href: withQuery(path, values, sharedBy(path)),
    label: t(label),
    current: path === current,
    isScore: path === SCORE_PATH,
  }));
}

function sharedBy(path: string): readonly string[] {
  if (path === SCORE_PATH) return SHARED_BY_SCORE;
  const shared = path === '/reports/ranking' ? SHARED_BY_RANKING : SHARED;
  return NARROWED.includes(path) ? [...shared, ...FILTERS] : shared;
}

/** An address with those of the values that are not empty. */
export function withQuery(path: string, values: Values, names: readonly string[]): string {
  const query = new URLSearchParams();
  for (const name of names) {
    const value = values[name];
    if (value) query.set(name, value);
  }
  return query.size > 0 ? `${path}?${query.toString()}` : path;
}
