import { openTestApp, type TestApp } from '../helpers/app.js';
import { addSite, type Site } from '../helpers/installation.js';
import { hiddenField, PASSWORD, signIn, visitor, type Visitor } from '../helpers/pages.js';
import { postBatch, validResponse } from '../helpers/responses.js';

let sipas: TestApp;
let own: Site;
let other: Site;
const readers = new Map<string, Visitor>();

beforeAll(async () => {
  sipas = await openTestApp();
  own = await addSite(sipas.services, { centre: 'QN', name: 'Trung tâm Quảng Ninh', unit: '22' });
  other = await addSite(sipas.services, { centre: 'BN-01', name: 'Trung tâm Bắc Ninh', unit: '24' });
  for (const [username, role, scope] of [
    ['admin', 'admin', null],
    ['quanly', 'manager', '22'],
    ['nguoixem', 'viewer', '22'],
  ] as const) {
    await sipas.services.accounts.add({ username, role, scope, password: PASSWORD });
    const reader = visitor(sipas);
    await signIn(reader, { username });
    readers.set(username, reader);
  }
  await postBatch(sipas, other.token, [validResponse({ answers: { overall: 1 } })]);
});
afterAll(() => sipas.close());

const get = (username: string, path: string) => readers.get(username)!.get(path);
/** What a reader reads: no tags, and one space between words. */
const text = (html: string) => html.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ');

describe('from tap to percentage', () => {
  it('what citizens tap at a kiosk stands in the report, in Vietnamese figures', async () => {
    const device = visitor(sipas);
    await device.get(own.pairPath);
    for (const level of [5, 5, 5, 5, 5, 4, 4, 4, 4, 4, 4, 4, 3, 3, 1, 1, 1, 2, 2]) {
      const responseId = hiddenField((await device.get('/kiosk')).text, 'responseId');
      await device
        .post('/kiosk/answers')
        .type('form')
        .send({ responseId, item: 'overall', level: String(level) });
      await device.post('/kiosk/reasons').type('form').send({ responseId, skip: '1' });
    }
    await sipas.services.tallies.run();
    const page = text((await get('quanly', '/reports?period=2026-11-22&questionnaire=tthc-kiosk-5')).text);
    expect(page).toContain('Trung tâm Quảng Ninh');
    expect(page).toContain('26,32%');
    expect(page).toContain('63,16%');
    expect(page).toMatch(/\b19\b/);
  });

  it('the English page writes the same figures the English way', async () => {
    const reader = visitor(sipas);
    await signIn(reader, { username: 'admin' });
    const page = await reader.get('/reports?period=2026-11-22&centre=QN&lang=en');
    expect(text(page.text)).toContain('26.32%');
  });

  it('a field leads to its months, which say what they are of and lead to the same download', async () => {
    await postBatch(sipas, other.token, [validResponse({ field: 'Đất đai & nhà ở' }), validResponse({ field: '' })]);
    await sipas.services.tallies.run();
    const byField = (await get('admin', '/reports?period=2026&centre=BN-01&groupBy=field')).text;
    const link = /href="(\/reports\?[^"]*groupBy=month[^"]*)"/.exec(byField)?.[1]?.replaceAll('&amp;', '&') ?? '';
    expect(new URLSearchParams(link.split('?')[1]).get('field')).toBe('Đất đai & nhà ở');
    const page = (await get('admin', link)).text;
    expect(text(page)).toContain('Chỉ tính Lĩnh vực: Đất đai &amp; nhà ở');
    expect(page).toMatch(/\/exports\/responses\.csv\?[^"]*field=%C4%90%E1%BA%A5t/);
  });

  it('rows are ordered by the column whose head is pressed', async () => {
    const order = async (sort: string) => {
      const { text: html } = await get('admin', `/reports?period=2026&questionnaire=tthc-kiosk-5&sort=${sort}`);
      return [...html.matchAll(/<th scope="row"><a [^>]*>([^<]+)/g)].map(([, label]) => label);
    };
    expect(await order('-satisfied')).toEqual(['Trung tâm Quảng Ninh', 'Trung tâm Bắc Ninh']);
    expect(await order('satisfied')).toEqual(['Trung tâm Bắc Ninh', 'Trung tâm Quảng Ninh']);
  });

  it('no page calls the figures the official index of a year', async () => {
    for (const path of ['/', '/login', '/reports?period=2026']) {
      expect(text((await get('admin', path)).text)).not.toMatch(/SIPAS năm/i);
    }
  });
});

describe('the scope of the reader', () => {
  it('decides which centres are shown and offered', async () => {
    const page = (await get('quanly', '/reports?period=2026-11')).text;
    expect(page).toContain('Trung tâm Quảng Ninh');
    expect(page).not.toContain('Trung tâm Bắc Ninh');
    expect((await get('admin', '/reports?period=2026-11')).text).toContain('Trung tâm Bắc Ninh');
  });

  it('makes the code of another centre look like one that does not exist', async () => {
    const pageFor = async (centre: string) => {
      const { status, text: html } = await get('quanly', `/reports?period=2026-11&centre=${centre}`);
      return [status, html.replaceAll(centre, 'CODE')];
    };
    expect(await pageFor('BN-01')).toEqual(await pageFor('XX-99'));
    expect((await pageFor('BN-01'))[0]).toBe(422);
  });
});

describe('downloads', () => {
  it.each([
    ['admin', true],
    ['quanly', true],
    ['nguoixem', false],
  ])('are offered to %s: %p', async (username, offered) => {
    expect((await get(username, '/reports?period=2026-11')).text.includes('/exports/responses.csv')).toBe(offered);
  });

  it('come with the session of who may have them', async () => {
    const answer = await get('quanly', '/exports/responses.csv?period=2026-11');
    expect([answer.status, answer.type]).toEqual([200, 'text/csv']);
    expect(answer.text.trim().split('\r\n')).toHaveLength(20);
  });

  it('are refused to a viewer, and need a sign-in', async () => {
    expect((await get('nguoixem', '/exports/responses.csv?period=2026-11')).status).toBe(403);
    const stranger = await visitor(sipas).get('/exports/responses.csv?period=2026-11');
    expect([stranger.status, stranger.headers['location']]).toEqual([303, '/login']);
  });
});

describe('a query that cannot be answered', () => {
  it.each([
    'from=2026-02-30&to=2026-03-01',
    'from=2026-11-23&to=2026-11-22',
    'period=2026-13',
    'groupBy=colour',
    'centre=none',
    'unit=99',
    'questionnaire=none',
    'from=1900-01-01&to=2100-01-01',
    'from=2026-11-01&from=2026-11-02',
    'unit=22&centre=QN',
    'period=%3Cscript%3Ealert(1)%3C%2Fscript%3E',
  ])('%s gives the form back with what is wrong', async (query) => {
    const { status, text: html } = await get('admin', `/reports?${query}`);
    expect(status).toBe(422);
    expect(html).toMatch(/aria-invalid="true"/);
    expect(html).not.toContain('<script>alert');
  });
});
