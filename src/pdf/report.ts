import { ChartArtist } from './charts.js';
import { INK, LEADING, LINE, MARGIN, Pages, SIZES, type ReportFonts } from './pages.js';
import type { PrintedFigure, PrintedList, PrintedReport, PrintedTable, PrintedTrend } from './printed-report.js';
import { TableWriter } from './tables.js';
import { ToneFiller } from './tones.js';
import type { Typeface } from './typeface.js';

const TILE = { most: 6, fewest: 4, gap: 6, padding: 5 } as const;
const TREND_WIDTH = 580;
const SWATCH = { size: 9, gap: 4, after: 16 } as const;
const LEGEND_GAP = 8;
/** What a heading needs below it: it is not left alone at the end of a page. */
const BELOW_HEADING = 40;
/** A table of up to so many rows is not parted where it fits on one page. */
const ROWS_KEPT_TOGETHER = 16;
/** Room to sign in. */
const SIGNATURES = 90;

/** A report as PDF: its words, tables and charts. The parts of the file, one after another. */
export async function reportPdf(report: PrintedReport, fonts: ReportFonts): Promise<readonly Buffer[]> {
  return new ReportWriter(report, fonts).write();
}

class ReportWriter {
  private readonly pages: Pages;
  private readonly charts: ChartArtist;
  private readonly tables: TableWriter;

  constructor(
    private readonly report: PrintedReport,
    fonts: ReportFonts,
  ) {
    this.pages = new Pages(report.lang, report.title, fonts);
    const { document, regular } = this.pages;
    this.charts = new ChartArtist(document, new ToneFiller(document), regular);
    this.tables = new TableWriter(this.pages, this.charts);
  }

  async write(): Promise<readonly Buffer[]> {
    const { title, facts, asOf, figures, alerts, tables, empty, method, notice } = this.report;
    const { bold, regular } = this.pages;
    this.pages.paragraph('H1', title, bold, SIZES.title);
    for (const { label, value } of facts) this.pages.paragraph('P', `${label}: ${value}`, bold, SIZES.text);
    if (asOf !== '') this.pages.paragraph('P', asOf, regular, SIZES.text);
    this.figures(figures);
    if (alerts) this.list(alerts, BELOW_HEADING);
    for (const table of tables) await this.section(table);
    if (tables.length === 0) this.pages.paragraph('P', empty, regular, SIZES.text);
    // Nobody signs a page on which nothing else stands.
    this.list(method, this.heightOfTexts(method) + SIGNATURES);
    this.signatures();
    return this.pages.end(notice, (page, pages) => this.report.pageText(page, pages));
  }

  private async section(table: PrintedTable): Promise<void> {
    const { heading, note, figures, trend, legend, rows, total, empty } = table;
    const isEmpty = rows.length === 0 && !total;
    this.heading(heading, isEmpty ? BELOW_HEADING : this.heightBelow(table));
    if (note !== '') this.pages.paragraph('P', note, this.pages.regular, SIZES.text);
    this.figures(figures);
    if (isEmpty) {
      this.pages.paragraph('P', empty, this.pages.regular, SIZES.text);
      return;
    }
    if (trend) this.trend(trend);
    this.legend(legend);
    await this.tables.write(table);
  }

  /** What should stand on the same page as the heading: the whole of a short table, else its beginning. */
  private heightBelow(table: PrintedTable): number {
    const above =
      this.heightOfFigures(table.figures) +
      (table.trend ? heightOfTrend(table.trend) : 0) +
      (table.note === '' ? 0 : SIZES.text * LEADING) +
      (table.legend.length === 0 ? 0 : SIZES.text * LEADING + LEGEND_GAP);
    const whole = table.rows.length <= ROWS_KEPT_TOGETHER ? above + this.tables.height(table) : Infinity;
    return this.pages.fitsOnOne(whole + BELOW_HEADING) ? whole : above + BELOW_HEADING;
  }

  private heading(text: string, below: number): void {
    this.pages.y += 10;
    this.pages.makeRoom(SIZES.heading * LEADING + below);
    this.pages.paragraph('H2', text, this.pages.bold, SIZES.heading);
  }

  /** @param below what should stand on the same page as the heading */
  private list({ heading, texts }: PrintedList, below: number): void {
    this.heading(heading, below);
    for (const text of texts) this.pages.paragraph('P', listed(text), this.pages.regular, SIZES.text);
  }

  private heightOfTexts({ texts }: PrintedList): number {
    return texts.reduce((sum, text) => sum + this.pages.heightOfParagraph(listed(text), SIZES.text), 0);
  }

  /** Figures that stand out, each in a frame, as many beside each other as can be read. */
  private figures(figures: readonly PrintedFigure[]): void {
    for (const row of rowsOfTiles(figures)) {
      const tiles = this.tilesOf(row, figures.length);
      const height = heightOfTiles(tiles);
      this.pages.y += TILE.gap;
      this.pages.makeRoom(height);
      const { document, y } = this.pages;
      tiles.forEach(({ lines, main, x, width }) => {
        this.pages.artifact('Layout', () => {
          document.rect(x, y, width, height).lineWidth(main ? 1.5 : 0.5);
          document.stroke(main ? INK : LINE);
        });
        const draw = () => {
          let top = y + TILE.padding;
          for (const { text, size, face } of lines) {
            face.write(text, x + TILE.padding, top, size);
            top += size * LEADING;
          }
        };
        this.pages.root.add(this.pages.tag('P', {}, draw));
      });
      this.pages.y += height;
    }
  }

  private tilesOf(row: readonly PrintedFigure[], count: number): Tile[] {
    const across = Math.max(TILE.fewest, perRow(count));
    const width = (this.pages.width - TILE.gap * (across - 1)) / across;
    const { regular, bold } = this.pages;
    return row.map(({ label, value, note, main }, index) => {
      const sized = (text: string, size: number, face: Typeface) =>
        text === '' ? [] : face.wrap(text, width - 2 * TILE.padding, size).map((line) => ({ text: line, size, face }));
      return {
        lines: [
          ...sized(label, SIZES.table, regular),
          ...sized(value, SIZES.figure, bold),
          ...sized(note, SIZES.note, regular),
        ],
        main,
        x: MARGIN + index * (width + TILE.gap),
        width,
      };
    });
  }

  private heightOfFigures(figures: readonly PrintedFigure[]): number {
    return rowsOfTiles(figures).reduce(
      (sum, row) => sum + TILE.gap + heightOfTiles(this.tilesOf(row, figures.length)),
      0,
    );
  }

  private trend(trend: PrintedTrend): void {
    const height = heightOfTrend(trend);
    this.pages.y += TILE.gap;
    this.pages.makeRoom(height);
    const { y, regular } = this.pages;
    const plot = { x: MARGIN, y, width: TREND_WIDTH, height: plotHeight(trend) };
    const bbox = [MARGIN, y, MARGIN + TREND_WIDTH, y + height] as const;
    const draw = () => {
      this.charts.trend(trend, plot);
      regular.write(trend.text, MARGIN, y + plot.height, SIZES.note);
    };
    this.pages.root.add(this.pages.tag('Figure', { alt: trend.alt, bbox }, draw));
    this.pages.y += height;
  }

  /** What the tones mean, on as many lines as it takes. */
  private legend(legend: PrintedTable['legend']): void {
    if (legend.length === 0) return;
    this.pages.y += LEGEND_GAP;
    this.pages.makeRoom(SIZES.text * LEADING);
    let x = MARGIN;
    for (const { label, tone } of legend) {
      const width = SWATCH.size + SWATCH.gap + this.pages.regular.width(label, SIZES.table);
      if (x > MARGIN && x + width > MARGIN + this.pages.width) {
        x = MARGIN;
        this.pages.y += SIZES.text * LEADING;
      }
      const at = { x, y: this.pages.y, width: SWATCH.size, height: SWATCH.size };
      this.pages.artifact('Layout', () => this.charts.swatch(tone, at));
      const draw = () => this.pages.regular.write(label, at.x + SWATCH.size + SWATCH.gap, at.y, SIZES.table);
      this.pages.root.add(this.pages.tag('P', {}, draw));
      x += width + SWATCH.after;
    }
    this.pages.y += SIZES.text * LEADING;
  }

  private signatures(): void {
    const { signatures } = this.report;
    if (signatures.length === 0) return;
    const { bold, regular } = this.pages;
    const part = this.pages.width / signatures.length;
    this.pages.makeRoom(SIGNATURES);
    const y = this.pages.y + 16;
    signatures.forEach(({ who, hint }, index) => {
      const middle = MARGIN + part * (index + 0.5);
      const draw = () => {
        bold.write(who, middle - bold.width(who, SIZES.text) / 2, y, SIZES.text);
        const below = y + SIZES.text * LEADING;
        regular.write(hint, middle - regular.width(hint, SIZES.note) / 2, below, SIZES.note);
      };
      this.pages.root.add(this.pages.tag('P', {}, draw));
    });
  }
}

function listed(text: string): string {
  return `– ${text}`;
}

interface Tile {
  readonly lines: readonly { readonly text: string; readonly size: number; readonly face: Typeface }[];
  readonly main: boolean;
  readonly x: number;
  readonly width: number;
}

/** The same number in every row, or nearly. */
function perRow(count: number): number {
  return Math.ceil(count / Math.max(1, Math.ceil(count / TILE.most)));
}

function rowsOfTiles(figures: readonly PrintedFigure[]): PrintedFigure[][] {
  const size = perRow(figures.length);
  return Array.from({ length: Math.ceil(figures.length / Math.max(1, size)) }, (_, row) =>
    figures.slice(row * size, (row + 1) * size),
  );
}

function heightOfTiles(tiles: readonly Tile[]): number {
  const heights = tiles.map(({ lines }) => lines.reduce((sum, { size }) => sum + size * LEADING, 0));
  return Math.max(0, ...heights) + 2 * TILE.padding;
}

function plotHeight({ width, height }: PrintedTrend): number {
  return (height * TREND_WIDTH) / width;
}

/** With the line below it that says how it is read. */
function heightOfTrend(trend: PrintedTrend): number {
  return plotHeight(trend) + SIZES.note * LEADING + SWATCH.gap;
}
