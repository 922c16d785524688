import { openDB, type DBSchema, type IDBPDatabase } from 'idb';
import type { DeviceItem } from '../../features/kiosks/device-contract.js';

/** Long enough after any screen has gone back to rest: whoever left answers open this long has left. */
const OPEN_LIFETIME_MS = 150_000;

/** One citizen's answers in the queue. */
export interface Entry {
  readonly id: string;
  readonly kiosk: string;
  readonly centre: string;
  /** The answers; without `capturedAt`, which is settled with `offsetMs`. */
  readonly answers: Omit<DeviceItem['response'], 'capturedAt'>;
  /** The device's clock at the first tap. */
  readonly deviceAt: number;
  /** Once settled never changed, so that every attempt sends the same. */
  readonly offsetMs: number | null;
  readonly sincePreviousMs: number | null;
  /** When it was last touched, while the citizen is still answering; null once finished. */
  readonly openSince: number | null;
}

/** Answers that the server refused, kept with its reasons. */
export interface SetAside {
  readonly id: string;
  readonly entry: Entry;
  readonly status: string;
  readonly errors: readonly { readonly path: string; readonly message: string }[];
  readonly at: number;
}

interface Schema extends DBSchema {
  queue: { key: string; value: Entry };
  setAside: { key: string; value: SetAside };
}

export interface QueueState {
  readonly queued: number;
  readonly oldestAt: number | null;
  readonly setAside: number;
  /** The device's storage took no more; the newest answers are held in a smaller, spare place. */
  readonly full: boolean;
}

const SPARE_PREFIX = 'sipas-answer-';

/**
 * Every answer that is not yet stored at the server. On disk in IndexedDB; when that is full or fails, in the spare
 * room of localStorage; when that is full too, in memory.
 */
export class Queue {
  private readonly memory = new Map<string, Entry>();
  private failing = false;

  private constructor(
    private readonly database: IDBPDatabase<Schema> | null,
    private readonly spare: Storage,
    private readonly now: () => number,
  ) {}

  static async open(now: () => number): Promise<Queue> {
    const database = await openDB<Schema>('sipas-kiosk', 1, {
      upgrade(created) {
        created.createObjectStore('queue', { keyPath: 'id' });
        created.createObjectStore('setAside', { keyPath: 'id' });
      },
      // Another tab brings a newer version of this page: it must not wait for us.
      blocking: (_current, _next, event) => {
        if (event.target instanceof IDBDatabase) event.target.close();
      },
    }).catch(() => null);
    return new Queue(database, localStorage, now);
  }

  /** Keeps answers; resolves once they are on disk, or in the best place there is. */
  async put(entry: Entry): Promise<void> {
    if (await this.writeToDatabase(entry)) {
      this.forgetSpare(entry.id);
      return;
    }
    try {
      this.spare.setItem(SPARE_PREFIX + entry.id, JSON.stringify(entry));
    } catch {
      this.memory.set(entry.id, entry);
    }
  }

  /** Changes answers that are still open; what was sent or finished meanwhile stays as it is. */
  async update(id: string, change: (entry: Entry) => Entry): Promise<void> {
    const entry = await this.get(id);
    if (entry && entry.openSince !== null) await this.put(change(entry));
  }

  /** Finished answers, oldest first; those left open long ago count as finished. */
  async ready(): Promise<Entry[]> {
    const now = this.now();
    const finished = (await this.all()).filter(
      ({ openSince }) => openSince === null || Math.abs(now - openSince) > OPEN_LIFETIME_MS,
    );
    return finished.sort((a, b) => a.deviceAt - b.deviceAt);
  }

  /** Takes answers off: they are stored at the server. */
  async remove(ids: readonly string[]): Promise<void> {
    if (this.database) {
      const transaction = this.database.transaction('queue', 'readwrite');
      await Promise.all([...ids.map((id) => transaction.store.delete(id)), transaction.done]);
    }
    ids.forEach((id) => this.forgetSpare(id));
    this.failing = false;
  }

  /** Moves refused answers out of the way, in one step; on failure they stay in the queue. */
  async setAside(refused: SetAside): Promise<void> {
    if (!this.database) return;
    const transaction = this.database.transaction(['queue', 'setAside'], 'readwrite', { durability: 'strict' });
    await Promise.all([
      transaction.objectStore('setAside').put(refused),
      transaction.objectStore('queue').delete(refused.id),
      transaction.done,
    ]);
    this.forgetSpare(refused.id);
  }

  /** Puts what was refused back into the queue, for one more try. */
  async requeueAll(): Promise<void> {
    if (!this.database) return;
    const transaction = this.database.transaction(['queue', 'setAside'], 'readwrite', { durability: 'strict' });
    const refused = await transaction.objectStore('setAside').getAll();
    await Promise.all([
      ...refused.map(({ entry }) => transaction.objectStore('queue').put(entry)),
      transaction.objectStore('setAside').clear(),
      transaction.done,
    ]);
  }

  async allSetAside(): Promise<SetAside[]> {
    return this.database ? this.database.getAll('setAside') : [];
  }

  /** Everything not stored yet, in any state. */
  async all(): Promise<Entry[]> {
    const kept = this.database ? await this.database.getAll('queue') : [];
    // What could not be written to the database is newer than what it holds.
    const newer = [...this.memory.values(), ...this.spareEntries()];
    const known = new Set(newer.map(({ id }) => id));
    return [...kept.filter(({ id }) => !known.has(id)), ...newer];
  }

  async state(): Promise<QueueState> {
    const all = await this.all();
    const oldestAt = all.length === 0 ? null : Math.min(...all.map(({ deviceAt }) => deviceAt));
    const setAside = this.database ? await this.database.count('setAside') : 0;
    return { queued: all.length, oldestAt, setAside, full: this.failing };
  }

  private async get(id: string): Promise<Entry | undefined> {
    const newer = this.memory.get(id) ?? this.spareEntry(SPARE_PREFIX + id);
    return newer ?? this.database?.get('queue', id);
  }

  private async writeToDatabase(entry: Entry): Promise<boolean> {
    try {
      if (!this.database) throw new Error('no database');
      const transaction = this.database.transaction('queue', 'readwrite', { durability: 'strict' });
      await Promise.all([transaction.store.put(entry), transaction.done]);
      this.failing = false;
      return true;
    } catch {
      // Full, or broken: the caller has other places, and staff is told by `state().full`.
      this.failing = true;
      return false;
    }
  }

  private spareEntries(): Entry[] {
    const keys = Array.from({ length: this.spare.length }, (_, index) => this.spare.key(index) ?? '');
    return keys.filter((key) => key.startsWith(SPARE_PREFIX)).flatMap((key) => this.spareEntry(key) ?? []);
  }

  private spareEntry(key: string): Entry | undefined {
    const text = this.spare.getItem(key);
    return text === null ? undefined : (JSON.parse(text) as Entry);
  }

  private forgetSpare(id: string): void {
    this.memory.delete(id);
    this.spare.removeItem(SPARE_PREFIX + id);
  }
}
