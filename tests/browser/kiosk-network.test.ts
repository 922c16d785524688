import type { Browser, Page } from 'playwright-core';
import { describeInBrowser, launchBrowser } from '../helpers/browser.js';
import type { Fault } from '../helpers/faulty-proxy.js';
import { KioskServer, queued, rate, setAside, untilEmpty } from '../helpers/kiosk-device.js';

/** So many that it ends in a minute or two; CUTS=10000, as in .ci/run, is the whole measure. */
const CUTS = Number(process.env['CUTS'] ?? 2000);
/** Tablets that send at the same time; more than the machine has processors make it slower. */
const SENDERS = Number(process.env['SENDERS'] ?? 2);
const SEED = Number(process.env['SEED'] ?? 20261122);
const LIMIT_MS = 240_000;
const CUTS_LIMIT_MS = 1_800_000;

/** On the way there, which takes longest on a bad line, on the way back, and in the middle of the answer. */
const CUT_KINDS = ['cut-before', 'cut-before', 'cut-after', 'truncate'] as const;

/** Nine of ten connections are cut, at a random point; some of the others are late or arrive twice. */
function randomFault(random: () => number): Fault {
  const [chance, which] = [random(), random()];
  if (chance < 0.9) return { kind: CUT_KINDS[Math.floor(which * CUT_KINDS.length)] ?? 'cut-after' };
  if (chance < 0.94) return { kind: 'duplicate' };
  return chance < 0.97 ? { kind: 'delay', ms: 15 } : { kind: 'pass' };
}

/** Numbers from 0 up to 1, the same for the same seed (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

describeInBrowser('a kiosk on a bad network', () => {
  let server: KioskServer;
  let browser: Browser;
  let page: Page;

  beforeEach(async () => {
    server = await KioskServer.start();
    browser = await launchBrowser();
    page = await (await browser.newContext()).newPage();
    await server.pair(page);
  });

  afterEach(async () => {
    await browser.close();
    await server.stop();
  });

  /** A browser with storage of its own, at the same kiosk. */
  async function anotherDevice(): Promise<Page> {
    const other = await (await browser.newContext()).newPage();
    await server.pair(other);
    return other;
  }

  it(
    `loses no answer and stores none twice over ${CUTS} cut connections of ${SENDERS} devices (seed ${SEED})`,
    async () => {
      const random = randomNumbers(SEED);
      let cuts = 0;
      server.proxy.fault = ({ method }) => {
        if (method !== 'POST') return { kind: 'pass' };
        const fault = randomFault(random);
        if (CUT_KINDS.some((kind) => kind === fault.kind)) cuts += 1;
        return fault;
      };
      const rateUntilDone = async (sender: Page) => {
        await sender.evaluate(`setInterval(() => dispatchEvent(new Event('online')), 5)`);
        let rated = 0;
        while (cuts < CUTS) {
          await rate(sender, 10);
          rated += 10;
        }
        return rated;
      };
      const senders = [page, ...(await Promise.all(Array.from({ length: SENDERS - 1 }, anotherDevice)))];
      const rated = await Promise.all(senders.map(rateUntilDone));
      server.comeBack();
      await Promise.all(senders.map(untilEmpty));
      const stored = await server.stored();
      const refused = await Promise.all(senders.map(setAside));
      expect({ stored: stored.length, refused }).toEqual({
        stored: rated.reduce((sum, count) => sum + count, 0),
        refused: senders.map(() => 0),
      });
    },
    CUTS_LIMIT_MS,
  );

  it.each([
    ['a server error', { kind: 'answer', status: 500, type: 'application/problem+json', body: '{}' }],
    ['too many requests', { kind: 'answer', status: 429, type: 'application/problem+json', body: '{}' }],
    ['a sign-in page of someone else', { kind: 'answer', status: 200, type: 'text/html', body: '<h1>Wi-Fi</h1>' }],
    ['JSON that is no answer', { kind: 'answer', status: 200, type: 'application/json', body: '{"ok":true}' }],
  ] as const)(
    'keeps its answers when %s comes back, and sends them later',
    async (_, fault) => {
      server.proxy.fault = ({ method }) => (method === 'POST' ? fault : { kind: 'pass' });
      await rate(page, 3);
      expect(await queued(page)).toBe(3);
      server.comeBack();
      await page.reload();
      await untilEmpty(page);
      expect(await server.stored()).toHaveLength(3);
    },
    LIMIT_MS,
  );

  it(
    'sets aside what the server refuses, with its reason, and sends the rest',
    async () => {
      server.goDown();
      await rate(page, 2);
      await page.evaluate(`new Promise((resolve) => {
        indexedDB.open('sipas-kiosk').onsuccess = ({ target }) => {
          const store = target.result.transaction('queue', 'readwrite').objectStore('queue');
          store.openCursor().onsuccess = (found) => {
            const cursor = found.target.result;
            cursor.update({ ...cursor.value, answers: { ...cursor.value.answers, answers: { unknown: 1 } } });
            store.transaction.oncomplete = () => resolve();
          };
        };
      })`);
      server.comeBack();
      await untilEmpty(page);
      expect(await setAside(page)).toBe(1);
      expect(await server.stored()).toHaveLength(1);
      await page.goto(`${server.url}/kiosk/queue`);
      await page.getByText('answers.unknown: unknown item').waitFor();
    },
    LIMIT_MS,
  );

  it(
    'binds one rating, and only one, to the errand in the address',
    async () => {
      await page.goto(`${server.url}/kiosk?dossier=000.00.22-261122-0001&procedure=1.001612`);
      await rate(page, 2);
      await untilEmpty(page);
      expect((await server.stored()).map(({ procedure }) => procedure).sort()).toEqual(['1.001612', undefined]);
    },
    LIMIT_MS,
  );

  it(
    'shows at its next contact that it was paused, and that it goes on',
    async () => {
      const { kiosks } = server.test.services;
      await kiosks.setPaused(server.site.kiosk, true);
      await page.reload();
      await page.getByText('Máy đang tạm dừng').waitFor();
      await kiosks.setPaused(server.site.kiosk, false);
      await page.reload();
      await page.getByRole('button', { name: 'Rất hài lòng' }).waitFor();
    },
    LIMIT_MS,
  );

  it(
    'sends each answer once from two tabs',
    async () => {
      const other = await page.context().newPage();
      await other.goto(`${server.url}/kiosk`);
      await Promise.all([rate(page, 5), rate(other, 5)]);
      await untilEmpty(page);
      expect(await server.stored()).toHaveLength(10);
    },
    LIMIT_MS,
  );

  it(
    'corrects the clock of a device that is an hour off, and keeps what it said',
    async () => {
      const hourOff = await browser.newContext();
      await hourOff.addInitScript(`{
        const real = Date.now;
        Date.now = () => real.call(Date) + 3_600_000;
      }`);
      const late = await hourOff.newPage();
      await server.pair(late);
      await rate(late, 1);
      await untilEmpty(late);
      const [response] = await server.stored();
      const { capturedAt, receivedAt, device } = response!;
      expect(Math.abs(capturedAt.getTime() - receivedAt.getTime())).toBeLessThan(60_000);
      expect(device!.capturedAt.getTime() + device!.offsetMs).toBe(capturedAt.getTime());
      expect(Math.round(device!.offsetMs / 60_000)).toBeLessThanOrEqual(-59);
    },
    LIMIT_MS,
  );

  it(
    'sends what it captured by a clock that the server has since set back, no later than the server says it is',
    async () => {
      server.goDown();
      await rate(page, 2);
      const serverNow = new Date(Date.now() - 600_000);
      server.test.setNow(serverNow);
      server.comeBack();
      await untilEmpty(page);
      const stored = await server.stored();
      expect({ stored: stored.length, refused: await setAside(page) }).toEqual({ stored: 2, refused: 0 });
      for (const { capturedAt } of stored) expect(capturedAt.getTime()).toBeLessThanOrEqual(serverNow.getTime());
    },
    LIMIT_MS,
  );

  it(
    'keeps answers in its spare place when the storage is full, says so, and loses none',
    async () => {
      server.goDown();
      await page.evaluate(`{
        const put = IDBObjectStore.prototype.put;
        IDBObjectStore.prototype.put = function () { throw new DOMException('full', 'QuotaExceededError'); };
        globalThis.freeSpace = () => { IDBObjectStore.prototype.put = put; };
      }`);
      await rate(page, 3);
      await page.evaluate(`dispatchEvent(new Event('online'))`);
      await page.getByText('Bộ nhớ của máy đã đầy').waitFor();
      server.comeBack();
      await page.evaluate('freeSpace()');
      await page.evaluate(`(async () => {
        while (Object.keys(localStorage).some((key) => key.startsWith('sipas-answer-'))) {
          dispatchEvent(new Event('online'));
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
      })()`);
      await untilEmpty(page);
      expect(await server.stored()).toHaveLength(3);
    },
    LIMIT_MS,
  );
});
