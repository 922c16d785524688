import request from 'supertest';
import { parseHours } from '../../src/domain/opening-hours.js';
import { openTestApp, type TestApp } from '../helpers/app.js';
import { storedResponses } from '../helpers/database.js';
import { addSite, type Site } from '../helpers/installation.js';
import { hiddenField, PASSWORD, signIn, visitor, type Visitor } from '../helpers/pages.js';
import { postResponse, validResponse } from '../helpers/responses.js';

const MONDAY_MORNING = new Date('2026-11-23T09:00:00+07:00');
const MONDAY_EVENING = new Date('2026-11-23T20:00:00+07:00');
let sipas: TestApp;
let site: Site;
let staff: Visitor;

beforeAll(async () => {
  sipas = await openTestApp(MONDAY_MORNING);
  site = await addSite(sipas.services);
  await addSite(sipas.services, { centre: 'XA', unit: '01' });
  const account = { username: 'an', role: 'manager', scope: '22', password: PASSWORD } as const;
  await sipas.services.accounts.add(account);
  staff = visitor(sipas);
  await signIn(staff, account);
});
beforeEach(() => sipas.setNow(MONDAY_MORNING));
afterAll(() => sipas.close());

async function send(capturedAt: Date): Promise<readonly string[] | undefined> {
  sipas.setNow(capturedAt);
  const response = validResponse({ capturedAt: capturedAt.toISOString() });
  await postResponse(sipas, site.token, response).expect(201);
  const [record] = await storedResponses(sipas.services.connection, response.id);
  return (await sipas.services.flags.of([record!._id])).get(response.id);
}

async function save(path: string, fields: object): Promise<request.Response> {
  const { text } = await staff.get(path.replace(/\/(hours|settings)$/, ''));
  return staff
    .post(path)
    .type('form')
    .send({ _csrf: hiddenField(text, '_csrf'), ...fields });
}

describe('a centre that has not said when it is open', () => {
  it('has no rating flagged for its time', async () => expect(await send(MONDAY_EVENING)).toBeUndefined());

  it('has no kiosk that speaks of opening hours', async () => {
    const device = visitor(sipas);
    await device.get(site.pairPath);
    expect((await device.get('/kiosk')).text).not.toContain('Ngoài giờ làm việc');
  });
});

describe('a centre that is open on weekdays', () => {
  beforeAll(async () => {
    const saved = await save('/admin/centres/TT1/hours', { days: ['1', '2', '3', '4', '5'], times: '07:30-17:00' });
    expect([saved.status, saved.headers['location']]).toEqual([303, '/admin/centres/TT1?done=hours']);
  });

  it('has ratings at other times counted and flagged', async () => {
    expect(await send(MONDAY_MORNING)).toBeUndefined();
    expect(await send(MONDAY_EVENING)).toEqual(['out-of-hours']);
  });

  it('has the rest screen say so, and take the rating', async () => {
    const { pairUrl } = await sipas.services.kiosks.offerPairing(site.kiosk);
    const device = visitor(sipas);
    await device.get(new URL(pairUrl).pathname);
    expect((await device.get('/kiosk')).text).toMatch(/id="closed" hidden>/);
    sipas.setNow(MONDAY_EVENING);
    const { text } = await device.get('/kiosk');
    expect(text).toMatch(/id="closed">Ngoài giờ làm việc\. Ông\/Bà vẫn có thể đánh giá\.[\s\S]*name="level"/);
  });

  it('flags no rating from a citizen’s own phone', async () => {
    sipas.setNow(MONDAY_EVENING);
    const { url } = await sipas.services.tickets.make({ centre: 'TT1', dossier: 'H-1' });
    const path = new URL(url).pathname;
    const phone = visitor(sipas);
    const id = hiddenField((await phone.get(path)).text, 'responseId');
    await phone.post(`${path}/answers`).type('form').send({ responseId: id, item: 'overall', level: '5' });
    const [record] = await storedResponses(sipas.services.connection, id);
    expect((await sipas.services.flags.of([record!._id])).get(id)).toBeUndefined();
  });

  it('calls a kiosk silent by its own hours', async () => {
    const seen = { version: 'v', queued: 0, oldestMs: null, setAside: 0 };
    await sipas.services.kiosks.noteSeen(site.kiosk, seen);
    const isSilent = async (hours: string) => {
      await sipas.services.centres.setHours('TT1', parseHours('1-7', hours));
      sipas.setNow(MONDAY_EVENING);
      return (await staff.get('/admin/kiosks')).text.includes('Mất liên lạc');
    };
    expect([await isSilent('07:30-17:00'), await isSilent('07:30-21:00')]).toEqual([false, true]);
  });

  it('can take back what it said', async () => {
    await save('/admin/centres/TT1/hours', { clear: '1', times: '07:30-17:00' });
    expect(await send(MONDAY_EVENING)).toBeUndefined();
  });
});

describe('the form of opening hours', () => {
  it.each([
    [{ days: ['1'], times: 'sáng' }],
    [{ times: '07:30-17:00' }],
    [{ days: ['8'], times: '07:30-17:00' }],
    [{ days: ['1'], times: '17:00-07:30' }],
  ])('comes back with what was entered: %j', async (fields) => {
    const { status, text } = await save('/admin/centres/TT1/hours', fields);
    expect([status, text.includes('Xin chọn ít nhất một ngày')]).toEqual([422, true]);
    expect(text).toContain(`value="${fields.times}"`);
  });

  it('is for centres in scope only', async () => {
    await staff.get('/admin/centres/XA').expect(403);
    await staff.get('/admin/centres/NONE').expect(404);
    await request(sipas.app).get('/admin/centres/TT1').expect(303);
  });
});

describe('the times of a kiosk', () => {
  const path = () => `/admin/kiosks/${site.kiosk}/settings`;
  const times = { idleSeconds: '45', thanksSeconds: '3', repeatSeconds: '6', flagSeconds: '20' };

  it('are set by a form', async () => {
    expect((await save(path(), times)).status).toBe(303);
    expect((await sipas.services.kiosks.find(site.kiosk))?.settings).toEqual({
      ...{ idleSeconds: 45, thanksSeconds: 3, repeatSeconds: 6, flagSeconds: 20 },
    });
  });

  it.each([{ idleSeconds: '76' }, { thanksSeconds: '-1' }, { repeatSeconds: '' }, { flagSeconds: '1.5' }])(
    'are refused when they are none: %j',
    async (wrong) => {
      const { status, text } = await save(path(), { ...times, ...wrong });
      expect([status, text.includes('Xin nhập số giây nguyên')]).toEqual([422, true]);
    },
  );
});
