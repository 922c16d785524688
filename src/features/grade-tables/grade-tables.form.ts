import { GRADE_STATUSES, type GradeBand, type GradeTable } from '../../domain/grades.js';
import { addDays, isDay } from '../../domain/period.js';
import type { MessageKey } from '../../i18n/index.js';
import type { OfficeVersion } from '../catalogue/grade-tables.model.js';
import { catalogueCode } from '../catalogue/questionnaire-shape.js';
import { typedLine } from '../validation.js';

/** Most characters of each text, and most grades. */
export const GRADE_TABLE_LIMITS = { name: 200, source: 2000, label: 60, bands: 10 } as const;
const FEWEST_BANDS = 2;
/** Rows that a form has for grades to add. */
const NEW_ROWS = 2;
const FEWEST_ROWS = 5;
/** Taken by a page's address. */
const RESERVED_IDS = ['new'];

/** The texts of the form, by their fields: `bands.0.min` is the lower bound of the best grade. */
export type FormValues = Readonly<Partial<Record<string, string>>>;

/** One thing wrong with the form: in which field, and in which words to say it. */
export interface GradeTableProblem {
  readonly field: string;
  readonly key: MessageKey;
  readonly params?: Readonly<Record<string, string | number>>;
}

/** What a form is checked against. */
export interface FormRules {
  readonly today: string;
  /** The highest value that is graded. */
  readonly max: number;
  /** Of a table that is not there yet. */
  readonly isNew: boolean;
}

export type CheckedTable =
  | { readonly ok: true; readonly id: string; readonly version: OfficeVersion }
  | { readonly ok: false; readonly problems: readonly GradeTableProblem[] };

/** The form as a version fills it in. */
export function valuesOf({ name, source, status, bands }: GradeTable, from: string): FormValues {
  const rows = bands.flatMap(({ min, label }, index): [string, string][] => [
    [`bands.${index}.min`, String(min).replace('.', ',')],
    [`bands.${index}.vi`, label.vi],
    [`bands.${index}.en`, label['en'] ?? ''],
  ]);
  return { name, source, status, from, ...Object.fromEntries(rows) };
}

/** How many rows a form shows for so many grades. */
export function rowCount(grades: number): number {
  return Math.min(GRADE_TABLE_LIMITS.bands, Math.max(FEWEST_ROWS, grades + NEW_ROWS));
}

/** How many of its rows a form fills in, counted to the last one. */
export function filledRows(values: FormValues): number {
  return Math.max(0, ...rowsOf(values).map(({ index }) => index + 1));
}

/** The version that a form says, or everything that is wrong with it. Empty rows say nothing. */
export function checkTable(values: FormValues, rules: FormRules): CheckedTable {
  const problems: GradeTableProblem[] = [];
  const wrong = (field: string, key: MessageKey, params: GradeTableProblem['params'] = {}) =>
    problems.push({ field, key, params });
  const { id = '', from = '' } = values;
  if (rules.isNew && (!catalogueCode.safeParse(id).success || RESERVED_IDS.includes(id)))
    wrong('id', 'grades.error.id');
  const name = text('name', values, GRADE_TABLE_LIMITS.name, wrong);
  const status = GRADE_STATUSES.find((known) => known === values['status']) ?? 'office';
  const source = text('source', { source: spaced(values['source']) }, GRADE_TABLE_LIMITS.source, wrong);
  checkDay(from, values, rules, wrong);
  const bands = bandsOf(values, rules.max, wrong);
  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, id, version: { from, name, source, status, bands } };
}

type Wrong = (field: string, key: MessageKey, params?: GradeTableProblem['params']) => void;

function checkDay(from: string, values: FormValues, { today, isNew }: FormRules, wrong: Wrong): void {
  if (!isDay(from)) wrong('from', 'grades.error.day');
  else if (!isNew && from <= today) wrong('from', 'grades.error.future', { first: addDays(today, 1) });
  else if (from <= today && values['confirm'] === undefined) wrong('confirm', 'grades.error.confirm');
}

function bandsOf(values: FormValues, max: number, wrong: Wrong): GradeBand[] {
  const rows = rowsOf(values);
  if (rows.length < FEWEST_BANDS) wrong('bands.0.min', 'grades.error.fewest', { n: FEWEST_BANDS });
  const bands = rows.map(({ index }) => bandOf(index, values, max, wrong));
  bands.forEach((band, at) => {
    const place = `bands.${rows[at]?.index ?? 0}`;
    const [better, earlier] = [bands[at - 1], bands.slice(0, at)];
    // Of a limit that is no number enough was said.
    if (better && band.min >= better.min) wrong(`${place}.min`, 'grades.error.order');
    for (const language of ['vi', 'en'] as const) {
      const label = band.label[language];
      const isTwice = label !== undefined && earlier.some((other) => isSameLabel(other.label[language], label));
      if (isTwice) wrong(`${place}.${language}`, 'grades.error.twice');
    }
  });
  const last = bands.at(-1);
  if (last && last.min > 0) wrong(`bands.${rows.at(-1)?.index ?? 0}.min`, 'grades.error.lowest');
  return bands;
}

function bandOf(index: number, values: FormValues, max: number, wrong: Wrong): GradeBand {
  const place = `bands.${index}`;
  const vi = text(`${place}.vi`, values, GRADE_TABLE_LIMITS.label, wrong);
  const hasEnglish = said(values, `${place}.en`) !== '';
  const en = hasEnglish ? text(`${place}.en`, values, GRADE_TABLE_LIMITS.label, wrong) : undefined;
  const typed = said(values, `${place}.min`);
  const min = /^\d{1,3}([.,]\d{1,2})?$/.test(typed) ? Number(typed.replace(',', '.')) : NaN;
  if (!(min <= max)) wrong(`${place}.min`, 'grades.error.min', { max });
  return { min, label: { vi, ...(en === undefined ? {} : { en }) } };
}

function text(field: string, values: FormValues, max: number, wrong: Wrong): string {
  const parsed = typedLine(max).safeParse(values[field] ?? '');
  if (parsed.success) return parsed.data;
  const isEmpty = said(values, field) === '';
  wrong(field, isEmpty ? 'grades.error.empty' : 'grades.error.text', isEmpty ? {} : { n: max });
  return '';
}

/** Rows in which something is filled in. */
function rowsOf(values: FormValues): { readonly index: number }[] {
  const rows = Array.from({ length: GRADE_TABLE_LIMITS.bands }, (_, index) => ({ index }));
  return rows.filter(({ index }) => ['min', 'vi', 'en'].some((part) => said(values, `bands.${index}.${part}`) !== ''));
}

function said(values: FormValues, field: string): string {
  return (values[field] ?? '').trim();
}

/** Lines of a box of several lines are one text. */
function spaced(typed = ''): string {
  return typed.replace(/\s+/g, ' ');
}

function isSameLabel(one: string | undefined, other: string): boolean {
  return one?.toLocaleLowerCase('vi') === other.toLocaleLowerCase('vi');
}
