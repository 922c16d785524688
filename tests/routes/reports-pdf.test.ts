import { spawnSync } from 'node:child_process';
import { openTestApp, type TestApp } from '../helpers/app.js';
import { describeWith } from '../helpers/documents.js';
import { exhaustExports } from '../helpers/installation.js';
import { greyPages } from '../helpers/rendered-pages.js';
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
  '/reports/tthc-score?period=2026-Q4&unit=22',
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

/** What each chart of a page says to who does not see it. */
function chartsOf(html: string): string[] {
  const charts = html.matchAll(/<svg class="(?:bar|trend)".*?<\/svg>/gs);
  const words = (chart: string, tag: string) => new RegExp(`<${tag}[^>]*>(.*?)</${tag}>`, 's').exec(chart)?.[1] ?? '';
  return [...charts].map(([chart]) =>
    plain(
      ['title', 'desc']
        .map((tag) => words(chart, tag))
        .filter(Boolean)
        .join('. '),
    ),
  );
}

/** The alternative texts in a PDF; a text with letters beyond ASCII is in UTF-16. */
function alternativesOf(pdf: Buffer): string[] {
  const texts = pdf.toString('latin1').matchAll(/\/S \/Figure\b[^]*?\/Alt \(((?:\\[^]|[^\\)])*)\)/g);
  const controls: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' };
  return [...texts].map(([, text = '']) => {
    const bytes = Buffer.from(
      text.replace(/\\([^])/g, (_, letter: string) => controls[letter] ?? letter),
      'latin1',
    );
    return withoutSpace(bytes[0] === 0xfe ? bytes.subarray(2).swap16().toString('utf16le') : bytes.toString('latin1'));
  });
}

/** Ink outside the margins, as 'page x,y'. */
function inkInMargins(pdf: Buffer, margin: number): string[] {
  return greyPages(pdf).flatMap(({ width, height, grey }, page) => {
    const isInside = (x: number, y: number) => x >= margin && y >= margin && x < width - margin && y < height - margin;
    const places = Array.from({ length: width * height }, (_, at) => [at % width, Math.floor(at / width)] as const);
    return places.filter(([x, y]) => !isInside(x, y) && grey(x, y) < 250).map(([x, y]) => `${page + 1} ${x},${y}`);
  });
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

  it.each(PAGES)('has every chart of its page, with a text for those who do not see it: %s', async (path) => {
    const { text: html } = await browser.get(path);
    const charts = chartsOf(html);
    const alternatives = alternativesOf(await pdfOf(path));
    expect(alternatives).toHaveLength(charts.length);
    expect(charts.filter((chart) => !alternatives.some((text) => text.endsWith(chart)))).toEqual([]);
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

    it('has what a chart is read by: months and percentages of the line, names of the tones', async () => {
      const overview = await browser.get('/reports/overview?period=2026-11');
      const axes = [...overview.text.matchAll(/<text [^>]*>(.*?)<\/text>/g)].map(([, text = '']) => text);
      const text = textOf(await pdfOf('/reports/overview?period=2026-11'));
      expect(axes.length).toBeGreaterThan(10);
      expect(axes.filter((label) => !text.includes(label))).toEqual([]);
      expect(textOf(await pdfOf('/reports/on-time?period=2026'))).toContain(withoutSpace('Sớm hạn Đúng hạn Quá hạn'));
    });

    it.each(PAGES)('is signed on a page that says how figures are counted: %s', async (path) => {
      const { stdout } = spawnSync('pdftotext', ['-raw', '-', '-'], { input: await pdfOf(path) });
      const signed = stdout
        .toString()
        .split('\f')
        .find((page) => page.includes('Người lập biểu'));
      expect(signed).toContain('Cách tính');
    });

    it('says on every page that figures are synthetic', async () => {
      const text = textOf(await pdfOf('/reports?period=2026'));
      const pages = Number(/Trang1\/(\d+)/.exec(text)?.[1]);
      expect(text.split(withoutSpace('không phải số liệu thật'))).toHaveLength(pages + 1);
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

describeWith(
  'pdftoppm',
  'a page of a report as PDF',
  () => {
    it.each(PAGES)('has nothing in its margins: %s', async (path) => {
      expect(inkInMargins(await pdfOf(path), 30)).toEqual([]);
    });
  },
  '-v',
);
