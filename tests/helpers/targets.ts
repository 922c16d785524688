import type { Page } from 'playwright-core';

/**
 * What can be tapped on a page but is smaller than `least` pixels either way. A box's label is part of its target; a link
 * in a sentence is as large as its words (WCAG 2.5.8, exception "inline").
 */
export function smallTargets(page: Page, least: number): Promise<string[]> {
  return page.evaluate<
    string[]
  >(`[...document.querySelectorAll('button, a, input:not([type=hidden]), select, textarea, summary')]
    .filter((target) => {
      const inSentence = target.parentElement.textContent.trim() !== target.textContent.trim();
      return !(inSentence && getComputedStyle(target).display === 'inline' && target.localName === 'a');
    })
    .map((target) => target.closest('label') ?? target)
    .map((target) => [target.textContent.trim(), target.getBoundingClientRect()])
    .filter(([, { width, height }]) => width > 1 && Math.min(width, height) < ${least})
    .map(([text, { width, height }]) => text + ' ' + Math.round(width) + '×' + Math.round(height))`);
}
