import { formatDay, formatNumber } from '../../domain/format-vi.js';
import { bestFirst, GRADE_STATUSES, HIGHEST_PERCENTAGE, type GradeTableVersion } from '../../domain/grades.js';
import { addDays } from '../../domain/period.js';
import { RATE_DECIMALS } from '../../domain/rates.js';
import { textIn } from '../../domain/text.js';
import type { Lang, MessageKey, Translate } from '../../i18n/index.js';
import type { FormError } from '../request-input.js';
import {
  filledRows,
  GRADE_TABLE_LIMITS,
  rowCount,
  type FormValues,
  type GradeTableProblem,
} from './grade-tables.form.js';
import type { GradeTableState } from './grade-tables.service.js';

export const GRADES_PATH = '/admin/grades';

/** The address of the page of a table. */
export function pathOf(id: string): string {
  return `${GRADES_PATH}/${encodeURIComponent(id)}`;
}

/** One line of `grades/list`. */
export function listLine({ id, versions, present, pending }: GradeTableState, lang: Lang, t: Translate) {
  const shown = present ?? versions.at(-1);
  return {
    id,
    href: pathOf(id),
    name: shown?.name ?? id,
    from: present ? fromText(present, lang, t) : '–',
    pending: pending ? fromText(pending, lang, t) : '–',
  };
}

/** Locals of `grades/table`: the versions of a table, newest first. */
export function tablePage(table: GradeTableState, lang: Lang, t: Translate) {
  return {
    ...listLine(table, lang, t),
    hasPending: table.pending !== undefined,
    versions: [...table.versions].reverse().map((version) => versionView(version, table, lang, t)),
  };
}

/** Locals of `grades/remove`. */
export function removePage(table: GradeTableState, pending: GradeTableVersion, lang: Lang, t: Translate) {
  return {
    ...listLine(table, lang, t),
    revision: table.revision,
    version: versionView(pending, table, lang, t),
    isLast: table.versions.length === 1,
  };
}

function versionView(version: GradeTableVersion, { present, pending }: GradeTableState, lang: Lang, t: Translate) {
  const { bands, source, status } = version;
  const sorted = bestFirst({ bands });
  const state = version === pending ? 'pending' : version === present ? 'present' : 'past';
  return {
    key: version.from ?? 'first',
    from: fromText(version, lang, t),
    state: t(`grades.state.${state}`),
    source,
    status: t(`grades.status.${status}`),
    bands: sorted.map(({ min, label }, index) => {
      const better = sorted[index - 1];
      return { label: textIn(label, lang), from: bound(min, lang), below: better ? bound(better.min, lang) : '' };
    }),
  };
}

function fromText({ from }: Pick<GradeTableVersion, 'from'>, lang: Lang, t: Translate): string {
  return from === null ? t('grades.fromBeginning') : formatDay(from, lang);
}

function bound(value: number, lang: Lang): string {
  return formatNumber(value, Number.isInteger(value) ? 0 : RATE_DECIMALS, lang);
}

export interface EditInput {
  /** Null: a table that is not there yet. */
  readonly table: GradeTableState | null;
  readonly revision: number;
  readonly values: FormValues;
  readonly errors: readonly FormError[];
  readonly today: string;
}

/** Locals of `grades/edit`. */
export function editPage({ table, revision, values, errors, today }: EditInput, lang: Lang, t: Translate) {
  const id = table?.id ?? null;
  return {
    id,
    title: id === null ? t('grades.add') : t(table?.pending ? 'grades.correctOf' : 'grades.versionOf', { id }),
    action: id === null ? `${GRADES_PATH}/new` : `${pathOf(id)}/version`,
    back: id === null ? GRADES_PATH : pathOf(id),
    revision,
    values,
    errors,
    wrong: Object.fromEntries(errors.map(({ field, message }) => [field, message])),
    limits: GRADE_TABLE_LIMITS,
    earliest: id === null ? null : addDays(today, 1),
    rangeHint: t('grades.bandsHint', { max: formatNumber(table?.max ?? HIGHEST_PERCENTAGE, 0, lang) }),
    rows: Array.from({ length: rowCount(filledRows(values)) }, (_, index) => ({
      name: `bands.${index}`,
      legend: t('grades.bandN', { n: index + 1 }),
    })),
    statuses: GRADE_STATUSES.map((status) => ({ status, label: t(`grades.status.${status}`) })),
  };
}

const FIELD_NAMES: Readonly<Record<string, MessageKey>> = {
  id: 'grades.code',
  name: 'grades.name',
  source: 'grades.source',
  from: 'grades.inForceFrom',
  min: 'grades.from',
  vi: 'grades.labelVi',
  en: 'grades.labelEn',
};

/** A problem of the form in the reader's words, with the name of its field. */
export function formError({ field, key, params }: GradeTableProblem, lang: Lang, t: Translate): FormError {
  const [, row, part = field] = /^bands\.(\d+)\.(\w+)$/.exec(field) ?? [];
  const name = FIELD_NAMES[part];
  const words = t(key, shownParams(params, lang));
  const place = row === undefined ? '' : `${t('grades.bandN', { n: Number(row) + 1 })}, `;
  return { field, message: name === undefined ? words : `${place}${t(name)}: ${words}` };
}

function shownParams(params: GradeTableProblem['params'] = {}, lang: Lang) {
  const { first, ...others } = params;
  return first === undefined ? others : { ...others, first: formatDay(String(first), lang) };
}
