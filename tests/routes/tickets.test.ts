import request from 'supertest';
import { FLAGS } from '../../src/features/flags/flags.model.js';
import { sealTicket, unsealTicket } from '../../src/features/tickets/tickets.code.js';
import { NOON, openTestApp, TEST_SECRET, type TestApp } from '../helpers/app.js';
import { everything, storedResponses } from '../helpers/database.js';
import { addSite, staffToken } from '../helpers/installation.js';
import { hiddenField, PASSWORD, signIn, visitor } from '../helpers/pages.js';

const DAY_MS = 86_400_000;
let sipas: TestApp;
let software: string;

beforeAll(async () => {
  sipas = await openTestApp();
  await addSite(sipas.services, { centre: 'TT1', name: 'Trung tâm <Hạ Long>' });
  await addSite(sipas.services, { centre: 'XA', unit: '01' });
  software = await staffToken(sipas.services, 'integration', '22');
});
beforeEach(() => sipas.setNow(NOON));
afterAll(() => sipas.close());

const phone = () => visitor(sipas);

function make(body: object, token = software): request.Test {
  return request(sipas.app).post('/api/v1/tickets').set('Authorization', `Bearer ${token}`).send(body);
}

async function pathOf(body: object): Promise<string> {
  const answer = await make({ centre: 'TT1', ...body }).expect(201);
  return new URL(String(answer.body.url)).pathname;
}

/** Opens a ticket, taps a level, and gives the id and where that led. */
async function rate(path: string, level = 5, browser = phone()) {
  const { text } = await browser.get(path).expect(200);
  const id = hiddenField(text, 'responseId');
  const answer = await browser
    .post(`${path}/answers`)
    .type('form')
    .send({ responseId: id, item: 'overall', level: String(level) });
  return { id, to: String(answer.headers['location']).replace(path, ''), browser };
}

const stored = async (id: string) => (await storedResponses(sipas.services.connection, id))[0];
const flagsOf = async (id: string) => {
  const record = await stored(id);
  return record && (await sipas.services.flags.of([record._id])).get(id);
};

describe('a ticket for a dossier', () => {
  it('is good for one rating, of its centre and procedure, by the channel of QR codes', async () => {
    const path = await pathOf({ dossier: 'H-1', procedure: '1.001612', officer: 'CB3', counter: 'Q2' });
    const { id, to } = await rate(path);
    expect(to).toBe('/thanks');
    expect(await stored(id)).toMatchObject({
      ...{ centre: 'TT1', kiosk: '', channel: 'qr', procedure: '1.001612', officer: 'CB3', counter: 'Q2' },
      answers: { overall: 5 },
    });
    expect(await flagsOf(id)).toBeUndefined();
    const again = await phone().get(path);
    expect([again.status, again.text.includes('Hồ sơ này đã được đánh giá')]).toEqual([410, true]);
  });

  it('opened on two phones is rated once, and the second is told politely', async () => {
    const path = await pathOf({ dossier: 'H-2' });
    const [one, two] = [phone(), phone()];
    const pages = [await one.get(path), await two.get(path)];
    const send = (browser: typeof one, { text }: request.Response) =>
      browser
        .post(`${path}/answers`)
        .type('form')
        .send({ responseId: hiddenField(text, 'responseId'), item: 'overall', level: '4' });
    expect((await send(one, pages[0]!)).headers['location']).toBe(`${path}/thanks`);
    expect((await send(two, pages[1]!)).headers['location']).toBe(`${path}/rated`);
    expect((await two.get(`${path}/rated`)).text).toContain('Mỗi hồ sơ được đánh giá một lần');
  });

  it('is used up by a rating at the kiosk', async () => {
    const path = await pathOf({ dossier: 'H-3' });
    const { kiosk, pairPath } = await addSite(sipas.services, { centre: 'TT3' });
    await sipas.services.errands.bind(kiosk, { dossier: 'H-3' });
    const device = phone();
    await device.get(pairPath);
    const { text } = await device.get('/kiosk');
    await device
      .post('/kiosk/answers')
      .type('form')
      .send({ responseId: hiddenField(text, 'responseId'), item: 'overall', level: '5' });
    expect((await phone().get(path)).status).toBe(410);
    await make({ centre: 'TT1', dossier: 'H-3' }).expect(409);
  });

  it('asks why after a low rating, and takes half an hour’s time for the comment', async () => {
    const path = await pathOf({ dossier: 'H-4' });
    const { id, to, browser } = await rate(path, 1);
    expect(to).toBe(`/reasons?draft=${id}`);
    expect((await browser.get(path + to)).text).not.toContain('tự trở về');
    sipas.setNow(new Date(NOON.getTime() + 29 * 60_000));
    expect(await sipas.services.drafts.completeDue()).toBe(0);
    const said = { responseId: id, reasons: 'cho-lau', comment: 'Chờ ba giờ' };
    const answer = await browser.post(`${path}/reasons`).type('form').send(said);
    expect(answer.headers['location']).toBe(`${path}/thanks`);
    expect(await stored(id)).toMatchObject({ answers: { overall: 1 }, reasons: ['cho-lau'], comment: 'Chờ ba giờ' });
  });

  it('is good to the end of its last day', async () => {
    const path = await pathOf({ dossier: 'H-5', days: 1 });
    sipas.setNow(new Date('2026-11-23T16:59:59.000Z'));
    expect((await phone().get(path)).status).toBe(200);
    sipas.setNow(new Date('2026-11-23T17:00:00.000Z'));
    const late = await phone().get(path);
    expect([late.status, late.text.includes('Mã này đã hết hạn')]).toEqual([410, true]);
  });

  it('ends by itself after 90 days', async () => {
    const { body } = await make({ centre: 'TT1', dossier: 'H-6' });
    expect(body.expiresAt).toBe('2027-02-20T17:00:00.000Z');
  });

  it('leaves no dossier code anywhere', async () => {
    const { body } = await make({ centre: 'TT1', dossier: 'H-SECRET' });
    await rate(new URL(String(body.url)).pathname);
    expect(JSON.stringify(body)).not.toContain('H-SECRET');
    expect(await everything(sipas.services.connection)).not.toContain('H-SECRET');
  });
});

describe('a ticket for everyone', () => {
  it('is good again and again, and its ratings are flagged', async () => {
    const path = await pathOf({ counter: 'Q7' });
    const ratings = [await rate(path), await rate(path, 4)];
    for (const { id } of ratings) {
      expect(await stored(id)).toMatchObject({ channel: 'qr', counter: 'Q7' });
      expect(await flagsOf(id)).toEqual(['open-channel']);
    }
    expect(FLAGS).toContain('open-channel');
  });

  it('flags the rating of someone who walks away, too', async () => {
    const { id } = await rate(await pathOf({}), 1);
    sipas.setNow(new Date(NOON.getTime() + DAY_MS));
    await sipas.services.drafts.completeDue();
    expect(await flagsOf(id)).toEqual(['open-channel']);
  });

  it('can be called back, and those made later are good', async () => {
    await addSite(sipas.services, { centre: 'TT4' });
    const centre = { centre: 'TT4' };
    const [old, personal] = [await pathOf(centre), await pathOf({ ...centre, dossier: 'H-7' })];
    sipas.setNow(new Date(NOON.getTime() + 3_600_000));
    await sipas.services.centres.recallTickets('TT4');
    expect((await phone().get(old)).status).toBe(410);
    expect((await phone().get(personal)).status).toBe(200);
    expect((await phone().get(await pathOf(centre))).status).toBe(200);
  });

  it('takes no more than sixty answers in ten minutes from one address', async () => {
    sipas.setNow(new Date(NOON.getTime() + 2 * DAY_MS));
    const path = await pathOf({ counter: 'đông' });
    const { body } = await make({ centre: 'TT1', counter: 'khác' });
    const send = (to: string) => request(sipas.app).post(`${to}/answers`).type('form').send({});
    for (let time = 1; time <= 60; time += 1) await send(path).expect(400);
    const { text } = await send(path).set('Accept', 'text/html').expect(429);
    expect(text).toContain('Xin đợi ít phút rồi thử lại');
    await send(new URL(String(body.url)).pathname).expect(400);
  });

  it('does not let the address say what the errand is', async () => {
    const path = await pathOf({});
    const { text } = await phone().get(`${path}?officer=CB66&dossier=D66`);
    const id = hiddenField(text, 'responseId');
    await phone()
      .post(`${path}/answers`)
      .type('form')
      .send({ responseId: id, item: 'overall', level: '5', officer: 'CB66', dossier: 'D66' });
    expect(text).not.toContain('name="officer"');
    expect(await stored(id)).not.toHaveProperty('officer');
  });
});

describe('a ticket that this installation did not make', () => {
  const content = { centre: 'TT1', questionnaire: 'tthc-kiosk-5', issuedAt: NOON, expiresAt: null };

  it.each([
    ['of another secret', () => sealTicket('another secret', content)],
    ['with another dossier', () => sealTicket(TEST_SECRET, content).replace('~~', `~${'A'.repeat(43)}~`)],
    ['with half a signature', () => sealTicket(TEST_SECRET, content).slice(0, -11)],
    ['without a signature', () => sealTicket(TEST_SECRET, content).replace(/[^~]*$/, '')],
    ['with a letter changed', () => sealTicket(TEST_SECRET, content).replace(/^ey/, 'ez')],
    ['of a centre that is gone', () => sealTicket(TEST_SECRET, { ...content, centre: 'GONE' })],
    ['in words', () => 'abc'],
    ['with marks alone', () => '~~'],
    ['in odd letters', () => '%00~%F0%9F%98%80~x'],
  ])('%s is not known, and says so politely', async (_, ticket) => {
    for (const path of ['', '/thanks', '/reasons?draft=0192f0c4-0000-4000-8000-000000000000']) {
      const { status, text } = await request(sipas.app).get(`/r/${ticket()}${path}`);
      expect(status).toBe(404);
      expect(text).toMatch(/Không nhận ra mã này|Không tìm thấy trang/);
    }
  });

  it('is told from one that it did make', () => {
    expect(unsealTicket(TEST_SECRET, sealTicket(TEST_SECRET, content))).toMatchObject({
      centre: 'TT1',
      expiresAt: null,
    });
  });
});

describe('making tickets is refused', () => {
  it.each([
    [{ centre: 'NONE' }, 'centre'],
    [{}, 'centre'],
    [{ centre: 5 }, 'centre'],
    [{ centre: 'TT1', questionnaire: 'x' }, 'questionnaire'],
    [{ centre: 'TT1', days: 0 }, 'days'],
    [{ centre: 'TT1', days: 1.5 }, 'days'],
    [{ centre: 'TT1', dossier: '' }, 'dossier'],
    [{ centre: 'TT1', once: true }, 'once'],
  ])('for %j', async (body, path) => {
    const answer = await make(body).expect(422);
    expect(answer.body.errors).toContainEqual(expect.objectContaining({ path }));
  });

  it('to those who may not', async () => {
    await make({ centre: 'XA' }).expect(403);
    await make({ centre: 'TT1' }, await staffToken(sipas.services, 'viewer')).expect(403);
  });
});

describe('a sheet', () => {
  it('is an A4 page with the centre, the counter, the code and how to use it', async () => {
    const { body } = await make({ centre: 'TT1', counter: 'Q7' });
    const {
      text,
      headers,
      body: bytes,
    } = await request(sipas.app)
      .get(`/api/v1/tickets/${String(body.ticket)}/sheet.svg`)
      .set('Authorization', `Bearer ${software}`)
      .expect(200);
    const svg = bytes instanceof Buffer ? bytes.toString() : text;
    expect(headers['content-type']).toContain('image/svg+xml');
    for (const part of ['width="210mm" height="297mm"', 'Trung tâm &lt;Hạ Long&gt;', 'Quầy Q7', 'quét mã này', '<path'])
      expect(svg).toContain(part);
    expect(svg).not.toMatch(/<script|style=|dùng một lần/);
  });

  it('for a dossier says that it is used once, and until when', async () => {
    const { ticket } = await sipas.services.tickets.make({ centre: 'TT1', dossier: 'H-9' });
    const svg = await sipas.services.tickets.sheetOf(ticket);
    expect(svg).toContain('dùng một lần');
    expect(svg).toContain('20/02/2027');
  });

  it('is made on the staff’s page, for centres in scope only', async () => {
    const account = { username: 'an', role: 'manager', scope: '22', password: PASSWORD } as const;
    await sipas.services.accounts.add(account);
    const browser = visitor(sipas);
    await signIn(browser, account);
    const { text } = await browser.get('/admin/tickets').expect(200);
    const form = { _csrf: hiddenField(text, '_csrf'), counter: '', dossier: '', days: '30' };
    const made = await browser
      .post('/admin/tickets')
      .type('form')
      .send({ ...form, centre: 'TT1' })
      .expect(200);
    const sheet = /src="([^"]+sheet\.svg)"/.exec(made.text)?.[1] ?? '';
    expect((await browser.get(sheet).expect(200)).headers['content-type']).toContain('svg');
    await browser
      .post('/admin/tickets')
      .type('form')
      .send({ ...form, centre: 'XA' })
      .expect(422);
    await browser.post('/admin/tickets').type('form').send({ centre: 'TT1' }).expect(403);
    await request(sipas.app).get('/admin/tickets').expect(303);
  });
});
