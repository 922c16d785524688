import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import PDFDocument from 'pdfkit';
import { shadeColour, ToneFiller, TONES } from '../../../src/pdf/tones.js';
import { describeWith } from '../../helpers/documents.js';
import { greyPages } from '../../helpers/rendered-pages.js';

const STYLES = join(__dirname, '../../../public/css');
const styles = (name: string) => readFileSync(join(STYLES, name), 'utf8');
const NAMES = ['best', 'good', 'neutral', 'bad', 'worst'] as const;

describe('a tone on paper', () => {
  it.each(NAMES)('has the colour of the printed page: %s', (tone) => {
    expect(styles('print.css')).toContain(`--tone-${tone}: ${TONES[tone].fill};`);
  });

  it.each([1, 2, 3, 4] as const)('shades cells as on the page: %s', (shade) => {
    const [, percent] = new RegExp(`heat-${shade} \\{[^}]*--tone-best\\) (\\d+)%`).exec(styles('report.css')) ?? [];
    const [red] = shadeColour(shade);
    expect(255 - red).toBeCloseTo((Number(percent) / 100) * (255 - 0x14), -0.5);
  });
});

describeWith(
  'pdftoppm',
  'a tone in grey',
  () => {
    it('is told from every other by how dark it is or by its pattern', async () => {
      const looks = await looksInGrey();
      const alike = looks.flatMap((one, index) =>
        looks
          .slice(index + 1)
          .filter(({ mean, spread }) => Math.abs(mean - one.mean) < 30 && Math.abs(spread - one.spread) < 15)
          .map(({ tone }) => `${one.tone} ${tone}`),
      );
      expect(alike).toEqual([]);
    });
  },
  '-v',
);

const SIDE = 24;

/** How dark each tone is on average, and by how much that varies within it. */
async function looksInGrey(): Promise<{ tone: string; mean: number; spread: number }[]> {
  const document = new PDFDocument({ size: [NAMES.length * SIDE, SIDE], margin: 0 });
  const chunks: Buffer[] = [];
  document.on('data', (chunk: Buffer) => chunks.push(chunk));
  const tones = new ToneFiller(document);
  NAMES.forEach((tone, index) => tones.fill(tone, index * SIDE, 0, SIDE, SIDE));
  const ended = new Promise((resolve) => document.once('end', resolve));
  document.end();
  await ended;
  const [page] = greyPages(Buffer.concat(chunks));
  return NAMES.map((tone, index) => {
    const pixels = Array.from({ length: SIDE * SIDE }, (_, at) =>
      page ? page.grey(index * SIDE + (at % SIDE), Math.floor(at / SIDE)) : NaN,
    );
    const mean = pixels.reduce((sum, grey) => sum + grey, 0) / pixels.length;
    const variance = pixels.reduce((sum, grey) => sum + (grey - mean) ** 2, 0) / pixels.length;
    return { tone, mean, spread: Math.sqrt(variance) };
  });
}
