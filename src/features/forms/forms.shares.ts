import { percentage } from '../../domain/rates.js';
import { textIn } from '../../domain/text.js';
import type { ScaleFigures } from './forms.types.js';

/** A column of "mức độ hài lòng": what it is called, and its share of the answers in percent. */
export interface Share {
  readonly name: string;
  readonly rate: number | null;
}

/** "Không hài lòng" (all negative levels), "Bình thường" where the scale has it, "Hài lòng" and "Rất hài lòng" apart. */
export function shares({ scale, row }: ScaleFigures): Share[] {
  const count = (wanted: (level: (typeof scale.levels)[number]) => boolean) =>
    scale.levels.reduce((sum, level, position) => sum + (wanted(level) ? (row.counts[position] ?? 0) : 0), 0);
  const share = (name: string, wanted: (level: (typeof scale.levels)[number]) => boolean): Share => {
    return { name, rate: percentage(count(wanted), row.n) };
  };
  const neutral = scale.levels.find(({ polarity }) => polarity === 'neutral');
  return [
    share('Không hài lòng', ({ polarity }) => polarity === 'negative'),
    ...(neutral ? [share(textIn(neutral.label, 'vi'), ({ polarity }) => polarity === 'neutral')] : []),
    share('Hài lòng', ({ polarity, top }) => polarity === 'positive' && !top),
    share('Rất hài lòng', ({ top }) => top),
  ];
}

/** 'thang 5 mức'. */
export function scaleName({ scale }: Pick<ScaleFigures, 'scale'>): string {
  return `thang ${scale.levels.length} mức`;
}
