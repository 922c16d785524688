import type { Translate } from '../../i18n/index.js';
import type { Values } from '../reports/reports.tabs.js';
import type { DelimiterName } from './exports.csv.js';
import type { Format } from './exports.formats.js';

/** Where files that take long are asked for, watched and taken. */
export const JOBS_PATH = '/exports/jobs';

/** What a form asks for such a file with, beside which file it is. */
export const JOB_QUERY = ['period', 'from', 'to', 'unit', 'centre', 'questionnaire'] as const;

/** With more responses than these a download takes long enough to be worth a job. */
const MANY_RESPONSES = 100_000;

interface JobFile {
  readonly id: string;
  readonly format: Format;
  readonly delimiter: DelimiterName;
}

/** The files that are made as jobs: those of single responses, the only ones that can be large. */
export const JOB_FILES: readonly JobFile[] = [
  { id: 'xlsx', format: 'xlsx', delimiter: ',' },
  { id: 'csv', format: 'csv', delimiter: ',' },
  { id: 'csv-semicolon', format: 'csv', delimiter: ';' },
];

/** A form that asks for a file to be made. */
export interface JobForm {
  readonly action: string;
  readonly about: string;
  /** It is the better way to this file. */
  readonly isAdvised: boolean;
  readonly fields: readonly { readonly name: string; readonly value: string }[];
  readonly files: readonly { readonly id: string; readonly label: string }[];
}

/** @param responses how many there are, about */
export function jobForm(values: Values, responses: number, t: Translate): JobForm {
  const isAdvised = responses > MANY_RESPONSES;
  return {
    action: JOBS_PATH,
    about: t(isAdvised ? 'exports.job.advised' : 'exports.job.about'),
    isAdvised,
    fields: JOB_QUERY.flatMap((name) => (values[name] ? [{ name, value: values[name] }] : [])),
    files: JOB_FILES.map(({ id, format, delimiter }) => ({
      id,
      label: t('exports.job.prepare', { file: delimiter === ';' ? t('exports.semicolon') : format.toUpperCase() }),
    })),
  };
}
