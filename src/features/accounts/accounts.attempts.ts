import { createHmac } from 'node:crypto';
import { ipKeyGenerator } from 'express-rate-limit';
import type { Connection } from 'mongoose';
import type { Clock } from '../../clock.js';
import { READ_LIMIT_MS } from '../../database/connect.js';

/**
 * Failed tries within the window before a pause: of a name from an address, of a name, from an address, and of a name
 * at its second factor, where the password was right; and returns from the provider of single sign-on to an address.
 */
export const LIMITS = { pair: 10, account: 50, address: 100, code: 5, returns: 100 } as const;
const WINDOW_MS = 5 * 60_000;
/** The first pause; each further one is twice as long, up to the longest. */
export const FIRST_PAUSE_MS = 60_000;
export const LONGEST_PAUSE_MS = 15 * 60_000;
const REMEMBERED_MS = 24 * 3_600_000;
const KNOWN_MS = 30 * 24 * 3_600_000;

interface AttemptRecord {
  /** Keyed hash: neither names, which may be mistyped passwords, nor addresses are kept. */
  readonly _id: string;
  /** Tries that failed or have not ended yet. */
  readonly failures: number;
  readonly windowEnds: Date;
  readonly blockedUntil: Date | null;
  /** Pauses so far. */
  readonly strikes: number;
  readonly expiresAt: Date;
}

/** Someone has signed in with this name from this address. */
interface KnownRecord {
  readonly _id: string;
  readonly expiresAt: Date;
}

/**
 * Tries to sign in, counted in the database for all instances together. A name is only counted as a whole, and an
 * address only as a whole, for pairs of them that never signed in: neither guessing from everywhere nor one guesser in
 * the office shuts out people who sign in where they always do.
 */
export class SignInAttempts {
  constructor(
    private readonly connection: Connection,
    private readonly secret: string,
    private readonly now: Clock,
  ) {}

  /** Counts a try before it is made, so that many at once cannot pass together. How long to wait; 0: go ahead. */
  async begin(username: string, address: string): Promise<number> {
    const keys = this.keysOf(username, address);
    const wait = await this.count(keys.pair, LIMITS.pair);
    if (wait > 0 || (await this.isKnown(keys.known))) return wait;
    const waits = await Promise.all([
      this.count(keys.account, LIMITS.account),
      this.count(keys.address, LIMITS.address),
    ]);
    return Math.max(...waits);
  }

  /** Counts a code of the second factor before it is looked at, from wherever it comes. How long to wait; 0: go ahead. */
  beginCode(username: string): Promise<number> {
    return this.count(this.codeKey(username), LIMITS.code);
  }

  /** A code was right: the tries before it count no more. */
  async codeSucceeded(username: string): Promise<void> {
    await this.attempts().deleteOne({ _id: this.codeKey(username) });
  }

  /** Counts a return from the provider of single sign-on before it is looked at. How long to wait; 0: go ahead. */
  beginReturn(address: string): Promise<number> {
    return this.count(this.returnKey(address), LIMITS.returns);
  }

  /** A return was in order: it counts no more. */
  async returnSucceeded(address: string): Promise<void> {
    await this.countOff([this.returnKey(address)]);
  }

  /** The try has succeeded: it counts no more, and the address is known for the name. */
  async succeeded(username: string, address: string): Promise<void> {
    const keys = this.keysOf(username, address);
    const expiresAt = new Date(this.now().getTime() + KNOWN_MS);
    await this.attempts().deleteOne({ _id: keys.pair });
    await this.countOff([keys.account, keys.address]);
    await this.knownPairs().updateOne({ _id: keys.known }, { $set: { expiresAt } }, { upsert: true });
  }

  private async countOff(keys: readonly string[]): Promise<void> {
    await this.attempts().updateMany({ _id: { $in: [...keys] }, failures: { $gt: 0 } }, { $inc: { failures: -1 } });
  }

  private async isKnown(key: string): Promise<boolean> {
    const filter = { _id: key, expiresAt: { $gt: this.now() } };
    return (await this.knownPairs().findOne(filter, { maxTimeMS: READ_LIMIT_MS })) !== null;
  }

  /** Counts one more under a key, in one atomic step. How long the key has to wait. */
  private async count(key: string, limit: number): Promise<number> {
    const now = this.now();
    const later = (ms: number) => new Date(now.getTime() + ms);
    const isBlocked = { $gt: ['$blockedUntil', now] };
    const isOpen = { $gt: ['$windowEnds', now] };
    const pause = { $min: [LONGEST_PAUSE_MS, { $multiply: [FIRST_PAUSE_MS, { $pow: [2, '$strikes'] }] }] };
    const one = { $cond: [isOpen, { $add: ['$failures', 1] }, 1] };
    const record = await this.attempts().findOneAndUpdate(
      { _id: key },
      [
        {
          $set: {
            failures: { $cond: [isBlocked, '$failures', one] },
            windowEnds: { $cond: [isOpen, '$windowEnds', later(WINDOW_MS)] },
            blockedUntil: { $ifNull: ['$blockedUntil', null] },
            strikes: { $ifNull: ['$strikes', 0] },
            expiresAt: later(REMEMBERED_MS),
          },
        },
        { $set: { isTooMany: { $gt: ['$failures', limit] } } },
        {
          $set: {
            failures: { $cond: ['$isTooMany', 0, '$failures'] },
            blockedUntil: { $cond: ['$isTooMany', { $add: [now, pause] }, '$blockedUntil'] },
            strikes: { $add: ['$strikes', { $cond: ['$isTooMany', 1, 0] }] },
          },
        },
        { $unset: 'isTooMany' },
      ],
      { upsert: true, returnDocument: 'after' },
    );
    return Math.max(0, (record?.blockedUntil?.getTime() ?? 0) - now.getTime());
  }

  private keysOf(username: string, ip: string) {
    const name = username.toLowerCase();
    const address = networkOf(ip);
    return {
      pair: this.hashed('pair', name, address),
      account: this.hashed('account', name),
      address: this.hashed('address', address),
      known: this.hashed('known', name, address),
    };
  }

  private codeKey(username: string): string {
    return this.hashed('code', username.toLowerCase());
  }

  private returnKey(ip: string): string {
    return this.hashed('return', networkOf(ip));
  }

  private hashed(...parts: readonly string[]): string {
    return createHmac('sha256', this.secret).update(JSON.stringify(parts)).digest('base64url');
  }

  private attempts() {
    return this.connection.collection<AttemptRecord>('sign_in_attempts');
  }

  private knownPairs() {
    return this.connection.collection<KnownRecord>('sign_in_known');
  }
}

/** Of an IPv6 address the network: whoever has one has all of its addresses. */
function networkOf(ip: string): string {
  return ip === '' ? '' : ipKeyGenerator(ip);
}
