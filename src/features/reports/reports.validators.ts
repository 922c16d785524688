import { query } from 'express-validator';
import { isDay, localDay, parsePeriod, type DayRange } from '../../domain/period.js';
import type { FieldError } from '../../errors.js';
import { inputErrors, textInput, type TextInput, type ValidatedRequest } from '../request-input.js';
import { GROUPINGS, type Grouping } from './reports.types.js';

/** Longest range a report covers. */
const MAX_YEARS = 50;

/** A report's query as its reader gave it, checked; the period defaults to this month so far. */
export interface ReportQuery {
  readonly range: DayRange;
  readonly unit: string | undefined;
  readonly centre: string | undefined;
  readonly questionnaire: string | undefined;
  readonly groupBy: Grouping;
}

export type CheckedQuery =
  { readonly ok: true; readonly query: ReportQuery } | { readonly ok: false; readonly errors: readonly FieldError[] };

const optional = (name: string) => query(name).optional({ values: 'falsy' }).isString().withMessage('is given twice');
const code = (name: string) => optional(name).bail().isLength({ max: 64 }).withMessage('is too long');
const day = (name: string) => optional(name).bail().custom(isDay).withMessage('must be a day such as 2026-11-22');

/** The common query of contract §3 Reports. */
export const reportQueryFields = [
  day('from'),
  day('to'),
  optional('period')
    .bail()
    .custom((text: string) => parsePeriod(text) !== null)
    .withMessage('must be a period such as 2026, 2026-H1, 2026-9M, 2026-Q4, 2026-11, 2026-W47 or 2026-11-22'),
  code('unit'),
  code('centre'),
  code('questionnaire'),
  optional('groupBy')
    .bail()
    .isIn([...GROUPINGS])
    .withMessage(`must be one of ${GROUPINGS.join(', ')}`),
];

/** The report query of a request whose {@link reportQueryFields} ran. */
export function readReportQuery(req: ValidatedRequest, now: Date): CheckedQuery {
  const errors = inputErrors(req);
  if (errors.length > 0) return { ok: false, errors };
  const input = textInput(req);
  const range = readRange(input, localDay(now));
  if ('path' in range) return { ok: false, errors: [range] };
  return {
    ok: true,
    query: {
      range,
      unit: input['unit'],
      centre: input['centre'],
      questionnaire: input['questionnaire'],
      groupBy: GROUPINGS.find((known) => known === input['groupBy']) ?? 'centre',
    },
  };
}

/** The same query, given by other means than a request. */
export async function checkReportQuery(given: TextInput, now: Date): Promise<CheckedQuery> {
  const request = { query: { ...given } };
  await Promise.all(reportQueryFields.map((field) => field.run(request)));
  return readReportQuery(request, now);
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
