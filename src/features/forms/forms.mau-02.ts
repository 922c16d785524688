import { formatNumber } from '../../domain/format-vi.js';
import { INDICATORS, MAX_POINTS, MAX_SCORE, NO_POINTS, withComputed } from '../../domain/tthc-score.js';
import { textIn } from '../../domain/text.js';
import type { Sheet, StyledCell } from '../../xlsx/sheet.js';
import type { GradedScore } from '../tthc-score/tthc-score.service.js';
import { BLANK, closing, decimalOrBlank, decimal, letterhead, Paper, styled, STYLES } from './forms.layout.js';
import { scaleName, shares } from './forms.shares.js';
import type { AgencyFigures, FormFigures } from './forms.types.js';

const WIDTHS = [6, 62, 14, 14, 14, 44];
const HALVES = [2, 4] as const;
const TITLE = 'Mẫu số 02\nBẢNG ĐÁNH GIÁ VIỆC GIẢI QUYẾT THỦ TỤC HÀNH CHÍNH';

/** Mẫu 02 (docs/domain.md §9): one agency, its 9 indicators, and how satisfied people were. */
export function mau02(figures: FormFigures): Sheet {
  const paper = new Paper(WIDTHS);
  const { agency } = figures;
  letterhead(paper, HALVES, TITLE, figures);
  paper.line(`Cơ quan, đơn vị: ${agency.name}`, STYLES.plain);
  paper.line(`Số phiếu đánh giá: ${formatNumber(agency.forms)}`, STYLES.plain);
  paper.row([]);
  indicatorTable(paper, agency);
  paper.row([]);
  satisfactionTable(paper, agency);
  closing(paper, HALVES, [], figures);
  return paper.sheet('Mẫu 02');
}

function indicatorTable(paper: Paper, { dossiers, score }: AgencyFigures): void {
  paper.line('I. KẾT QUẢ ĐÁNH GIÁ CÁC CHỈ SỐ', STYLES.bold);
  const heads = ['TT', 'Nội dung chỉ số', 'Điểm chuẩn', 'Điểm tự chấm', 'Điểm thẩm định', 'Ghi chú'];
  paper.row(
    heads.map((head) => styled(head, STYLES.head)),
    34,
  );
  const self = score?.self.points ?? withComputed(NO_POINTS, dossiers);
  const appraised = score?.appraised.points ?? NO_POINTS;
  INDICATORS.forEach(({ name }, index) => {
    const own = self[index] ?? null;
    paper.row(
      [
        styled(index + 1, STYLES.mark),
        styled(name.vi, STYLES.text),
        styled(MAX_POINTS, STYLES.mark),
        decimalOrBlank(own),
        decimalOrBlank(appraised[index] ?? null),
        styled(noteOf(index, own, dossiers), STYLES.text),
      ],
      34,
    );
  });
  const sumNote = score?.self.total === null ? `Đã chấm ${score.self.assessed}/${INDICATORS.length} chỉ số` : '';
  const note = styled(score ? sumNote : BY_HAND, STYLES.text);
  const line = (label: string, max: number | null, cell: (of: GradedScore) => StyledCell) => {
    const ends = score ? [cell(score.self), cell(score.appraised)] : [BLANK, BLANK];
    const head = (value: string | number | null) => styled(value, STYLES.head);
    paper.row([head(null), head(label), head(max), ...ends, note]);
  };
  line('Tổng điểm', MAX_SCORE, ({ total }) => decimalOrBlank(total));
  line('Xếp loại', null, ({ grade }) => (grade ? styled(textIn(grade, 'vi'), STYLES.mark) : BLANK));
}

const BY_HAND = 'Đơn vị tự nhập';

/** Where the points of an agency are from. */
function noteOf(index: number, points: number | null, dossiers: AgencyFigures['dossiers']): string {
  if (index === 0 && dossiers) {
    const [returned, early, onTime, late] = [dossiers.returned, dossiers.early, dossiers.onTime, dossiers.late].map(
      (count) => formatNumber(count),
    );
    return `Tính từ ${returned} hồ sơ đã trả: ${early} sớm, ${onTime} đúng, ${late} trễ hạn`;
  }
  return points === null ? BY_HAND : 'Nhập tay';
}

function satisfactionTable(paper: Paper, { scales }: AgencyFigures): void {
  paper.line('II. MỨC ĐỘ HÀI LÒNG', STYLES.bold);
  const heads = ['TT', 'Mức độ', 'Số câu trả lời', 'Tỷ lệ (%)'];
  paper.row(heads.map((head) => styled(head, STYLES.head)));
  if (scales.length === 0)
    paper.row([styled(null, STYLES.mark), styled('Chưa có phiếu trong kỳ', STYLES.text), BLANK, BLANK]);
  let number = 0;
  for (const of of scales) {
    for (const { name, rate } of shares(of)) {
      number += 1;
      paper.row([
        styled(number, STYLES.mark),
        styled(`${name} (${scaleName(of)})`, STYLES.text),
        styled(of.row.n, STYLES.whole),
        decimal(rate),
      ]);
    }
  }
}
