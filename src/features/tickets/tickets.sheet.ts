import { create as createQr } from 'qrcode';
import type { Translate } from '../../i18n/index.js';

/** What a sheet of paper with a code says. */
export interface Sheet {
  readonly url: string;
  readonly centreName: string;
  /** Null: for the centre as a whole. */
  readonly counter: string | null;
  /** A dossier's ticket, for one person, once. */
  readonly once: boolean;
  /** '20/02/2027'; null: without end. */
  readonly until: string | null;
}

/** A4 in millimetres. */
const PAGE = { width: 210, height: 297, margin: 20 };
const CODE_SIZE = 110;
/** Average width of a letter, as a part of the letter's size. */
const LETTER_WIDTH = 0.56;
const LINE_HEIGHT = 1.35;

/** One paragraph: its letters' size, their weight, and the space above it. */
interface Block {
  readonly text: string;
  readonly size: number;
  readonly weight: 400 | 600;
  readonly above: number;
}

/** An A4 page with the code of a ticket, ready to print; Vietnamese, as the paper in a Vietnamese office. */
export function ticketSheet({ url, centreName, counter, once, until }: Sheet, t: Translate): string {
  const title = t('kiosk.invite');
  const head = placed(
    [
      { text: centreName, size: 8, weight: 600, above: 0 },
      ...(counter === null ? [] : [{ text: t('sheet.counter', { counter }), size: 8, weight: 400, above: 2 } as const]),
      { text: title, size: 11, weight: 600, above: 7 },
    ],
    PAGE.margin,
  );
  const codeTop = head.bottom + 9;
  const validity = [...(once ? [t('sheet.once')] : []), ...(until === null ? [] : [t('sheet.until', { day: until })])];
  const foot = placed(
    [
      { text: t('sheet.step1'), size: 7.5, weight: 600, above: 0 },
      { text: t('sheet.step2'), size: 7.5, weight: 600, above: 0 },
      ...validity.map((text, index) => ({ text, size: 5.5, weight: 400, above: index === 0 ? 7 : 0 }) as const),
      { text: t('kiosk.privacy'), size: 5, weight: 400, above: 7 },
    ],
    codeTop + CODE_SIZE + 8,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${PAGE.width}mm" height="${PAGE.height}mm"`,
    ` viewBox="0 0 ${PAGE.width} ${PAGE.height}" lang="vi" font-family="'Be Vietnam Pro','Noto Sans',Arial,sans-serif">`,
    `<title>${escaped(`${title} – ${centreName}`)}</title>`,
    `<rect width="${PAGE.width}" height="${PAGE.height}" fill="#fff"/>`,
    ...head.lines,
    code(url, codeTop),
    ...foot.lines,
    '</svg>',
  ].join('\n');
}

/** The code as one shape, as large as the sheet has room for. */
function code(url: string, top: number): string {
  const { modules } = createQr(url, { errorCorrectionLevel: 'M' });
  const side = CODE_SIZE / modules.size;
  const rows = Array.from({ length: modules.size }, (_, y) =>
    Array.from({ length: modules.size }, (__, x) => (modules.get(y, x) ? `M${x} ${y}h1v1h-1z` : '')).join(''),
  );
  const left = (PAGE.width - CODE_SIZE) / 2;
  return `<path transform="translate(${left} ${top.toFixed(1)}) scale(${side})" shape-rendering="crispEdges" d="${rows.join('')}"/>`;
}

/** Centred paragraphs below each other from `top` on, each broken where it would not fit. */
function placed(blocks: readonly Block[], top: number): { readonly lines: string[]; readonly bottom: number } {
  const lines: string[] = [];
  let bottom = top;
  for (const { text, size, weight, above } of blocks) {
    bottom += above;
    const room = Math.floor((PAGE.width - 2 * PAGE.margin) / (size * LETTER_WIDTH));
    for (const line of broken(text, room)) {
      const font = `font-size="${size}" font-weight="${weight}"`;
      lines.push(
        `<text x="${PAGE.width / 2}" y="${(bottom + size).toFixed(1)}" text-anchor="middle" ${font}>${escaped(line)}</text>`,
      );
      bottom += size * LINE_HEIGHT;
    }
  }
  return { lines, bottom };
}

function broken(paragraph: string, room: number): string[] {
  return paragraph.split(' ').reduce<string[]>((lines, word) => {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > room) return [...lines, word];
    return [...lines.slice(0, -1), `${last} ${word}`];
  }, []);
}

function escaped(plain: string): string {
  return plain.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
