import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './pages.js';

type Theme = Readonly<Record<string, string>>;

const css = readFileSync(join(ROOT, 'public/css/tokens.css'), 'utf8');

/** The tokens of each theme, the later blocks laid over the earlier ones as the browser does. */
function themes(): { name: string; theme: Theme }[] {
  const blocks = [...css.matchAll(/:root \{([^}]*)\}/g)].map(([, body]) =>
    Object.fromEntries([...body!.matchAll(/--([\w-]+): (#[0-9a-f]{3,6});/g)].map(([, name, value]) => [name!, value!])),
  );
  const [light, dark, contrast, darkContrast] = blocks;
  return [
    { name: 'light', theme: { ...light } },
    { name: 'dark', theme: { ...light, ...dark } },
    { name: 'high contrast', theme: { ...light, ...contrast } },
    { name: 'dark high contrast', theme: { ...light, ...dark, ...contrast, ...darkContrast } },
  ];
}

/** Relative luminance (WCAG 2.2) of '#rgb' or '#rrggbb'. */
function luminance(hex: string): number {
  const digits = (hex.length === 4 ? hex.replace(/[^#]/g, '$&$&') : hex).slice(1).match(/../g)!;
  const [r, g, b] = digits.map((pair) => {
    const channel = parseInt(pair, 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
}

function contrast(theme: Theme, one: string, other: string): number {
  const [low, high] = [luminance(theme[one]!), luminance(theme[other]!)].sort((a, b) => a - b);
  return (high! + 0.05) / (low! + 0.05);
}

const TEXT = [
  ['text', 'bg'],
  ['text', 'surface'],
  ['text', 'surface-2'],
  ['muted', 'bg'],
  ['muted', 'surface'],
  ['muted', 'surface-2'],
  ['link', 'bg'],
  ['link', 'surface'],
  ['on-brand', 'brand'],
  ['on-header', 'header'],
  ['danger', 'danger-bg'],
  ['danger', 'surface'],
  ['warn-text', 'warn-bg'],
] as const;

const EDGES = [
  ['line-strong', 'bg'],
  ['line-strong', 'surface'],
  ['brand', 'surface'],
  ['focus', 'bg'],
  ['face-ink', 'face-best'],
  ['face-ink', 'face-good'],
  ['face-ink', 'face-neutral'],
  ['face-ink', 'face-bad'],
  ['face-ink', 'face-worst'],
] as const;

describe.each(themes())('colours of the $name theme', ({ theme }) => {
  it.each(TEXT)('%s on %s reads at 7:1 or more', (ink, ground) => {
    expect(contrast(theme, ink, ground)).toBeGreaterThanOrEqual(7);
  });

  it.each(EDGES)('%s on %s is seen at 3:1 or more', (ink, ground) => {
    expect(contrast(theme, ink, ground)).toBeGreaterThanOrEqual(3);
  });
});
