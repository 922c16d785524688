import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes, randomInt } from 'node:crypto';
import type { Collection } from 'mongodb';
import type { Connection } from 'mongoose';
import { generateSecret, generateURI, verifySync } from 'otplib';
import type { Clock } from '../../clock.js';
import { READ_LIMIT_MS } from '../../database/connect.js';
import { NotFoundError } from '../../errors.js';
import type { AuditService } from '../audit/audit.service.js';
import { accountCollection, type AccountRecord } from './accounts.model.js';

export const RECOVERY_CODES = 10;
/** A code of the step before or after is taken too: clocks differ, and people type slowly. */
const TOLERANCE_S = 30;
const ISSUER = 'SIPAS';

const CIPHER = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;
/** Letters and digits that are not mistaken for one another. */
const RECOVERY_LETTERS = 'abcdefghjkmnpqrstuvwxyz23456789';
const RECOVERY_HALF = 6;

/** What an authenticator app needs to know, for the owner's eyes. */
export interface FactorSecret {
  /** Base32, in groups of four, to be typed. */
  readonly text: string;
  /** `otpauth://` address, to be scanned. */
  readonly uri: string;
}

/** What may be told of a second factor. */
export interface FactorSummary {
  readonly since: Date;
  readonly recoveryLeft: number;
}

/** How the second step of signing in was taken. */
export type FactorUse = 'code' | 'recovery';

/**
 * The second factor: codes of an authenticator app (TOTP, RFC 6238), each good once, and ten recovery codes. Secrets are
 * kept encrypted and recovery codes as keyed hashes, under keys that come from the installation's secret.
 */
export class SecondFactors {
  private readonly accounts: Collection<AccountRecord>;
  private readonly sealingKey: Buffer;
  private readonly recoveryKey: Buffer;

  constructor(
    connection: Connection,
    secret: string,
    private readonly audit: AuditService,
    private readonly now: Clock,
  ) {
    this.accounts = accountCollection(connection);
    this.sealingKey = keyFrom(secret, 'second factor');
    this.recoveryKey = keyFrom(secret, 'recovery codes');
  }

  /** A new secret, sealed for its account until {@link enable} is given a code of it. */
  offer(username: string): string {
    return this.seal(username, generateSecret());
  }

  /** Null when it was sealed for another account or with another secret of the installation. */
  reveal(username: string, sealed: string): FactorSecret | null {
    const secret = this.open(username, sealed);
    if (secret === null) return null;
    return {
      text: secret.replace(/(.{4})(?=.)/g, '$1 '),
      uri: generateURI({ issuer: ISSUER, label: username, secret }),
    };
  }

  /**
   * Switches an offered factor on and gives the recovery codes, this once; null when the code is not one of it. Sessions
   * that began before, without it, are over.
   */
  async enable(username: string, sealed: string, code: string): Promise<readonly string[] | null> {
    const step = this.stepOf(username, sealed, code);
    if (step === null) return null;
    const codes = Array.from({ length: RECOVERY_CODES }, recoveryCode);
    const recovery = codes.map((one) => this.recoveryHash(username, one));
    const now = this.now();
    const factor = { secret: sealed, lastStep: step, recovery, since: now };
    await this.audit.change({ action: 'account.factor', subject: username }, () =>
      this.accounts.updateOne({ _id: username }, { $set: { factor, sessionsFrom: now } }),
    );
    return codes;
  }

  async summary(username: string): Promise<FactorSummary | null> {
    const record = await this.find(username);
    return record?.factor ? { since: record.factor.since, recoveryLeft: record.factor.recovery.length } : null;
  }

  /** Takes a code of the app or a recovery code, which then works no more; null when it is neither. */
  async use(username: string, given: string): Promise<FactorUse | null> {
    const code = given.replace(/[\s-]/g, '').toLowerCase();
    const used = /^\d{6}$/.test(code) ? await this.useCode(username, code) : await this.useRecovery(username, code);
    const step = used === 'recovery' ? 'recovery code' : 'code';
    await this.audit.note({ action: 'sign-in', subject: username, after: { step } }, used ? 'done' : 'refused');
    return used;
  }

  /** Whether there was one. @throws NotFoundError when there is no such account */
  async remove(username: string): Promise<boolean> {
    const record = await this.find(username);
    if (!record) throw new NotFoundError(`There is no account ${username}.`);
    if (!record.factor) return false;
    await this.audit.change({ action: 'account.factor-remove', subject: username }, () =>
      this.accounts.updateOne({ _id: username }, { $unset: { factor: 1 } }),
    );
    return true;
  }

  private find(username: string): Promise<AccountRecord | null> {
    return this.accounts.findOne({ _id: username }, { maxTimeMS: READ_LIMIT_MS });
  }

  /** The condition in the update decides between two who use one code at the same moment. */
  private async useCode(username: string, code: string): Promise<FactorUse | null> {
    const sealed = (await this.find(username))?.factor?.secret;
    const step = sealed === undefined ? null : this.stepOf(username, sealed, code);
    if (sealed === undefined || step === null) return null;
    const { modifiedCount } = await this.accounts.updateOne(
      { _id: username, 'factor.secret': sealed, 'factor.lastStep': { $lt: step } },
      { $set: { 'factor.lastStep': step } },
    );
    return modifiedCount === 1 ? 'code' : null;
  }

  private async useRecovery(username: string, code: string): Promise<FactorUse | null> {
    const hash = this.recoveryHash(username, code);
    const { modifiedCount } = await this.accounts.updateOne(
      { _id: username, 'factor.recovery': hash },
      { $pull: { 'factor.recovery': hash } },
    );
    return modifiedCount === 1 ? 'recovery' : null;
  }

  /** The time step a code is of; null when it is none of this time. */
  private stepOf(username: string, sealed: string, code: string): number | null {
    const token = code.replace(/\s/g, '');
    const secret = this.open(username, sealed);
    if (secret === null || !/^\d{6}$/.test(token)) return null;
    const epoch = Math.floor(this.now().getTime() / 1000);
    const result = verifySync({ secret, token, epoch, epochTolerance: TOLERANCE_S });
    return result.valid && 'timeStep' in result ? result.timeStep : null;
  }

  private recoveryHash(username: string, code: string): string {
    const plain = code.replace(/[\s-]/g, '').toLowerCase();
    return createHmac('sha256', this.recoveryKey)
      .update(JSON.stringify([username, plain]))
      .digest('base64url');
  }

  /** Bound to the account: moved to another one it opens no more. */
  private seal(username: string, secret: string): string {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv(CIPHER, this.sealingKey, iv).setAAD(Buffer.from(username));
    const sealed = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
    return Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64url');
  }

  private open(username: string, sealed: string): string | null {
    const bytes = Buffer.from(sealed, 'base64url');
    const [iv, tag] = [bytes.subarray(0, IV_BYTES), bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES)];
    if (tag.length < TAG_BYTES) return null;
    const decipher = createDecipheriv(CIPHER, this.sealingKey, iv, { authTagLength: TAG_BYTES })
      .setAAD(Buffer.from(username))
      .setAuthTag(tag);
    try {
      const opened = Buffer.concat([decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]);
      return opened.toString('utf8');
    } catch {
      // Not sealed here, or not for this account: the one thing GCM says.
      return null;
    }
  }
}

function keyFrom(secret: string, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', purpose, 32));
}

/** 59 random bits, in two halves. */
function recoveryCode(): string {
  const letter = () => RECOVERY_LETTERS.charAt(randomInt(RECOVERY_LETTERS.length));
  const half = () => Array.from({ length: RECOVERY_HALF }, letter).join('');
  return `${half()}-${half()}`;
}
