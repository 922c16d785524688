import type { KioskSetup } from '../../features/kiosks/device-contract.js';

/** What the server wrote into the page for this script; null on pages that are no kiosk screen, such as pairing. */
export function readSetup(document: Document): KioskSetup | null {
  const text = document.getElementById('main')?.dataset['setup'];
  // Written by our own server into this very page.
  return text === undefined ? null : (JSON.parse(text) as KioskSetup);
}

/** What the counter's link says about the citizen's errand. */
export interface Errand {
  readonly dossier?: string;
  readonly procedure?: string;
  readonly officer?: string;
}

/** The errand named in an address such as `/kiosk?dossier=…`; good for one rating. */
export function readErrand(search: string): Errand {
  const query = new URLSearchParams(search);
  const names = ['dossier', 'procedure', 'officer'] as const;
  return Object.fromEntries(names.flatMap((name) => (query.get(name) ? [[name, query.get(name)]] : [])));
}
