import type { LocalizedText } from './text.js';

/** A group of items of one questionnaire ("yếu tố"), such as "Tiếp cận". */
export interface Factor {
  code: string;
  name: LocalizedText;
}

/** One question or criterion ("tiêu chí"), answered on the questionnaire's scale. */
export interface Item {
  code: string;
  factor: string;
  text: LocalizedText;
}

/** What a citizen may name after a low answer. */
export interface Reason {
  code: string;
  text: LocalizedText;
}

/** A question about the citizen, such as an age band. */
export interface Demographic {
  code: string;
  text: LocalizedText;
  options: DemographicOption[];
  optional: boolean;
}

export interface DemographicOption {
  code: string;
  text: LocalizedText;
}

/**
 * One version of a questionnaire, in the shape of `data/questionnaires/*.json`. `scale` is a scale id; `headline` is
 * the code of the item that gives the overall figure, or null when all items are pooled.
 */
export interface Questionnaire {
  id: string;
  version: number;
  title: LocalizedText;
  source: { title: string; note: string };
  scale: string;
  headline: string | null;
  factors: Factor[];
  items: Item[];
  reasons: Reason[];
  demographics: Demographic[];
}
