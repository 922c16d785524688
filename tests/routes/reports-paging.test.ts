import { openTestApp, type TestApp } from '../helpers/app.js';
import { addSite, type Site } from '../helpers/installation.js';
import { PASSWORD, signIn, visitor, type Visitor } from '../helpers/pages.js';
import { randomArrivals } from '../helpers/random-responses.js';

/** A table of more rows than a page shows comes in parts, in whichever order. */
const CENTRES = 403;
const PAGES = [
  '/reports/ranking?period=2026&questionnaire=tthc-kiosk-5',
  '/reports?period=2026&questionnaire=tthc-kiosk-5&groupBy=centre',
];

let sipas: TestApp;
let browser: Visitor;

beforeAll(async () => {
  sipas = await openTestApp();
  const { accounts, catalogue, responses, tallies } = sipas.services;
  const sites: Site[] = [];
  for (let number = 1; number <= CENTRES; number += 1) {
    const centre = `C${String(number).padStart(3, '0')}`;
    sites.push(await addSite(sipas.services, { centre, name: `Nơi ${centre}` }));
  }
  await responses.receiveMany(randomArrivals(30 * CENTRES, 4, { catalogue, sites }));
  await tallies.run();
  await accounts.add({ username: 'viewer', role: 'viewer', scope: '22', password: PASSWORD });
  browser = visitor(sipas);
  await signIn(browser, { username: 'viewer' });
}, 300_000);
afterAll(() => sipas.close());

async function shown(address: string) {
  const { text } = await browser.get(address).expect(200);
  const pager = /<nav class="pager".*<\/nav>/.exec(text)?.[0] ?? '';
  return {
    centres: [...text.matchAll(/<th scope="row">(?:<a[^>]*>)?Nơi (C\d{3})/g)].map(([, code]) => code),
    position: /<span>([^<]*)/.exec(pager)?.[1],
    pages: linksIn(pager),
    links: linksIn(text),
  };
}

function linksIn(html: string): string[] {
  return [...html.matchAll(/href="([^"]*)"/g)].map(([, href = '']) => href.replaceAll('&amp;', '&'));
}

describe.each(PAGES)('%s', (address) => {
  it('shows the first 400 rows, says of how many, and leads to the others', async () => {
    const first = await shown(address);
    expect(first.centres).toHaveLength(400);
    expect(first.position).toBe('Dòng 1 đến 400 trong 403 dòng; bản PDF có đủ');
    expect(first.pages).toEqual([`${address}&page=2`]);
    const second = await shown(`${address}&page=2`);
    expect(second.pages).toEqual([`${address}&page=1`]);
    expect(new Set([...first.centres, ...second.centres]).size).toBe(CENTRES);
  });

  it('orders all rows, not only those shown', async () => {
    const { centres } = await shown(`${address}&sort=-label`);
    expect(centres[0]).toBe('C403');
  });

  it('begins from the top when ordered anew', async () => {
    const { links } = await shown(`${address}&page=2`);
    const sorted = links.filter((href) => href.includes('sort='));
    expect(sorted.length).toBeGreaterThan(0);
    expect(sorted.filter((href) => href.includes('page='))).toEqual([]);
  });

  it.each([
    ['99', 3],
    ['0', 400],
    ['-1', 400],
    ['x', 400],
  ])('takes page %s for one that there is', async (page, rows) => {
    expect((await shown(`${address}&page=${page}`)).centres).toHaveLength(rows);
  });
});

it('a table that fits says nothing of pages', async () => {
  const { position, pages } = await shown('/reports?period=2026&groupBy=month');
  expect({ position, pages }).toEqual({ position: undefined, pages: [] });
});
