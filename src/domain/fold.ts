/**
 * A text as it is compared when people search: without case, diacritics and repeated spaces. Both placements of a tone
 * mark fold to the same (Hòa and Hoà → "hoa"), and so does text typed without any.
 */
export function foldText(text: string): string {
  return text
    .normalize('NFD')
    .replace(/\p{Mark}/gu, '')
    .replace(/đ/gi, 'd')
    .toLowerCase()
    .replace(/\s+/g, ' ')
    .trim();
}
