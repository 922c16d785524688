import request from 'supertest';
import { openTestApp, type TestApp } from '../helpers/app.js';
import { addSite, type Site } from '../helpers/installation.js';
import { hiddenField, visitor, type Visitor } from '../helpers/pages.js';
import { validResponse } from '../helpers/responses.js';

describe('the token of a paired device', () => {
  let sipas: TestApp;
  let site: Site;
  let device: Visitor;
  let cookie: string;

  beforeAll(async () => {
    sipas = await openTestApp();
    site = await addSite(sipas.services);
    await addSite(sipas.services, { centre: 'TT2' });
    device = visitor(sipas);
    cookie = (await device.get(site.pairPath)).get('Set-Cookie')![0]!;
  });
  afterAll(() => sipas.close());

  it('is out of reach of scripts and of other sites', () => {
    expect(cookie).toMatch(/^sipas_kiosk=[^;]+;.*HttpOnly.*SameSite=Lax/);
  });

  it('writes for its own centre, whatever the answer says', async () => {
    const response = validResponse();
    const device1 = { capturedAt: response.capturedAt, offsetMs: 0 };
    const send = (item: object) => device.post('/kiosk/responses').send({ responses: [item] });
    const foreign = await send({ response: { ...response, centre: 'TT2' }, device: device1 });
    expect(foreign.body.results[0]).toMatchObject({ status: 'invalid' });
    expect((await send({ response, device: device1 })).body.results[0].status).toBe('stored');
    const stored = await sipas.services.connection.collection('responses').find().toArray();
    expect(stored.map(({ centre, kiosk }) => [centre, kiosk])).toEqual([['TT1', 'TT1-K1']]);
  });

  it('reads no other kiosk’s answers under way', async () => {
    const other = visitor(sipas);
    await other.get(new URL((await sipas.services.kiosks.offerPairing('TT2-K1')).pairUrl).pathname);
    const responseId = hiddenField((await other.get('/kiosk')).text, 'responseId');
    await other.post('/kiosk/answers').type('form').send({ responseId, item: 'overall', level: '1' });
    expect((await other.get(`/kiosk/reasons?draft=${responseId}`)).status).toBe(200);
    const { status, headers } = await device.get(`/kiosk/reasons?draft=${responseId}`);
    expect([status, headers['location']]).toEqual([303, '/kiosk']);
  });

  const api = (path: string) =>
    request(sipas.app)
      .get(`/api/v1${path}`)
      .set('Authorization', `Bearer ${cookie.split(/[=;]/)[1]!}`);

  it('knows of its own centre alone', async () => {
    expect((await api('/centres')).body.centres.map(({ code }: { code: string }) => code)).toEqual(['TT1']);
  });

  it.each(['/reports/satisfaction?period=2026', '/exports/responses.csv?period=2026'])(
    'opens no figures: %s',
    async (path) => {
      expect((await api(path)).status).toBe(403);
    },
  );

  it.each(['/reports', '/admin/kiosks', '/exports'])('opens no page of staff: %s', async (path) => {
    expect((await device.get(path)).status).not.toBe(200);
  });
});
