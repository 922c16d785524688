import type { Figures } from '../../domain/rates.js';
import type { Cell } from './exports.tables.js';

export const RATE_COLUMNS = [
  'very_satisfied',
  'satisfied',
  'neutral',
  'dissatisfied',
  'satisfied_low',
  'satisfied_high',
] as const;

/** `n1` to `nk`, the worst level first. */
export function levelColumns(width: number): string[] {
  return Array.from({ length: width }, (_, index) => `n${index + 1}`);
}

/** Blank where the scale has fewer levels. */
export function levelCells({ counts }: Figures, width: number): Cell[] {
  return Array.from({ length: width }, (_, index) => counts[index] ?? '');
}

/** The cells under {@link RATE_COLUMNS}; blank without answers. */
export function rateCells({ rates, ci95 }: Figures): Cell[] {
  const [low, high] = ci95.satisfied ?? [null, null];
  const { verySatisfied, satisfied, neutral, dissatisfied } = rates;
  return [verySatisfied, satisfied, neutral, dissatisfied, low, high].map((rate) => rate ?? '');
}
