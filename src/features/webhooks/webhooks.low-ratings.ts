import type { UUID } from 'mongodb';
import type { CountedResponse } from '../../domain/tally.js';
import type { CatalogueService } from '../catalogue/catalogue.service.js';
import type { Happening } from './webhooks.service.js';

/**
 * The responses whose headline answer is a negative one, as events. Who answered and in what words is not among what is
 * told, nor the officer; what was imported is no news.
 */
export function lowRatings(
  responses: readonly (CountedResponse & { readonly _id: UUID })[],
  catalogue: CatalogueService,
): Happening[] {
  return responses.flatMap((response) => {
    const level = headlineLevel(response, catalogue);
    if (level?.polarity !== 'negative' || response.channel === 'import') return [];
    const { centre, kiosk, channel, questionnaire, version, day, hour, field, procedure, counter } = response;
    const about = { field: field ?? null, procedure: procedure ?? null, counter: counter ?? null };
    const data = { centre, kiosk, channel, questionnaire, version, level: level.code, day, hour, ...about };
    return [{ id: response._id.toString(), place: centre, data }];
  });
}

function headlineLevel({ questionnaire, version, answers }: CountedResponse, catalogue: CatalogueService) {
  const asked = catalogue.questionnaire(questionnaire, version);
  if (!asked || asked.headline === null) return undefined;
  const { levels } = catalogue.scale(asked.scale);
  const answer = answers[asked.headline];
  return levels.find(({ code }) => code === answer);
}
