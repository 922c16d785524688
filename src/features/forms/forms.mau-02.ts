import { formatNumber } from '../../domain/format-vi.js';
import type { Sheet } from '../../xlsx/sheet.js';
import { INDICATORS, MAX_POINTS, scaleName, shares, timePoints } from './forms.indicators.js';
import { BLANK, closing, decimal, letterhead, Paper, styled, STYLES } from './forms.layout.js';
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

function indicatorTable(paper: Paper, { dossiers }: AgencyFigures): void {
  paper.line('I. KẾT QUẢ ĐÁNH GIÁ CÁC CHỈ SỐ', STYLES.bold);
  const heads = ['TT', 'Nội dung chỉ số', 'Điểm chuẩn', 'Điểm tự chấm', 'Điểm thẩm định', 'Ghi chú'];
  paper.row(
    heads.map((head) => styled(head, STYLES.head)),
    34,
  );
  INDICATORS.forEach((text, index) => {
    const known = index === 0 && dossiers !== null;
    const note = known
      ? `Tính từ ${formatNumber(dossiers.returned)} hồ sơ đã trả: ${formatNumber(dossiers.early)} sớm, ${formatNumber(dossiers.onTime)} đúng, ${formatNumber(dossiers.late)} trễ hạn`
      : 'Đơn vị tự nhập';
    paper.row(
      [
        styled(index + 1, STYLES.mark),
        styled(text, STYLES.text),
        styled(MAX_POINTS, STYLES.mark),
        known ? decimal(timePoints(dossiers)) : BLANK,
        BLANK,
        styled(note, STYLES.text),
      ],
      34,
    );
  });
  const total = MAX_POINTS * INDICATORS.length;
  paper.row([
    ...[styled(null, STYLES.head), styled('Tổng điểm', STYLES.head), styled(total, STYLES.head), BLANK, BLANK],
    styled('Đơn vị tự nhập', STYLES.text),
  ]);
  paper.row([
    ...[styled(null, STYLES.head), styled('Xếp loại', STYLES.head), styled(null, STYLES.head), BLANK, BLANK],
    styled('Đơn vị tự nhập', STYLES.text),
  ]);
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
