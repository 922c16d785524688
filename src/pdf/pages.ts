import PDFDocument from 'pdfkit';
import { Typeface, type FontFiles } from './typeface.js';

export interface ReportFonts {
  readonly regular: FontFiles;
  readonly bold: FontFiles;
}

/** What a tag may say of what it holds; `bbox` (left, top, right, bottom) and `scope` are missing from the library's types. */
export interface TagOptions extends PDFKit.Mixins.StructureElementOptions {
  readonly bbox?: readonly [number, number, number, number];
  readonly scope?: 'Column' | 'Row';
}

type Tag = PDFKit.PDFStructureElement;

export const MARGIN = 40;
const FOOTER = 24;
const AFTER_PARAGRAPH = 2;
/** A file has some hundred thousand pieces, each of which takes more to keep than it holds; soon joined, they are soon gone. */
const PIECES_OF_BLOCK = 200;
export const SIZES = { title: 16, figure: 12, heading: 11.5, text: 9, table: 8, note: 7 } as const;
export const LEADING = 1.3;
export const LINE = '#8a94a3';
export const INK = '#111827';

/** Pages of A4, landscape, tagged for screen readers, fonts embedded, filled from top to bottom. */
export class Pages {
  readonly document: PDFKit.PDFDocument;
  readonly root: Tag;
  readonly regular: Typeface;
  readonly bold: Typeface;
  /** Where the next thing goes. */
  y = MARGIN;
  /** What is written of the file: blocks, and the pieces of the next one. */
  private readonly blocks: Buffer[] = [];
  private pieces: Buffer[] = [];

  constructor(lang: string, title: string, fonts: ReportFonts) {
    this.document = new PDFDocument({
      size: 'A4',
      layout: 'landscape',
      // Where text ends is decided here, not by the library.
      margins: { top: 0, bottom: 0, left: 0, right: 0 },
      bufferPages: true,
      pdfVersion: '1.7',
      tagged: true,
      displayTitle: true,
      lang,
      info: { Title: title },
    });
    this.document.on('data', (piece: Buffer) => {
      this.pieces.push(piece);
      if (this.pieces.length === PIECES_OF_BLOCK) this.endBlock();
    });
    this.regular = new Typeface(this.document, 'regular', fonts.regular);
    this.bold = new Typeface(this.document, 'bold', fonts.bold);
    this.root = this.tag('Document');
    this.document.addStructure(this.root);
    this.document.fillColor(INK);
  }

  get width(): number {
    return this.document.page.width - 2 * MARGIN;
  }

  private get bottom(): number {
    return this.document.page.height - MARGIN - FOOTER;
  }

  /** Goes on on the next page where `height` is not left on this one, and would be on that. True: it did. */
  makeRoom(height: number): boolean {
    if (this.y + height <= this.bottom || this.y === MARGIN) return false;
    this.setAside();
    this.document.addPage();
    this.document.fillColor(INK);
    this.y = MARGIN;
    return true;
  }

  fitsOnOne(height: number): boolean {
    return MARGIN + height <= this.bottom;
  }

  tag(name: string, options: TagOptions = {}, content: Tag | (() => void) | null = null): Tag {
    return content === null ? this.document.struct(name, options) : this.document.struct(name, options, content);
  }

  /** What says nothing to who listens. */
  artifact(type: 'Layout' | 'Pagination', draw: () => void): void {
    this.document.markContent('Artifact', { type });
    draw();
    this.document.endMarkedContent();
    this.document.fillColor(INK);
  }

  paragraph(name: 'H1' | 'H2' | 'P', text: string, face: Typeface, size: number): void {
    const lines = face.wrap(text, this.width, size);
    this.makeRoom(lines.length * size * LEADING);
    const draw = () => {
      for (const line of lines) {
        face.write(line, MARGIN, this.y, size);
        this.y += size * LEADING;
      }
    };
    this.root.add(this.tag(name, {}, draw));
    this.y += AFTER_PARAGRAPH;
  }

  heightOfParagraph(text: string, size: number): number {
    return this.regular.wrap(text, this.width, size).length * size * LEADING + AFTER_PARAGRAPH;
  }

  /** A line across the page. */
  rule(width: number): void {
    this.artifact('Layout', () => {
      const { document, y } = this;
      document
        .moveTo(MARGIN, y)
        .lineTo(MARGIN + this.width, y)
        .lineWidth(width)
        .stroke(LINE);
    });
  }

  /** Writes what stands at the foot of every page, and gives the file in parts. */
  async end(notice: string, pageText: (page: number, pages: number) => string): Promise<readonly Buffer[]> {
    const ended = new Promise((resolve) => this.document.once('end', resolve));
    this.root.end();
    const { count } = this.document.bufferedPageRange();
    for (let page = 0; page < count; page += 1) {
      this.document.switchToPage(page);
      const y = this.document.page.height - MARGIN;
      const text = pageText(page + 1, count);
      this.artifact('Pagination', () => {
        this.document.fillColor(INK);
        this.bold.write(notice, MARGIN, y, SIZES.note);
        this.regular.write(text, MARGIN + this.width - this.regular.width(text, SIZES.note), y, SIZES.note);
      });
    }
    this.document.end();
    await ended;
    this.endBlock();
    return this.blocks;
  }

  /** Writes what was drawn of a full page: only its footer waits until the number of pages is known. */
  private setAside(): void {
    const { page } = this.document;
    const drawn = page.content;
    page.content = this.document.ref({});
    Object.assign(page.dictionary.data, { Contents: [drawn, page.content] });
    drawn.end(undefined);
  }

  private endBlock(): void {
    this.blocks.push(Buffer.concat(this.pieces));
    this.pieces = [];
  }
}
