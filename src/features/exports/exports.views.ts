import { formatNumber } from '../../domain/format-vi.js';
import type { DayRange } from '../../domain/period.js';
import type { MessageKey } from '../../i18n/index.js';
import { WINDOW_MINUTES } from '../access/account-limit.js';
import { commonFields, questionnaireField, type Field, type PageInput } from '../reports/figures.views.js';
import { rangeText } from '../reports/reports.names.js';
import { withQuery } from '../reports/reports.tabs.js';
import { JOBS_PATH, jobForm, type JobForm } from './exports.job-form.js';

export const EXPORTS_PATH = '/exports';

const PLACE = ['period', 'from', 'to', 'unit', 'centre'] as const;
const QUERY = [...PLACE, 'questionnaire'] as const;
const FORM_QUERY = ['period', 'unit', 'centre'] as const;

/** Locals of `exports/exports`. */
export interface ExportsPage {
  readonly title: string;
  readonly action: string;
  readonly values: PageInput['values'];
  readonly errors: PageInput['errors'];
  readonly fields: readonly Field[];
  readonly scopeName: string;
  /** '' where nothing can be exported. */
  readonly periodText: string;
  readonly responsesText: string;
  readonly files: readonly ExportFile[];
  readonly limitText: string;
  readonly jobsPath: string;
}

/** What can be taken, in the formats it comes in; without formats, `about` says why. */
export interface ExportFile {
  readonly id: string;
  readonly name: string;
  readonly about: string;
  readonly formats: readonly { readonly href: string; readonly label: string }[];
  /** How it is asked for as a job; null for what is made at once. */
  readonly job: JobForm | null;
}

export interface ExportsPageInput extends PageInput {
  /** How many exports an account may begin in {@link WINDOW_MINUTES}. */
  readonly limit: number;
  /** Null when the query was invalid. */
  readonly found: { readonly range: DayRange; readonly responses: number } | null;
}

/** The page of exports: what they are of, and a link for every file. */
export function exportsPage(input: ExportsPageInput): ExportsPage {
  const { values, errors, scopeName, found, lang, t } = input;
  return {
    title: t('exports.title'),
    action: EXPORTS_PATH,
    values,
    errors,
    fields: [...commonFields(PLACE, input), questionnaireField(input, true)],
    scopeName: scopeName ?? t('reports.wholeScope'),
    periodText: found ? rangeText(found.range, values['period'] ?? '', lang, t) : '',
    responsesText: found ? formatNumber(found.responses, 0, lang) : '',
    limitText: t('exports.note.limit', { n: input.limit, minutes: WINDOW_MINUTES }),
    jobsPath: JOBS_PATH,
    files: found ? [...tables(input, found.responses), ...forms(input)] : [],
  };
}

function tables({ values, t }: PageInput, responses: number): ExportFile[] {
  return (['responses', 'satisfaction', 'criteria'] as const).map((name) => {
    const csv = withQuery(`${EXPORTS_PATH}/${name}.csv`, values, QUERY);
    return {
      id: name,
      name: t(`exports.${name}`),
      about: t(`exports.${name}.about`),
      formats: [
        { href: withQuery(`${EXPORTS_PATH}/${name}.xlsx`, values, QUERY), label: 'XLSX' },
        { href: csv, label: 'CSV' },
        { href: `${csv}${csv.includes('?') ? '&' : '?'}delimiter=%3B`, label: t('exports.semicolon') },
      ],
      job: name === 'responses' ? jobForm(values, responses, t) : null,
    };
  });
}

/** Official forms are of whole periods. */
function forms({ values, t }: PageInput): ExportFile[] {
  const named: readonly (readonly [id: string, name: MessageKey, about: MessageKey])[] = [
    ['mau-02', 'exports.mau02', 'exports.mau02.about'],
    ['mau-03', 'exports.mau03', 'exports.mau03.about'],
  ];
  return named.map(([id, name, about]) => ({
    id,
    name: t(name),
    about: values['period'] ? t(about) : t('exports.needsPeriod'),
    formats: values['period']
      ? [{ href: withQuery(`${EXPORTS_PATH}/${id}.xlsx`, values, FORM_QUERY), label: 'XLSX' }]
      : [],
    job: null,
  }));
}
