/** What XML reserves or cannot hold at all, and what SpreadsheetML would read as an escape of its own. */
const SPECIAL = /[&<>\u0000-\u0008\u000B-\u001F\uFFFE\uFFFF]|_(?=x[0-9A-Fa-f]{4}_)/;
const EVERY_SPECIAL = new RegExp(SPECIAL, 'g');
/** A carriage return written as it is would be read as a line feed. */
const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '\r': '&#13;' };

/**
 * A text as character data of a cell: nothing of it is lost. What XML cannot hold is written `_xHHHH_` (ECMA-376
 * Part 1, 22.9.2.19 ST_Xstring).
 */
export function cellText(text: string): string {
  if (!SPECIAL.test(text)) return text;
  return text.replace(EVERY_SPECIAL, (character) => ENTITIES[character] ?? escaped(character));
}

/** The text that {@link cellText} wrote, once an XML parser read it. */
export function fromCellText(text: string): string {
  return text.replace(/_x([0-9A-Fa-f]{4})_/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** A text as the value of an attribute in double quotes. */
export function attribute(text: string): string {
  return cellText(text).replaceAll('"', '&quot;');
}

function escaped(character: string): string {
  return `_x${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}_`;
}

export const XML_START = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';

const LETTERS = 26;

/** The letters of a column counted from 0: 0 → 'A', 26 → 'AA'. */
export function columnLetters(index: number): string {
  const rest = Math.floor(index / LETTERS) - 1;
  return (rest < 0 ? '' : columnLetters(rest)) + String.fromCharCode(65 + (index % LETTERS));
}
