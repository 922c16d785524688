import { AuditService } from '../../src/features/audit/audit.service.js';
import { QuestionnaireService } from '../../src/features/questionnaires/questionnaires.service.js';
import { NOON, openTestApp, TEST_SECRET, type TestApp } from '../helpers/app.js';
import { breakingConnection, BrokenConnectionError, type Breaking } from '../helpers/faulty-connection.js';
import { shippedQuestionnaire } from '../helpers/questionnaires.js';

let sipas: TestApp;
let drafts = 0;

beforeAll(async () => {
  sipas = await openTestApp();
});
afterAll(() => sipas.close());

async function newDraft(): Promise<string> {
  drafts += 1;
  const id = `draft-${drafts}`;
  await sipas.services.questionnaires.copy('tthc-kiosk-5', id, 'Bộ của tỉnh');
  return id;
}

describe('the database lost', () => {
  const WRITES: readonly [string, (service: QuestionnaireService, id: string) => Promise<unknown>][] = [
    [
      'saving',
      async (service, id) => service.save(id, 1, { ...shippedQuestionnaire('tthc-kiosk-5'), id, title: { vi: 'Mới' } }),
    ],
    ['publishing', (service, id) => service.publish(id, 1)],
    ['discarding', (service, id) => service.discard(id, 1)],
    ['beginning', (service, id) => service.copy('tthc-kiosk-5', `${id}-copy`, 'Bản sao')],
  ];
  const moments = WRITES.flatMap(([name, act]) =>
    (['before', 'after'] as const).flatMap((how) => [1, 2, 3, 4, 5, 6, 7, 8, 9].map((at) => ({ name, act, how, at }))),
  );

  /** All there is of the drafts of a test, in the words of the database. */
  const stored = async (id: string) =>
    sipas.services.connection
      .collection('questionnaires')
      .find({ id: { $in: [id, `${id}-copy`] } }, { projection: { _id: 0 }, maxTimeMS: 10_000 })
      .sort({ id: 1, version: 1 })
      .toArray();

  function cut(at: number, how: Breaking): QuestionnaireService {
    const { catalogue, kiosks } = sipas.services;
    const connection = breakingConnection(sipas.services.connection, at, how);
    const audit = new AuditService(connection, TEST_SECRET, () => NOON);
    return new QuestionnaireService(connection, catalogue, kiosks, audit, () => NOON);
  }

  it.each(moments)('while $name, $how operation $at, leaves all of the change or none', async ({ act, how, at }) => {
    const id = await newDraft();
    const other = await newDraft();
    const { questionnaires } = sipas.services;
    const before = await stored(id);
    const rename = (records: object[]) => JSON.parse(JSON.stringify(records).replaceAll(other, id)) as unknown;
    await act(questionnaires, other);
    const whole = rename(await stored(other));
    await act(cut(at, how), id).catch((error: unknown) => {
      if (!(error instanceof BrokenConnectionError)) throw error;
    });
    expect([rename(before), whole]).toContainEqual(rename(await stored(id)));
  });

  it.each(moments.filter(({ name }) => name === 'publishing'))(
    'while retiring, $how operation $at, leaves the content as it was',
    async ({ how, at }) => {
      const id = await newDraft();
      await sipas.services.questionnaires.publish(id, 1);
      const [before] = await stored(id);
      await cut(at, how)
        .retire(id)
        .catch((error: unknown) => {
          if (!(error instanceof BrokenConnectionError)) throw error;
        });
      const [after] = await stored(id);
      expect([before, { ...before, state: 'retired' }]).toContainEqual(after);
    },
  );

  it('before the change is recorded, changes nothing', async () => {
    const id = await newDraft();
    const before = await stored(id);
    // Two reads of questionnaires and one of the audit come first; the fourth operation is the entry itself.
    await expect(cut(4, 'before').publish(id, 1)).rejects.toThrow(BrokenConnectionError);
    expect(await stored(id)).toEqual(before);
  });
});
