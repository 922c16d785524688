import request from 'supertest';
import { openTestApp, type TestApp } from '../helpers/app.js';
import { addSite, staffToken, type Site } from '../helpers/installation.js';
import { validResponse } from '../helpers/responses.js';
import { storedResponses } from '../helpers/database.js';

const HEARTBEAT = { version: 'v1', queued: 2, oldestMs: 3_600_000, setAside: 1, battery: 0.5 };
const MINUTE_MS = 60_000;

describe('a paired device', () => {
  let test: TestApp;
  let site: Site;

  beforeEach(async () => {
    test = await openTestApp(new Date('2026-11-23T02:00:00.000Z'));
    site = await addSite(test.services);
  });

  afterEach(() => test.close());

  /** Pairs a new device and gives its cookie. */
  async function pair(path = site.pairPath): Promise<string> {
    const paired = await request(test.app).get(path).expect(303);
    return String(paired.headers['set-cookie']).split(';')[0]!;
  }

  function send(cookie: string, path: string, body: object): request.Test {
    return request(test.app).post(path).set('Cookie', cookie).set('Accept', 'application/json').send(body);
  }

  function item(overrides: object = {}, device: object = {}) {
    const response = validResponse({ ...overrides, capturedAt: '2026-11-23T01:00:00.000Z' });
    return { response, device: { capturedAt: '2026-11-23T00:00:00.000Z', offsetMs: 3_600_000, ...device } };
  }

  it('stores its answers with both clocks, and calls a retry a duplicate', async () => {
    const cookie = await pair();
    const body = { responses: [item()] };
    const first = await send(cookie, '/kiosk/responses', body).expect(200);
    const again = await send(cookie, '/kiosk/responses', body).expect(200);
    const { id } = body.responses[0]!.response;
    expect([first.body.results, again.body.results]).toEqual([
      [{ id, status: 'stored' }],
      [{ id, status: 'duplicate' }],
    ]);
    const [record] = await storedResponses(test.services.connection, id);
    expect(record).toMatchObject({
      ...{ centre: site.centre, kiosk: site.kiosk, channel: 'kiosk' },
      device: { capturedAt: new Date('2026-11-23T00:00:00.000Z'), offsetMs: 3_600_000 },
    });
  });

  it('is told which of its answers are invalid, and why, while the others are stored', async () => {
    const bad = item({ answers: { overall: 9 } });
    const { body } = await send(await pair(), '/kiosk/responses', { responses: [bad, item()] }).expect(200);
    expect(body.results).toMatchObject([
      { id: bad.response.id, status: 'invalid', errors: [{ path: 'answers.overall' }] },
      { status: 'stored' },
    ]);
  });

  it('cannot act for another centre or kiosk, whatever it says', async () => {
    await addSite(test.services, { centre: 'XA', unit: '01' });
    const items = [item({ centre: 'XA' }), item({ kiosk: 'XA-K1' }), item({ channel: 'paper' }), item()];
    const { body } = await send(await pair(), '/kiosk/responses', { responses: items }).expect(200);
    expect(body.results).toMatchObject([
      { status: 'invalid', errors: [{ path: 'centre' }] },
      { status: 'invalid', errors: [{ path: 'kiosk' }] },
      { status: 'invalid', errors: [{ path: 'channel' }] },
      { status: 'stored' },
    ]);
    const stored = await Promise.all(
      items.map(({ response }) => storedResponses(test.services.connection, response.id)),
    );
    expect(stored.flat()).toMatchObject([{ centre: site.centre, kiosk: site.kiosk, channel: 'kiosk' }]);
  });

  it('has ratings flagged that follow each other too fast, and only those', async () => {
    const fast = item({}, { sincePreviousMs: 5000 });
    const slow = item({}, { sincePreviousMs: 50_000 });
    await send(await pair(), '/kiosk/responses', { responses: [fast, slow] }).expect(200);
    const records = (
      await Promise.all([fast, slow].map(({ response }) => storedResponses(test.services.connection, response.id)))
    ).flat();
    const flags = await test.services.flags.of(records.map(({ _id }) => _id));
    expect([...flags]).toEqual([[fast.response.id, ['too-fast']]]);
  });

  it('has its flags in the export of responses', async () => {
    await send(await pair(), '/kiosk/responses', { responses: [item({}, { sincePreviousMs: 5000 })] }).expect(200);
    const token = await staffToken(test.services, 'admin');
    const { text } = await request(test.app)
      .get('/api/v1/exports/responses.csv?period=2026-11')
      .set('Authorization', `Bearer ${token}`)
      .expect(200);
    expect(text.split('\r\n')[1]).toContain(',too-fast,');
  });

  it('is signed out at once by the device that replaces it', async () => {
    const old = await pair();
    const { pairUrl } = await test.services.kiosks.offerPairing(site.kiosk);
    const replacement = await pair(new URL(pairUrl).pathname);
    await send(old, '/kiosk/responses', { responses: [item()] }).expect(401);
    await send(replacement, '/kiosk/responses', { responses: [item()] }).expect(200);
  });

  it('is signed out at once when it is unpaired', async () => {
    const cookie = await pair();
    await send(cookie, '/kiosk/heartbeat', HEARTBEAT).expect(200);
    await test.services.kiosks.unpair(site.kiosk);
    await send(cookie, '/kiosk/heartbeat', HEARTBEAT).expect(401);
  });

  it('cannot be paired any more with the code of before it was unpaired', async () => {
    await test.services.kiosks.unpair(site.kiosk);
    await request(test.app).get(site.pairPath).expect(404);
  });

  it('shows no rating buttons while it is paused', async () => {
    const cookie = await pair();
    await test.services.kiosks.setPaused(site.kiosk, true);
    const { text } = await request(test.app).get('/kiosk').set('Cookie', cookie).expect(200);
    expect([text.includes('Máy đang tạm dừng'), text.includes('name="level"')]).toEqual([true, false]);
  });

  it('learns the server’s time, and of a new version when anything on its page changes', async () => {
    const cookie = await pair();
    const before = await send(cookie, '/kiosk/heartbeat', HEARTBEAT).expect(200);
    await test.services.kiosks.configure(site.kiosk, { idleSeconds: 45 });
    const after = await send(cookie, '/kiosk/heartbeat', HEARTBEAT).expect(200);
    expect(before.body.now).toBe('2026-11-23T02:00:00.000Z');
    expect(after.body.version).not.toBe(before.body.version);
  });

  it('is refused what another site has a browser send', async () => {
    const cookie = await pair();
    await send(cookie, '/kiosk/responses', { responses: [item()] })
      .set('Sec-Fetch-Site', 'cross-site')
      .expect(403);
  });

  describe('on the staff’s page', () => {
    async function listed(minutesLater: number): Promise<string> {
      await send(await pair(), '/kiosk/heartbeat', HEARTBEAT).expect(200);
      test.setNow(new Date(Date.parse('2026-11-23T02:00:00.000Z') + minutesLater * MINUTE_MS));
      const staff = await signedIn();
      return (await staff.get('/admin/kiosks').expect(200)).text;
    }

    async function signedIn() {
      await test.services.accounts.add({ username: 'an', role: 'manager', scope: '22', password: 'matkhau-an-1' });
      const agent = request.agent(test.app);
      const { text } = await agent.get('/login');
      const token = /name="_csrf" value="([^"]+)"/.exec(text)![1];
      await agent.post('/login').type('form').send({ _csrf: token, username: 'an', password: 'matkhau-an-1' });
      return agent;
    }

    it('shows what it holds and how old that is', async () => {
      expect(await listed(1)).toMatch(/TT1-K1[\s\S]*Bình thường[\s\S]*23\/11\/2026 09:00[\s\S]*23\/11\/2026 08:00/);
    });

    it('is called silent after ten minutes in opening hours', async () => {
      expect(await listed(11)).toContain('Mất liên lạc trong giờ làm việc');
    });

    it('is not called silent in the evening', async () => {
      expect(await listed(10 * 60)).not.toContain('Mất liên lạc');
    });

    it('cannot be seen by a manager of elsewhere', async () => {
      await addSite(test.services, { centre: 'XA', unit: '01' });
      await (await signedIn()).get('/admin/kiosks/XA-K1').expect(403);
    });

    it('is added by a form and shows its pairing code as a picture to scan', async () => {
      const staff = await signedIn();
      const { text } = await staff.get('/admin/kiosks').expect(200);
      const token = /name="_csrf" value="([^"]+)"/.exec(text)![1];
      const form = { _csrf: token, centre: 'TT1', code: 'TT1-K2', questionnaire: 'tthc-kiosk-5', counter: 'Q2' };
      await staff.post('/admin/kiosks').type('form').send(form).expect(303).expect('Location', '/admin/kiosks/TT1-K2');
      const picture = await staff.get('/admin/kiosks/TT1-K2/qr.svg').expect(200);
      expect(picture.headers['content-type']).toContain('image/svg+xml');
    });
  });
});
