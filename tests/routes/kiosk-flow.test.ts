import type request from 'supertest';
import { DRAFT_LIFETIME_MS } from '../../src/features/drafts/drafts.service.js';
import { openTestApp, NOON, type TestApp } from '../helpers/app.js';
import { storedResponses } from '../helpers/database.js';
import { addSite } from '../helpers/installation.js';
import { hiddenField, visitor, type Visitor } from '../helpers/pages.js';

/** A citizen at a kiosk whose page runs no script: every step is a form or a link. */
let sipas: TestApp;
let device: Visitor;

beforeAll(async () => {
  sipas = await openTestApp();
  device = visitor(sipas);
  const { pairPath } = await addSite(sipas.services, { name: 'Trung tâm Hạ Long', counter: 'Q7' });
  await device.get(pairPath);
});
beforeEach(() => sipas.setNow(NOON));
afterAll(() => sipas.close());

async function atRest(): Promise<string> {
  return hiddenField((await device.get('/kiosk')).text, 'responseId');
}
const tap = (responseId: string, level: number | string) =>
  device
    .post('/kiosk/answers')
    .type('form')
    .send({ responseId, item: 'overall', level: String(level) });
const giveReasons = (responseId: string, fields: object) =>
  device
    .post('/kiosk/reasons')
    .type('form')
    .send({ responseId, ...fields });
const stored = (id: string) => storedResponses(sipas.services.connection, id);
const leave = (ms = DRAFT_LIFETIME_MS) => {
  sipas.setNow(new Date(NOON.getTime() + ms));
  return sipas.services.drafts.completeDue();
};
const to = ({ status, headers }: request.Response) => [status, headers['location']];

describe('a good answer', () => {
  it('leads to thanks and is stored as it was tapped, with nothing added', async () => {
    const id = await atRest();
    expect(to(await tap(id, 5))).toEqual([303, '/kiosk/thanks']);
    const [response] = await stored(id);
    expect(response).toMatchObject({
      ...{ answers: { overall: 5 }, centre: 'TT1', kiosk: 'TT1-K1', channel: 'kiosk', counter: 'Q7', locale: 'vi' },
      capturedAt: NOON,
    });
    expect(response).not.toHaveProperty('reasons');
    expect(response).not.toHaveProperty('comment');
  });

  it('is stored in the language the citizen read', async () => {
    await device.get('/kiosk?lang=en');
    const id = await atRest();
    await tap(id, 4);
    await device.get('/kiosk?lang=vi');
    expect(await stored(id)).toMatchObject([{ locale: 'en' }]);
  });

  it('tapped twice in a row counts once', async () => {
    const id = await atRest();
    expect(to(await tap(id, 5))).toEqual(to(await tap(id, 5)));
    expect(await stored(id)).toHaveLength(1);
  });

  it('tapped twice at the same moment counts once', async () => {
    const id = await atRest();
    await Promise.all([tap(id, 5), tap(id, 5), tap(id, 5)]);
    await leave();
    expect(await stored(id)).toHaveLength(1);
    expect(await sipas.services.connection.collection('drafts').countDocuments()).toBe(0);
  });

  it('stays as it is when the citizen goes back and taps another', async () => {
    const id = await atRest();
    await tap(id, 5);
    expect((await tap(id, 1)).status).toBe(303);
    await leave();
    expect(await stored(id)).toMatchObject([{ answers: { overall: 5 } }]);
    expect(await sipas.services.connection.collection('drafts').countDocuments()).toBe(0);
  });

  it('can be gone back from: the browser may show the same page again, with the same id', async () => {
    expect((await device.get('/kiosk')).headers['cache-control'] ?? '').not.toContain('no-store');
  });
});

describe('a low answer', () => {
  it.each([1, 2])('of level %i asks for reasons, which are stored with it', async (level) => {
    const id = await atRest();
    expect(to(await tap(id, level))).toEqual([303, `/kiosk/reasons?draft=${id}`]);
    expect((await device.get(`/kiosk/reasons?draft=${id}`)).text).toContain('Chờ đợi lâu');
    const answer = await giveReasons(id, { reasons: ['khac', 'cho-lau'], comment: ' Chờ lâu\r\nquá ' });
    expect(to(answer)).toEqual([303, '/kiosk/thanks']);
    const [response] = await stored(id);
    expect(response).toMatchObject({ answers: { overall: level }, comment: 'Chờ lâu\nquá' });
    expect([...(response?.reasons ?? [])].sort()).toEqual(['cho-lau', 'khac']);
  });

  it('without reasons, skipped, is stored alone', async () => {
    const id = await atRest();
    await tap(id, 1);
    expect(to(await giveReasons(id, { skip: '1', reasons: 'khac', comment: 'bỏ' }))).toEqual([303, '/kiosk/thanks']);
    const [response] = await stored(id);
    expect([response?.answers, response?.reasons, response?.comment]).toEqual([{ overall: 1 }, undefined, undefined]);
  });

  it('with four reasons is sent back with what was entered', async () => {
    const id = await atRest();
    await tap(id, 2);
    const reasons = ['khac', 'cho-lau', 'thai-do', 'di-lai'];
    const { status, text } = await giveReasons(id, { reasons, comment: 'Giữ <lại> nhé' });
    expect(status).toBe(422);
    expect(text).toContain('Xin chọn tối đa 3 nội dung.');
    expect(text).toContain('Giữ &lt;lại&gt; nhé');
    const ticked = [...text.matchAll(/name="reasons" value="([^"]*)" checked/g)].map(([, code]) => code);
    expect(ticked.sort()).toEqual([...reasons].sort());
    expect(await stored(id)).toEqual([]);
  });

  it('with a comment that is too long is sent back, and nothing is cut off in silence', async () => {
    const id = await atRest();
    await tap(id, 2);
    const { status, text } = await giveReasons(id, { comment: 'ạ'.repeat(1001) });
    expect([status, text.includes('ạ'.repeat(1001))]).toEqual([422, true]);
    expect(to(await giveReasons(id, { comment: 'ạ'.repeat(1000) }))).toEqual([303, '/kiosk/thanks']);
  });

  it('changed to a good one after going back counts once, as the good one', async () => {
    const id = await atRest();
    await tap(id, 1);
    await tap(id, 5);
    await leave();
    expect(await stored(id)).toMatchObject([{ answers: { overall: 5 } }]);
  });

  it('whose reasons are sent twice counts once', async () => {
    const id = await atRest();
    await tap(id, 1);
    await giveReasons(id, { reasons: 'khac' });
    expect(to(await giveReasons(id, { reasons: 'thai-do' }))).toEqual([303, '/kiosk/thanks']);
    expect(await stored(id)).toMatchObject([{ reasons: ['khac'] }]);
  });
});

describe('a citizen who walks away after a low answer', () => {
  it('is counted once, when the time to give reasons is over', async () => {
    const id = await atRest();
    await tap(id, 1);
    expect(await leave(DRAFT_LIFETIME_MS - 1)).toBe(0);
    expect(await stored(id)).toEqual([]);
    expect(await leave()).toBe(1);
    expect(await leave()).toBe(0);
    expect(await stored(id)).toMatchObject([{ answers: { overall: 1 }, capturedAt: NOON }]);
  });

  it('and comes back too late finds thanks, and the answer unchanged', async () => {
    const id = await atRest();
    await tap(id, 1);
    await leave();
    expect(to(await giveReasons(id, { reasons: 'khac' }))).toEqual([303, '/kiosk/thanks']);
    expect(await stored(id)).toHaveLength(1);
  });

  it('is counted once when two processes sweep at the same time', async () => {
    const id = await atRest();
    await tap(id, 2);
    await Promise.all([leave(), leave(), leave()]);
    expect(await stored(id)).toHaveLength(1);
  });

  it('has an answer that the next citizen does not see', async () => {
    const id = await atRest();
    await tap(id, 1);
    expect(await atRest()).not.toBe(id);
  });
});

describe('what does not belong to the questionnaire is refused', () => {
  it.each([
    ['an unknown level', { level: '6' }],
    ['the level 0', { level: '0' }],
    ['a level in words', { level: 'tốt' }],
    ['an unknown item', { item: 'attitude', level: '3' }],
    ['the item "__proto__"', { item: '__proto__', level: '3' }],
    ['an operator', { 'level[$gt]': '0', level: 'x' }],
    ['an id that is none', { responseId: 'x', level: '5' }],
    ['two levels', { level: ['1', 'x'] }],
  ])('%s', async (_, fields) => {
    const id = await atRest();
    const answer = await device
      .post('/kiosk/answers')
      .type('form')
      .send({ responseId: id, item: 'overall', ...fields });
    expect(answer.status).toBe(400);
    await leave();
    expect(await stored(id)).toEqual([]);
  });

  it('a reason it does not know is left out', async () => {
    const id = await atRest();
    await tap(id, 1);
    await giveReasons(id, { reasons: ['khac', 'bịa-ra'] });
    expect(await stored(id)).toMatchObject([{ reasons: ['khac'] }]);
  });
});

describe('the screens', () => {
  it.each(['/kiosk', '/kiosk/thanks'])('%s shows nothing chosen', async (path) => {
    const id = await atRest();
    await tap(id, 1);
    const { text } = await device.get(path);
    expect(text).not.toMatch(/\s(checked|selected|aria-pressed|aria-checked|autofocus)\b/);
  });

  it('asking for reasons shows nothing chosen and not what was answered', async () => {
    const pages = await Promise.all(
      [1, 2].map(async (level) => {
        const id = await atRest();
        await tap(id, level);
        return (await device.get(`/kiosk/reasons?draft=${id}`)).text.replaceAll(id, 'ID');
      }),
    );
    expect(pages[0]).toBe(pages[1]);
    expect(pages[0]).not.toMatch(/\s(checked|selected|aria-pressed)\b/);
  });

  it('of thanks is the same for everyone, and returns by itself', async () => {
    const thanks = async (level: number) => {
      await tap(await atRest(), level);
      return device.get('/kiosk/thanks');
    };
    const [bad, good] = [await thanks(2), await thanks(5)];
    expect(bad.text).toBe(good.text);
    expect(good.headers['refresh']).toMatch(/^\d+; url=\/kiosk/);
    expect(good.text).toContain('Xin cảm ơn Ông/Bà!');
  });

  it('name the centre and give each answer in words', async () => {
    const { text } = await device.get('/kiosk');
    for (const words of [
      'Trung tâm Hạ Long',
      'Rất hài lòng',
      'Hài lòng',
      'Bình thường',
      'Không hài lòng',
      'Rất không hài lòng',
    ]) {
      expect(text).toContain(words);
    }
  });

  it('of a language other than Vietnamese return by themselves', async () => {
    const page = async (lang: string) => (await device.get(`/kiosk?lang=${lang}`)).text;
    const [english, vietnamese] = [await page('en'), await page('vi')];
    expect(english).toMatch(
      /<noscript><meta http-equiv="refresh" content="\d+; url=\/kiosk\?lang=vi&amp;text=normal"><\/noscript>/,
    );
    expect(vietnamese).not.toContain('http-equiv="refresh"');
  });
});

describe('a kiosk in the waiting hall, where there is no officer', () => {
  it('asks about the errand, and its ratings are of no counter and no officer', async () => {
    const hall = visitor(sipas);
    const { pairPath } = await addSite(sipas.services, { centre: 'TT2' });
    await hall.get(pairPath);
    const { text } = await hall.get('/kiosk');
    expect(text).toContain('về việc giải quyết thủ tục hành chính lần này?');
    const responseId = hiddenField(text, 'responseId');
    await hall.post('/kiosk/answers').type('form').send({ responseId, item: 'overall', level: '5' });
    const [response] = await stored(responseId);
    expect(response).toMatchObject({ centre: 'TT2', answers: { overall: 5 } });
    for (const name of ['counter', 'officer', 'dossier']) expect(response).not.toHaveProperty(name);
  });
});
