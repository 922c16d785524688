import { z } from 'zod';
import { localDay } from '../../domain/period.js';
import type { Questionnaire } from '../../domain/questionnaire.js';
import type { FieldError } from '../../errors.js';
import type { CatalogueService } from '../catalogue/catalogue.service.js';
import { characterCount, fieldErrors, hiddenKeys, isWellFormed, line } from '../validation.js';

export const COMMENT_MAX = 1000;
/** How far a device's clock may run ahead of ours. */
export const CLOCK_AHEAD_MS = 5 * 60_000;
export const BATCH_MAX = 500;

/** A response as sent (contract §3), checked in form and against its questionnaire. */
export interface ResponseInput {
  readonly id: string;
  readonly questionnaire: string;
  readonly version: number;
  readonly answers: Readonly<Record<string, number>>;
  readonly reasons: readonly string[];
  readonly comment: string;
  readonly demographics: Readonly<Record<string, string>>;
  readonly capturedAt: Date;
  readonly locale?: string | undefined;
  readonly procedure?: string | undefined;
  readonly field?: string | undefined;
  readonly counter?: string | undefined;
  readonly officer?: string | undefined;
  readonly dossier?: string | undefined;
}

/** Where questionnaires and scales are looked up. */
export type QuestionnaireSource = Pick<CatalogueService, 'versions' | 'questionnaire' | 'scale'>;

export type Checked<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly errors: FieldError[] };

const uuid = z.string().regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, 'must be a UUID');
const INSTANT_RULE = 'must be an instant such as 2026-11-22T01:02:03.456Z';
const instant = z.iso
  .datetime({ offset: true, error: INSTANT_RULE })
  .transform((text) => new Date(text))
  // An offset can push the year 0 to before our calendar, where a day has no name.
  .refine((date) => /^\d{4}-/.test(localDay(date)), INSTANT_RULE);

const responseShape = z.strictObject({
  id: uuid,
  questionnaire: line(64),
  version: z.int('must be a whole number').min(1, 'must be 1 or more'),
  answers: z.record(z.string(), z.int('must be the code of a level')),
  reasons: z.array(line(64)).max(50, 'are too many').default([]),
  comment: z
    .string()
    .refine((text) => characterCount(text) <= COMMENT_MAX, `must be at most ${COMMENT_MAX} characters`)
    .refine(isWellFormed, 'must be well-formed text')
    .default(''),
  demographics: z.record(z.string(), line(64)).default({}),
  capturedAt: instant,
  locale: z
    .string()
    .regex(/^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,4}$/, 'must be a language tag such as vi')
    .optional(),
  procedure: line(64).optional(),
  field: line(200).optional(),
  counter: line(64).optional(),
  officer: line(64).optional(),
  dossier: line(100).optional(),
});

/**
 * Checks one response as it came over the wire.
 * @param receivedAt against which `capturedAt` may be at most {@link CLOCK_AHEAD_MS} ahead
 */
export function checkResponse(body: unknown, catalogue: QuestionnaireSource, receivedAt: Date): Checked<ResponseInput> {
  const hidden = hiddenKeys(body);
  if (hidden.length > 0) return { ok: false, errors: hidden };
  const parsed = responseShape.safeParse(body);
  if (!parsed.success) return { ok: false, errors: fieldErrors(parsed.error) };
  const input = parsed.data;
  const errors = [...checkAgainstQuestionnaire(input, catalogue), ...checkCaptureTime(input.capturedAt, receivedAt)];
  return errors.length > 0 ? { ok: false, errors } : { ok: true, value: input };
}

function checkAgainstQuestionnaire(input: ResponseInput, catalogue: QuestionnaireSource): FieldError[] {
  if (catalogue.versions(input.questionnaire).length === 0) {
    return [{ path: 'questionnaire', message: `there is no questionnaire ${input.questionnaire}` }];
  }
  const questionnaire = catalogue.questionnaire(input.questionnaire, input.version);
  if (!questionnaire) {
    return [{ path: 'version', message: `${input.questionnaire} has no version ${input.version}` }];
  }
  return [
    ...checkAnswers(input.answers, questionnaire, catalogue),
    ...checkReasons(input.reasons, questionnaire),
    ...checkDemographics(input.demographics, questionnaire),
  ];
}

function checkAnswers(
  answers: ResponseInput['answers'],
  questionnaire: Questionnaire,
  catalogue: QuestionnaireSource,
): FieldError[] {
  const items = new Set(questionnaire.items.map(({ code }) => code));
  const levels = new Set(catalogue.scale(questionnaire.scale).levels.map(({ code }) => code));
  const entries = Object.entries(answers);
  if (entries.length === 0) return [{ path: 'answers', message: 'at least one item must be answered' }];
  return entries.flatMap(([item, level]) => {
    const path = `answers.${item}`;
    if (!items.has(item)) return [{ path, message: 'unknown item' }];
    return levels.has(level) ? [] : [{ path, message: `scale ${questionnaire.scale} has no level ${level}` }];
  });
}

function checkReasons(reasons: readonly string[], questionnaire: Questionnaire): FieldError[] {
  const known = new Set(questionnaire.reasons.map(({ code }) => code));
  return reasons.flatMap((reason, index) => {
    const path = `reasons[${index}]`;
    if (!known.has(reason)) return [{ path, message: 'unknown reason' }];
    return reasons.indexOf(reason) < index ? [{ path, message: 'is given twice' }] : [];
  });
}

function checkDemographics(given: ResponseInput['demographics'], questionnaire: Questionnaire): FieldError[] {
  return Object.entries(given).flatMap(([code, option]) => {
    const path = `demographics.${code}`;
    const demographic = questionnaire.demographics.find((known) => known.code === code);
    if (!demographic) return [{ path, message: 'unknown field' }];
    return demographic.options.some((known) => known.code === option) ? [] : [{ path, message: 'unknown option' }];
  });
}

function checkCaptureTime(capturedAt: Date, receivedAt: Date): FieldError[] {
  const path = 'capturedAt';
  if (capturedAt.getTime() > receivedAt.getTime() + CLOCK_AHEAD_MS) {
    return [{ path, message: 'is more than 5 minutes ahead of the server' }];
  }
  return [];
}
