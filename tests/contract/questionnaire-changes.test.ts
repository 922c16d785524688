import { openTestApp, type TestApp } from '../helpers/app.js';
import { itSurvivesLosingTheDatabase, type AdminChange } from '../helpers/lost-database.js';
import { shippedQuestionnaire } from '../helpers/questionnaires.js';
import type { QuestionnaireService } from '../../src/features/questionnaires/questionnaires.service.js';

let sipas: TestApp;

beforeAll(async () => {
  sipas = await openTestApp();
});
afterAll(() => sipas.close());

/** A change of a questionnaire of which there is a first draft, published if that is said. */
function change(
  name: string,
  act: (questionnaires: QuestionnaireService, id: string) => Promise<unknown>,
  { refusedAgain = 409, isPublished = false }: { refusedAgain?: 404 | 409 | 422; isPublished?: boolean } = {},
): AdminChange {
  return {
    name,
    async prepare({ questionnaires }, id) {
      await questionnaires.copy('tthc-kiosk-5', id, 'Bộ của tỉnh');
      if (isPublished) await questionnaires.publish(id, 1);
      return () => act(questionnaires, id);
    },
    async state({ questionnaires, catalogue }, key) {
      // As within ten seconds in every process.
      await catalogue.refresh();
      const known = (await questionnaires.list()).filter(({ id }) => id.startsWith(key));
      return [known, catalogue.versions(key), catalogue.isRetired(key)];
    },
    refusedAgain,
  };
}

const CHANGES: readonly AdminChange[] = [
  change('beginning one', (questionnaires, id) => questionnaires.copy('tthc-kiosk-5', `${id}-copy`, 'Bản sao'), {
    refusedAgain: 422,
  }),
  change('saving a draft', async (questionnaires, id) =>
    questionnaires.save(id, 1, { ...shippedQuestionnaire('tthc-kiosk-5'), id, title: { vi: 'Mới' } }),
  ),
  change('publishing a draft', (questionnaires, id) => questionnaires.publish(id, 1)),
  change('discarding a draft', (questionnaires, id) => questionnaires.discard(id, 1), { refusedAgain: 404 }),
  change('retiring one', (questionnaires, id) => questionnaires.retire(id), { isPublished: true }),
];

describe('losing the database while', () => {
  for (const one of CHANGES) itSurvivesLosingTheDatabase(one, () => sipas.services);
});
