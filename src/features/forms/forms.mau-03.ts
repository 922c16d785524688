import { competitionRanking } from '../../domain/ranking.js';
import type { Scale } from '../../domain/scale.js';
import { textIn } from '../../domain/text.js';
import { INDICATORS, NO_POINTS, withComputed } from '../../domain/tthc-score.js';
import type { Cell, Sheet } from '../../xlsx/sheet.js';
import type { GradedScore } from '../tthc-score/tthc-score.service.js';
import {
  BLANK,
  closing,
  decimal,
  decimalOrBlank,
  heightFor,
  letterhead,
  Paper,
  styled,
  STYLES,
} from './forms.layout.js';
import { scaleName, shares } from './forms.shares.js';
import type { AgencyFigures, FormFigures } from './forms.types.js';

const TITLE = 'Mẫu số 03\nBẢNG TỔNG HỢP CHỈ SỐ THÀNH PHẦN, MỨC ĐỘ HÀI LÒNG, XẾP LOẠI';
/** TT, name, forms; then the indicators; then total, grade and place. */
const FIRST = 3;
const LAST = ['Tổng điểm', 'Xếp loại', 'Xếp hạng'];
const SHARES_FROM = FIRST + INDICATORS.length + LAST.length;
const NAME_WIDTH = 40;
const WHICH_POINTS =
  'Điểm là điểm thẩm định nơi đã thẩm định đủ 9 chỉ số, nơi khác là điểm tự chấm; chỉ cộng tổng khi đủ 9 chỉ số.';
/** What a form without any answers shows for. */
const NO_ANSWERS = ['Không hài lòng', 'Hài lòng', 'Rất hài lòng'];

/** Mẫu 03 (docs/domain.md §9): the agency's centres, one row each, and the agency as a whole. */
export function mau03(figures: FormFigures): Sheet {
  const { agency, centres } = figures;
  const groups = agency.scales.map((of) => ({
    scale: of.scale,
    title: `Mức độ hài lòng (%), ${scaleName(of)}`,
    names: ['Số câu trả lời', ...shares(of).map(({ name }) => name)],
  }));
  const shown = groups.length > 0 ? groups : [{ scale: null, title: 'Mức độ hài lòng (%)', names: NO_ANSWERS }];
  const width = SHARES_FROM + shown.reduce((sum, { names }) => sum + names.length, 0);
  const [number, counts, indicator, share] = [6, 10, 8, 11];
  const paper = new Paper([
    ...[number, NAME_WIDTH, counts, ...INDICATORS.map(() => indicator), ...LAST.map(() => counts)],
    ...shown.flatMap(({ names }) => names.map(() => share)),
  ]);
  const halves = [Math.floor(width / 2), Math.ceil(width / 2)] as const;
  letterhead(paper, halves, TITLE, figures);
  paper.row([]);
  const repeatedRows = heads(paper, shown);
  const places = ranksOf(centres);
  centres.forEach((centre, index) =>
    paper.row(agencyCells(index + 1, centre, places[index] ?? null, shown), heightFor(centre.name, NAME_WIDTH)),
  );
  paper.row(agencyCells(null, { ...agency, name: 'Tổng số' }, null, shown));
  const meaning = INDICATORS.map(({ name }, index) => `${index + 1}. ${name.vi}`).join('; ');
  const byDossiers =
    'Chỉ số 1 tính từ hồ sơ đã trả trong kỳ (2 điểm: trước hạn; 1: đúng hạn; 0: trễ hạn), nơi có dữ liệu hồ sơ.';
  const notes = [
    `Các chỉ số: ${meaning}. ${byDossiers}`,
    ...((agency.score ?? centres[0]?.score) ? [WHICH_POINTS] : []),
  ];
  closing(paper, halves, notes, figures);
  return paper.sheet('Mẫu 03', repeatedRows);
}

interface ShownScale {
  /** Null: nobody answered. */
  readonly scale: Scale | null;
  readonly title: string;
  readonly names: readonly string[];
}

/** Two rows: what belongs together above, each column below. Gives their numbers, such as '8:9'. */
function heads(paper: Paper, shown: readonly ShownScale[]): string {
  const head = (text: string | number | null) => styled(text, STYLES.head);
  const first = ['TT', 'Tên cơ quan, đơn vị', 'Số phiếu'];
  const [top, below] = [paper.height + 1, paper.height + 2];
  paper.spans([
    ...first.map((text) => [1, head(text)] as const),
    [INDICATORS.length, head('Chỉ số')],
    ...LAST.map((text) => [1, head(text)] as const),
    ...shown.map(({ title, names }) => [names.length, head(title)] as const),
  ]);
  paper.row(
    [
      ...first.map(() => head(null)),
      ...INDICATORS.map((_, index) => head(index + 1)),
      ...LAST.map(() => head(null)),
      ...shown.flatMap(({ names }) => names.map(head)),
    ],
    34,
  );
  const whole = [...first.keys(), ...LAST.map((_, index) => FIRST + INDICATORS.length + index)];
  for (const column of whole) paper.merge(top, column, below, column);
  return `${top}:${below}`;
}

/** The score that counts: what was appraised, where all of it was, else what the agency gave itself. */
function scoreOf({ score }: AgencyFigures): (GradedScore & { readonly isOwn: boolean }) | null {
  if (!score) return null;
  return score.appraised.total === null ? { ...score.self, isOwn: true } : { ...score.appraised, isOwn: false };
}

/** Places by total, 1, 1, 3; null for who has none. */
function ranksOf(agencies: readonly AgencyFigures[]): (number | null)[] {
  const totals = agencies.map((agency, index) => ({ key: String(index), value: scoreOf(agency)?.total ?? null, n: 0 }));
  const ranks = new Map(competitionRanking(totals, 0).map(({ key, rank }) => [key, rank]));
  return totals.map(({ key }) => ranks.get(key) ?? null);
}

function agencyCells(
  number: number | null,
  agency: AgencyFigures,
  rank: number | null,
  shown: readonly ShownScale[],
): Cell[] {
  const { name, forms, dossiers, scales } = agency;
  const score = scoreOf(agency);
  const points = score?.points ?? withComputed(NO_POINTS, dossiers);
  return [
    styled(number, STYLES.mark),
    styled(name, STYLES.text),
    styled(forms, STYLES.whole),
    ...points.map(decimalOrBlank),
    decimalOrBlank(score?.total ?? null),
    score?.grade ? styled(`${textIn(score.grade, 'vi')}${score.isOwn ? ' (tự chấm)' : ''}`, STYLES.mark) : BLANK,
    rank === null ? BLANK : styled(rank, STYLES.whole),
    ...shown.flatMap(({ scale, names }): Cell[] => {
      const of = scales.find((known) => known.scale.id === scale?.id);
      if (!of) return names.map(() => styled('—', STYLES.mark));
      return [styled(of.row.n, STYLES.whole), ...shares(of).map(({ rate }) => decimal(rate))];
    }),
  ];
}
