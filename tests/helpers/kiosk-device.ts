import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { systemClock } from '../../src/clock.js';
import { responseCollection, type ResponseRecord } from '../../src/features/responses/responses.model.js';
import type { NewSettings } from '../../src/features/kiosks/kiosks.service.js';
import { openTestApp, uniqueUri, type TestApp } from './app.js';
import { BROWSER_OPTIONS, CHROMIUM } from './browser.js';
import { FaultyProxy } from './faulty-proxy.js';
import { addSite, type Site, type SiteOptions } from './installation.js';

/** Tests tap faster than people: no thanks to wait for, and every tap counts. */
export const FAST: NewSettings = { thanksSeconds: 0, repeatSeconds: 0 };

const EMPTY_LIMIT_MS = 60_000;

/** The server with one kiosk, behind a network that a test can spoil. */
export class KioskServer {
  /** Of the first browser paired: pairing again and again would be taken for guessing. */
  private cookies: Awaited<ReturnType<BrowserContext['cookies']>> | undefined;

  private constructor(
    readonly test: TestApp,
    readonly site: Site,
    readonly proxy: FaultyProxy,
    private readonly server: Server,
  ) {}

  static async start(
    settings: NewSettings = FAST,
    { dataDir, ...options }: SiteOptions & { dataDir?: string } = {},
  ): Promise<KioskServer> {
    // Browsers run on real time; a test of some minutes would be ahead of a clock that stands still.
    const test = await openTestApp(systemClock, uniqueUri(), dataDir);
    const server = createServer(test.app);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const proxy = await FaultyProxy.start((server.address() as AddressInfo).port);
    const site = await addSite(test.services, options);
    await test.services.kiosks.configure(site.kiosk, settings);
    return new KioskServer(test, site, proxy, server);
  }

  get url(): string {
    return this.proxy.url;
  }

  /** Pairs the browser of a page with the kiosk and waits until the page can do without the network. */
  async pair(page: Page): Promise<void> {
    const context = page.context();
    if (this.cookies) await context.addCookies(this.cookies);
    await page.goto(this.url + (this.cookies ? '/kiosk' : this.site.pairPath));
    this.cookies ??= await context.cookies();
    await page.evaluate(UNTIL_KEPT);
  }

  /** From now on nothing reaches the server. */
  goDown(): void {
    this.proxy.fault = () => ({ kind: 'cut-before' });
  }

  comeBack(): void {
    this.proxy.fault = () => ({ kind: 'pass' });
  }

  async stored(): Promise<ResponseRecord[]> {
    return responseCollection(this.test.services.connection).find({}, { maxTimeMS: 10_000 }).toArray();
  }

  async stop(): Promise<void> {
    await this.proxy.close();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
    await this.test.close();
  }
}

// What runs in the page is text here: its types are the browser's, not Node's.

const UNTIL_KEPT = `(async () => {
  const { version } = JSON.parse(document.getElementById('main').dataset.setup);
  while (!(await caches.has('sipas-kiosk-' + version))) await new Promise((resolve) => setTimeout(resolve, 20));
  await navigator.serviceWorker.ready;
})()`;

/** Rates `times` times, each as soon as the screen takes it, and seen to the thanks. */
export async function rate(page: Page, times: number, level = 4): Promise<void> {
  await page.evaluate(`(async () => {
    let thanked = 0;
    while (!('ready' in document.body.dataset)) await new Promise((resolve) => setTimeout(resolve, 20));
    const seen = new MutationObserver(() => {
      if (document.body.dataset.screen === 'thanks') thanked += 1;
    });
    seen.observe(document.body, { attributes: true, attributeFilter: ['data-screen'] });
    for (let wanted = 1; wanted <= ${times}; wanted += 1) {
      while (thanked < wanted) {
        document.querySelector('button[name="level"][value="${level}"]')?.click();
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
    seen.disconnect();
  })()`);
}

/** How many answers the device still holds, sent or not. */
export function queued(page: Page): Promise<number> {
  return page.evaluate<number>(countOf('queue'));
}

/** How many answers the server refused. */
export function setAside(page: Page): Promise<number> {
  return page.evaluate<number>(countOf('setAside'));
}

function countOf(store: 'queue' | 'setAside'): string {
  return `new Promise((resolve, reject) => {
    const opening = indexedDB.open('sipas-kiosk');
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const count = opening.result.transaction('${store}').objectStore('${store}').count();
      count.onsuccess = () => {
        opening.result.close();
        resolve(count.result);
      };
    };
  })`;
}

/** Waits until everything is sent; tells the page again and again that the network is back. */
export async function untilEmpty(page: Page): Promise<void> {
  const deadline = Date.now() + EMPTY_LIMIT_MS;
  do {
    if (Date.now() > deadline) throw new Error(`${await queued(page)} answers are still queued`);
    await page.evaluate(`(async () => {
      dispatchEvent(new Event('online'));
      await new Promise((resolve) => setTimeout(resolve, 50));
    })()`);
  } while ((await queued(page)) > 0);
}

/** A browser with a profile on disk, which can be killed as a power cut would. */
export class KillableBrowser {
  private process: ChildProcess | undefined;
  private browser: Browser | undefined;
  private readonly profile = mkdtempSync(join(tmpdir(), 'sipas-browser-'));

  /** Starts it, with its profile as it was left, and gives an empty page. */
  async start(): Promise<Page> {
    const options = ['--headless=new', '--remote-debugging-port=0', `--user-data-dir=${this.profile}`];
    const child = spawn(CHROMIUM, [...BROWSER_OPTIONS, ...options, 'about:blank'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.process = child;
    const address = await new Promise<string>((resolve, reject) => {
      child.once('exit', () => reject(new Error('The browser ended')));
      createInterface({ input: child.stderr }).on('line', (line) => {
        const found = /^DevTools listening on (ws:.*)$/.exec(line)?.[1];
        if (found !== undefined) resolve(found);
      });
    });
    this.browser = await chromium.connectOverCDP(address);
    const [context] = this.browser.contexts();
    if (!context) throw new Error('The browser has no profile');
    return context.newPage();
  }

  /** Ends it as a person would, which also writes its cookies to disk. */
  async close(): Promise<void> {
    const child = this.process;
    if (!child || !this.browser) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    const session = await this.browser.newBrowserCDPSession();
    await session.send('Browser.close').catch(() => undefined);
    await ended;
    this.process = undefined;
  }

  async kill(): Promise<void> {
    const child = this.process;
    if (!child) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
    await this.browser?.close().catch(() => undefined);
    this.process = undefined;
  }

  async dispose(): Promise<void> {
    await this.kill();
    rmSync(this.profile, { recursive: true, force: true, maxRetries: 5 });
  }
}
