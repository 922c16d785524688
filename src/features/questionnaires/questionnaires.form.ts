import type { Questionnaire } from '../../domain/questionnaire.js';
import type { LocalizedText } from '../../domain/text.js';
import { freeCode, type Surroundings } from './questionnaires.rules.js';

/** The texts of the form, by their fields: `items.0.vi` is the Vietnamese text of the first question. */
export type FormValues = Readonly<Record<string, string>>;

/** Parts of a questionnaire that the form shows as rows. */
export const ROW_KINDS = ['factors', 'items', 'reasons', 'demographics'] as const;
export type RowKind = (typeof ROW_KINDS)[number];

/** Empty rows at the end, for parts to add. */
const NEW_ROWS = ['n1', 'n2'] as const;

/** The rows that a form about this draft has, by the names in their fields. */
export function rowKeys(draft: Questionnaire, kind: RowKind): string[] {
  const present = draft[kind].map((_, index) => String(index));
  return kind === 'demographics' ? present : [...present, ...NEW_ROWS];
}

/** The form as a draft fills it in. */
export function valuesOf(draft: Questionnaire): FormValues {
  const { title, source, scale, headline, factors, items, reasons, demographics } = draft;
  const ordered = (place: string, index: number) => [[`${place}.order`, String(index + 1)] as const];
  return Object.fromEntries([
    ...textValues('title', title),
    ['source.title', source.title],
    ['source.note', source.note],
    ['scale', scale],
    ['headline', headline ?? ''],
    ...factors.flatMap(({ name }, index) => textValues(`factors.${index}`, name)),
    ...items.flatMap(({ text, factor }, index) => [
      ...textValues(`items.${index}`, text),
      ...ordered(`items.${index}`, index),
      [`items.${index}.factor`, factor] as const,
    ]),
    ...reasons.flatMap(({ text }, index) => [
      ...textValues(`reasons.${index}`, text),
      ...ordered(`reasons.${index}`, index),
    ]),
    ...demographics.flatMap(({ text, options }, index) => [
      ...textValues(`demographics.${index}`, text),
      ...options.flatMap((option, at) => textValues(`options.${index}-${at}`, option.text)),
    ]),
  ]);
}

function textValues(place: string, text: LocalizedText): (readonly [string, string])[] {
  return [
    [`${place}.vi`, text.vi],
    [`${place}.en`, text['en'] ?? ''],
  ];
}

/** What a form makes of a draft, and which row of the form each part comes from. */
export interface Entered {
  readonly content: Questionnaire;
  readonly keys: Readonly<Record<RowKind, readonly string[]>>;
}

/** The content that a form says, unchecked. What the form does not show stays as it is in the draft. */
export function contentOfForm(draft: Questionnaire, values: FormValues, surroundings: Surroundings): Entered {
  const said = (field: string) => (values[field] ?? '').trim();
  // A line break in a box of several lines is only a space.
  const line = (field: string) => said(field).replace(/\s+/g, ' ');
  const text = (place: string): LocalizedText => {
    const en = line(`${place}.en`);
    return { vi: line(`${place}.vi`), ...(en === '' ? {} : { en }) };
  };
  const keysOf = (kind: RowKind) =>
    orderedKeys(
      rowKeys(draft, kind).filter((key) => isKept(kind, key, values)),
      kind,
      values,
    );
  const keys = {
    factors: keysOf('factors'),
    items: keysOf('items'),
    reasons: keysOf('reasons'),
    demographics: keysOf('demographics'),
  };
  const newCode = codeMaker(draft, surroundings);
  const content: Questionnaire = {
    id: draft.id,
    version: draft.version,
    title: text('title'),
    source: { title: said('source.title'), note: said('source.note').replaceAll('\r\n', '\n') },
    scale: values['scale'] ?? draft.scale,
    headline: values['headline'] === undefined ? draft.headline : said('headline') || null,
    factors: keys.factors.map((key) => ({
      code: draft.factors[Number(key)]?.code ?? newCode('factors'),
      name: text(`factors.${key}`),
    })),
    items: keys.items.map((key) => ({
      code: draft.items[Number(key)]?.code ?? newCode('items'),
      factor: said(`items.${key}.factor`),
      text: text(`items.${key}`),
    })),
    reasons: keys.reasons.map((key) => {
      const words = text(`reasons.${key}`);
      const known = draft.reasons[Number(key)]?.code;
      return {
        code: known !== undefined && !isTaken(known, words, surroundings) ? known : newCode('reasons'),
        text: words,
      };
    }),
    demographics: keys.demographics.flatMap((key) => {
      const known = draft.demographics[Number(key)];
      if (!known) return [];
      const options = known.options.map(({ code }, at) => ({ code, text: text(`options.${key}-${at}`) }));
      return [{ code: known.code, text: text(`demographics.${key}`), options, optional: known.optional }];
    }),
  };
  return { content, keys };
}

/** A new row without words was left alone. */
function isKept(kind: RowKind, key: string, values: FormValues): boolean {
  if (values[`${kind}.${key}.remove`] !== undefined) return false;
  const isNew = NEW_ROWS.some((one) => one === key);
  return !isNew || ['vi', 'en'].some((lang) => (values[`${kind}.${key}.${lang}`] ?? '').trim() !== '');
}

/** By the numbers given; rows without one come last, equal ones as they stood. */
function orderedKeys(keys: readonly string[], kind: RowKind, values: FormValues): string[] {
  const place = (key: string) => {
    const given = (values[`${kind}.${key}.order`] ?? '').trim();
    return /^\d{1,4}$/.test(given) ? Number(given) : Number.MAX_SAFE_INTEGER;
  };
  return [...keys].sort((a, b) => place(a) - place(b));
}

/** Makes codes that nothing was ever counted under. */
function codeMaker(
  draft: Questionnaire,
  { earlier, others }: Surroundings,
): (kind: 'factors' | 'items' | 'reasons') => string {
  const taken = {
    factors: codesOf([draft, ...earlier], 'factors'),
    items: codesOf([draft, ...earlier], 'items'),
    reasons: codesOf([draft, ...earlier, ...others], 'reasons'),
  };
  const prefixes = { factors: 'F', items: 'Q', reasons: 'R' };
  return (kind) => {
    const code = freeCode(prefixes[kind], taken[kind]);
    taken[kind].add(code);
    return code;
  };
}

function codesOf(versions: readonly Questionnaire[], kind: 'factors' | 'items' | 'reasons'): Set<string> {
  return new Set(versions.flatMap((version) => version[kind].map(({ code }) => code)));
}

/** Whether a reason of a copy has other words now than the code stands for elsewhere. */
function isTaken(code: string, { vi }: LocalizedText, { earlier, others }: Surroundings): boolean {
  if (earlier.at(-1)?.reasons.some((known) => known.code === code)) return false;
  const elsewhere = others.flatMap(({ reasons }) => reasons.filter((known) => known.code === code));
  return elsewhere.length > 0 && !elsewhere.some(({ text }) => text.vi === vi);
}
