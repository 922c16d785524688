import request from 'supertest';
import { openTestApp, NOON, type TestApp } from '../helpers/app.js';
import { everything } from '../helpers/database.js';
import { addSite, type Site } from '../helpers/installation.js';
import { cookieSet, visitor } from '../helpers/pages.js';

const DEVICE = 'sipas_kiosk';
const DAY_MS = 24 * 3_600_000;
let sipas: TestApp;
let sites = 0;

beforeAll(async () => {
  sipas = await openTestApp();
});
afterEach(() => sipas.setNow(NOON));
afterAll(() => sipas.close());

function newSite(): Promise<Site> {
  sites += 1;
  return addSite(sipas.services, { centre: `TT${sites}`, name: `Trung tâm số ${sites}` });
}

const rest = (cookie: string | undefined) =>
  request(sipas.app)
    .get('/kiosk')
    .set('Cookie', cookie ?? '');
const isPairingForm = ({ text }: request.Response) => text.includes('action="/kiosk/pair"');

describe('a device that is no kiosk yet', () => {
  it.each(['/kiosk', '/kiosk/thanks', '/kiosk/reasons?draft=0192f0c4-0000-4000-8000-000000000000'])(
    'is asked for its pairing code at %s',
    async (path) => {
      const answer = await request(sipas.app).get(path);
      expect([answer.status, isPairingForm(answer)]).toEqual([200, true]);
    },
  );

  it.each(['sipas_kiosk=', 'sipas_kiosk=sipas_unknown', 'sipas_kiosk=%00', 'sipas_kiosk={"$ne":1}'])(
    'is asked again with the cookie %s',
    async (cookie) => expect(isPairingForm(await rest(cookie))).toBe(true),
  );

  it('stores nothing when it sends an answer all the same', async () => {
    await request(sipas.app)
      .post('/kiosk/answers')
      .type('form')
      .send({ responseId: '0192f0c4-0000-4000-8000-000000000001', item: 'overall', level: '5' });
    expect(await sipas.services.connection.collection('drafts').countDocuments()).toBe(0);
    expect(await sipas.services.connection.collection('responses').countDocuments()).toBe(0);
  });
});

describe('pairing', () => {
  it('by the link shows the kiosk of that centre', async () => {
    const site = await newSite();
    const device = visitor(sipas);
    const answer = await device.get(site.pairPath);
    expect([answer.status, answer.headers['location']]).toEqual([303, '/kiosk']);
    expect((await device.get('/kiosk')).text).toContain('Trung tâm số');
  });

  it('by typing the code, in small letters and with spaces, does the same', async () => {
    const site = await newSite();
    const code = site.pairPath.split('/').at(-1) ?? '';
    const typed = `${code.slice(0, 4)} - ${code.slice(4)}`.toLowerCase();
    const device = visitor(sipas);
    const answer = await device.post('/kiosk/pair').type('form').send({ code: typed });
    expect([answer.status, answer.headers['location']]).toEqual([303, '/kiosk']);
    expect(isPairingForm(await device.get('/kiosk'))).toBe(false);
  });

  it('keeps the token where scripts and other sites cannot get at it, for over a year', async () => {
    const answer = await request(sipas.app).get((await newSite()).pairPath);
    const header = String(answer.headers['set-cookie']);
    expect(header).toMatch(/HttpOnly/);
    expect(header).toMatch(/SameSite=Lax/);
    expect(Number(/Max-Age=(\d+)/.exec(header)?.[1])).toBeGreaterThan(366 * 24 * 3600);
  });

  it('leaves only a hash of the token in the database', async () => {
    const cookie = cookieSet(await request(sipas.app).get((await newSite()).pairPath), DEVICE);
    const token = cookie?.split('=')[1] ?? '';
    expect(token.length).toBeGreaterThan(40);
    expect(await everything(sipas.services.connection)).not.toContain(token.slice(6));
  });

  it('leaves other kiosks alone', async () => {
    const [one, two] = [await newSite(), await newSite()];
    const first = cookieSet(await request(sipas.app).get(one.pairPath), DEVICE);
    await request(sipas.app).get(two.pairPath);
    expect(isPairingForm(await rest(first))).toBe(false);
  });
});

describe('a pairing code', () => {
  it.each(['ABCDEFGH', '', '%20', '..', 'a'.repeat(500)])('"%s" that nobody gave out is refused', async (code) => {
    const answer = await request(sipas.app).post('/kiosk/pair').type('form').send({ code });
    expect([answer.status, isPairingForm(answer)]).toEqual([404, true]);
    expect(answer.text).toContain('Mã ghép không đúng hoặc đã hết hạn');
    expect(answer.headers['set-cookie']).toBeUndefined();
  });

  it.each([[{}], [{ 'code[$ne]': 'x' }], [{ code: ['A', 'B'] }]])('sent as %j is refused', async (fields) => {
    expect((await request(sipas.app).post('/kiosk/pair').type('form').send(fields)).status).toBe(404);
  });

  it('works for a week and no longer', async () => {
    const [site, late] = [await newSite(), await newSite()];
    sipas.setNow(new Date(NOON.getTime() + 7 * DAY_MS - 1));
    expect((await request(sipas.app).get(site.pairPath)).status).toBe(303);
    sipas.setNow(new Date(NOON.getTime() + 7 * DAY_MS));
    expect((await request(sipas.app).get(late.pairPath)).status).toBe(404);
  });

  it('stops working when a new one is offered', async () => {
    const site = await newSite();
    const { pairUrl } = await sipas.services.kiosks.offerPairing(site.kiosk);
    expect((await request(sipas.app).get(site.pairPath)).status).toBe(404);
    expect((await request(sipas.app).get(new URL(pairUrl).pathname)).status).toBe(303);
  });
});
