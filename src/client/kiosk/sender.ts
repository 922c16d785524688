import type { BatchResult, DeviceItem } from '../../features/kiosks/device-contract.js';
import type { Clock } from './clock.js';
import type { Entry, Queue } from './queue.js';

const BATCH_MAX = 50;
const ANSWER_LIMIT_MS = 20_000;
const IDLE_MS = 30_000;
const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 60_000;

/** What became of one attempt. */
export type Attempt =
  | { readonly kind: 'nothing' | 'sent' | 'offline' | 'unpaired' }
  | { readonly kind: 'refused'; readonly waitMs: number | null };

/** An answer that the server will not take, and why. */
interface Refusal {
  readonly entry: Entry;
  readonly result: BatchResult;
}

/** Sends the queue. Exactly one tab does so; an answer leaves the queue only when the server says it has it. */
export class Sender {
  private batchSize = BATCH_MAX;
  /** Where the next batch starts: after a failure elsewhere, so that one answer never blocks the others. */
  private start = 0;
  private wake: () => void = () => undefined;
  private last: Attempt['kind'] = 'nothing';

  constructor(
    private readonly queue: Queue,
    private readonly kiosk: string,
    private readonly clock: Clock,
    private readonly contact: () => Promise<boolean>,
    private readonly changed: (attempt: Attempt) => void,
  ) {}

  /** There is something new to send; a server that wants to be left alone is left alone. */
  nudge(): void {
    if (this.last === 'nothing') this.wake();
  }

  /** The network may be back. */
  retryNow(): void {
    if (this.last !== 'refused') this.wake();
  }

  /** Runs for ever in the tab that holds the lock; the others wait for it to close. */
  async run(): Promise<never> {
    // Browsers offer no locks to pages over plain HTTP; there the server's unique ids alone prevent doubles.
    if (!('locks' in navigator)) return this.loop();
    return navigator.locks.request('sipas-kiosk-sender', () => this.loop());
  }

  private async loop(): Promise<never> {
    for (let failures = 0; ;) {
      const attempt = await this.attempt();
      this.last = attempt.kind;
      this.changed(attempt);
      const failed = attempt.kind !== 'nothing' && attempt.kind !== 'sent';
      failures = failed ? failures + 1 : 0;
      if (attempt.kind !== 'sent') await this.pause(waitAfter(attempt, failures));
    }
  }

  /** One attempt to send one batch. */
  async attempt(): Promise<Attempt> {
    try {
      return await this.sendBatch();
    } catch {
      // No answer, half of one, or a disk that failed: whatever was stored, the server will call a duplicate.
      return { kind: 'offline' };
    }
  }

  private async sendBatch(): Promise<Attempt> {
    const mine = (await this.queue.ready()).filter(({ kiosk }) => kiosk === this.kiosk);
    if (mine.length === 0) return { kind: 'nothing' };
    if (this.clock.offset() === null && !(await this.contact())) return { kind: 'offline' };
    if (this.start >= mine.length) this.start = 0;
    const batch = await this.settle(mine.slice(this.start, this.start + this.batchSize));
    return this.digest(await post(batch.map(asItem)), batch);
  }

  /** Fixes the corrected capture time, on disk before it is sent: a later attempt must not send another one. */
  private async settle(batch: readonly Entry[]): Promise<Entry[]> {
    const settled = batch.map((entry) =>
      entry.offsetMs === null ? { ...entry, offsetMs: this.clock.offsetOf(entry.deviceAt) } : entry,
    );
    for (const [index, entry] of settled.entries()) {
      if (entry !== batch[index] || entry.openSince !== null) await this.queue.put({ ...entry, openSince: null });
    }
    return settled;
  }

  private async digest(answer: Response, batch: readonly Entry[]): Promise<Attempt> {
    if (answer.status === 401) return { kind: 'unpaired' };
    if (!answer.ok || !isJson(answer)) return this.refused(retryAfter(answer));
    const { results } = (await answer.json()) as { results: readonly BatchResult[] };
    const statusOf = new Map(results.map((result) => [result.id?.toLowerCase(), result]));
    const stored = batch.filter(({ id }) => ['stored', 'duplicate'].includes(statusOf.get(id)?.status ?? ''));
    await this.queue.remove(stored.map(({ id }) => id));
    const refused = batch.flatMap((entry) => {
      const result = statusOf.get(entry.id);
      return result?.status === 'invalid' || result?.status === 'conflict' ? [{ entry, result }] : [];
    });
    const retimed = await this.retime(refused);
    const final = refused.filter((refusal) => !retimed.includes(refusal));
    for (const { entry, result } of final) {
      const { status, errors = [] } = result;
      await this.queue.setAside({ id: entry.id, entry, status, errors, at: this.clock.now() });
    }
    if (stored.length + refused.length === 0) return this.refused(null);
    this.batchSize = Math.min(BATCH_MAX, this.batchSize * 2);
    return { kind: 'sent' };
  }

  /**
   * The server's clock was set back since it was measured: what it refuses as captured ahead of it takes the time that
   * it says now. Gives those that a new measurement makes earlier; they are still in the queue.
   */
  private async retime(refused: readonly Refusal[]): Promise<readonly Refusal[]> {
    const ahead = refused.filter(({ result }) => result.errors?.some(({ path }) => path === 'capturedAt'));
    if (ahead.length === 0) return [];
    if (!(await this.contact())) throw new Error('The server does not say what time it is');
    const retimed = ahead.filter(({ entry }) => entry.deviceAt + (entry.offsetMs ?? 0) > this.clock.serverNow());
    for (const { entry } of retimed) await this.queue.put({ ...entry, offsetMs: null });
    return retimed;
  }

  /** Tries fewer next time, and others first. */
  private refused(waitMs: number | null): Attempt {
    this.batchSize = Math.max(1, Math.floor(this.batchSize / 2));
    this.start += this.batchSize;
    return { kind: 'refused', waitMs };
  }

  private pause(waitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, waitMs);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

function waitAfter(attempt: Attempt, failures: number): number {
  if (attempt.kind === 'nothing') return IDLE_MS;
  const doubled = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(failures - 1, 10));
  const jittered = doubled * (0.5 + Math.random() / 2);
  return attempt.kind === 'refused' && attempt.waitMs !== null ? Math.max(attempt.waitMs, jittered) : jittered;
}

function post(responses: readonly DeviceItem[]): Promise<Response> {
  return fetch('/kiosk/responses', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
    body: JSON.stringify({ responses }),
    cache: 'no-store',
    redirect: 'error',
    signal: AbortSignal.timeout(ANSWER_LIMIT_MS),
  });
}

/** The entry as it is sent, and as the file of the queue holds it. */
export function asItem({ answers, deviceAt, offsetMs, sincePreviousMs }: Entry): DeviceItem {
  return {
    response: { ...answers, capturedAt: new Date(deviceAt + (offsetMs ?? 0)).toISOString() },
    device: {
      capturedAt: new Date(deviceAt).toISOString(),
      offsetMs: offsetMs ?? 0,
      ...(sincePreviousMs === null ? {} : { sincePreviousMs }),
    },
  };
}

/** A hotel's or office's sign-in page answers 200 with HTML; that is no answer. */
function isJson(answer: Response): boolean {
  return answer.headers.get('content-type')?.startsWith('application/json') ?? false;
}

/** How long a server that has too much to do wants to be left alone, at most five minutes. */
function retryAfter(answer: Response): number | null {
  const seconds = Number(answer.headers.get('retry-after') ?? Number.NaN);
  return Number.isFinite(seconds) ? Math.min(300, Math.max(1, seconds)) * 1000 : null;
}
