import { openTestApp, type TestApp } from '../helpers/app.js';
import { addSite, type Site } from '../helpers/installation.js';
import { PASSWORD, signIn, visitor, type Visitor } from '../helpers/pages.js';
import { postBatch, validResponse } from '../helpers/responses.js';

/** Any two places or periods beside each other. */
let sipas: TestApp;
let reader: Visitor;

beforeAll(async () => {
  sipas = await openTestApp();
  const first = await addSite(sipas.services, { centre: 'MOT', name: 'Trung tâm Một', unit: '22' });
  const second = await addSite(sipas.services, { centre: 'HAI', name: 'Trung tâm Hai', unit: '22' });
  await addSite(sipas.services, { centre: 'BA', name: 'Trung tâm Ba', unit: '24' });
  await rate(first, '2026-10-05', 'Hộ tịch', 100, 60);
  await rate(first, '2026-11-05', 'Hộ tịch', 50, 45);
  await rate(first, '2026-11-05', 'Đất đai', 50, 45);
  await rate(second, '2026-11-06', 'Hộ tịch', 100, 91);
  await sipas.services.tallies.run();
  await sipas.services.accounts.add({ username: 'quanly', role: 'viewer', scope: '22', password: PASSWORD });
  reader = visitor(sipas);
  await signIn(reader, { username: 'quanly' });
});
afterAll(() => sipas.close());

async function rate(site: Site, day: string, field: string, n: number, satisfied: number): Promise<void> {
  const responses = Array.from({ length: n }, (_, index) =>
    validResponse({ field, answers: { overall: index < satisfied ? 5 : 2 }, capturedAt: `${day}T03:00:00Z` }),
  );
  await postBatch(sipas, site.token, responses);
}

async function compare(query: string) {
  const { text, status } = await reader.get(`/reports/compare?${query}`);
  return { status, html: text, words: text.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ') };
}

it('a period stands beside the one before, with a clear change and the fields that made it', async () => {
  const { words } = await compare('period=2026-11&centre=MOT');
  expect(words).toMatch(/Trung tâm Một, Tháng 11\/2026 100 100 90,00% 90,00% .*? tăng 30 điểm \(rõ rệt\)/);
  expect(words).toMatch(/Trung tâm Một, Tháng 10\/2026 100 100 60,00% 60,00%/);
  expect(words).toMatch(/Đất đai — n = 0 90,00% n = 50 tăng 15 điểm/);
});

it('two places stand beside each other in the same period, and what cannot be told apart is not called a change', async () => {
  const { words } = await compare('period=2026-11&centre=MOT&withCentre=HAI');
  expect(words).toMatch(/Trung tâm Một, Tháng 11\/2026 100 100 90,00%.*? giảm 1 điểm \(chưa đủ để kết luận\)/);
  expect(words).toMatch(/Trung tâm Hai, Tháng 11\/2026 100 100 91,00%/);
});

it('a place in one period stands beside another place in another', async () => {
  const { words } = await compare('period=2026-10&centre=MOT&withCentre=HAI&withPeriod=2026-11');
  expect(words).toContain('Trung tâm Một, Tháng 10/2026');
  expect(words).toContain('Trung tâm Hai, Tháng 11/2026');
});

it.each([
  ['period=2026-13', 'period'],
  ['period=2026&withPeriod=Q4', 'withPeriod'],
  ['period=2026&centre=KHONG', 'centre'],
  ['period=2026&withCentre=KHONG', 'withCentre'],
  ['period=2026&withUnit=24', 'withUnit'],
  ['period=2026&centre=BA', 'centre'],
])('%s is a slip beside its field, and shows no figures', async (query, field) => {
  const { status, html } = await compare(query);
  expect(status).toBe(422);
  expect(html).toContain(`id="${field}-error"`);
  expect(html).not.toContain('<table');
});
