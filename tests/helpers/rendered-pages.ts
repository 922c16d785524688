import { spawnSync } from 'node:child_process';

/** A page as a printer without colours shows it, a point a pixel: 0 is black, 255 white. */
export interface GreyPage {
  readonly width: number;
  readonly height: number;
  readonly grey: (x: number, y: number) => number;
}

/** The pages of a PDF, drawn by `pdftoppm`. */
export function greyPages(pdf: Buffer): GreyPage[] {
  const { stdout } = spawnSync('pdftoppm', ['-r', '72', '-gray', '-'], { input: pdf, maxBuffer: 2 ** 28 });
  const pages: GreyPage[] = [];
  let from = 0;
  while (from < stdout.length) {
    const [head = '', width = '', height = ''] =
      /^P5\s+(\d+)\s+(\d+)\s+255\s/.exec(stdout.toString('latin1', from, from + 40)) ?? [];
    if (head === '') throw new Error('pdftoppm wrote no picture');
    const first = from + head.length;
    const [across, down] = [Number(width), Number(height)];
    pages.push({ width: across, height: down, grey: (x, y) => stdout[first + y * across + x] ?? NaN });
    from = first + across * down;
  }
  if (pages.length === 0) throw new Error('pdftoppm drew no page');
  return pages;
}
