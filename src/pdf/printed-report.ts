/** A report on paper: everything already in words. */
export interface PrintedReport {
  readonly lang: string;
  readonly title: string;
  /** Place, period and the like. */
  readonly facts: readonly PrintedFact[];
  /** A line under the facts; '' for none. */
  readonly asOf: string;
  /** Figures that stand out of the whole report. */
  readonly figures: readonly PrintedFigure[];
  /** What to know before a figure is quoted; null for nothing. */
  readonly alerts: PrintedList | null;
  readonly tables: readonly PrintedTable[];
  /** Stands where there are no tables. */
  readonly empty: string;
  readonly method: PrintedList;
  readonly signatures: readonly { readonly who: string; readonly hint: string }[];
  /** Stands at the foot of every page; '' for nothing. */
  readonly notice: string;
  /** The footer of a page. */
  pageText(page: number, pages: number): string;
}

export interface PrintedFact {
  readonly label: string;
  readonly value: string;
}

export interface PrintedFigure extends PrintedFact {
  /** What it counts, or how sure it is; '' for nothing. */
  readonly note: string;
  /** The figure that is judged by. */
  readonly main: boolean;
}

export interface PrintedList {
  readonly heading: string;
  readonly texts: readonly string[];
}

export interface PrintedTable {
  readonly heading: string;
  /** Figures that stand out of this table. */
  readonly figures: readonly PrintedFigure[];
  /** A line under the heading; '' for none. */
  readonly note: string;
  readonly trend: PrintedTrend | null;
  /** What the tones of its bars mean; none where they mean nothing. */
  readonly legend: readonly { readonly label: string; readonly tone: PrintedTone }[];
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
  readonly kind: 'words' | 'number' | 'chart';
}

/** A cell for each column. */
export type PrintedRow = readonly (PrintedText | PrintedBar)[];

export interface PrintedText {
  readonly text: string;
  readonly note: string;
  /** From 0 for white to 4; the cell of a table that is read by its shades. */
  readonly shade?: PrintedShade;
}

export type PrintedShade = 0 | 1 | 2 | 3 | 4;

/** A bar over 0 to 100 percent: positions and widths are shares of it in percent. */
export interface PrintedBar {
  readonly segments: readonly { readonly tone: PrintedTone; readonly x: number; readonly width: number }[];
  readonly interval: { readonly low: number; readonly high: number } | null;
  /** The bar in words, for those who do not see it. */
  readonly alt: string;
}

export type PrintedTone = 'best' | 'good' | 'neutral' | 'bad' | 'worst';

/** A line over time with its interval, in coordinates of a box `width` by `height`. */
export interface PrintedTrend {
  readonly width: number;
  readonly height: number;
  /** Points as in SVG: 'x,y x,y'. */
  readonly line: string;
  readonly band: string;
  readonly points: readonly { readonly x: number; readonly y: number }[];
  /** Where lines of ticks begin, their texts end, and labels stand on. */
  readonly axis: { readonly grid: number; readonly ticks: number; readonly labels: number };
  readonly labels: readonly { readonly x: number; readonly text: string }[];
  readonly ticks: readonly { readonly y: number; readonly text: string }[];
  /** How it is read; stands below it. */
  readonly text: string;
  readonly alt: string;
}
