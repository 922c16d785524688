/** One weight of a typeface, in two files: Vietnamese letters that others do not have, and all else. */
export interface FontFiles {
  readonly latin: Buffer;
  readonly vietnamese: Buffer;
}

/** Part of a text that one file of a typeface has the letters of. */
interface Run {
  readonly font: string;
  readonly text: string;
}

/** What stands in the file of Vietnamese letters; the same as the `unicode-range` that browsers are given for it. */
const VIETNAMESE =
  '\u0102-\u0103\u0110-\u0111\u0128-\u0129\u0168-\u0169\u01A0-\u01A1\u01AF-\u01B0\u0300-\u0301\u0303\u0309\u0323\u1EA0-\u1EF9';
const RUNS = new RegExp(`[${VIETNAMESE}]+|[^${VIETNAMESE}]+`, 'gu');
const IS_VIETNAMESE = new RegExp(`^[${VIETNAMESE}]`, 'u');
/** The only sign of our texts that the typeface does not have. */
const ARROW = /→/g;

/** Writes and measures text in one weight, whose letters are spread over two files. */
export class Typeface {
  constructor(
    private readonly document: PDFKit.PDFDocument,
    private readonly name: string,
    { latin, vietnamese }: FontFiles,
  ) {
    document.registerFont(`${name}-latin`, latin);
    document.registerFont(`${name}-vietnamese`, vietnamese);
  }

  width(text: string, size: number): number {
    return this.runs(text).reduce((sum, run) => sum + this.document.font(run.font, size).widthOfString(run.text), 0);
  }

  /** Writes one line; `y` is its top or, where told so, the line it stands on. */
  write(text: string, x: number, y: number, size: number, baseline: 'top' | 'alphabetic' = 'top'): void {
    let at = x;
    for (const run of this.runs(text)) {
      this.document.font(run.font, size).text(run.text, at, y, { lineBreak: false, baseline });
      at += this.document.widthOfString(run.text);
    }
  }

  /** A text in lines at most `width` wide; a word that is wider is cut. */
  wrap(text: string, width: number, size: number): string[] {
    const lines: string[] = [];
    let line = '';
    for (const word of text.split(/\s+/u).flatMap((whole) => this.cut(whole, width, size))) {
      const longer = line === '' ? word : `${line} ${word}`;
      if (line !== '' && this.width(longer, size) > width) {
        lines.push(line);
        line = word;
      } else {
        line = longer;
      }
    }
    return [...lines, line];
  }

  private cut(word: string, width: number, size: number): string[] {
    if (this.width(word, size) <= width) return [word];
    const parts: string[] = [];
    let part = '';
    for (const letter of word) {
      if (part !== '' && this.width(part + letter, size) > width) {
        parts.push(part);
        part = '';
      }
      part += letter;
    }
    return [...parts, part];
  }

  private runs(text: string): Run[] {
    const parts = text.normalize('NFC').replace(ARROW, '->').match(RUNS) ?? [];
    return parts.map((part) => ({
      font: `${this.name}-${IS_VIETNAMESE.test(part) ? 'vietnamese' : 'latin'}`,
      text: part,
    }));
  }
}
