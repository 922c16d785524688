import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

export const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';

/** Whether browser tests can run here. */
export const hasBrowser = existsSync(CHROMIUM);

/** `describe` where there is a browser; elsewhere the tests are skipped, and say why. */
export function describeInBrowser(name: string, tests: () => void): void {
  if (hasBrowser) describe(name, tests);
  else describe.skip(`${name} [skipped: no ${CHROMIUM}; scripts/install-test-tools installs it]`, tests);
}

/** Nothing that reaches out of this machine. */
export const BROWSER_OPTIONS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Debian's Chromium. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM,
    args: BROWSER_OPTIONS,
  });
}
