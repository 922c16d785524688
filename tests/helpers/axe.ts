import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';

const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

/** What axe objects to on the page that is shown, by rule; its context must let scripts past the page's own policy. */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  return page.evaluate<string[]>('axe.run().then(({ violations }) => violations.map(({ id }) => id))');
}
