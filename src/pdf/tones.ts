import type { PrintedShade, PrintedTone } from './printed-report.js';

/** Marks on a tile of 6 by 6 points, repeated over what is filled: who sees no colours, or a copy, tells tones by them. */
interface Pattern {
  readonly colour: string;
  /** Drawn with the operators of PDF. */
  readonly marks: string;
}

interface Look {
  readonly fill: string;
  readonly pattern: Pattern | null;
}

const TILE = 6;

/** The colours of the printed page (public/css/print.css), and patterns as on it (views/reports/patterns.ejs). */
export const TONES: Readonly<Record<PrintedTone, Look>> = {
  best: { fill: '#14593c', pattern: null },
  good: { fill: '#72b993', pattern: null },
  neutral: { fill: '#e3e7e9', pattern: { colour: '#222222', marks: '2.4 2.4 1.2 1.2 re f' } },
  bad: { fill: '#f0a35e', pattern: { colour: '#5b2a04', marks: '1.6 w 0 0 m 6 6 l -1 5 m 1 7 l 5 -1 m 7 1 l S' } },
  worst: { fill: '#a02a1b', pattern: { colour: '#ffffff', marks: '0.9 w 0 0 m 6 6 l 0 6 m 6 0 l S' } },
};

/** Shares of the best tone in the cells of a shaded table, as on the page (public/css/report.css). */
const SHADES: Readonly<Record<PrintedShade, number>> = { 0: 0, 1: 0.08, 2: 0.16, 3: 0.24, 4: 0.34 };

/** Fills areas with tones. */
export class ToneFiller {
  private readonly patterns = new Map<PrintedTone, PDFKit.PDFTilingPattern>();

  constructor(private readonly document: PDFKit.PDFDocument) {}

  fill(tone: PrintedTone, x: number, y: number, width: number, height: number): void {
    const { fill, pattern } = TONES[tone];
    this.document.rect(x, y, width, height).fill(fill);
    if (pattern) {
      this.document.rect(x, y, width, height).fill([this.patternOf(tone, pattern), pattern.colour]);
    }
  }

  private patternOf(tone: PrintedTone, { marks }: Pattern): PDFKit.PDFTilingPattern {
    const known = this.patterns.get(tone);
    if (known) return known;
    const pattern = this.document.pattern([0, 0, TILE, TILE], TILE, TILE, marks);
    this.patterns.set(tone, pattern);
    return pattern;
  }
}

/** The colour of a cell of a shaded table. */
export function shadeColour(shade: PrintedShade): [number, number, number] {
  const part = (from: number) => {
    const full = parseInt(TONES.best.fill.slice(from, from + 2), 16);
    return Math.round(255 + (full - 255) * SHADES[shade]);
  };
  return [part(1), part(3), part(5)];
}
