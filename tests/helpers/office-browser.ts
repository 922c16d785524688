import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';
import type { Services } from '../../src/services.js';
import { openTestApp } from './app.js';
import { violations } from './axe.js';
import { launchBrowser } from './browser.js';
import { PASSWORD } from './pages.js';
import { smallTargets } from './targets.js';

/** A phone in an administrator's hand, signed in. */
export interface OfficeBrowser {
  readonly url: string;
  readonly page: Page;
  /** What axe and fingers object to on the page that is shown, and whether it is wider than the screen. */
  readonly problems: () => Promise<string[]>;
  /** Presses what has the name by keyboard, and waits for the page it leads to. */
  readonly press: (name: string, role?: 'link' | 'button') => Promise<void>;
  readonly close: () => Promise<void>;
}

/** @param prepare what the installation has, besides the administrator */
export async function openOfficeBrowser(prepare: (services: Services) => Promise<void>): Promise<OfficeBrowser> {
  const sipas = await openTestApp();
  await prepare(sipas.services);
  await sipas.services.accounts.add({ username: 'lan', role: 'admin', scope: null, password: PASSWORD });
  const server = createServer(sipas.app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const browser = await launchBrowser();
  // Axe runs as a script, of which the pages have none.
  const context = await browser.newContext({
    viewport: { width: 390, height: 844 },
    bypassCSP: true,
    locale: 'vi-VN',
  });
  const page = await context.newPage();
  const press: OfficeBrowser['press'] = async (name, role = 'button') => {
    await Promise.all([page.waitForEvent('load'), page.getByRole(role, { name, exact: true }).press('Enter')]);
  };
  await page.goto(`${url}/login`);
  await page.getByLabel('Tên đăng nhập').fill('lan');
  await page.getByLabel('Mật khẩu').fill(PASSWORD);
  await press('Đăng nhập');
  return {
    ...{ url, page, press },
    problems: async () => {
      const wider = await page.evaluate<boolean>('document.documentElement.scrollWidth > innerWidth');
      return [
        ...(await violations(page)),
        ...(await smallTargets(page, 44)),
        ...(wider ? ['wider than the screen'] : []),
      ];
    },
    close: async () => {
      await browser.close();
      await new Promise((resolve) => server.close(resolve));
      await sipas.close();
    },
  };
}
