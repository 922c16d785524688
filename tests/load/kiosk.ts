/**
 * The kiosk in a real browser on a slow processor: from navigation to the first tap it can take, from a tap to what is
 * seen of it, and whether memory or the page grow over a day's ratings.
 *
 *   npm run build && npx tsx tests/load/kiosk.ts [CYCLES]
 */
import type { CDPSession, Page } from 'playwright-core';
import { launchBrowser } from '../helpers/browser.js';
import { ServerProcess } from '../helpers/server-process.js';

const ROUNDS = 30;
const CYCLES = Number(process.argv[2] ?? 5000);
/** Compiled code, caches and pools of the browser have their size after these. */
const WARM_UP = 50;
const SOAK_PARTS = 4;
const SLOW = { navigation: 4, tap: 6 };
/** How long a finger stays on the screen. */
const HELD_MS = 60;
const READY_LIMIT_MS = 1000;
const REACTION_LIMIT_MS = 100;

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

function report(what: string, times: readonly number[], limit?: number): void {
  const [middle, worst] = [median(times), Math.max(...times)].map((ms) => Math.round(ms));
  const over = times.filter((ms) => ms >= (limit ?? Infinity)).length;
  const aim = limit === undefined ? '' : ` (must be under ${limit} ms; ${over} of ${times.length} are not)`;
  console.log(`${what}: median ${middle} ms, worst ${worst} ms${aim}`);
}

/** From the start of the navigation until a tap is taken. */
async function timeToReady(page: Page, session: CDPSession, url: string): Promise<number> {
  await session.send('Emulation.setCPUThrottlingRate', { rate: SLOW.navigation });
  await page.goto(`${url}/kiosk`);
  return page.evaluate<number>(`new Promise((resolve) => {
    const look = () => ('ready' in document.body.dataset ? resolve(performance.now()) : setTimeout(look, 1));
    look();
  })`);
}

/**
 * One low rating by a real press: from letting go until the page was painted anew with the pressed button marked
 * (the browser's Event Timing, in steps of 8 ms), and until the next screen was.
 */
async function timeToReaction(page: Page, session: CDPSession): Promise<{ mark: number; screen: number }> {
  await session.send('Emulation.setCPUThrottlingRate', { rate: SLOW.tap });
  await page.waitForTimeout(400);
  await page.evaluate(`(() => {
    const level = document.querySelector('button[name="level"][value="1"]');
    const marked = new Promise((resolve) => {
      new MutationObserver(() => resolve()).observe(level, { attributes: true, attributeFilter: ['data-pressed'] });
    });
    const painted = new Promise((resolve) => {
      const seen = new PerformanceObserver((list) => {
        const click = list.getEntries().find(({ name }) => name === 'click');
        if (click) resolve(click.duration);
      });
      seen.observe({ type: 'event', durationThreshold: 16 });
      // Quicker ones are not told of.
      setTimeout(() => resolve(16), 3000);
    });
    const next = new Promise((resolve) => {
      addEventListener('click', ({ timeStamp }) => {
        new MutationObserver((_, seen) => {
          seen.disconnect();
          requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - timeStamp)));
        }).observe(document.body, { attributes: true, attributeFilter: ['data-screen'] });
      }, { once: true, capture: true });
    });
    globalThis.reaction = Promise.all([painted, next, marked]).then(([mark, screen]) => ({ mark, screen }));
  })()`);
  await page.locator('button[name="level"][value="1"]').click({ delay: HELD_MS });
  return page.evaluate<{ mark: number; screen: number }>('reaction');
}

/** Elements, listeners and memory after a collection. */
async function weigh(session: CDPSession): Promise<{ nodes: number; listeners: number; megabytes: number }> {
  await session.send('HeapProfiler.collectGarbage');
  const { nodes, jsEventListeners: listeners } = await session.send('Memory.getDOMCounters');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  return { nodes, listeners, megabytes: Math.round(usedSize / 1e4) / 100 };
}

/** Rates again and again, faster than any person: a low rating, its reasons, the thanks. */
async function soak(page: Page, cycles: number): Promise<void> {
  await page.evaluate(`(async () => {
    const pause = () => new Promise((resolve) => setTimeout(resolve, 5));
    const until = async (screen, act) => {
      while (document.body.dataset.screen !== screen) {
        act();
        await pause();
      }
    };
    const now = performance.now.bind(performance);
    let skipped = 0;
    performance.now = () => now() + skipped;
    for (let cycle = 0; cycle < ${cycles}; cycle += 1) {
      skipped += 10_000;
      await until('reasons', () => document.querySelector('button[name="level"][value="1"]')?.click());
      skipped += 1000;
      await until('thanks', () => document.querySelector('.reasons-actions button')?.click());
      skipped += 1000;
      await until('rest', () => document.querySelector('[data-action="rest"]')?.click());
    }
  })()`);
}

async function main(): Promise<void> {
  const server = await ServerProcess.prepare({ LOG_LEVEL: 'error' });
  await server.start();
  const browser = await launchBrowser();
  try {
    const page = await (await browser.newContext({ viewport: { width: 1280, height: 800 } })).newPage();
    const session = await page.context().newCDPSession(page);
    const link = /Kiosk:\s+(\S+)/.exec(server.lines.join('\n'))?.[1] ?? '';
    await page.goto(server.url + new URL(link).pathname);
    const ready: number[] = [];
    const reactions: { mark: number; screen: number }[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      ready.push(await timeToReady(page, session, server.url));
      reactions.push(await timeToReaction(page, session));
    }
    report(`navigation to tappable, ${SLOW.navigation}x slower`, ready, READY_LIMIT_MS);
    const slow = `${SLOW.tap}x slower`;
    report(
      `tap to reaction, ${slow}`,
      reactions.map(({ mark }) => mark),
      REACTION_LIMIT_MS,
    );
    report(
      `tap to next screen, its answer on disk, ${slow}`,
      reactions.map(({ screen }) => screen),
    );
    await session.send('Emulation.setCPUThrottlingRate', { rate: 1 });
    await page.goto(`${server.url}/kiosk`);
    await soak(page, WARM_UP);
    const weights = [await weigh(session)];
    for (let part = 0; part < SOAK_PARTS; part += 1) {
      await soak(page, Math.ceil(CYCLES / SOAK_PARTS));
      weights.push(await weigh(session));
    }
    // What grows goes on growing; a pool that fills does not.
    console.log(`soak of ${CYCLES} cycles, before and after each of ${SOAK_PARTS} parts:`);
    for (const weight of weights) console.log(`  ${JSON.stringify(weight)}`);
  } finally {
    await browser.close();
    await server.dispose();
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
