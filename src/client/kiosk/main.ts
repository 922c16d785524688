import type { KioskSetup } from '../../features/kiosks/device-contract.js';
import { isOpen } from '../../domain/opening-hours.js';
import { forgetPages, hasNoPage, keepForOffline, keepVersion } from './cache.js';
import { Clock } from './clock.js';
import { contactServer } from './contact.js';
import { Flow } from './flow.js';
import { IdleWatch } from './idle.js';
import { Queue } from './queue.js';
import { Screens } from './screens.js';
import { Sender } from './sender.js';
import { readErrand, readSetup } from './setup.js';
import { StatusLine } from './status.js';
import { TextSize } from './text-size.js';
import { showQueuePage } from './queue-page.js';

const HEARTBEAT_MS = 60_000;
const LATER_MS = 600_000;
/** The copies for offline use come after everything the first citizen needs. */
const KEEP_AFTER_MS = 1000;
const UPDATED = 'sipas-updated';
/** From the start of the page. */
const READY_WITHIN_MS = 5000;

async function start(setup: KioskSetup): Promise<void> {
  const clock = new Clock();
  const queue = await Queue.open(() => clock.now());
  const status = new StatusLine(document, queue);
  const isQueuePage = document.getElementById('queue') !== null;
  const flow = isQueuePage ? null : startFlow();
  const sender = new Sender(queue, setup.kiosk, clock, contact, (attempt) => {
    if (attempt.kind !== 'nothing') void status.update(attempt.kind === 'sent');
    if (attempt.kind === 'unpaired') void leaveIfUnpaired();
    if (isQueuePage) void showQueuePage(document, setup, queue, () => sender.retryNow());
  });

  function startFlow(): Flow | null {
    if (setup.paused) return null;
    const screens = new Screens(document, setup, async (action) => flow?.act(action));
    const idle = new IdleWatch(document, setup.idleSeconds, () => void flow?.leave());
    const textSize = new TextSize(document, sessionStorage, () => idle.start());
    const started = new Flow(setup, queue, clock, screens, idle, readErrand(location.search), {
      finished() {
        sender.nudge();
        if (location.search !== '' && setup.lang === 'vi') history.replaceState(null, '', '/kiosk');
      },
      rest() {
        textSize.reset();
        if (setup.lang !== 'vi') location.assign('/kiosk?lang=vi');
      },
    });
    // Whoever chose another language or size and left must not leave it to the next citizen.
    if (setup.lang !== 'vi' || textSize.isLarge) idle.start();
    return started;
  }

  function someoneIsHere(): boolean {
    return flow?.isAtRest === false;
  }

  /** One contact with the server; true when it answered. */
  async function contact(): Promise<boolean> {
    const found = await contactServer(setup.version, queue, clock);
    void status.update(found.kind === 'reply');
    if (found.kind === 'unpaired') await leaveIfUnpaired();
    if (found.kind !== 'reply') return false;
    if (found.reply.version !== setup.version) await update(found.reply.version);
    return true;
  }

  /** Brings the newer page; only at rest, and one version not again and again, should it keep failing to come. */
  async function update(version: string): Promise<void> {
    const [tried, at] = (sessionStorage.getItem(UPDATED) ?? '').split(' ');
    const justTried = tried === version && Math.abs(Date.now() - Number(at)) < LATER_MS;
    if (someoneIsHere() || justTried) return;
    if ('caches' in globalThis) await keepVersion(version).catch(forgetPages);
    // Someone may have begun meanwhile; the next contact tries again.
    if (someoneIsHere()) return;
    sessionStorage.setItem(UPDATED, `${version} ${Date.now()}`);
    location.reload();
  }

  async function leaveIfUnpaired(): Promise<void> {
    const isUnpaired = await hasNoPage().catch(() => false);
    if (!isUnpaired || someoneIsHere()) return;
    await forgetPages();
    location.assign('/kiosk');
  }

  /** Outside opening hours the screen says so. */
  function showHours(): void {
    const note = document.getElementById('closed');
    if (note && setup.hours) note.hidden = isOpen(setup.hours, new Date(clock.now() + (clock.offset() ?? 0)));
  }

  globalThis.addEventListener('online', () => sender.retryNow());
  void sender.run();
  setInterval(() => void contact().finally(showHours), HEARTBEAT_MS);
  document.body.dataset['ready'] = '';
  takeHeldTap();
  await contact();
  showHours();
  sender.retryNow();
  // Over plain HTTP there is no such promise to be had.
  if ('storage' in navigator) await navigator.storage.persist();
  // Without it the kiosk works all the same, as long as there is a network.
  setTimeout(() => void keepForOffline(setup.version).catch(() => undefined), KEEP_AFTER_MS);
}

let heldTap: { readonly form: HTMLFormElement; readonly submitter: HTMLElement | null } | null = null;

/**
 * A tap that comes before the page can keep it would leave for a server that may be out of reach: it is taken as soon
 * as the page is ready. Should the page never get ready, its forms work as they do without scripts.
 */
function holdEarlyTaps(event: SubmitEvent): void {
  if ('ready' in document.body.dataset || performance.now() >= READY_WITHIN_MS) return;
  event.preventDefault();
  const { target: form, submitter } = event;
  if (!(form instanceof HTMLFormElement) || heldTap) return;
  heldTap = { form, submitter };
  setTimeout(takeHeldTap, READY_WITHIN_MS - performance.now());
}

function takeHeldTap(): void {
  heldTap?.form.requestSubmit(heldTap.submitter);
  heldTap = null;
}

const setup = readSetup(document);
if (setup) {
  if (!setup.paused) document.addEventListener('submit', holdEarlyTaps);
  void start(setup);
}
