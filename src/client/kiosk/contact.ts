import type { Heartbeat, HeartbeatReply } from '../../features/kiosks/device-contract.js';
import type { Clock } from './clock.js';
import type { Queue } from './queue.js';

const ANSWER_LIMIT_MS = 10_000;
/** Slower answers say too little about the time. */
const MEASURABLE_MS = 10_000;

/** What a contact with the server found. */
export type Contact =
  | { readonly kind: 'reply'; readonly reply: HeartbeatReply }
  | { readonly kind: 'unpaired' }
  | { readonly kind: 'offline' };

/** Tells the server how this device is, and learns its clock and version. */
export async function contactServer(version: string, queue: Queue, clock: Clock): Promise<Contact> {
  const { queued, oldestAt, setAside } = await queue.state();
  const oldestMs = oldestAt === null ? null : Math.max(0, clock.now() - oldestAt);
  const body: Heartbeat = { version, queued, oldestMs, setAside, ...(await battery()) };
  const started = clock.running();
  try {
    const answer = await fetch('/kiosk/heartbeat', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
      body: JSON.stringify(body),
      cache: 'no-store',
      redirect: 'error',
      signal: AbortSignal.timeout(ANSWER_LIMIT_MS),
    });
    const type = answer.headers.get('content-type') ?? '';
    if (answer.status === 401 && type.startsWith('application/problem+json')) return { kind: 'unpaired' };
    if (!answer.ok || !type.startsWith('application/json')) return { kind: 'offline' };
    const reply = (await answer.json()) as HeartbeatReply;
    if (clock.running() - started < MEASURABLE_MS) clock.measure(Date.parse(reply.now), started);
    return { kind: 'reply', reply };
  } catch {
    // Not reached, or cut off: the next contact will tell.
    return { kind: 'offline' };
  }
}

interface BatteryManager {
  readonly level: number;
}

/** The battery's charge, where the browser tells. */
async function battery(): Promise<Pick<Heartbeat, 'battery'>> {
  const { getBattery } = navigator as Navigator & { getBattery?: () => Promise<BatteryManager> };
  const manager = await getBattery?.call(navigator).catch(() => undefined);
  return manager ? { battery: manager.level } : {};
}
