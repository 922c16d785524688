import { parse } from 'csv-parse/sync';
import request from 'supertest';
import { MOST_RESPONSES } from '../../src/features/reports/filtered-responses.js';
import { openTestApp, type TestApp } from '../helpers/app.js';
import { addSite, staffToken, type Site } from '../helpers/installation.js';
import { PASSWORD, signIn, visitor, type Visitor } from '../helpers/pages.js';
import { expectProblem } from '../helpers/problem.js';
import { postBatch, validResponse } from '../helpers/responses.js';

/** Several filters together: what is refused, who sees what, and how pages keep them. */
let sipas: TestApp;
let admin: string;
let browser: Visitor;
let sites: readonly Site[];

const LAND = { field: 'Đất đai', counter: 'Q1', officer: 'CB1' };
const SIPAS = 'sipas-dvhcc-19';

beforeAll(async () => {
  sipas = await openTestApp();
  admin = await staffToken(sipas.services, 'admin');
  sites = [
    await addSite(sipas.services, { centre: 'QN1', unit: '22' }),
    await addSite(sipas.services, { centre: 'QN2', unit: '22' }),
    await addSite(sipas.services, { centre: 'LON', unit: '22' }),
  ];
  await postBatch(sipas, sites[0]!.token, [
    validResponse({ ...LAND, answers: { overall: 5 } }),
    validResponse({ ...LAND, counter: 'Q2', answers: { overall: 1 } }),
    validResponse({ ...LAND, officer: 'CB2', answers: { overall: 1 } }),
    validResponse({ ...LAND, questionnaire: SIPAS, answers: { C15: 5, C16: 2 } }),
    validResponse({ ...LAND, questionnaire: SIPAS, officer: 'CB2', answers: { C15: 1 } }),
  ]);
  await postBatch(sipas, sites[1]!.token, [
    validResponse({ ...LAND, officer: 'CB9', answers: { overall: 4 } }),
    validResponse({ ...LAND, questionnaire: SIPAS, officer: 'CB9', answers: { C15: 4 } }),
  ]);
  await postBatch(sipas, sites[2]!.token, [
    validResponse({ field: 'Hộ tịch', counter: 'Q7', capturedAt: '2023-05-05T03:00:00Z' }),
  ]);
  await sipas.services.tallies.run();
  // As many as would take long to send.
  await sipas.services.connection
    .collection('tallies')
    .updateMany({ centre: 'LON' }, { $set: { forms: MOST_RESPONSES + 1 } });
  await sipas.services.accounts.add({ username: 'quanly', role: 'manager', scope: null, password: PASSWORD });
  browser = visitor(sipas);
  await signIn(browser, { username: 'quanly' });
}, 60_000);
afterAll(() => sipas.close());

function get(path: string, query: Readonly<Record<string, string>>, token = admin): request.Test {
  return request(sipas.app)
    .get(`/api/v1${path}?${new URLSearchParams(query).toString()}`)
    .set('Authorization', `Bearer ${token}`);
}

const page = (path: string, query: Readonly<Record<string, string>>) =>
  browser.get(`${path}?${new URLSearchParams(query).toString()}`);

/** What a reader reads: no tags, and one space between words. */
const text = (html: string) => html.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ');

/** The queries of the links of a page to a path. */
function linksTo(html: string, path: string): URLSearchParams[] {
  const links = [...html.matchAll(/href="([^"]*)"/g)].map(([, href]) => (href ?? '').replaceAll('&amp;', '&'));
  return links.filter((href) => href.split('?')[0] === path).map((href) => new URLSearchParams(href.split('?')[1]));
}

describe('more responses than a page has time to read', () => {
  const many = { period: '2023', field: 'Hộ tịch', counter: 'Q7' };

  it.each([
    ['/reports/satisfaction', many],
    ['/reports/satisfaction', { period: '2023', counter: 'Q7', groupBy: 'hour' }],
    ['/reports/index', { ...many, questionnaire: 'tthc-kiosk-5' }],
    ['/reports/ranking', many],
    ['/reports/ranking', { period: '2023', counter: 'Q7', measure: 'index' }],
    ['/exports/satisfaction.csv', many],
    ['/exports/criteria.csv', many],
  ])('%s is refused with %j, naming the first filter', async (path, query) => {
    expectProblem(await get(path, query), 400, ['field' in query ? 'field' : 'counter']);
  });

  it('one filter that the tallies keep apart is no such case', async () => {
    await get('/reports/satisfaction', { period: '2023', counter: 'Q7' }).expect(200);
  });

  it('centres without any response of the kind are not read, and do not count', async () => {
    await get('/reports/satisfaction', { period: '2023', field: 'Hộ tịch', counter: 'Q1' }).expect(200);
  });

  it.each(['/reports', '/reports/index', '/reports/ranking'])(
    'the page %s says beside the field what to do instead, in both languages',
    async (path) => {
      const asked = { ...many, questionnaire: 'tthc-kiosk-5' };
      const vietnamese = await page(path, asked);
      const english = await page(path, { ...asked, lang: 'en' });
      await browser.get('/reports?lang=vi');
      expect([vietnamese.status, english.status]).toEqual([422, 422]);
      expect(vietnamese.text).toMatch(/id="field-error">[^<]*Xin chọn kỳ ngắn hơn, một trung tâm hoặc bớt mục lọc/);
      expect(english.text).toMatch(/id="field-error">[^<]*choose a shorter period, one centre or fewer filters/);
      expect(vietnamese.text).toContain('<details class="more-filters" open>');
    },
  );
});

describe('a filter that is given twice', () => {
  it.each(['/reports', '/reports/index', '/reports/ranking'])('is said on the page %s', async (path) => {
    const answer = await browser.get(`${path}?period=2026&officer=a&officer=b`);
    expect(answer.status).toBe(422);
    expect(answer.text).toContain('id="officer-error"');
  });

  it.each(['/reports/index', '/reports/ranking', '/exports/criteria.csv'])('is refused by %s', async (path) => {
    const answer = await request(sipas.app)
      .get(`/api/v1${path}?period=2026&questionnaire=${SIPAS}&field=a&officer=a&officer=b`)
      .set('Authorization', `Bearer ${admin}`);
    expectProblem(answer, 400, ['officer']);
  });
});

it('dossiers are not ranked by filters', async () => {
  expectProblem(await get('/reports/ranking', { period: '2026', measure: 'onTime', ...LAND }), 400, ['measure']);
});

describe('an officer of another centre', () => {
  const filters = { period: '2026', field: LAND.field, officer: 'CB9' };

  it.each(['viewer', 'manager'] as const)('has no figures for a %s of one centre', async (role) => {
    const own = await staffToken(sipas.services, role, 'QN1');
    const report = await get('/reports/satisfaction', { ...filters, questionnaire: 'tthc-kiosk-5' }, own);
    const index = await get('/reports/index', { ...filters, questionnaire: SIPAS }, own);
    expect([report.body.total.responses, index.body.overall.n]).toEqual([0, 0]);
    expectProblem(await get('/reports/satisfaction', { ...filters, centre: 'QN2' }, own), 403);
    expectProblem(await get('/reports/index', { ...filters, centre: 'QN2', questionnaire: SIPAS }, own), 403);
  });

  it('has figures for who may see both', async () => {
    const { body } = await get('/reports/index', { ...filters, questionnaire: SIPAS });
    expect(body.overall.n).toBe(1);
  });
});

it('responses that wait to be counted are in no report, with filters or without', async () => {
  const arrive = () => postBatch(sipas, sites[1]!.token, [validResponse({ field: 'Mới', counter: 'Q1' })]);
  const forms = async (query: Readonly<Record<string, string>>) => {
    const { body } = await get('/reports/satisfaction', { period: '2026', questionnaire: 'tthc-kiosk-5', ...query });
    return body.total.responses as number;
  };
  const both = () => Promise.all([forms({ field: 'Mới' }), forms({ field: 'Mới', counter: 'Q1' })]);
  await arrive();
  await sipas.services.tallies.run();
  await arrive();
  expect(await both()).toEqual([1, 1]);
  await sipas.services.tallies.run();
  expect(await both()).toEqual([2, 2]);
});

describe('the page of the index', () => {
  const asked = { period: '2026', questionnaire: SIPAS, ...LAND };

  it('counts only forms that say all that its fields hold', async () => {
    const answer = await page('/reports/index', asked);
    expect(answer.status).toBe(200);
    expect(text(answer.text)).toContain('50,00%');
    expect(text(answer.text)).toContain('Chỉ tính Lĩnh vực: Đất đai · Quầy: Q1 · Cán bộ: CB1');
  });

  it('holds them again in its form', async () => {
    const { text: html } = await page('/reports/index', { ...asked, channel: 'kiosk' });
    for (const [name, value] of Object.entries(LAND))
      expect(html).toContain(`name="${name}" type="text" value="${value}"`);
    expect(html).toContain('<option value="kiosk" selected>');
    expect(html).toContain('<details class="more-filters" open>');
  });

  it('is the same as PDF', async () => {
    const answer = await page('/reports/index', { ...asked, format: 'pdf' });
    expect([answer.status, answer.type]).toEqual([200, 'application/pdf']);
  });
});

describe('links', () => {
  const narrowed = { period: '2026', questionnaire: 'tthc-kiosk-5', field: LAND.field, counter: 'Q1' };
  const kept = (query: URLSearchParams) => [query.get('field'), query.get('counter')];

  it.each(['/reports', '/reports/index', '/reports/ranking'])(
    'from %s to the other reports on forms keep the filters',
    async (path) => {
      const { text: html } = await page(path, narrowed);
      for (const to of ['/reports', '/reports/index', '/reports/ranking']) {
        expect(linksTo(html, to).map(kept)).toContainEqual([LAND.field, 'Q1']);
      }
    },
  );

  it.each(['/reports', '/reports/index', '/reports/ranking'])(
    'of %s to its other orders and its PDF keep the filters',
    async (path) => {
      const links = linksTo((await page(path, narrowed)).text, path);
      const others = links.filter((query) => query.has('sort') || query.has('format'));
      expect(others.length).toBeGreaterThan(2);
      expect(new Set(others.map((query) => kept(query).join()))).toEqual(new Set([`${LAND.field},Q1`]));
    },
  );

  it.each(['/reports', '/reports/ranking'])('of the centres of %s lead to their forms that are meant', async (path) => {
    const { text: html } = await page(path, narrowed);
    const ofCentre = linksTo(html, '/reports').filter((query) => query.get('centre') === 'QN1');
    expect(ofCentre.map((query) => [query.get('groupBy'), ...kept(query)])).toContainEqual(['month', LAND.field, 'Q1']);
    expect(html).not.toContain('/reports/centres/');
  });

  it('of the index to the file of its criteria keep the filters, for who may have files', async () => {
    const [file] = linksTo((await page('/reports/index', narrowed)).text, '/exports/criteria.csv');
    expect(kept(file!)).toEqual([LAND.field, 'Q1']);
    expect((await browser.get(`/exports/criteria.csv?${file!.toString()}`)).status).toBe(200);
    await sipas.services.accounts.add({ username: 'xem', role: 'viewer', scope: null, password: PASSWORD });
    const viewer = visitor(sipas);
    await signIn(viewer, { username: 'xem' });
    const { text: html } = await viewer.get('/reports/index?period=2026');
    expect(linksTo(html, '/exports/criteria.csv')).toEqual([]);
  });

  it('to files keep the filters, and the file has just these forms', async () => {
    const { text: html } = await page('/reports', narrowed);
    const [file] = linksTo(html, '/exports/responses.csv');
    const csv = await browser.get(`/exports/responses.csv?${file!.toString()}`);
    const rows = parse<Record<string, string>>(csv.text, { bom: true, columns: true });
    expect(rows).toHaveLength(3);
    expect(new Set(rows.map(({ field, counter }) => `${field},${counter}`))).toEqual(new Set([`${LAND.field},Q1`]));
  });
});

it('an export of criteria with filters says so in the audit', async () => {
  await get('/exports/criteria.csv', { period: '2026', ...LAND }).expect(200);
  const [newest] = await sipas.services.audit.list({ subject: 'criteria' }, 1);
  expect(newest?.after).toMatchObject(LAND);
});
