import { foldText } from '../../domain/fold.js';
import type { CatalogueService } from '../catalogue/catalogue.service.js';
import type { Centre } from './centres.model.js';

/** Whether texts hold every word of a question, however it is typed: without diacritics, in any case and order. */
export function wordsIn(question: string): (text: string) => boolean {
  const words = foldText(question).split(' ');
  return (text) => {
    const folded = foldText(text);
    return words.every((word) => folded.includes(word));
  };
}

/** What a centre is found by: its code, its name, and the names of its unit and province. */
export function centreText({ code, name, unit }: Centre, catalogue: CatalogueService): string {
  const parent = catalogue.unit(unit)?.parent ?? null;
  return [code, name, catalogue.unitName(unit), parent === null ? '' : catalogue.unitName(parent)].join(' ');
}
