import type { CellStyle, StyleBook } from './styles.js';
import { attribute, cellText, columnLetters, XML_START } from './xml.js';

/** What a cell holds; '' and null leave it empty. A text stays a text whatever it looks like. */
export type CellValue = string | number | null;

export interface StyledCell {
  readonly value: CellValue;
  readonly style: CellStyle;
}

export type Cell = CellValue | StyledCell;

export interface PageSetup {
  readonly landscape?: true;
  /** All columns on the width of one A4 page. */
  readonly fitWidth?: true;
  /** Rows printed at the top of every page, such as '1:2'. */
  readonly repeatedRows?: string;
}

export interface Sheet {
  /** At most 31 characters, none of `[]:*?/\`. */
  readonly name: string;
  /** Widths in characters of the default font, from the first column on. */
  readonly widths?: readonly number[];
  /** Stands above the rows, stays in view, and again above those that go on in another sheet. */
  readonly header?: readonly Cell[];
  /** In batches, since one at a time would cost more in waiting than in work. */
  readonly rows: AsyncIterable<readonly (readonly Cell[])[]> | Iterable<readonly (readonly Cell[])[]>;
  /** Cells joined into one, such as 'A1:C1'. */
  readonly merged?: readonly string[];
  /** Heights in points by number of row, from 1. */
  readonly heights?: ReadonlyMap<number, number>;
  readonly page?: PageSetup;
}

/** What a worksheet can hold (ECMA-376 leaves it open; Excel's own limit). */
export const MAX_ROWS = 1_048_576;

const SHEET_START = XML_START + '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">';
/** Text that a spreadsheet would take for a formula if it were typed. */
const LIKE_FORMULA = /^[=+\-@]/;
/** White space that readers drop unless told to keep it. */
const EDGE_SPACE = /^\s|\s$|\n/;
const QUOTED: CellStyle = { format: '@', quoted: true };

/** Writes rows as XML; it knows the row it is at. */
export class RowWriter {
  private readonly letters: string[] = [];
  private row = 0;

  constructor(
    private readonly styles: StyleBook,
    private readonly heights: ReadonlyMap<number, number> = new Map(),
  ) {}

  get count(): number {
    return this.row;
  }

  xml(cells: readonly Cell[]): string {
    this.row += 1;
    const height = this.heights.get(this.row);
    let xml = `<row r="${this.row}"${height === undefined ? '' : ` ht="${height}" customHeight="1"`}>`;
    for (let index = 0; index < cells.length; index += 1) xml += this.cellXml(cells[index] ?? null, index);
    return `${xml}</row>`;
  }

  private cellXml(cell: Cell, column: number): string {
    const styled = typeof cell === 'object' && cell !== null;
    const value = styled ? cell.value : cell;
    if (!styled && (value === null || value === '')) return '';
    const style = styled ? cell.style : typeof value === 'string' && LIKE_FORMULA.test(value) ? QUOTED : undefined;
    const letters = (this.letters[column] ??= columnLetters(column));
    const start = `<c r="${letters}${this.row}"${style ? ` s="${this.styles.numberOf(style)}"` : ''}`;
    if (value === null || value === '') return `${start}/>`;
    if (typeof value === 'number') return `${start}><v>${value}</v></c>`;
    const space = EDGE_SPACE.test(value) ? ' xml:space="preserve"' : '';
    return `${start} t="inlineStr"><is><t${space}>${cellText(value)}</t></is></c>`;
  }
}

/** What stands before the rows of a worksheet. */
export function sheetStart({ widths = [], header, page }: Sheet): string {
  const pane = '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>';
  const columns = widths.map(
    (width, index) => `<col min="${index + 1}" max="${index + 1}" width="${width}" customWidth="1"/>`,
  );
  return [
    SHEET_START,
    page?.fitWidth ? '<sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>' : '',
    `<sheetViews><sheetView workbookViewId="0">${header ? pane : ''}</sheetView></sheetViews>`,
    columns.length > 0 ? `<cols>${columns.join('')}</cols>` : '',
    '<sheetData>',
  ].join('');
}

/** What stands after the rows of a worksheet. */
export function sheetEnd({ merged = [], page }: Sheet): string {
  const merges = merged.map((cells) => `<mergeCell ref="${attribute(cells)}"/>`).join('');
  return [
    '</sheetData>',
    merged.length > 0 ? `<mergeCells count="${merged.length}">${merges}</mergeCells>` : '',
    page ? pageXml(page) : '',
    '</worksheet>',
  ].join('');
}

const A4 = 9;

function pageXml({ landscape, fitWidth }: PageSetup): string {
  const margins = '<pageMargins left="0.5" right="0.5" top="0.6" bottom="0.6" header="0.3" footer="0.3"/>';
  const orientation = landscape ? 'landscape' : 'portrait';
  const fit = fitWidth ? ' fitToWidth="1" fitToHeight="0"' : '';
  return `<printOptions horizontalCentered="1"/>${margins}<pageSetup paperSize="${A4}" orientation="${orientation}"${fit}/>`;
}
