/**
 * Puts the stylesheet, the kiosk's script and worker, the fonts and the images into public/build under names that carry a hash of their content, and
 * writes public/build/manifest.json: {"main.css": "main.3f2a91c0.css", …}. Such files can be cached for ever.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, parse } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

const SOURCE = fileURLToPath(new URL('../public/', import.meta.url));
const TARGET = join(SOURCE, 'build');
const CLIENT = fileURLToPath(new URL('../src/client/', import.meta.url));
/** What the kiosk's pages are made of, besides the script itself: its name must change when any of it does. */
const PAGE_SOURCES = ['../views/', '../src/i18n/'].map((path) => fileURLToPath(new URL(path, import.meta.url)));
const FONTS = join(dirname(createRequire(import.meta.url).resolve('@fontsource/be-vietnam-pro/package.json')), 'files');
const SUBSETS = ['latin', 'vietnamese'];
const WEIGHTS = [400, 600];
/** In this order: later sheets build on earlier ones. */
const SHEETS = {
  'main.css': ['tokens.css', 'base.css', 'staff.css', 'report.css', 'api.css', 'print.css'],
  // Of its own: every byte counts on the line of a mountain commune.
  'kiosk.css': ['tokens.css', 'base.css', 'kiosk.css'],
};

const manifest = {};

rmSync(TARGET, { recursive: true, force: true });
for (const subset of SUBSETS) {
  for (const weight of WEIGHTS) {
    // Browsers take the smaller form; PDF files are made from the other, which can be read in part.
    for (const form of ['woff2', 'woff']) {
      const font = readFileSync(join(FONTS, `be-vietnam-pro-${subset}-${weight}-normal.${form}`));
      add(`fonts/be-vietnam-pro-${subset}-${weight}.${form}`, font);
    }
  }
}
for (const image of readdirSync(join(SOURCE, 'images'))) {
  add(`images/${image}`, readFileSync(join(SOURCE, 'images', image)));
}
for (const [name, sources] of Object.entries(SHEETS)) add(name, stylesheet(sources));
add('kiosk.js', Buffer.concat([script('kiosk/main.ts'), Buffer.from(`// pages ${pagesHash()}\n`)]));
add('kiosk-worker.js', script('worker/worker.ts'));
writeFileSync(join(TARGET, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);

/** Writes one file under its hashed name and notes it in the manifest. */
function add(name, content) {
  const { dir, name: stem, ext } = parse(name);
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 8);
  const hashed = join(dir, `${stem}.${hash}${ext}`);
  mkdirSync(join(TARGET, dir), { recursive: true });
  writeFileSync(join(TARGET, hashed), content);
  manifest[name] = hashed;
}

/** A browser script of ours with all it imports, as one file. */
function script(entry) {
  const { outputFiles } = buildSync({
    entryPoints: [join(CLIENT, entry)],
    bundle: true,
    format: entry.startsWith('worker') ? 'iife' : 'esm',
    target: ['chrome100', 'firefox100', 'safari15.4'],
    minify: true,
    write: false,
    tsconfig: join(CLIENT, 'tsconfig.json'),
  });
  return Buffer.from(outputFiles[0].contents);
}

function pagesHash() {
  const hash = createHash('sha256');
  for (const folder of PAGE_SOURCES) {
    for (const name of readdirSync(folder, { recursive: true }).sort()) {
      if (/\.(ejs|ts)$/.test(name)) hash.update(`${name}\0`).update(readFileSync(join(folder, name)));
    }
  }
  return hash.digest('hex').slice(0, 16);
}

/** Sheets as one, without comments and indentation; `url(…)` points at the hashed files. */
function stylesheet(sources) {
  const source = sources.map((file) => readFileSync(join(SOURCE, 'css', file), 'utf8')).join('\n');
  return source
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/^\s+|\s+$/gm, '')
    .replace(/url\(([^)]+)\)/g, (_, name) => {
      if (!(name in manifest)) throw new Error(`The stylesheet names ${name}, which is not built.`);
      return `url(${manifest[name]})`;
    });
}
