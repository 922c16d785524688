/**
 * Serves the kiosk's pages and files as the page kept them; everything else goes to the network as if this were not
 * here. Which version is kept is the page's business, so this file need hardly ever change.
 */
declare const self: ServiceWorkerGlobalScope;

const MATCH = { ignoreVary: true } as const;

self.addEventListener('install', () => void self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (request.method !== 'GET' || address.origin !== self.location.origin) return;
  if (request.mode === 'navigate') {
    const kept = keptAddress(address);
    if (kept !== null) event.respondWith(keptFirst(kept, request));
  } else if (!address.pathname.startsWith('/kiosk')) {
    event.respondWith(keptFirst(request, request));
  }
});

/** Under which address a page is kept; null for pages that always come from the server. */
function keptAddress({ pathname, searchParams }: URL): string | null {
  if (pathname === '/kiosk/queue') return '/kiosk/queue';
  if (pathname !== '/kiosk') return null;
  return `/kiosk?lang=${encodeURIComponent(searchParams.get('lang') ?? 'vi')}`;
}

async function keptFirst(kept: Request | string, request: Request): Promise<Response> {
  const found = await caches.match(kept, MATCH);
  if (found) return found;
  return fetch(request).catch(async (error: unknown) => {
    // A language that is not kept, asked for without network: better Vietnamese than nothing.
    const page = request.mode === 'navigate' ? await caches.match('/kiosk?lang=vi', MATCH) : undefined;
    if (page) return page;
    throw error;
  });
}
