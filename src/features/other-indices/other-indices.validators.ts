import { z } from 'zod';
import type { FieldError } from '../../errors.js';
import { fieldErrors, line } from '../validation.js';
import { OTHER_INDICES, type OtherIndex } from './other-indices.model.js';

/** The fields of a form, and the columns of a file. */
export const OTHER_INDEX_FIELDS = ['index', 'unit', 'year', 'value', 'rank', 'of', 'grade', 'source'] as const;

/** An empty cell or field says nothing. */
const ifKnown = <T>(known: z.ZodType<T>) =>
  z.preprocess((given) => (given === undefined || given === '' ? null : given), known.nullable());

const whole = (least: number, most: number, rule: string) =>
  z
    .string(rule)
    .regex(/^\d{1,6}$/, rule)
    .transform(Number)
    .refine((number) => number >= least && number <= most, rule);

/** 91,57 as in Vietnamese texts, or 91.57. */
const points = z
  .string('must be a number such as 91,57')
  .regex(/^\d{1,5}([.,]\d{1,4})?$/, 'must be a number such as 91,57')
  .transform((text) => Number(text.replace(',', '.')));

const shape = z
  .strictObject({
    index: z.enum(OTHER_INDICES, `must be one of ${OTHER_INDICES.join(', ')}`),
    unit: line(64),
    year: whole(1990, 2100, 'must be a year such as 2025'),
    value: ifKnown(points),
    rank: ifKnown(whole(1, 9999, 'must be a whole number from 1')),
    of: ifKnown(whole(1, 9999, 'must be a whole number from 1')),
    grade: ifKnown(line(64)),
    source: line(300),
  })
  .refine(({ value, rank }) => value !== null || rank !== null, { path: ['value'], error: 'or a rank must be given' })
  .refine(({ rank, of }) => rank === null || of !== null, { path: ['of'], error: 'is required with a rank' })
  .refine(({ rank, of }) => of === null || rank !== null, { path: ['rank'], error: 'is required with "of"' })
  .refine(({ rank, of }) => rank === null || of === null || rank <= of, {
    path: ['rank'],
    error: 'must not be above the number ranked',
  });

export type CheckedOtherIndex =
  { readonly ok: true; readonly value: OtherIndex } | { readonly ok: false; readonly errors: readonly FieldError[] };

/** Checks what a form or a line of a file says, numbers also as texts. */
export function checkOtherIndex(fields: Readonly<Record<string, unknown>>): CheckedOtherIndex {
  const texts = Object.entries(fields).map(([name, value]) => [
    name,
    typeof value === 'number' ? String(value) : value,
  ]);
  const parsed = shape.safeParse(Object.fromEntries(texts));
  return parsed.success ? { ok: true, value: parsed.data } : { ok: false, errors: fieldErrors(parsed.error) };
}
