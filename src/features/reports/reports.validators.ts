import { query, type ValidationChain } from 'express-validator';
import type { IndexMethod } from '../../domain/index-figures.js';
import { isDay, localDay, parsePeriod, type DayRange, type Period } from '../../domain/period.js';
import { DEFAULT_MIN_N } from '../../domain/ranking.js';
import type { FieldError } from '../../errors.js';
import { inputErrors, textInput, type TextInput, type ValidatedRequest } from '../request-input.js';
import { INDEX_METHODS } from './index.service.js';
import { DOSSIER_GROUPINGS, type DossierGrouping } from './on-time.rows.js';
import { COMPARISONS, DEFAULT_GRADES, MEASURES, type Comparison, type Measure } from './ranking.service.js';
import { FILTERS, GROUPINGS, type Filters, type Grouping } from './reports.types.js';

/** Longest range a report covers. */
const MAX_YEARS = 50;

/** What every report is about, as its reader gave it, checked; the range defaults to this month so far. */
export interface CommonQuery {
  readonly range: DayRange;
  readonly unit: string | undefined;
  readonly centre: string | undefined;
  readonly questionnaire: string | undefined;
}

/** The query of a satisfaction report. */
export interface ReportQuery extends CommonQuery {
  readonly groupBy: Grouping;
  readonly filters: Filters;
}

/** The query of an export of criteria. */
export interface CriteriaReportQuery extends CommonQuery {
  readonly filters: Filters;
}

/** The query of a report on dossiers. */
export interface DossierQuery extends CommonQuery {
  readonly groupBy: DossierGrouping;
}

export interface IndexReportQuery extends CommonQuery {
  readonly questionnaire: string;
  readonly method: IndexMethod;
  readonly filters: Filters;
}

export interface RankingReportQuery extends Omit<CommonQuery, 'range'> {
  readonly period: Period;
  readonly measure: Measure;
  readonly against: Comparison;
  readonly minN: number;
  readonly grades: string;
  readonly filters: Filters;
}

export type FormReportQuery = Pick<RankingReportQuery, 'period' | 'unit' | 'centre'>;

export type Checked<Q> =
  { readonly ok: true; readonly query: Q } | { readonly ok: false; readonly errors: readonly FieldError[] };
export type CheckedQuery = Checked<ReportQuery>;

const optional = (name: string) => query(name).optional({ values: 'falsy' }).isString().withMessage('is given twice');
const code = (name: string) => optional(name).bail().isLength({ max: 64 }).withMessage('is too long');
const day = (name: string) => optional(name).bail().custom(isDay).withMessage('must be a day such as 2026-11-22');

const oneOf = (name: string, values: readonly string[]) =>
  optional(name)
    .bail()
    .isIn([...values])
    .withMessage(`must be one of ${values.join(', ')}`);

const period = optional('period')
  .bail()
  .custom((text: string) => parsePeriod(text) !== null)
  .withMessage('must be a period such as 2026, 2026-H1, 2026-9M, 2026-Q4, 2026-11, 2026-W47 or 2026-11-22');

/** The common query of contract §3 Reports. */
export const commonFields = [day('from'), day('to'), period, code('unit'), code('centre'), code('questionnaire')];

const filterFields = FILTERS.map((name) => optional(name).bail().isLength({ max: 200 }).withMessage('is too long'));

export const reportQueryFields = [...commonFields, ...filterFields, oneOf('groupBy', GROUPINGS)];
export const criteriaQueryFields = [...commonFields, ...filterFields];
export const dossierQueryFields = [...commonFields, oneOf('groupBy', DOSSIER_GROUPINGS)];
export const indexQueryFields = [...commonFields, ...filterFields, oneOf('method', INDEX_METHODS)];
export const rankingQueryFields = [
  ...filterFields,
  period,
  code('unit'),
  code('centre'),
  code('questionnaire'),
  code('grades'),
  oneOf('measure', MEASURES),
  oneOf('against', COMPARISONS),
  optional('minN').bail().isInt({ min: 0, max: 1_000_000 }).withMessage('must be a whole number from 0'),
];

/** What official forms are made for: a whole period and a place. */
export const formQueryFields = [period, code('unit'), code('centre')];

/** The common query of a request whose {@link commonFields} ran. */
export function readCommonQuery(req: ValidatedRequest, now: Date): Checked<CommonQuery> {
  return readCommon(req, now, (common) => common);
}

/** The report query of a request whose {@link reportQueryFields} ran. */
export function readReportQuery(req: ValidatedRequest, now: Date): CheckedQuery {
  return readCommon(req, now, (common, input) => {
    const groupBy = GROUPINGS.find((known) => known === input['groupBy']) ?? 'centre';
    return { ...common, groupBy, filters: readFilters(input) };
  });
}

/** The same for {@link criteriaQueryFields}. */
export function readCriteriaQuery(req: ValidatedRequest, now: Date): Checked<CriteriaReportQuery> {
  return readCommon(req, now, (common, input) => ({ ...common, filters: readFilters(input) }));
}

function readFilters(input: TextInput): Filters {
  return FILTERS.flatMap((by) => (input[by] === undefined ? [] : [{ by, value: input[by] }]));
}

/** The same for {@link dossierQueryFields}. */
export function readDossierQuery(req: ValidatedRequest, now: Date): Checked<DossierQuery> {
  return readCommon(req, now, (common, { groupBy }) => ({
    ...common,
    groupBy: DOSSIER_GROUPINGS.find((known) => known === groupBy) ?? 'centre',
  }));
}

/** The same for {@link indexQueryFields}; an index is always that of one questionnaire. */
export function readIndexQuery(req: ValidatedRequest, now: Date): Checked<IndexReportQuery> {
  return readCommon(req, now, ({ questionnaire, ...common }, input) => {
    if (questionnaire === undefined) return REQUIRED_QUESTIONNAIRE;
    const method = INDEX_METHODS.find((known) => known === input['method']) ?? 'top2-pooled';
    return { ...common, questionnaire, method, filters: readFilters(input) };
  });
}

/** The same for {@link rankingQueryFields}; places are compared between whole periods, so one must be named. */
export function readRankingQuery(req: ValidatedRequest): Checked<RankingReportQuery> {
  const form = readFormQuery(req);
  if (!form.ok) return form;
  const input = textInput(req);
  const measure = MEASURES.find((known) => known === input['measure']) ?? 'satisfied';
  const filters = readFilters(input);
  const [filter] = filters;
  // Dossiers are not counted by all of what one can filter by.
  if (filter && measure === 'onTime') {
    return { ok: false, errors: [{ path: 'measure', message: `cannot be ${measure} where "${filter.by}" is given` }] };
  }
  return {
    ok: true,
    query: {
      ...form.query,
      filters,
      questionnaire: input['questionnaire'],
      measure,
      against: COMPARISONS.find((known) => known === input['against']) ?? 'previous',
      minN: Number(input['minN'] ?? DEFAULT_MIN_N),
      grades: input['grades'] ?? DEFAULT_GRADES,
    },
  };
}

/** The same for {@link formQueryFields}. */
export function readFormQuery(req: ValidatedRequest): Checked<FormReportQuery> {
  const errors = inputErrors(req);
  if (errors.length > 0) return { ok: false, errors };
  const input = textInput(req);
  const asked = parsePeriod(input['period'] ?? '');
  if (!asked) return { ok: false, errors: [{ path: 'period', message: 'is required' }] };
  return { ok: true, query: { period: asked, unit: input['unit'], centre: input['centre'] } };
}

const REQUIRED_QUESTIONNAIRE: FieldError = { path: 'questionnaire', message: 'is required' };

/** Reads the common fields, and what `complete` makes of them and the others. */
function readCommon<Q extends object>(
  req: ValidatedRequest,
  now: Date,
  complete: (common: CommonQuery, input: TextInput) => Q | FieldError,
): Checked<Q> {
  const errors = inputErrors(req);
  if (errors.length > 0) return { ok: false, errors };
  const input = textInput(req);
  const range = readRange(input, localDay(now));
  if ('path' in range) return { ok: false, errors: [range] };
  const { unit, centre, questionnaire } = input;
  const query = complete({ range, unit, centre, questionnaire }, input);
  return 'path' in query ? { ok: false, errors: [query] } : { ok: true, query };
}

/** The same query, given by other means than a request. */
export function checkReportQuery(given: TextInput, now: Date): Promise<CheckedQuery> {
  return checkQuery(reportQueryFields, (request) => readReportQuery(request, now), given);
}

/** Checks fields that do not come from a request, or not all of them. */
export async function checkQuery<Q>(
  fields: readonly ValidationChain[],
  read: (request: ValidatedRequest) => Checked<Q>,
  given: Readonly<Record<string, unknown>>,
): Promise<Checked<Q>> {
  const request = { query: { ...given } };
  await Promise.all(fields.map((field) => field.run(request)));
  return read(request);
}

function readRange({ period, from, to }: TextInput, today: string): DayRange | FieldError {
  if (period !== undefined && (from !== undefined || to !== undefined)) {
    return { path: 'period', message: 'give a period or a range of days, not both' };
  }
  const asked = period === undefined ? null : parsePeriod(period);
  if (asked) return asked.range;
  if (from === undefined && to !== undefined) return { path: 'from', message: 'is required with "to"' };
  const range = { from: from ?? `${today.slice(0, 7)}-01`, to: to ?? today };
  if (range.from > range.to) return { path: 'to', message: 'must not be before "from"' };
  if (Number(range.to.slice(0, 4)) - Number(range.from.slice(0, 4)) > MAX_YEARS) {
    return { path: 'from', message: `a report covers at most ${MAX_YEARS} years` };
  }
  return range;
}
