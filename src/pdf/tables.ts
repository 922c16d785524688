import { setImmediate as breathe } from 'node:timers/promises';
import type { ChartArtist } from './charts.js';
import { LEADING, MARGIN, SIZES, type Pages } from './pages.js';
import type {
  PrintedBar,
  PrintedColumn,
  PrintedRow,
  PrintedShade,
  PrintedTable,
  PrintedText,
} from './printed-report.js';
import { shadeColour } from './tones.js';
import type { Typeface } from './typeface.js';

const PADDING = { x: 5, y: 3 } as const;
const BAR_HEIGHT = 10;
/** Columns of figures are as wide as these are; what is left is shared so, the first column apart. */
const SHARES = { first: 3, words: 2, chart: 2.5, number: 0.4 } as const;
/** Words keep this much of the page at least, however wide figures are. */
const LEAST_FOR_WORDS = 0.4;
/** So many rows are measured: a province has thousands, of much the same width. */
const ROWS_MEASURED = 50;
/** After so many rows others get their turn: a province has thousands. */
const ROWS_AT_A_TIME = 10;

type RowKind = 'head' | 'body' | 'total';

/** Where a column stands. */
interface Slot {
  readonly x: number;
  readonly width: number;
  readonly isNumber: boolean;
}

/** A cell whose lines are broken, or a bar. */
type LaidCell =
  | { readonly bar: PrintedBar }
  | {
      readonly face: Typeface;
      readonly lines: readonly { readonly text: string; readonly size: number }[];
      readonly shade: PrintedShade;
    };

/** Writes tables, whose heads stand on every page again. */
export class TableWriter {
  constructor(
    private readonly pages: Pages,
    private readonly charts: ChartArtist,
  ) {}

  async write(printed: PrintedTable): Promise<void> {
    const { columns, rows, total } = printed;
    const layout = this.layoutOf(printed);
    const table = this.pages.tag('Table');
    this.pages.root.add(table);
    const head = headOf(columns);
    const write = (row: PrintedRow, kind: RowKind) => {
      if (this.pages.makeRoom(this.heightOf(row, layout, kind))) this.row(table, head, layout, 'head');
      this.row(table, row, layout, kind);
    };
    this.row(table, head, layout, 'head');
    for (const [index, row] of rows.entries()) {
      if (index % ROWS_AT_A_TIME === 0) await breathe();
      write(row, 'body');
    }
    if (total) write(total, 'total');
    table.end();
  }

  /** What a table takes on one page. */
  height(printed: PrintedTable): number {
    const { columns, rows, total } = printed;
    const layout = this.layoutOf(printed);
    return (
      this.heightOf(headOf(columns), layout, 'head') +
      rows.reduce((sum, row) => sum + this.heightOf(row, layout, 'body'), 0) +
      (total ? this.heightOf(total, layout, 'total') : 0)
    );
  }

  private layoutOf({ columns, rows, total }: PrintedTable): Slot[] {
    const measured = [...rows.slice(0, ROWS_MEASURED), ...(total ? [total] : [])];
    const needed = columns.map((column, index) =>
      column.kind === 'number'
        ? this.widthOfFigures(
            column,
            measured.map((row) => row[index]),
          )
        : 0,
    );
    const wanted = needed.reduce((sum, width) => sum + width, 0);
    const scale = Math.min(1, ((1 - LEAST_FOR_WORDS) * this.pages.width) / Math.max(1, wanted));
    const shares = columns.map(({ kind }, index) => (index === 0 ? SHARES.first : SHARES[kind]));
    const unit = (this.pages.width - wanted * scale) / shares.reduce<number>((sum, share) => sum + share, 0);
    let x = MARGIN;
    return columns.map(({ kind }, index) => {
      const whole = (needed[index] ?? 0) * scale + (shares[index] ?? 0) * unit;
      const slot = { x: x + PADDING.x, width: whole - 2 * PADDING.x, isNumber: kind === 'number' };
      x += whole;
      return slot;
    });
  }

  /** A column in which no figure, and no word of its head, is broken. */
  private widthOfFigures(
    { label, note }: PrintedColumn,
    cells: readonly (PrintedText | PrintedBar | undefined)[],
  ): number {
    const { regular, bold } = this.pages;
    const words = (text: string, size: number) => text.split(' ').map((word) => bold.width(word, size));
    const figures = cells.flatMap((cell) =>
      cell && 'text' in cell ? [bold.width(cell.text, SIZES.table), regular.width(cell.note, SIZES.note)] : [],
    );
    return Math.max(...words(label, SIZES.table), ...words(note, SIZES.note), ...figures) + 2 * PADDING.x;
  }

  private row(table: PDFKit.PDFStructureElement, row: PrintedRow, layout: readonly Slot[], kind: RowKind): void {
    const element = this.pages.tag('TR');
    table.add(element);
    const cells = this.laid(row, layout, kind);
    const height = heightOfCells(cells);
    for (const [index, cell] of cells.entries()) {
      const slot = layout[index];
      if (!slot) continue;
      if (!('bar' in cell)) this.shade(cell.shade, slot, height);
      const name = kind === 'head' || index === 0 ? 'TH' : 'TD';
      const scope = kind === 'head' ? 'Column' : 'Row';
      element.add(this.pages.tag(name, name === 'TH' ? { scope } : {}, this.content(cell, slot)));
    }
    element.end();
    this.pages.y += height;
    this.pages.rule(kind === 'body' ? 0.4 : 1);
  }

  private content(cell: LaidCell, { x, width, isNumber }: Slot): PDFKit.PDFStructureElement | (() => void) {
    const top = this.pages.y + PADDING.y;
    if ('bar' in cell) {
      const { bar } = cell;
      const bbox = [x, top, x + width, top + BAR_HEIGHT] as const;
      const draw = () => this.charts.bar(bar, { x, y: top, width, height: BAR_HEIGHT });
      return this.pages.tag('Figure', { alt: bar.alt, bbox }, draw);
    }
    return () => {
      let y = top;
      for (const { text, size } of cell.lines) {
        cell.face.write(text, isNumber ? x + width - cell.face.width(text, size) : x, y, size);
        y += size * LEADING;
      }
    };
  }

  private shade(shade: PrintedShade, { x, width }: Slot, height: number): void {
    if (shade === 0) return;
    const { document, y } = this.pages;
    this.pages.artifact('Layout', () => {
      // The lines between rows stay free.
      document.rect(x - PADDING.x, y + 0.3, width + 2 * PADDING.x, height - 0.6).fill(shadeColour(shade));
    });
  }

  private heightOf(row: PrintedRow, layout: readonly Slot[], kind: RowKind): number {
    return heightOfCells(this.laid(row, layout, kind));
  }

  private laid(row: PrintedRow, layout: readonly Slot[], kind: RowKind): LaidCell[] {
    const face = kind === 'body' ? this.pages.regular : this.pages.bold;
    return row.map((cell, index): LaidCell => {
      if ('segments' in cell) return { bar: cell };
      const { text, note, shade = 0 } = cell;
      const width = layout[index]?.width ?? 0;
      const sized = (part: string, size: number) =>
        part === '' ? [] : face.wrap(part, width, size).map((line) => ({ text: line, size }));
      return { face, lines: [...sized(text, SIZES.table), ...sized(note, SIZES.note)], shade };
    });
  }
}

function headOf(columns: readonly PrintedColumn[]): PrintedText[] {
  return columns.map(({ label, note }) => ({ text: label, note }));
}

function heightOfCells(cells: readonly LaidCell[]): number {
  const heights = cells.map((cell) =>
    'bar' in cell ? BAR_HEIGHT : cell.lines.reduce((sum, { size }) => sum + size * LEADING, 0),
  );
  return Math.max(0, ...heights) + 2 * PADDING.y;
}
