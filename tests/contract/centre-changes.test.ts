import { openTestApp, type TestApp } from '../helpers/app.js';
import { itSurvivesLosingTheDatabase, type AdminChange } from '../helpers/lost-database.js';
import type { Services } from '../../src/services.js';

let sipas: TestApp;

beforeAll(async () => {
  sipas = await openTestApp();
});
afterAll(() => sipas.close());

/** A change of a centre that has a counter, one beside it and a closed one. */
function change(
  name: string,
  act: (services: Services, code: string) => Promise<unknown>,
  more: Partial<AdminChange> = {},
): AdminChange {
  return {
    name,
    async prepare(services, code) {
      const { centres } = services;
      await centres.addAll(
        [code, `${code}-B`, `${code}-C`].map((one) => ({ code: one, name: `Trung tâm ${one}`, unit: '22' })),
      );
      await centres.counters.add(code, { code: 'Q1', name: 'Quầy 1' });
      await centres.close(`${code}-C`, { on: '2026-11-01', successor: `${code}-B` });
      return () => act(services, code);
    },
    state: ({ centres }, code) =>
      Promise.all(
        [code, `${code}-B`, `${code}-C`, `${code}-NEW`].map(async (one) => [
          await centres.find(one),
          await centres.counters.of(one),
        ]),
      ),
    ...more,
  };
}

const CHANGES: readonly AdminChange[] = [
  change('adding a centre', ({ centres }, code) => centres.add({ code: `${code}-NEW`, name: 'Mới', unit: '22' }), {
    refusedAgain: 409,
  }),
  change('renaming a centre', ({ centres }, code) => centres.rename(code, 'Tên khác')),
  change('merging a centre into another', ({ centres }, code) =>
    centres.close(code, { on: '2026-11-20', successor: `${code}-B` }),
  ),
  change('opening a centre again', ({ centres }, code) => centres.reopen(`${code}-C`)),
  change('adding a counter', ({ centres }, code) => centres.counters.add(code, { code: 'Q2', name: 'Quầy 2' }), {
    refusedAgain: 409,
  }),
  change('renaming a counter', ({ centres }, code) => centres.counters.rename(code, 'Q1', 'Quầy một')),
  change('closing a counter', ({ centres }, code) => centres.counters.setClosed(code, 'Q1', true)),
];

describe('losing the database while', () => {
  for (const one of CHANGES) itSurvivesLosingTheDatabase(one, () => sipas.services);
});
