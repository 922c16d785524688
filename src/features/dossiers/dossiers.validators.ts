import { z } from 'zod';
import { isDay, localDay } from '../../domain/period.js';
import type { FieldError } from '../../errors.js';
import { fieldErrors, hiddenKeys, line } from '../validation.js';

/** Of one request; its size is limited besides. */
export const DOSSIER_BATCH_MAX = 10_000;
/** How many are best stored at a time, where it is ours to choose. */
export const DOSSIER_BATCH = 500;

/** A dossier as the feed sends it (contract §3 Dossiers), with the local days of its instants. */
export interface DossierInput {
  readonly code: string;
  readonly centre: string;
  readonly procedure?: string | undefined;
  readonly field?: string | undefined;
  readonly officer?: string | undefined;
  readonly receivedDay: string;
  readonly dueDay: string;
  readonly returnedDay?: string | undefined;
}

export type CheckedDossier =
  { readonly ok: true; readonly value: DossierInput } | { readonly ok: false; readonly errors: readonly FieldError[] };

const DAY_RULE = 'must be an instant such as 2026-11-22T08:02:03+07:00, or a local day such as 2026-11-22';
const instant = z.iso.datetime({ offset: true });
const day = z.string(DAY_RULE).transform((text, context) => {
  const local = instant.safeParse(text).success ? localDay(new Date(text)) : text;
  if (isDay(local)) return local;
  context.addIssue({ code: 'custom', message: DAY_RULE });
  return z.NEVER;
});
/** Feeds write what they do not know as null or as an empty text. */
const ifKnown = <T>(known: z.ZodType<T>) =>
  z.preprocess((value) => (value === null || value === '' ? undefined : value), known.optional());

const dossierShape = z
  .strictObject({
    code: line(100),
    centre: line(64),
    procedure: ifKnown(line(64)),
    field: ifKnown(line(200)),
    officer: ifKnown(line(64)),
    receivedAt: day,
    dueAt: day,
    returnedAt: ifKnown(day),
  })
  .refine(({ receivedAt, returnedAt }) => returnedAt === undefined || returnedAt >= receivedAt, {
    path: ['returnedAt'],
    error: 'must not be before receivedAt',
  });

/** Checks the form of one dossier as it came over the wire. */
export function checkDossier(body: unknown): CheckedDossier {
  const hidden = hiddenKeys(body);
  if (hidden.length > 0) return { ok: false, errors: hidden };
  const parsed = dossierShape.safeParse(body);
  if (!parsed.success) return { ok: false, errors: fieldErrors(parsed.error) };
  const { receivedAt, dueAt, returnedAt, ...rest } = parsed.data;
  return { ok: true, value: { ...rest, receivedDay: receivedAt, dueDay: dueAt, returnedDay: returnedAt } };
}
