import { createHash } from 'node:crypto';
import type { Questionnaire } from '../../domain/questionnaire.js';
import type { LocalizedText } from '../../domain/text.js';
import type { Facts } from '../audit/audit.model.js';

/** What an entry of the audit says of a whole version; the hash tells any two contents apart. */
export function summaryFacts(content: Questionnaire): Facts {
  const { version, title, scale, items, reasons, demographics } = content;
  return {
    version,
    title: title.vi,
    scale,
    items: items.length,
    reasons: reasons.length,
    demographics: demographics.length,
    sha256: createHash('sha256').update(JSON.stringify(content)).digest('hex'),
  };
}

/** What differs between two contents, each by the place where it stands. */
export function changedFacts(
  before: Questionnaire,
  after: Questionnaire,
): { readonly before: Facts; readonly after: Facts } {
  const [old, present] = [factsOf(before), factsOf(after)];
  const changed = [...new Set([...old.keys(), ...present.keys()])].filter(
    (name) => old.get(name) !== present.get(name),
  );
  const pick = (facts: ReadonlyMap<string, string>) =>
    Object.fromEntries(changed.map((name) => [name, facts.get(name) ?? null]));
  return { before: pick(old), after: pick(present) };
}

/** By places such as `items/C15/vi`: a dot would not do in the name of a stored field. */
function factsOf(content: Questionnaire): Map<string, string> {
  const { title, source, scale, headline, factors, items, reasons, demographics } = content;
  const codes = (parts: readonly { readonly code: string }[]) => parts.map(({ code }) => code).join(', ');
  return new Map([
    ...textFacts('title', title),
    ['source/title', source.title],
    ['source/note', source.note],
    ['scale', scale],
    ['headline', headline ?? ''],
    ['factors', codes(factors)],
    ...factors.flatMap(({ code, name }) => textFacts(`factors/${code}`, name)),
    ['items', codes(items)],
    ...items.flatMap(({ code, factor, text }): [string, string][] => [
      ...textFacts(`items/${code}`, text),
      [`items/${code}/factor`, factor],
    ]),
    ['reasons', codes(reasons)],
    ...reasons.flatMap(({ code, text }) => textFacts(`reasons/${code}`, text)),
    ['demographics', codes(demographics)],
    ...demographics.flatMap(({ code, text, options }): [string, string][] => [
      ...textFacts(`demographics/${code}`, text),
      [`demographics/${code}/options`, codes(options)],
      ...options.flatMap((option) => textFacts(`demographics/${code}/options/${option.code}`, option.text)),
    ]),
  ]);
}

function textFacts(place: string, text: LocalizedText): [string, string][] {
  return [
    [`${place}/vi`, text.vi],
    [`${place}/en`, text['en'] ?? ''],
  ];
}
