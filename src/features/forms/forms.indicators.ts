import { percentage, RATE_DECIMALS, roundHalfUp } from '../../domain/rates.js';
import { textIn } from '../../domain/text.js';
import type { OnTimeCounts } from '../reports/on-time.rows.js';
import type { ScaleFigures } from './forms.types.js';

/** The 9 indicators of a procedure's handling, 0, 1 or 2 points each (docs/domain.md §2.2). */
export const INDICATORS: readonly string[] = [
  'Tổng thời gian giải quyết thủ tục hành chính so với thời gian quy định',
  'Thời gian thực hiện thủ tục hành chính của từng cơ quan, đơn vị tham gia giải quyết so với quy định',
  'Số lần phải liên hệ với nơi tiếp nhận để hoàn thiện hồ sơ',
  'Số lượng cơ quan, đơn vị, tổ chức phải liên hệ để hoàn thiện hồ sơ',
  'Thực hiện tiếp nhận, giải quyết, trả kết quả thủ tục hành chính tại Bộ phận Một cửa',
  'Công khai các thủ tục hành chính',
  'Thái độ của cán bộ, công chức, viên chức',
  'Tiếp thu, giải trình ý kiến phản ánh, kiến nghị của tổ chức, cá nhân',
  'Cung cấp dịch vụ công trực tuyến',
];
export const MAX_POINTS = 2;

/**
 * Indicator 1 as far as dossiers tell: 2 points for one returned before the day due, 1 on it, 0 after it; the mean over
 * those returned, rounded half up to 2 decimals. Source: docs/domain.md §2.2 and §2.3.
 */
export function timePoints({ early, onTime, returned }: OnTimeCounts): number {
  return roundHalfUp((MAX_POINTS * early + onTime) / returned, RATE_DECIMALS);
}

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
