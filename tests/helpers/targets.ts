import type { Page } from 'playwright-core';

/** What can be tapped on a page but is smaller than `least` pixels either way; a box's label is part of its target. */
export function smallTargets(page: Page, least: number): Promise<string[]> {
  return page.evaluate<
    string[]
  >(`[...document.querySelectorAll('button, a, input:not([type=hidden]), select, textarea')]
    .map((target) => target.closest('label') ?? target)
    .map((target) => [target.textContent.trim(), target.getBoundingClientRect()])
    .filter(([, { width, height }]) => width > 1 && Math.min(width, height) < ${least})
    .map(([text, { width, height }]) => text + ' ' + Math.round(width) + '×' + Math.round(height))`);
}
