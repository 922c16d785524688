import { setImmediate as breathe } from 'node:timers/promises';
import PDFDocument from 'pdfkit';
import { Typeface, type FontFiles } from './typeface.js';

/** A report on paper: everything already in words. */
export interface PrintedReport {
  readonly lang: string;
  readonly title: string;
  /** Place, period and the like. */
  readonly facts: readonly PrintedFact[];
  /** A line under the facts; '' for none. */
  readonly asOf: string;
  /** Figures that stand out, with what they count. */
  readonly figures: readonly (PrintedFact & { readonly note: string })[];
  readonly tables: readonly PrintedTable[];
  readonly methodHeading: string;
  readonly method: readonly string[];
  readonly signatures: readonly { readonly who: string; readonly hint: string }[];
  /** The footer of a page. */
  pageText(page: number, pages: number): string;
}

export interface PrintedFact {
  readonly label: string;
  readonly value: string;
}

export interface PrintedTable {
  readonly heading: string;
  readonly columns: readonly PrintedColumn[];
  readonly rows: readonly PrintedRow[];
  readonly total: PrintedRow | null;
  /** Stands instead of a table without rows and total. */
  readonly empty: string;
}

export interface PrintedColumn {
  readonly label: string;
  readonly note: string;
  /** Figures are set to the right, words to the left. */
  readonly isNumber: boolean;
}

/** A cell for each column. */
export type PrintedRow = readonly { readonly text: string; readonly note: string }[];

export interface ReportFonts {
  readonly regular: FontFiles;
  readonly bold: FontFiles;
}

const MARGIN = 40;
const FOOTER = 24;
const SIZES = { title: 16, heading: 11.5, text: 9, table: 8, note: 7 } as const;
const LEADING = 1.3;
const PADDING = 3;
/** A column of words is as wide as two of figures, the first as three. */
const SHARES = { first: 3, words: 2, number: 1 } as const;
/** After so many rows others get their turn: a province has thousands. */
const ROWS_AT_A_TIME = 10;
const LINE = '#8a94a3';
const INK = '#111827';

/** A report as PDF: A4, landscape, tagged for screen readers, fonts embedded. */
export async function reportPdf(report: PrintedReport, fonts: ReportFonts): Promise<Buffer> {
  const writer = new ReportWriter(report, fonts);
  return writer.write();
}

class ReportWriter {
  private readonly document: PDFKit.PDFDocument;
  private readonly root: PDFKit.PDFStructureElement;
  private readonly regular: Typeface;
  private readonly bold: Typeface;
  private readonly chunks: Buffer[] = [];
  private y = MARGIN;

  constructor(
    private readonly report: PrintedReport,
    fonts: ReportFonts,
  ) {
    this.document = new PDFDocument({
      size: 'A4',
      layout: 'landscape',
      // Where text ends is decided here, not by the library.
      margins: { top: 0, bottom: 0, left: 0, right: 0 },
      bufferPages: true,
      pdfVersion: '1.7',
      tagged: true,
      displayTitle: true,
      lang: report.lang,
      info: { Title: report.title },
    });
    this.document.on('data', (chunk: Buffer) => this.chunks.push(chunk));
    this.regular = new Typeface(this.document, 'regular', fonts.regular);
    this.bold = new Typeface(this.document, 'bold', fonts.bold);
    this.root = this.document.struct('Document');
    this.document.addStructure(this.root);
    this.document.fillColor(INK);
  }

  async write(): Promise<Buffer> {
    const { title, facts, asOf, figures, tables, methodHeading, method } = this.report;
    const ended = new Promise((resolve) => this.document.once('end', resolve));
    this.paragraph('H1', title, this.bold, SIZES.title);
    for (const { label, value } of facts) this.paragraph('P', `${label}: ${value}`, this.bold, SIZES.text);
    if (asOf !== '') this.paragraph('P', asOf, this.regular, SIZES.text);
    this.y += 6;
    for (const { label, value, note } of figures) {
      this.paragraph('P', `${label}: ${value}${note === '' ? '' : ` (${note})`}`, this.regular, SIZES.text);
    }
    for (const table of tables) await this.table(table);
    this.heading(methodHeading);
    for (const text of method) this.paragraph('P', `– ${text}`, this.regular, SIZES.text);
    this.signatures();
    this.root.end();
    this.footers();
    this.document.end();
    await ended;
    return Buffer.concat(this.chunks);
  }

  private get width(): number {
    return this.document.page.width - 2 * MARGIN;
  }

  private get bottom(): number {
    return this.document.page.height - MARGIN - FOOTER;
  }

  /** Goes on on the next page where `height` is not left on this one. True: it did. */
  private makeRoom(height: number): boolean {
    if (this.y + height <= this.bottom || this.y === MARGIN) return false;
    this.document.addPage();
    this.document.fillColor(INK);
    this.y = MARGIN;
    return true;
  }

  private heading(text: string): void {
    this.y += 10;
    // A heading is not left alone at the end of a page.
    this.makeRoom(SIZES.heading * LEADING + 40);
    this.paragraph('H2', text, this.bold, SIZES.heading);
  }

  private paragraph(tag: 'H1' | 'H2' | 'P', text: string, face: Typeface, size: number): void {
    const lines = face.wrap(text, this.width, size);
    this.makeRoom(lines.length * size * LEADING);
    const draw = () => {
      for (const line of lines) {
        face.write(line, MARGIN, this.y, size);
        this.y += size * LEADING;
      }
    };
    this.root.add(this.document.struct(tag, {}, draw));
    this.y += 2;
  }

  private async table({ heading, columns, rows, total, empty }: PrintedTable): Promise<void> {
    this.heading(heading);
    if (rows.length === 0 && !total) {
      this.paragraph('P', empty, this.regular, SIZES.text);
      return;
    }
    const layout = layoutOf(columns, this.width);
    const element = this.document.struct('Table');
    this.root.add(element);
    const head = columns.map(({ label, note }) => ({ text: label, note }));
    this.row(element, head, layout, 'head');
    for (const [index, row] of rows.entries()) {
      if (index % ROWS_AT_A_TIME === 0) await breathe();
      // The names of the columns stand on every page again.
      if (this.makeRoom(this.heightOf(row, layout, 'body'))) this.row(element, head, layout, 'head');
      this.row(element, row, layout, 'body');
    }
    if (total) {
      if (this.makeRoom(this.heightOf(total, layout, 'total'))) this.row(element, head, layout, 'head');
      this.row(element, total, layout, 'total');
    }
    element.end();
  }

  private row(table: PDFKit.PDFStructureElement, row: PrintedRow, layout: readonly Slot[], kind: RowKind): void {
    const element = this.document.struct('TR');
    table.add(element);
    const cells = this.linesOf(row, layout, kind);
    for (const [index, { lines, face }] of cells.entries()) {
      const slot = layout[index];
      if (!slot) continue;
      const draw = () => {
        let y = this.y + PADDING;
        for (const { text, size } of lines) {
          const left = slot.isNumber ? slot.x + slot.width - face.width(text, size) : slot.x;
          face.write(text, left, y, size);
          y += size * LEADING;
        }
      };
      element.add(this.document.struct(kind === 'head' || index === 0 ? 'TH' : 'TD', {}, draw));
    }
    element.end();
    this.y += heightOfLines(cells);
    this.rule(kind === 'body' ? 0.4 : 1);
  }

  private heightOf(row: PrintedRow, layout: readonly Slot[], kind: RowKind): number {
    return heightOfLines(this.linesOf(row, layout, kind));
  }

  private linesOf(row: PrintedRow, layout: readonly Slot[], kind: RowKind): CellLines[] {
    const face = kind === 'body' ? this.regular : this.bold;
    return row.map(({ text, note }, index) => {
      const width = layout[index]?.width ?? 0;
      const sized = (part: string, size: number) =>
        part === '' ? [] : face.wrap(part, width, size).map((line) => ({ text: line, size }));
      return { face, lines: [...sized(text, SIZES.table), ...sized(note, SIZES.note)] };
    });
  }

  /** A line under a row says nothing to who listens. */
  private rule(width: number): void {
    this.document.markContent('Artifact', { type: 'Layout' });
    this.document
      .moveTo(MARGIN, this.y)
      .lineTo(MARGIN + this.width, this.y)
      .lineWidth(width)
      .strokeColor(LINE)
      .stroke();
    this.document.endMarkedContent();
  }

  private signatures(): void {
    const { signatures } = this.report;
    if (signatures.length === 0) return;
    const part = this.width / signatures.length;
    // Room to sign in.
    this.makeRoom(90);
    this.y += 16;
    signatures.forEach(({ who, hint }, index) => {
      const middle = MARGIN + part * (index + 0.5);
      const draw = () => {
        this.bold.write(who, middle - this.bold.width(who, SIZES.text) / 2, this.y, SIZES.text);
        const below = this.y + SIZES.text * LEADING;
        this.regular.write(hint, middle - this.regular.width(hint, SIZES.note) / 2, below, SIZES.note);
      };
      this.root.add(this.document.struct('P', {}, draw));
    });
  }

  private footers(): void {
    const { count } = this.document.bufferedPageRange();
    for (let page = 0; page < count; page += 1) {
      this.document.switchToPage(page);
      const text = this.report.pageText(page + 1, count);
      const x = MARGIN + this.width - this.regular.width(text, SIZES.note);
      this.document.markContent('Artifact', { type: 'Pagination' });
      this.document.fillColor(INK);
      this.regular.write(text, x, this.document.page.height - MARGIN, SIZES.note);
      this.document.endMarkedContent();
    }
  }
}

type RowKind = 'head' | 'body' | 'total';

interface CellLines {
  readonly face: Typeface;
  readonly lines: readonly { readonly text: string; readonly size: number }[];
}

/** Where a column stands. */
interface Slot {
  readonly x: number;
  readonly width: number;
  readonly isNumber: boolean;
}

function layoutOf(columns: readonly PrintedColumn[], width: number): Slot[] {
  const shares = columns.map(({ isNumber }, index) =>
    index === 0 ? SHARES.first : isNumber ? SHARES.number : SHARES.words,
  );
  const unit = width / shares.reduce<number>((sum, share) => sum + share, 0);
  let x = MARGIN;
  return columns.map(({ isNumber }, index) => {
    const whole = (shares[index] ?? 0) * unit;
    const slot = { x: x + PADDING, width: whole - 2 * PADDING, isNumber };
    x += whole;
    return slot;
  });
}

function heightOfLines(cells: readonly CellLines[]): number {
  const heights = cells.map(({ lines }) => lines.reduce((sum, { size }) => sum + size * LEADING, 0));
  return Math.max(0, ...heights) + 2 * PADDING;
}
