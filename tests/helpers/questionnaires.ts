import { readFileSync } from 'node:fs';
import type { Questionnaire } from '../../src/domain/questionnaire.js';
import { questionnaireShape } from '../../src/features/catalogue/questionnaire-shape.js';

/** A questionnaire as the product brings it. */
export function shippedQuestionnaire(id: string): Questionnaire {
  return questionnaireShape.parse(JSON.parse(readFileSync(`data/questionnaires/${id}.json`, 'utf8')));
}
