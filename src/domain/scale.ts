import type { LocalizedText } from './text.js';

export type Polarity = 'negative' | 'neutral' | 'positive';

/** One answer a citizen can choose. `code` 1 is the worst; `top` marks "rất hài lòng". */
export interface Level {
  code: number;
  label: LocalizedText;
  polarity: Polarity;
  top: boolean;
}

/** An answer scale (`data/scales.json`): levels sorted by code, worst first. Answers of two scales are never pooled. */
export interface Scale {
  id: string;
  levels: readonly Level[];
}

/** Counts of a scale nobody has answered on: one 0 per level. */
export function zeroCounts(scale: Scale): number[] {
  return scale.levels.map(() => 0);
}
