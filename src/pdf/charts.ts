import type { PrintedBar, PrintedTone, PrintedTrend } from './printed-report.js';
import { TONES, type ToneFiller } from './tones.js';
import type { Typeface } from './typeface.js';

/** A place on a page, its corner at the top left. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

type Line = readonly [fromX: number, fromY: number, toX: number, toY: number];

const INK = '#111827';
const FRAME = '#4b5563';
const GRID = '#c3c9d1';
const PAPER = '#ffffff';
/** What the trend measures, in units of its own box. */
const TREND = { text: 12, line: 2.5, point: 4 } as const;
const CAP = 2;

/** Draws charts as lines and areas, which print and enlarge without blurring. */
export class ChartArtist {
  constructor(
    private readonly document: PDFKit.PDFDocument,
    private readonly tones: ToneFiller,
    private readonly face: Typeface,
  ) {}

  bar({ segments, interval }: PrintedBar, { x, y, width, height }: Box): void {
    this.document.save();
    const at = (percent: number) => x + (Math.min(100, percent) / 100) * width;
    for (const { tone, x: from, width: share } of segments) {
      this.tones.fill(tone, at(from), y, at(from + share) - at(from), height);
    }
    this.lines(
      segments.slice(1).map(({ x: from }) => [at(from), y, at(from), y + height]),
      0.75,
      PAPER,
    );
    if (interval) this.interval(at(interval.low), at(interval.high), y + height / 2);
    this.document.rect(x, y, width, height).lineWidth(0.5).stroke(FRAME);
    this.document.restore();
  }

  /** A line with ends, light around dark: it is seen on every tone. */
  private interval(from: number, to: number, y: number): void {
    const ends = [from, to].map((end): Line => [end, y - CAP, end, y + CAP]);
    const all: Line[] = [[from, y, to, y], ...ends];
    this.lines(all, 2.4, PAPER);
    this.lines(all, 0.9, INK);
  }

  /** A sample of a tone, framed as bars are. */
  swatch(tone: PrintedTone, { x, y, width, height }: Box): void {
    this.document.save();
    this.tones.fill(tone, x, y, width, height);
    this.document.rect(x, y, width, height).lineWidth(0.5).stroke(FRAME);
    this.document.restore();
  }

  /** A line over its interval, in a box of the trend's own proportions. */
  trend(trend: PrintedTrend, { x, y, width }: Box): void {
    const { document, face } = this;
    document
      .save()
      .translate(x, y)
      .scale(width / trend.width);
    for (const { y: level, text } of trend.ticks) {
      this.lines([[trend.axis.grid, level, trend.width, level]], 1, GRID);
      this.text(text, trend.axis.ticks - face.width(text, TREND.text), level + 4);
    }
    document.path(`M${trend.band}Z`).fill(TONES.neutral.fill);
    document.path(`M${trend.line}`).lineWidth(TREND.line).lineJoin('round').stroke(TONES.best.fill);
    for (const point of trend.points) document.circle(point.x, point.y, TREND.point).fill(TONES.best.fill);
    for (const { x: middle, text } of trend.labels) {
      this.text(text, middle - face.width(text, TREND.text) / 2, trend.axis.labels);
    }
    document.restore();
  }

  /** Text on a base line, as in SVG. */
  private text(text: string, x: number, baseLine: number): void {
    this.document.fillColor(INK);
    this.face.write(text, x, baseLine, TREND.text, 'alphabetic');
  }

  /** Lines of one kind, drawn at once: a table has thousands. */
  private lines(lines: readonly Line[], width: number, colour: string): void {
    if (lines.length === 0) return;
    for (const [fromX, fromY, toX, toY] of lines) this.document.moveTo(fromX, fromY).lineTo(toX, toY);
    this.document.lineWidth(width).lineCap('square').stroke(colour);
  }
}
