import { formatDay } from '../../domain/format-vi.js';
import { localDay } from '../../domain/period.js';
import type { Cell, Sheet, StyledCell } from '../../xlsx/sheet.js';
import type { CellStyle } from '../../xlsx/styles.js';
import { columnLetters } from '../../xlsx/xml.js';
import type { FormFigures } from './forms.types.js';

/** The look of official Vietnamese papers (Nghị định 30/2020/NĐ-CP: Times New Roman, 13 to 14 points). */
const FONT = { font: 'Times New Roman', size: 13 } as const;
const SMALL = { font: 'Times New Roman', size: 12 } as const;
const CENTRED = { horizontal: 'center', vertical: 'center', wrap: true } as const;

/** What the system cannot know is left empty in this colour. */
const BY_HAND = 'FFF2CC';
/** Decimal comma wherever a program knows the locale; others use that of the machine. */
const DECIMALS = '[$-42A]#,##0.00';
const WHOLE = '[$-42A]#,##0';

export const STYLES = {
  motto: { ...FONT, ...CENTRED, bold: true },
  title: { ...FONT, size: 14, ...CENTRED, bold: true },
  centred: { ...FONT, ...CENTRED },
  italic: { ...FONT, ...CENTRED, italic: true },
  plain: { ...FONT, vertical: 'center', wrap: true },
  bold: { ...FONT, bold: true, vertical: 'center' },
  note: { ...SMALL, italic: true, vertical: 'top', wrap: true },
  head: { ...SMALL, ...CENTRED, bold: true, border: true },
  text: { ...SMALL, vertical: 'center', wrap: true, border: true },
  mark: { ...SMALL, ...CENTRED, border: true },
  whole: { ...SMALL, ...CENTRED, border: true, format: WHOLE },
  decimal: { ...SMALL, ...CENTRED, border: true, format: DECIMALS },
  byHand: { ...SMALL, ...CENTRED, border: true, fill: BY_HAND },
} satisfies Record<string, CellStyle>;

export function styled(value: string | number | null, style: CellStyle): StyledCell {
  return { value, style };
}

export function decimal(value: number | null): StyledCell {
  return value === null ? styled('—', STYLES.mark) : styled(value, STYLES.decimal);
}

/** What the system does not know is left to people. */
export function decimalOrBlank(value: number | null): StyledCell {
  return value === null ? BLANK : decimal(value);
}

export const BLANK = styled(null, STYLES.byHand);

/** Height in points of a row of one line. */
const LINE = 20;
const FURTHER_LINE = 16;

/** The height of a row in which a text stands in so many characters' width: no program fits joined cells itself. */
export function heightFor(text: string, width: number): number {
  return LINE + FURTHER_LINE * (Math.ceil(text.length / width) - 1);
}

/** A sheet built row by row, some of its cells joined. */
export class Paper {
  private readonly rows: Cell[][] = [];
  private readonly merged: string[] = [];
  private readonly heights = new Map<number, number>();

  /** @param widths of its columns, in characters */
  constructor(private readonly widths: readonly number[]) {}

  /** Number of rows so far. */
  get height(): number {
    return this.rows.length;
  }

  /** A row of the height of its one-line cells, unless told otherwise. */
  row(cells: readonly Cell[], height = LINE): void {
    this.rows.push([...cells]);
    this.heights.set(this.rows.length, height);
  }

  /** One row of parts, each over as many columns as it says; all of a part's cells have its style. */
  spans(parts: readonly (readonly [columns: number, cell: StyledCell])[], height?: number): void {
    const cells = parts.flatMap(([columns, cell]) => [
      cell,
      ...Array.from({ length: columns - 1 }, () => styled(null, cell.style)),
    ]);
    let first = 0;
    for (const [columns] of parts) {
      if (columns > 1) this.merge(this.rows.length + 1, first, this.rows.length + 1, first + columns - 1);
      first += columns;
    }
    this.row(cells, height);
  }

  /** One text over the whole width. */
  line(text: string, style: CellStyle, height?: number): void {
    const width = this.widths.reduce((sum, columns) => sum + columns, 0);
    this.spans([[this.widths.length, styled(text, style)]], height ?? heightFor(text, width));
  }

  /** Joins cells; rows count from 1, columns from 0. */
  merge(fromRow: number, fromColumn: number, toRow: number, toColumn: number): void {
    this.merged.push(`${columnLetters(fromColumn)}${fromRow}:${columnLetters(toColumn)}${toRow}`);
  }

  sheet(name: string, repeatedRows?: string): Sheet {
    return {
      name,
      widths: this.widths,
      rows: [this.rows],
      merged: this.merged,
      heights: this.heights,
      page: { landscape: true, fitWidth: true, ...(repeatedRows === undefined ? {} : { repeatedRows }) },
    };
  }
}

/** Who issues the paper and the country's name and motto, then what the paper is about. */
export function letterhead(
  paper: Paper,
  [left, right]: readonly [number, number],
  title: string,
  { agency, period, day }: FormFigures,
): void {
  const [year = '', month = '', date = ''] = day.split('-');
  const dated = `…………, ngày ${date} tháng ${month} năm ${year}`;
  paper.spans([
    [left, styled(agency.name.toLocaleUpperCase('vi'), STYLES.motto)],
    [right, styled('CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM', STYLES.motto)],
  ]);
  paper.spans([
    [left, styled('Số: ……/BC-……', STYLES.centred)],
    [right, styled('Độc lập - Tự do - Hạnh phúc', STYLES.motto)],
  ]);
  paper.spans([
    [left, styled(null, STYLES.centred)],
    [right, styled(dated, STYLES.italic)],
  ]);
  paper.row([]);
  paper.line(title, STYLES.title, 46);
  paper.line(`Kỳ báo cáo: ${period}`, STYLES.centred);
}

/** Where the figures come from and what people have to fill in, then who signs. */
export function closing(
  paper: Paper,
  [left, right]: readonly [number, number],
  notes: readonly string[],
  { asOf }: FormFigures,
): void {
  const until = formatDay(localDay(asOf));
  const all = [
    `Số phiếu và tỷ lệ do hệ thống tính từ các phiếu nhận được đến ngày ${until}; không câu trả lời nào được điền thay. Đây là số liệu nội bộ, không phải chỉ số SIPAS do Bộ Nội vụ công bố.`,
    ...notes,
    'Ô tô màu: hệ thống không có số liệu, đơn vị tự nhập. Mẫu theo cách trình bày đang dùng ở địa phương; đối chiếu văn bản hiện hành trước khi ban hành.',
  ];
  paper.row([]);
  all.forEach((text) => paper.line(text, STYLES.note));
  paper.row([]);
  paper.spans([
    [left, styled('NGƯỜI TỔNG HỢP', STYLES.motto)],
    [right, styled('THỦ TRƯỞNG ĐƠN VỊ', STYLES.motto)],
  ]);
  paper.spans([
    [left, styled('(Ký, ghi rõ họ tên)', STYLES.italic)],
    [right, styled('(Ký, ghi rõ họ tên, đóng dấu)', STYLES.italic)],
  ]);
}
