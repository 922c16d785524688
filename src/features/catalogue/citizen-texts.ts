import type { Questionnaire } from '../../domain/questionnaire.js';
import type { Scale } from '../../domain/scale.js';
import type { LocalizedText } from '../../domain/text.js';

/** Gives a text with the languages that are known for it. */
export type Localize = (text: LocalizedText) => LocalizedText;

/** The questionnaire with all its texts in the languages that are known for them. */
export function localizeQuestionnaire(questionnaire: Questionnaire, localize: Localize): Questionnaire {
  const withText = <T extends { text: LocalizedText }>(part: T): T => ({ ...part, text: localize(part.text) });
  return {
    ...questionnaire,
    title: localize(questionnaire.title),
    factors: questionnaire.factors.map((factor) => ({ ...factor, name: localize(factor.name) })),
    items: questionnaire.items.map(withText),
    reasons: questionnaire.reasons.map(withText),
    demographics: questionnaire.demographics.map((demographic) => ({
      ...withText(demographic),
      options: demographic.options.map(withText),
    })),
  };
}

/** The scale with its levels in the languages that are known for them. */
export function localizeScale(scale: Scale, localize: Localize): Scale {
  return { ...scale, levels: scale.levels.map((level) => ({ ...level, label: localize(level.label) })) };
}

/** Every text that questionnaires and scales show to citizens, and those that only staff reads; each once. */
export function catalogueTexts(questionnaires: readonly Questionnaire[], scales: readonly Scale[]) {
  const forCitizens = [
    ...scales.flatMap(({ levels }) => levels.map(({ label }) => label)),
    ...questionnaires.flatMap(({ items, reasons }) => [...items, ...reasons].map(({ text }) => text)),
  ];
  const forStaff = questionnaires.flatMap(({ title, factors }) => [title, ...factors.map(({ name }) => name)]);
  return { forCitizens: eachOnce(forCitizens), forStaff: eachOnce(forStaff) };
}

function eachOnce(texts: readonly LocalizedText[]): LocalizedText[] {
  return [...new Map(texts.map((text) => [text.vi, text])).values()];
}
