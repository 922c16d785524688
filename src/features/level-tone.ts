import type { Scale } from '../domain/scale.js';

/** How a level is drawn: its face on the kiosk, its colour and pattern in every chart. */
export type Tone = 'best' | 'good' | 'neutral' | 'bad' | 'worst';

/**
 * The tone of a level, by what the level means and not by its number: the top level is always 'best', and
 * "không hài lòng" looks the same on a 3-level and on a 5-level scale. RangeError for a code the scale does not have.
 */
export function toneOf(scale: Scale, code: number): Tone {
  const level = scale.levels.find((one) => one.code === code);
  if (!level) throw new RangeError(`Scale ${scale.id} has no level ${code}`);
  if (level.polarity === 'neutral') return 'neutral';
  if (level.polarity === 'positive') return level.top ? 'best' : 'good';
  const negatives = scale.levels.filter((one) => one.polarity === 'negative');
  return negatives.length > 1 && negatives[0]?.code === code ? 'worst' : 'bad';
}
