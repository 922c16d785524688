import { RATE_DECIMALS, roundHalfUp } from './rates.js';
import type { LocalizedText } from './text.js';

/** One of the 9 indicators: what it is called, and when it earns 2, 1 or 0 points. */
export interface Indicator {
  readonly name: LocalizedText;
  readonly rule: LocalizedText;
}

export const MAX_POINTS = 2;

/**
 * The 9 indicators of how an agency handles administrative procedures, 0 to 2 points each, 18 in all. Source:
 * docs/domain.md §2.2 [S5], a public implementation that reads as the text of Thông tư 01/2018/TT-VPCP; it was not
 * compared with the circular, and whether the scheme is in force at the end of 2026 is not proven. Where the source
 * does not say what earns a point, the rule says so instead of inventing it.
 */
export const INDICATORS: readonly Indicator[] = [
  {
    name: {
      vi: 'Tổng thời gian giải quyết thủ tục hành chính so với thời gian quy định',
      en: 'Total time taken against the time prescribed',
    },
    rule: {
      vi: '2: ngắn hơn; 1: bằng; 0: dài hơn. Điểm của đơn vị là trung bình các hồ sơ.',
      en: '2: shorter; 1: the same; 0: longer. The agency has the mean of its dossiers.',
    },
  },
  {
    name: {
      vi: 'Thời gian thực hiện thủ tục hành chính của từng cơ quan, đơn vị tham gia giải quyết so với quy định',
      en: 'Time taken by each agency that takes part against the time prescribed',
    },
    rule: { vi: '2: ngắn hơn; 1: bằng; 0: dài hơn.', en: '2: shorter; 1: the same; 0: longer.' },
  },
  {
    name: {
      vi: 'Số lần phải liên hệ với nơi tiếp nhận để hoàn thiện hồ sơ',
      en: 'Times the receiving office had to be contacted to complete the dossier',
    },
    rule: {
      vi: '2: không lần nào; 1: một lần; 0: hơn một lần (trừ lỗi của người nộp).',
      en: '2: never; 1: once; 0: more than once (mistakes of the applicant apart).',
    },
  },
  {
    name: {
      vi: 'Số lượng cơ quan, đơn vị, tổ chức phải liên hệ để hoàn thiện hồ sơ',
      en: 'Number of agencies that had to be contacted to complete the dossier',
    },
    rule: {
      vi: '2: không phải liên hệ; 1: một nơi; 0: hơn một nơi.',
      en: '2: none; 1: one; 0: more than one.',
    },
  },
  {
    name: {
      vi: 'Thực hiện tiếp nhận, giải quyết, trả kết quả thủ tục hành chính tại Bộ phận Một cửa',
      en: 'Procedures received, handled and returned at the one-stop desk',
    },
    rule: {
      vi: '2: đạt tỷ lệ quy định (bộ, tỉnh 20%; xã 100%). Mức 1 và 0 điểm: theo văn bản của địa phương.',
      en: '2: the share prescribed is reached (ministry, province 20%; commune 100%). 1 and 0: as local rules say.',
    },
  },
  {
    name: { vi: 'Công khai các thủ tục hành chính', en: 'Publication of the procedures' },
    rule: {
      vi: '2: đủ, cả niêm yết và điện tử; 1: một trong hai hình thức; 0: không công khai.',
      en: '2: in full, both posted and online; 1: one of the two; 0: neither.',
    },
  },
  {
    name: { vi: 'Thái độ của cán bộ, công chức, viên chức', en: 'Attitude of officials' },
    rule: {
      vi: '2: sớm hạn và không có phản ánh; 1: đúng hạn và không có phản ánh; 0: có phản ánh (trừ phản ánh sai).',
      en: '2: early and no complaint; 1: on time and no complaint; 0: a complaint (those found false apart).',
    },
  },
  {
    name: {
      vi: 'Tiếp thu, giải trình ý kiến phản ánh, kiến nghị của tổ chức, cá nhân',
      en: 'Answers to complaints and suggestions',
    },
    rule: {
      vi: '2: không có, hoặc 100% đúng hạn; 1: từ 90% đúng hạn; 0: dưới 90% hoặc kéo dài.',
      en: '2: none, or 100% on time; 1: 90% or more on time; 0: below 90%, or dragged out.',
    },
  },
  {
    name: { vi: 'Cung cấp dịch vụ công trực tuyến', en: 'Online public services' },
    rule: {
      vi: '2: từ 20% thủ tục mức 3, 4 và từ 30% hồ sơ trực tuyến, không quá hạn; 1: từ 15% đến dưới 30%; 0: dưới 15% hoặc quá hạn.',
      en: '2: 20% of procedures at level 3 or 4 and 30% of dossiers online, none late; 1: 15% to below 30%; 0: below 15%, or late.',
    },
  },
];

export const MAX_SCORE = MAX_POINTS * INDICATORS.length;

/** Points of the 9 indicators in their order; null where nobody assessed one. */
export type Points = readonly (number | null)[];

export const NO_POINTS: Points = INDICATORS.map(() => null);

/** Dossiers returned in a period, by local day against the day due. */
export interface ReturnedDossiers {
  readonly returned: number;
  readonly early: number;
  readonly onTime: number;
}

/**
 * Indicator 1 as far as dossiers tell: 2 points for one returned before the day due, 1 on it, 0 after it; the mean over
 * those returned, rounded half up to 2 decimals. Source: docs/domain.md §2.2 and §2.3.
 * @returns null where no dossier was returned
 */
export function timePoints({ early, onTime, returned }: ReturnedDossiers): number | null {
  return returned === 0 ? null : roundHalfUp((MAX_POINTS * early + onTime) / returned, RATE_DECIMALS);
}

/**
 * The points an agency gives itself: what dossiers tell in indicator 1, and what people entered in all others. All
 * others need what this system does not know: hours of each agency, visits, notices, complaints, other software.
 */
export function withComputed(entered: Points, dossiers: ReturnedDossiers | null): Points {
  const [first = null, ...others] = entered;
  return [(dossiers && timePoints(dossiers)) ?? first, ...others];
}

export interface Score {
  readonly points: Points;
  /** How many of the 9 indicators are assessed. */
  readonly assessed: number;
  /** From 0 to 18, 2 decimals; null unless all 9 are assessed: one that nobody assessed is not worth 0, nor 2. */
  readonly total: number | null;
}

/** The sum of the 9 indicators. Source: docs/domain.md §2.2 and §9 (Mẫu 02). */
export function scoreOf(points: Points): Score {
  const known = points.filter((one) => one !== null);
  const sum = known.reduce((total, one) => total + one, 0);
  const isComplete = known.length === INDICATORS.length;
  return { points, assessed: known.length, total: isComplete ? roundHalfUp(sum, RATE_DECIMALS) : null };
}
