import type { FieldError } from '../../errors.js';
import { INDICATORS, MAX_POINTS, type Points } from '../../domain/tthc-score.js';
import type { TextInput } from '../request-input.js';
import type { PutScore } from './tthc-score.service.js';

export const COLUMNS = ['self', 'appraised'] as const;
export type ScoreColumn = (typeof COLUMNS)[number];

/** The field of an indicator, counted from 0: 'self1'. */
export function fieldOf(column: ScoreColumn, index: number): string {
  return `${column}${index + 1}`;
}

/** The fields of the form. */
export const SCORE_FIELDS: readonly string[] = COLUMNS.flatMap((column) =>
  INDICATORS.map((_, index) => fieldOf(column, index)),
);

/** 1,25 as in Vietnamese texts, or 1.25. */
const POINTS = /^\d([.,]\d{1,2})?$/;

export type CheckedScore =
  { readonly ok: true; readonly columns: PutScore } | { readonly ok: false; readonly errors: readonly FieldError[] };

/** Checks what the form says; `columns` are those it has, others only where something is given. An empty field is no points. */
export function checkScore(input: TextInput, columns: readonly ScoreColumn[]): CheckedScore {
  const given = COLUMNS.filter(
    (column) => columns.includes(column) || INDICATORS.some((_, index) => input[fieldOf(column, index)] !== undefined),
  );
  const wrong = SCORE_FIELDS.filter((name) => pointsOf(input[name]) === undefined);
  if (wrong.length > 0) {
    const message = `must be a number from 0 to ${MAX_POINTS} such as 1,25`;
    return { ok: false, errors: wrong.map((path) => ({ path, message })) };
  }
  const pointsIn = (column: ScoreColumn): Points =>
    INDICATORS.map((_, index) => pointsOf(input[fieldOf(column, index)]) ?? null);
  return { ok: true, columns: Object.fromEntries(given.map((column) => [column, pointsIn(column)])) };
}

/** Null where nothing is given, undefined where it is not a number of points. */
function pointsOf(text = ''): number | null | undefined {
  if (text === '') return null;
  if (!POINTS.test(text)) return undefined;
  const points = Number(text.replace(',', '.'));
  return points <= MAX_POINTS ? points : undefined;
}
