import { ValidationError, type FieldError } from '../../errors.js';
import type { CatalogueService } from '../catalogue/catalogue.service.js';
import type { CentreService } from './centres.service.js';

/** What citizens are asked where nothing else is named. */
export const DEFAULT_QUESTIONNAIRE = 'tthc-kiosk-5';

/** @throws ValidationError when a centre or questionnaire does not exist */
export async function requireKnownPlace(
  { centres, catalogue }: { readonly centres: CentreService; readonly catalogue: CatalogueService },
  { centre, questionnaire }: { readonly centre: string; readonly questionnaire: string },
): Promise<void> {
  const errors: FieldError[] = [];
  if (!(await centres.find(centre))) errors.push({ path: 'centre', message: `there is no centre ${centre}` });
  if (!catalogue.questionnaire(questionnaire)) {
    errors.push({ path: 'questionnaire', message: `there is no questionnaire ${questionnaire}` });
  }
  if (errors.length > 0) throw new ValidationError(errors);
}
