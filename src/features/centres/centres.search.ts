import { foldText } from '../../domain/fold.js';
import type { CatalogueService } from '../catalogue/catalogue.service.js';
import type { Centre } from './centres.model.js';

/**
 * Whether texts hold every word of a question, or one that begins with it, however it is typed: without diacritics, in
 * any case and order.
 */
export function wordsIn(question: string): (text: string) => boolean {
  const asked = wordsOf(question);
  return (text) => {
    const words = wordsOf(text);
    return asked.every((one) => words.some((word) => word.startsWith(one)));
  };
}

function wordsOf(text: string): string[] {
  return foldText(text)
    .split(/[^\p{Letter}\p{Number}]+/u)
    .filter((word) => word !== '');
}

/** What a centre is found by: its code, its name, and the names of its unit and province. */
export function centreText({ code, name, unit }: Centre, catalogue: CatalogueService): string {
  const parent = catalogue.unit(unit)?.parent ?? null;
  return [code, name, catalogue.unitName(unit), parent === null ? '' : catalogue.unitName(parent)].join(' ');
}
