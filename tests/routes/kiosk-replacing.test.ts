import request from 'supertest';
import { NOON, openTestApp, type TestApp } from '../helpers/app.js';
import { addSite, type Site } from '../helpers/installation.js';
import { cookieSet, visitor } from '../helpers/pages.js';

const DEVICE = 'sipas_kiosk';
let sipas: TestApp;
let sites = 0;

beforeAll(async () => {
  sipas = await openTestApp();
});
afterAll(() => sipas.close());

function newSite(): Promise<Site> {
  sites += 1;
  return addSite(sipas.services, { centre: `TT${sites}` });
}

async function isSignedOut(cookie: string | undefined): Promise<boolean> {
  const { text } = await request(sipas.app)
    .get('/kiosk')
    .set('Cookie', cookie ?? '');
  return text.includes('action="/kiosk/pair"');
}

describe('pairing with a link that has paired a device', () => {
  const replace = (path: string, fields: object = { replace: '1' }) =>
    request(sipas.app)
      .post('/kiosk/pair')
      .type('form')
      .send({ code: path.split('/').at(-1), ...fields });

  it('asks first, and leaves that device alone', async () => {
    const { pairPath } = await newSite();
    const first = cookieSet(await request(sipas.app).get(pairPath), DEVICE);
    for (const answer of [await request(sipas.app).get(pairPath), await replace(pairPath, {})]) {
      expect([answer.status, answer.headers['set-cookie']]).toEqual([409, undefined]);
      expect(answer.text).toContain('Mã này đã ghép một thiết bị');
    }
    expect(await isSignedOut(first)).toBe(false);
  });

  it('signs it out at once when asked to', async () => {
    const { pairPath } = await newSite();
    const first = cookieSet(await request(sipas.app).get(pairPath), DEVICE);
    const second = cookieSet(await replace(pairPath), DEVICE);
    expect(await isSignedOut(first)).toBe(true);
    expect(await isSignedOut(second)).toBe(false);
  });

  it('goes on at once when that device itself opens it again', async () => {
    const { pairPath } = await newSite();
    const device = visitor(sipas);
    await device.get(pairPath);
    const again = await device.get(pairPath);
    expect([again.headers['location'], again.headers['set-cookie']]).toEqual(['/kiosk', undefined]);
  });

  it('opened by two devices at the same moment pairs one of them', async () => {
    const { pairPath } = await newSite();
    const answers = await Promise.all([1, 2, 3].map(() => request(sipas.app).get(pairPath)));
    expect(answers.map(({ status }) => status).sort()).toEqual([303, 409, 409]);
  });
});

describe('a device', () => {
  it('goes on working once it is paired, however fast the clock runs', async () => {
    let ticks = NOON.getTime();
    const running = await openTestApp(() => new Date((ticks += 1000)));
    const { pairPath } = await addSite(running.services);
    const cookie = cookieSet(await request(running.app).get(pairPath), DEVICE);
    const { text } = await request(running.app)
      .get('/kiosk')
      .set('Cookie', cookie ?? '');
    expect(text).not.toContain('action="/kiosk/pair"');
    await running.close();
  });

  it('that was paired under an older release works until another is, or it is signed out', async () => {
    const { kiosk, pairPath } = await newSite();
    const old = cookieSet(await request(sipas.app).get(pairPath), DEVICE);
    const { kiosks, connection } = sipas.services;
    await connection.collection<{ _id: string }>('kiosks').updateOne({ _id: kiosk }, { $unset: { device: 1 } });
    expect(await isSignedOut(old)).toBe(false);
    await kiosks.unpair(kiosk);
    expect(await isSignedOut(old)).toBe(true);
  });
});
