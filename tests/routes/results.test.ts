import { parse } from 'csv-parse/sync';
import request from 'supertest';
import { openTestApp, type TestApp } from '../helpers/app.js';
import { addSite, type Site } from '../helpers/installation.js';
import { postBatch, validResponse } from '../helpers/responses.js';

/** The third quarter of 2026 is the last that is over at noon of 22 November. */
let sipas: TestApp;

beforeAll(async () => {
  sipas = await openTestApp();
  const sites = {
    five: await addSite(sipas.services, { centre: 'NAM', name: 'Trung tâm Năm' }),
    four: await addSite(sipas.services, { centre: 'BON', name: 'Trung tâm Bốn' }),
    long: await addSite(sipas.services, { centre: 'DAI', name: 'Trung tâm Dài' }),
    none: await addSite(sipas.services, { centre: 'KHONG', name: 'Trung tâm Không' }),
  };
  await rate(sites.five, '2026-09-30T16:59:59.999Z', 5);
  await rate(sites.five, '2026-09-30T17:00:00.000Z', 9);
  await rate(sites.five, '2026-05-01T03:00:00Z', 4);
  await rate(sites.four, '2026-08-01T03:00:00Z', 4);
  const { items } = sipas.services.catalogue.questionnaire('sipas-dvhcc-19')!;
  const answers = Object.fromEntries(items.map(({ code }) => [code, 5]));
  await rate(sites.long, '2026-08-01T03:00:00Z', 2, { questionnaire: 'sipas-dvhcc-19', answers });
  await sipas.services.tallies.run();
});
afterAll(() => sipas.close());

async function rate({ token }: Site, capturedAt: string, n: number, other = {}): Promise<void> {
  const responses = Array.from({ length: n }, () => validResponse({ capturedAt, ...other }));
  expect((await postBatch(sipas, token, responses)).status).toBe(200);
}

const get = (path: string) => request(sipas.app).get(path);

async function rows(query = ''): Promise<Record<string, Record<string, string>>> {
  const { text } = await get(`/results.csv${query}`).expect(200);
  const found: Record<string, string>[] = parse(text, { bom: true, columns: true });
  return Object.fromEntries(found.map((row) => [row['centre']!, row]));
}

it('anyone may read them, without a cookie, from a cache', async () => {
  const { headers, text } = await get('/results').expect(200);
  expect(headers['cache-control']).toBe('public, max-age=600');
  expect(headers['vary']).toContain('Cookie');
  expect(headers['set-cookie']).toBeUndefined();
  expect(text).toContain('Quý III/2026');
  expect(text).toContain('Trung tâm Năm');
});

it('show a centre from five forms on, up to the local midnight that ends the quarter', async () => {
  expect((await rows())['NAM']).toMatchObject({ responses: '5', n: '5', satisfied: '100', very_satisfied: '100' });
});

it('withhold fewer than five forms, however many answers they hold, and look the same without any', async () => {
  const found = await rows();
  const figures = (centre: string) => Object.values(found[centre]!).slice(3);
  for (const centre of ['BON', 'DAI', 'KHONG']) expect(figures(centre)).toEqual(Array.from({ length: 8 }, () => ''));
});

it('give no total from which a withheld row could be worked out', async () => {
  const { text } = await get('/results').expect(200);
  expect(text).not.toContain('<tfoot');
  expect(Object.keys(await rows())).toEqual(['BON', 'DAI', 'KHONG', 'NAM']);
});

it.each(['2026-Q4', '2026', '2026-08', '2025-Q3', 'x'])(
  'offer no %s: not over, too fine, too long or too old',
  async (period) => {
    await get(`/results?period=${period}`).expect(404);
    await get(`/results.csv?period=${period}`).expect(404);
  },
);

it('a page of a centre shows its quarters one by one, small ones withheld', async () => {
  const { text } = await get('/results/NAM').expect(200);
  const lines = text.split('<tr>').filter((line) => line.includes('Quý '));
  expect(lines).toHaveLength(4);
  expect(lines[0]).toContain('Quý III/2026');
  expect(lines[0]).toContain('100,00%');
  expect(lines[1]).toContain('Quý II/2026');
  expect(lines[1]).toContain('Dưới 5');
  expect(lines[1]).not.toContain('%');
});

it('a centre with too little to publish says so, an unknown one is not found', async () => {
  expect((await get('/results/BON').expect(200)).text).toContain('Chưa có kết quả để công bố');
  await get('/results/none').expect(404);
});

it('describe themselves as a data set to machines, with no name that could end the description', async () => {
  await addSite(sipas.services, { centre: 'TEN', name: 'Trung tâm </script><b>' });
  const described = async (path: string) => {
    const { text } = await get(path).expect(200);
    const json = /<script type="application\/ld\+json">(.*?)<\/script>/s.exec(text)?.[1] ?? '';
    return JSON.parse(json) as unknown;
  };
  expect(await described('/results')).toMatchObject({
    ...{ '@type': 'Dataset', temporalCoverage: '2026-07-01/2026-09-30', inLanguage: 'vi' },
    distribution: { contentUrl: '/results.csv?period=2026-Q3', encodingFormat: 'text/csv' },
  });
  expect(await described('/results/TEN')).toMatchObject({ name: expect.stringContaining('</script><b>') });
});
