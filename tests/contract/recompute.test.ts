import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import request from 'supertest';
import { SeededRandom } from '../../src/features/demo/demo.random.js';
import { openTestApp, type TestApp } from '../helpers/app.js';
import { codeBlocks, describeWith, printedBy } from '../helpers/documents.js';
import { addSite, staffToken } from '../helpers/installation.js';
import { postBatch, validResponse } from '../helpers/responses.js';

/** docs/recompute.md: the published figures follow from the raw file alone. */
const YEAR = 'period=2026';
const SIPAS = 'sipas-dvhcc-19';

describeWith('python3', 'the script of docs/recompute.md', () => {
  let sipas: TestApp;
  let admin: string;
  let directory: string;

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'sipas-recompute-'));
    sipas = await openTestApp();
    admin = await staffToken(sipas.services, 'admin');
    const site = await addSite(sipas.services, { centre: 'QN' });
    await postBatch(sipas, site.token, [
      ...forms(SIPAS, 120, 5),
      ...forms('tthc-kiosk-3', 41, 3),
      ...forms('tthc-kiosk-5', 37, 5),
    ]);
    await sipas.services.tallies.run();
    const [script = ''] = codeBlocks('recompute.md', 'python');
    writeFileSync(join(directory, 'recompute.py'), script);
    writeFileSync(join(directory, 'responses.csv'), (await get(`/exports/responses.csv?${YEAR}`)).text);
  });
  afterAll(async () => {
    rmSync(directory, { recursive: true, force: true });
    await sipas.close();
  });

  /** Forms on which some items are left out, over the days of a month. */
  function forms(questionnaire: string, count: number, levels: number) {
    const random = new SeededRandom(count);
    const items = sipas.services.catalogue.questionnaire(questionnaire)!.items.map(({ code }) => code);
    return Array.from({ length: count }, (_, index) => {
      const [first = '', ...others] = items;
      const answered = [first, ...others.filter(() => random.next() < 0.8)];
      return validResponse({
        questionnaire,
        answers: Object.fromEntries(answered.map((code) => [code, 1 + random.below(levels)])),
        comment: index % 3 === 0 ? '"Chờ lâu",\n=1+1' : '',
        capturedAt: new Date(Date.parse('2026-10-01T00:00:00Z') + index * 3_600_000).toISOString(),
      });
    });
  }

  async function get(path: string) {
    return request(sipas.app).get(`/api/v1${path}`).set('Authorization', `Bearer ${admin}`).expect(200);
  }

  /** The figures that the script prints, by code. */
  async function recomputed(questionnaire: string, levels: string): Promise<Record<string, string[]>> {
    const words = ['recompute.py', 'responses.csv'].map((file) => join(directory, file));
    const printed = await printedBy('python3', [...words, questionnaire, levels]);
    const lines = printed
      .trim()
      .split('\n')
      .map((line) => line.split('\t'));
    return Object.fromEntries(lines.slice(1).map(([code = '', ...figures]) => [code, figures]));
  }

  const asText = (figures: readonly number[]) => figures.map((figure) => figure.toFixed(2));

  it('gives the index and its interval', async () => {
    const { body } = await get(`/reports/index?${YEAR}&questionnaire=${SIPAS}`);
    const { n, value, ci95 } = body.overall;
    expect((await recomputed(SIPAS, '4,5'))['top2-pooled']).toEqual([String(n), ...asText([value, ...ci95])]);
  });

  it('gives the index as a mean of criteria', async () => {
    const { body } = await get(`/reports/index?${YEAR}&questionnaire=${SIPAS}&method=top2-mean`);
    const { n, value } = body.overall;
    expect((await recomputed(SIPAS, '4,5'))['top2-mean']).toEqual([String(n), ...asText([value])]);
  });

  it('gives every criterion', async () => {
    const { body } = await get(`/reports/index?${YEAR}&questionnaire=${SIPAS}`);
    const figures = await recomputed(SIPAS, '4,5');
    const criteria: { code: string; n: number; value: number }[] = body.criteria;
    expect(criteria.map(({ code }) => figures[code]?.slice(0, 2))).toEqual(
      criteria.map(({ n, value }) => [String(n), ...asText([value])]),
    );
  });

  it.each([
    ['tthc-kiosk-3', '2,3'],
    ['tthc-kiosk-5', '4,5'],
  ])('gives the rate and interval of %s', async (questionnaire, levels) => {
    const { body } = await get(`/reports/satisfaction?${YEAR}&questionnaire=${questionnaire}`);
    const { n, rates, ci95 } = body.total;
    expect((await recomputed(questionnaire, levels))['top2-pooled']).toEqual([
      String(n),
      ...asText([rates.satisfied, ...ci95.satisfied]),
    ]);
  });
});
