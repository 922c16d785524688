import { attribute, XML_START } from './xml.js';

/** How a cell looks; what is not said is as the program that opens the file has it. */
export interface CellStyle {
  readonly font?: string;
  /** In points. */
  readonly size?: number;
  readonly bold?: true;
  readonly italic?: true;
  readonly horizontal?: 'left' | 'center' | 'right';
  readonly vertical?: 'top' | 'center';
  readonly wrap?: true;
  /** A thin line on every side. */
  readonly border?: true;
  /** Background, such as 'F2F2F2'. */
  readonly fill?: string;
  /** A format code such as '0.00', or '@' for text. */
  readonly format?: string;
  /** Text that would otherwise become a formula when somebody edits the cell. */
  readonly quoted?: true;
}

const DEFAULT_FONT = 'Calibri';
const DEFAULT_SIZE = 11;
/** Format codes of one's own are numbered from here (ECMA-376 Part 1, 18.8.30). */
const FIRST_OWN_FORMAT = 164;
const BUILT_IN_FORMATS: ReadonlyMap<string, number> = new Map([
  ['General', 0],
  ['0', 1],
  ['0.00', 2],
  ['#,##0', 3],
  ['#,##0.00', 4],
  ['@', 49],
]);

/** The looks that the cells of one workbook use, numbered as they come. */
export class StyleBook {
  private readonly fonts = new Numbered([fontXml({})]);
  private readonly fills = new Numbered([patternFill('none'), patternFill('gray125')]);
  private readonly borders = new Numbered([borderXml(false)]);
  private readonly formats = new Numbered<string>([]);
  private readonly looks = new Numbered([this.lookXml({})]);
  private readonly known = new Map<CellStyle, number>();

  /** The number of a look in the cells that have it. */
  numberOf(style: CellStyle): number {
    const known = this.known.get(style);
    if (known !== undefined) return known;
    const number = this.looks.numberOf(this.lookXml(style));
    this.known.set(style, number);
    return number;
  }

  /** The part `xl/styles.xml`. */
  xml(): string {
    const formats = this.formats.list.map(
      (code, index) => `<numFmt numFmtId="${FIRST_OWN_FORMAT + index}" formatCode="${attribute(code)}"/>`,
    );
    return [
      XML_START,
      '<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">',
      formats.length > 0 ? list('numFmts', formats) : '',
      list('fonts', this.fonts.list),
      list('fills', this.fills.list),
      list('borders', this.borders.list),
      list('cellStyleXfs', ['<xf numFmtId="0" fontId="0" fillId="0" borderId="0"/>']),
      list('cellXfs', this.looks.list),
      list('cellStyles', ['<cellStyle name="Normal" xfId="0" builtinId="0"/>']),
      '</styleSheet>',
    ].join('');
  }

  private lookXml(style: CellStyle): string {
    const { border = false, fill, format = 'General', quoted, horizontal, vertical, wrap } = style;
    const fillId = fill === undefined ? 0 : this.fills.numberOf(solidFill(fill));
    const borderId = this.borders.numberOf(borderXml(border));
    const ids = `numFmtId="${this.formatId(format)}" fontId="${this.fonts.numberOf(fontXml(style))}" fillId="${fillId}" borderId="${borderId}"`;
    const applied = 'applyNumberFormat="1" applyFont="1" applyFill="1" applyBorder="1" applyAlignment="1"';
    const aligned = [
      horizontal && `horizontal="${horizontal}"`,
      vertical && `vertical="${vertical}"`,
      wrap && 'wrapText="1"',
    ].filter(Boolean);
    const alignment = aligned.length > 0 ? `<alignment ${aligned.join(' ')}/>` : '';
    return `<xf ${ids} xfId="0" ${applied}${quoted ? ' quotePrefix="1"' : ''}>${alignment}</xf>`;
  }

  private formatId(code: string): number {
    return BUILT_IN_FORMATS.get(code) ?? FIRST_OWN_FORMAT + this.formats.numberOf(code);
  }
}

/** Texts that are numbered in the order in which they are first seen. */
class Numbered<T extends string> {
  private readonly numbers: Map<T, number>;

  constructor(first: readonly T[]) {
    this.numbers = new Map(first.map((text, index) => [text, index]));
  }

  numberOf(text: T): number {
    const known = this.numbers.get(text);
    if (known !== undefined) return known;
    this.numbers.set(text, this.numbers.size);
    return this.numbers.size - 1;
  }

  get list(): readonly T[] {
    return [...this.numbers.keys()];
  }
}

function list(name: string, members: readonly string[]): string {
  return `<${name} count="${members.length}">${members.join('')}</${name}>`;
}

function fontXml({ font = DEFAULT_FONT, size = DEFAULT_SIZE, bold, italic }: CellStyle): string {
  return `<font>${bold ? '<b/>' : ''}${italic ? '<i/>' : ''}<sz val="${size}"/><name val="${attribute(font)}"/><family val="1"/></font>`;
}

function patternFill(pattern: string): string {
  return `<fill><patternFill patternType="${pattern}"/></fill>`;
}

function solidFill(rgb: string): string {
  return `<fill><patternFill patternType="solid"><fgColor rgb="FF${rgb}"/><bgColor indexed="64"/></patternFill></fill>`;
}

function borderXml(thin: boolean): string {
  const sides = ['left', 'right', 'top', 'bottom'].map((side) =>
    thin ? `<${side} style="thin"><color auto="1"/></${side}>` : `<${side}/>`,
  );
  return `<border>${sides.join('')}<diagonal/></border>`;
}
