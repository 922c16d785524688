import { openTestApp, type TestApp } from '../helpers/app.js';
import { addSite } from '../helpers/installation.js';
import { PASSWORD, signIn, visitor } from '../helpers/pages.js';
import { postBatch, validResponse } from '../helpers/responses.js';

/** Fields that answer often must not speak for those that answer seldom. */
let sipas: TestApp;

beforeAll(async () => {
  sipas = await openTestApp();
  const site = await addSite(sipas.services, { centre: 'TT', unit: '22' });
  const answers = (field: string, n: number, satisfied: number) =>
    Array.from({ length: n }, (_, index) =>
      validResponse({ field, answers: { overall: index < satisfied ? 5 : 2 }, capturedAt: '2026-05-05T03:00:00Z' }),
    );
  await postBatch(sipas, site.token, [...answers('Hộ tịch', 90, 90), ...answers('Đất đai', 10, 5)]);
  await sipas.services.tallies.run();
  const dossiers = (field: string, n: number) =>
    Array.from({ length: n }, (_, index) => ({
      ...{ code: `${field}-${index}`, centre: 'TT', field },
      ...{ receivedDay: '2026-05-04', dueDay: '2026-05-08', returnedDay: '2026-05-05' },
    }));
  await sipas.services.dossiers.receiveMany({ scope: null }, [
    ...dossiers('Hộ tịch', 100),
    ...dossiers('Đất đai', 80),
    ...dossiers('Chứng thực', 20),
  ]);
  await sipas.services.dossierTallies.catchUp();
});
afterAll(() => sipas.close());

it('the overview shows the rate weighted by dossiers beside the plain one, and for how many of them it stands', async () => {
  await sipas.services.accounts.add({ username: 'xem', role: 'viewer', scope: '22', password: PASSWORD });
  const reader = visitor(sipas);
  await signIn(reader, { username: 'xem' });
  const { text } = await reader.get('/reports/overview?period=2026');
  const words = text.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ');
  // Plain: 95 of 100. Weighted: (100 × 90/90 + 80 × 5/10) ÷ 180.
  expect(words).toMatch(/Tỷ lệ hài lòng 95,00% .*? Gia quyền theo lĩnh vực 77,78% đại diện 90,00% hồ sơ đã trả/);
});
