import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderFile } from 'ejs';
import type { Questionnaire } from '../../../src/domain/questionnaire.js';
import { figures } from '../../../src/domain/rates.js';
import type { Scale } from '../../../src/domain/scale.js';
import type { ReportRow, SatisfactionReport } from '../../../src/features/reports/reports.types.js';
import type { FilterValues } from '../../../src/features/reports/filter.views.js';
import type { SatisfactionPageInput } from '../../../src/features/reports/reports.views.js';
import type { Lang } from '../../../src/i18n/index.js';
import { Languages } from '../../../src/i18n/languages.js';

export const ROOT = join(__dirname, '../../..');
export const VIEWS = join(ROOT, 'views');

/** Every template with its source. */
export const TEMPLATES = readdirSync(VIEWS, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ejs'))
  .map((name) => ({ name, source: readFileSync(join(VIEWS, name), 'utf8') }));

const scales: Scale[] = JSON.parse(readFileSync(join(ROOT, 'data/scales.json'), 'utf8'));
export const LEVEL3 = scales.find(({ id }) => id === 'level3')!;
export const LIKERT5 = scales.find(({ id }) => id === 'likert5')!;

export const LANGUAGES = Languages.read([]);

export function questionnaire(id: string): Questionnaire {
  return JSON.parse(readFileSync(join(ROOT, `data/questionnaires/${id}.json`), 'utf8'));
}

/** What the middleware gives every view. */
export function commonLocals(lang: Lang = 'vi') {
  return {
    lang,
    t: LANGUAGES.translator(lang),
    languages: LANGUAGES,
    account: null,
    csrfToken: '',
    demo: false,
    asset: (name: string) => `/assets/${name}`,
    langUrl: (other: string) => `?lang=${other}`,
    largeText: false,
    textUrl: '?text=large',
    requestId: 'request-1',
    commentMonths: 24,
    needsFactor: false,
  };
}

/** The page a view makes of these locals, which may also replace the common ones. */
export function render(view: string, locals: object, lang: Lang = 'vi'): Promise<string> {
  return renderFile(join(VIEWS, `${view}.ejs`), { ...commonLocals(lang), ...locals });
}

/** What a reader sees of a page: its text without tags, white space collapsed. */
export function textOf(html: string): string {
  const body = html.slice(html.indexOf('<body'));
  return body
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}

/** A report line over `counts`, worst level first. */
export function row(scale: Scale, key: string, label: string, counts: number[]): ReportRow {
  const answers = figures(scale, counts);
  return { key, label, responses: answers.n, ...answers };
}

/** A report for October to December 2026 with the given lines; its total is their sum. */
export function report(scale: Scale, rows: ReportRow[]): SatisfactionReport {
  const sum = scale.levels.map((_, level) => rows.reduce((total, { counts }) => total + (counts[level] ?? 0), 0));
  return {
    from: '2026-10-01',
    to: '2026-12-31',
    scope: null,
    questionnaire: null,
    scale: scale.id,
    asOf: '2026-11-22T01:05:00.000Z',
    total: row(scale, '', '', sum),
    rows,
  };
}

export const NO_FILTER: FilterValues = {
  period: '',
  from: '',
  to: '',
  centre: '',
  unit: '',
  questionnaire: '',
  groupBy: '',
  sort: '',
  field: '',
  procedure: '',
  counter: '',
  officer: '',
  channel: '',
};

/** Input of the report page with one centre of the counts of contract vectors: 5 very satisfied of 19. */
export function pageInput(over: Partial<SatisfactionPageInput> = {}, lang: Lang = 'vi'): SatisfactionPageInput {
  return {
    report: report(LIKERT5, [row(LIKERT5, 'MAU', 'Trung tâm mẫu', [1, 2, 3, 8, 5])]),
    scales: [LEVEL3, LIKERT5],
    scopeName: null,
    values: NO_FILTER,
    options: { today: '2026-11-22', centres: [{ code: 'MAU', name: 'Trung tâm mẫu' }], questionnaires: [] },
    errors: {},
    downloads: [],
    lang,
    t: LANGUAGES.translator(lang),
    ...over,
  };
}
