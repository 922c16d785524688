import { ValidationError, type FieldError } from '../../errors.js';
import type { CatalogueService } from '../catalogue/catalogue.service.js';
import type { CentreService } from './centres.service.js';

/** What citizens are asked where nothing else is named. */
export const DEFAULT_QUESTIONNAIRE = 'tthc-kiosk-5';

interface Place {
  readonly centre: string;
  readonly questionnaire: string;
  readonly counter?: string | undefined;
}

/**
 * A counter that nobody listed is taken as it is named; one that was closed is not.
 * @throws ValidationError when a centre or questionnaire does not exist, is closed or retired, or the counter is closed
 */
export async function requireKnownPlace(
  { centres, catalogue }: { readonly centres: CentreService; readonly catalogue: CatalogueService },
  { centre: code, questionnaire, counter }: Place,
): Promise<void> {
  const errors: FieldError[] = [];
  const centre = await centres.find(code);
  if (!centre) errors.push({ path: 'centre', message: `there is no centre ${code}` });
  if (centre?.closed) errors.push({ path: 'centre', message: `the centre ${code} is closed` });
  if (centre?.counters?.some(({ code: one, closed }) => one === counter && closed === true)) {
    errors.push({ path: 'counter', message: `the counter ${counter} is closed` });
  }
  if (!catalogue.questionnaire(questionnaire)) {
    errors.push({ path: 'questionnaire', message: `there is no questionnaire ${questionnaire}` });
  } else if (catalogue.isRetired(questionnaire)) {
    errors.push({ path: 'questionnaire', message: `questionnaire ${questionnaire} is retired` });
  }
  if (errors.length > 0) throw new ValidationError(errors);
}
