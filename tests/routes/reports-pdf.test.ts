import { spawnSync } from 'node:child_process';
import { openTestApp, type TestApp } from '../helpers/app.js';
import { describeWith } from '../helpers/documents.js';
import { exhaustExports } from '../helpers/installation.js';
import { PASSWORD, signIn, visitor, type Visitor } from '../helpers/pages.js';
import { bytesOfAnswer } from '../helpers/spreadsheets.js';

const DEMO = { centres: 4, days: 120, responses: 1500, dossiers: 1875, seed: 3 };
const PAGES = [
  '/reports?period=2026',
  '/reports?period=2026&groupBy=reason&sort=-n',
  '/reports/index?period=2026',
  '/reports/ranking?period=2026&minN=1',
  '/reports/on-time?period=2026&groupBy=month',
  '/reports/overview?period=2026-11',
  '/reports/compare?period=2026-11',
  '/reports/indices?unit=22',
];

let sipas: TestApp;
let browser: Visitor;

beforeAll(async () => {
  sipas = await openTestApp();
  await sipas.services.demo.load(DEMO, () => undefined);
  await sipas.services.tallies.run();
  await sipas.services.dossierTallies.catchUp();
  const index = { index: 'PAPI', unit: '22', year: '2025', value: '45,1', source: 'Báo cáo PAPI 2025' };
  await sipas.services.otherIndices.put(index);
  browser = await signedIn('viewer');
}, 120_000);
afterAll(() => sipas.close());

async function signedIn(username: string): Promise<Visitor> {
  await sipas.services.accounts.add({ username, role: 'viewer', scope: '22', password: PASSWORD });
  const own = visitor(sipas);
  await signIn(own, { username });
  return own;
}

const pdfOf = (path: string) => bytesOfAnswer(browser.get(`${path}&format=pdf`));

/** The text of a PDF in the order it was written, without white space, since lines break anywhere. */
function textOf(pdf: Buffer): string {
  const { stdout } = spawnSync('pdftotext', ['-raw', '-', '-'], { input: pdf });
  return withoutSpace(stdout.toString());
}

function withoutSpace(text: string): string {
  return text.normalize('NFC').replace(/\s/g, '');
}

/** What each cell of a page's tables says, charts apart. */
function cellsOf(html: string): string[] {
  const bodies = [...html.matchAll(/<t(?:body|foot)>(.*?)<\/t(?:body|foot)>/gs)].map(([, body = '']) => body);
  const cells = bodies.join('').matchAll(/<t[hd](?![^>]*class="chart")[^>]*>(.*?)<\/t[hd]>/gs);
  return [...cells].map(([, cell = '']) => plain(cell)).filter((text) => text !== '');
}

function plain(html: string): string {
  const entities: Readonly<Record<string, string>> = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&#34;': '"' };
  return withoutSpace(html.replace(/<[^>]*>/g, '').replace(/&[#\w]+;/g, (entity) => entities[entity] ?? entity));
}

describe('a report as PDF', () => {
  it.each(PAGES)('is offered on its page: %s', async (path) => {
    const { text } = await browser.get(path);
    const href = /href="([^"]*format=pdf)"/.exec(text)?.[1]?.replaceAll('&amp;', '&') ?? '';
    const { status, headers } = await browser.get(href);
    expect([status, headers['content-type']]).toEqual([200, 'application/pdf']);
    expect(headers['content-disposition']).toMatch(/^attachment; filename=bao-cao-[a-z-]+\.pdf$/);
  });

  it('is tagged, in its language, with a title and its fonts in it', async () => {
    const bytes = (await pdfOf('/reports/index?period=2026')).toString('latin1');
    expect(bytes).toContain('/Lang (vi)');
    expect(bytes).toMatch(/\/Marked true/);
    expect(bytes).toMatch(/\/S \/Table\b/);
    expect(bytes).toMatch(/\/DisplayDocTitle true/);
    expect(bytes.match(/\/FontFile2/g)).toHaveLength(4);
  });

  it('that cannot be asked for so is the page that says why', async () => {
    const { status, headers } = await browser.get('/reports/index?period=2026-13&format=pdf');
    expect([status, headers['content-type']]).toEqual([422, 'text/html; charset=utf-8']);
  });

  it('is refused outside the scope like its page', async () => {
    await sipas.services.centres.add({ code: 'BN', name: 'Trung tâm khác', unit: '24' });
    expect((await browser.get('/reports/centres/BN?format=pdf')).status).toBe(403);
  });

  it('is recorded with what was asked and how many rows it had', async () => {
    await pdfOf('/reports/ranking?period=2026&minN=1');
    const [entry] = await sipas.services.audit.list({ action: 'export' }, 1);
    expect(entry).toMatchObject({
      subject: 'report.pdf',
      outcome: 'done',
      after: { report: '/reports/ranking', query: 'period=2026&minN=1&format=pdf', rows: expect.any(Number) },
    });
  });

  it('counts among the exports of an account', async () => {
    const tired = await signedIn('tired');
    await exhaustExports(sipas.services, { name: 'tired', role: 'viewer' });
    expect((await tired.get('/reports?period=2026&format=pdf')).status).toBe(429);
  });
});

describeWith(
  'pdftotext',
  'the text of a report as PDF',
  () => {
    it.each(PAGES)('says what every cell of its page says: %s', async (path) => {
      const { text: html } = await browser.get(path);
      const cells = cellsOf(html);
      const text = textOf(await pdfOf(path));
      expect(cells.length).toBeGreaterThan(5);
      expect(cells.filter((cell) => !text.includes(cell))).toEqual([]);
    });

    it('has place, period, method, pages and signatures, in whole Vietnamese words', async () => {
      const text = textOf(await pdfOf('/reports/index?period=2026'));
      const expected = [
        'Quảng Ninh',
        'Năm 2026',
        'Cách tính',
        'Chỉ số hài lòng nội bộ (theo tiêu chí SIPAS)',
        'Người lập biểu',
        'Trang 1/',
      ];
      expect(expected.filter((words) => !text.includes(withoutSpace(words)))).toEqual([]);
    });

    it('is in English where the page is', async () => {
      const text = textOf(await pdfOf('/reports/on-time?period=2026&lang=en'));
      expect(text).toContain('Page1of');
    });
  },
  '-v',
);
