import { z } from 'zod';
import { characterCount, isWellFormed } from '../validation.js';

/** Most characters of each kind of text, and most parts of each kind. */
export const QUESTIONNAIRE_LIMITS = {
  title: 200,
  name: 200,
  question: 600,
  reason: 120,
  source: 2000,
  factors: 30,
  items: 60,
  reasons: 30,
  demographics: 20,
  options: 40,
} as const;

/** What is wrong with a text or list, where the kind of the issue does not say it; pages put it in words. */
export const PROBLEMS = {
  control: 'holds control characters',
  code: 'must be 1 to 64 letters without accents, digits, "-" or "_", and begin with a letter or digit',
  twice: 'is used twice',
  factor: 'is not the code of a factor',
  headline: 'is not the code of an item',
} as const;

/** The code of something in the reference data. */
export const catalogueCode = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/, PROBLEMS.code)
  .refine((code) => !(code in Object.prototype), PROBLEMS.code);

const CONTROL = /\p{Cc}/u;

/** A text of one line, in Vietnamese and perhaps in English. */
function text(max: number) {
  const words = z
    .string()
    .refine((value) => value.trim() !== '', { error: 'must not be empty', params: { kind: 'empty' } })
    .refine((value) => characterCount(value) <= max, {
      error: `must be at most ${max} characters`,
      params: { kind: 'long', max },
    })
    .refine((value) => !CONTROL.test(value) && isWellFormed(value), PROBLEMS.control);
  return z.strictObject({ vi: words, en: words.optional() });
}

const { title, name, question, reason, source, ...most } = QUESTIONNAIRE_LIMITS;
const note = z.string().max(source).refine(isWellFormed, PROBLEMS.control);

/** One version of a questionnaire, as in `data/questionnaires/*.json` and in files that administrators upload. */
export const questionnaireShape = z
  .strictObject({
    id: catalogueCode,
    version: z.int().min(1),
    title: text(title),
    source: z.strictObject({ title: note, note }),
    scale: catalogueCode,
    headline: catalogueCode.nullable(),
    factors: z.array(z.strictObject({ code: catalogueCode, name: text(name) })).max(most.factors),
    items: z
      .array(z.strictObject({ code: catalogueCode, factor: catalogueCode, text: text(question) }))
      .min(1)
      .max(most.items),
    reasons: z.array(z.strictObject({ code: catalogueCode, text: text(reason) })).max(most.reasons),
    demographics: z
      .array(
        z.strictObject({
          code: catalogueCode,
          text: text(question),
          options: z
            .array(z.strictObject({ code: catalogueCode, text: text(name) }))
            .min(1)
            .max(most.options),
          optional: z.literal(true),
        }),
      )
      .max(most.demographics),
  })
  .superRefine(({ factors, items, reasons, demographics, headline }, context) => {
    const wrong = (path: (string | number)[], message: string) => context.addIssue({ code: 'custom', path, message });
    const once = (path: (string | number)[], parts: readonly { readonly code: string }[]) => {
      const codes = parts.map(({ code }) => code);
      codes.forEach((code, index) => codes.indexOf(code) < index && wrong([...path, index, 'code'], PROBLEMS.twice));
    };
    once(['factors'], factors);
    once(['items'], items);
    once(['reasons'], reasons);
    once(['demographics'], demographics);
    demographics.forEach(({ options }, index) => once(['demographics', index, 'options'], options));
    const known = new Set(factors.map(({ code }) => code));
    items.forEach(({ factor }, index) => known.has(factor) || wrong(['items', index, 'factor'], PROBLEMS.factor));
    if (headline !== null && !items.some(({ code }) => code === headline)) wrong(['headline'], PROBLEMS.headline);
  });
