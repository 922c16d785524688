import { readSetup } from './setup.js';

/** Carried by every page that belongs to a kiosk; a pairing or error page lacks it. */
const VERSION_HEADER = 'Kiosk-Version';
/** For staff, whatever language the last citizen read. */
const QUEUE_PAGE = '/kiosk/queue';
const MAIN_PAGE = '/kiosk?lang=vi';
const CACHE_PREFIX = 'sipas-kiosk-';

/** Registers the worker that serves the kiosk without network, and keeps what this version consists of. */
export async function keepForOffline(version: string): Promise<void> {
  if (!('serviceWorker' in navigator)) return;
  await navigator.serviceWorker.register('/kiosk/worker.js', { scope: '/kiosk', updateViaCache: 'none' });
  if (!(await caches.has(CACHE_PREFIX + version))) await keepVersion(version);
}

/**
 * Fetches every page and file of a version, and only when all are there lets go of the version before.
 * @throws when anything could not be fetched or is of another version; the version before then stays
 */
export async function keepVersion(version: string): Promise<void> {
  const first = await fetchPage(MAIN_PAGE, version);
  // The version that comes may speak other languages than the one that is here.
  const languages = readSetup(documentOf(await first.clone().text()))?.languages ?? [];
  const others = [...languages.map((lang) => `/kiosk?lang=${lang}`), QUEUE_PAGE].filter((page) => page !== MAIN_PAGE);
  const pages = [
    { address: MAIN_PAGE, page: first },
    ...(await Promise.all(others.map(async (address) => ({ address, page: await fetchPage(address, version) })))),
  ];
  const documents = (await Promise.all(pages.map(({ page }) => page.clone().text()))).map(documentOf);
  const files = new Set(documents.flatMap(filesOf));
  const contents = await Promise.all([...files].map(async (address) => ({ address, file: await fetchFile(address) })));
  const name = CACHE_PREFIX + version;
  const cache = await caches.open(name);
  try {
    for (const { address, page } of pages) await cache.put(address, page);
    for (const { address, file } of contents) await cache.put(address, file);
  } catch (error) {
    await caches.delete(name);
    throw error;
  }
  await forget((other) => other !== name);
  await keepClips(cache, documents);
}

/** The recordings come last, and a kiosk does without one that does not come. */
async function keepClips(cache: Cache, pages: readonly Document[]): Promise<void> {
  for (const setup of pages.map(readSetup)) {
    const clips = [...(setup?.items ?? []).map(({ clip }) => clip), ...Object.values(setup?.levelClips ?? {})];
    for (const clip of clips) if (clip !== null) await cache.add(clip).catch(() => undefined);
  }
}

/** Lets go of every kept page, so that the next one comes from the server. */
export async function forgetPages(): Promise<void> {
  if ('caches' in globalThis) await forget(() => true);
}

/** Whether the server, asked for the kiosk's page, no longer has one for this device. */
export async function hasNoPage(): Promise<boolean> {
  const answer = await fetch(`/kiosk?fresh=${Date.now()}`, { cache: 'no-store', redirect: 'error' });
  return answer.ok && !answer.headers.has(VERSION_HEADER);
}

async function fetchPage(address: string, version: string): Promise<Response> {
  const page = await fetch(address === QUEUE_PAGE ? `${address}?lang=vi` : address, {
    cache: 'no-store',
    redirect: 'error',
  });
  if (!page.ok || page.headers.get(VERSION_HEADER) !== version) throw new Error(`${address} is of another version`);
  return page;
}

async function fetchFile(address: string): Promise<Response> {
  const file = await fetch(address, { redirect: 'error' });
  if (!file.ok) throw new Error(`${address} could not be fetched`);
  return file;
}

function filesOf(page: Document): string[] {
  const links = [...page.querySelectorAll('link[href]')].map((link) => link.getAttribute('href'));
  const scripts = [...page.querySelectorAll('script[src]')].map((script) => script.getAttribute('src'));
  return [...links, ...scripts].flatMap((address) => (address === null ? [] : [address]));
}

function documentOf(html: string): Document {
  return new DOMParser().parseFromString(html, 'text/html');
}

async function forget(which: (name: string) => boolean): Promise<void> {
  const names = (await caches.keys()).filter((name) => name.startsWith(CACHE_PREFIX) && which(name));
  await Promise.all(names.map((name) => caches.delete(name)));
}
