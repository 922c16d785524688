import type { KioskSetup } from '../../features/kiosks/device-contract.js';
import type { Entry, Queue, SetAside } from './queue.js';
import { asItem } from './sender.js';

/** Fills the staff's page about the queue. Answers themselves are never shown, only that they are there. */
export async function showQueuePage(
  page: Document,
  setup: KioskSetup,
  queue: Queue,
  sendNow: () => void,
): Promise<void> {
  const { queued, oldestAt, full } = await queue.state();
  const refused = await queue.allSetAside();
  setText(page, 'queued', String(queued));
  setText(page, 'oldest', oldestAt === null ? '–' : timeText(oldestAt));
  setText(page, 'refused', String(refused.length));
  setText(page, 'version', setup.version);
  show(page, 'full', full);
  const list = page.getElementById('refused');
  list?.replaceChildren(...refused.map((entry) => refusedLine(page, entry)));
  onClick(page, 'send', async () => {
    await queue.requeueAll();
    sendNow();
  });
  onClick(page, 'save', async () =>
    saveFile(page, setup.kiosk, [...(await queue.all()), ...entriesOf(await queue.allSetAside())]),
  );
}

function entriesOf(refused: readonly SetAside[]): Entry[] {
  return refused.map(({ entry }) => entry);
}

/** One line a form, as `sipas import responses` reads it. */
export function asLines(entries: readonly Entry[]): string {
  return entries
    .map((entry) =>
      JSON.stringify({ ...asItem(entry).response, centre: entry.centre, kiosk: entry.kiosk, channel: 'kiosk' }),
    )
    .map((line) => `${line}\n`)
    .join('');
}

function saveFile(page: Document, kiosk: string, entries: readonly Entry[]): void {
  const link = page.createElement('a');
  link.href = URL.createObjectURL(new Blob([asLines(entries)], { type: 'application/x-ndjson' }));
  link.download = `${kiosk}_${new Date().toISOString().slice(0, 10)}.ndjson`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

function refusedLine(page: Document, { at, status, errors }: SetAside): HTMLElement {
  const line = page.createElement('li');
  const reasons = errors.map(({ path, message }) => `${path}: ${message}`).join('; ');
  line.textContent = `${timeText(at)} – ${status} – ${reasons}`;
  return line;
}

function timeText(instant: number): string {
  return new Intl.DateTimeFormat('vi-VN', {
    dateStyle: 'short',
    timeStyle: 'short',
    timeZone: 'Asia/Ho_Chi_Minh',
  }).format(instant);
}

function setText(page: Document, name: string, text: string): void {
  const place = page.querySelector(`[data-queue="${name}"]`);
  if (place) place.textContent = text;
}

function show(page: Document, name: string, shown: boolean): void {
  const place = page.querySelector<HTMLElement>(`[data-queue="${name}"]`);
  if (place) place.hidden = !shown;
}

function onClick(page: Document, name: string, action: () => Promise<void>): void {
  const button = page.querySelector<HTMLButtonElement>(`button[data-queue="${name}"]`);
  if (button) button.onclick = () => void action();
}
