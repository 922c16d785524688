import { createHash, randomBytes } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';
import type { Connection, Model } from 'mongoose';
import { z } from 'zod';
import type { Clock } from '../../clock.js';
import { isDuplicateKey } from '../../database/duplicate-key.js';
import { ConflictError, NotFoundError, ValidationError } from '../../errors.js';
import type { AuditService } from '../audit/audit.service.js';
import type { Principal, Role } from '../access/principal.js';
import { checked } from '../validation.js';
import { accountModel, type AccountRecord } from './accounts.model.js';
import { isEasilyGuessed } from './accounts.passwords.js';
import { Sessions, type SessionSummary } from './accounts.sessions.js';

export const PASSWORD_MIN = 8;
/** What an account may be; programs and kiosks have tokens. */
export const STAFF_ROLES = ['admin', 'manager', 'viewer'] as const;

const password = z
  .string()
  .min(PASSWORD_MIN, `must be at least ${PASSWORD_MIN} characters`)
  .max(256, 'must be at most 256 characters');
const role = z.enum(STAFF_ROLES, `must be one of ${STAFF_ROLES.join(', ')}`);
const newAccount = z.strictObject({
  username: z
    .string()
    .toLowerCase()
    .regex(/^[a-z0-9][a-z0-9._-]{1,63}$/, 'must be 2 to 64 letters, digits, ".", "_" or "-"'),
  role,
  scope: z.string().nullable(),
  /** Absent: it is set by a link. */
  password: password.optional(),
  mustChange: z.boolean().optional(),
});
const rights = z.strictObject({ role, scope: z.string().nullable() });
export type NewAccount = z.input<typeof newAccount>;

/** What may be told of an account. */
export interface AccountSummary {
  readonly username: string;
  readonly role: Role;
  readonly scope: string | null;
  readonly createdAt: string;
  readonly disabled: boolean;
  /** Whether signing in takes a second factor. */
  readonly secondFactor: boolean;
}

/** An account as it is now, for a session. */
export interface CurrentAccount {
  readonly principal: Principal;
  /** Nothing else is shown before the password is changed. */
  readonly mustChange: boolean;
  readonly secondFactor: boolean;
}

/** How the first step of signing in is taken. */
export type SignInMethod = 'password' | 'oidc';

/** Who gave the right password, or was named by the provider; with a second factor that is only half of it. */
export type SignedIn = Pick<CurrentAccount, 'principal' | 'secondFactor'>;

/** However much it is used, a session ends after a working day. */
export const SESSION_LIMIT_MS = 12 * 3_600_000;
export const LINK_LIFETIME_MS = 24 * 3_600_000;

/** Verified when a name is unknown, so that the answer takes as long as for a wrong password. */
const NOBODY = hash('no account has this password');

export class AccountService {
  private readonly accounts: Model<AccountRecord>;
  readonly sessions: Sessions;

  constructor(
    connection: Connection,
    private readonly audit: AuditService,
    private readonly now: Clock,
  ) {
    this.accounts = accountModel(connection);
    this.sessions = new Sessions(connection);
  }

  /** @throws ValidationError, or ConflictError when the name is taken */
  async add(input: NewAccount): Promise<void> {
    const { username, role, scope, password: given, mustChange } = checked(newAccount, input);
    // Without a password nobody can sign in: this one is known to none.
    const passwordHash = await (given === undefined
      ? hashOf(randomBytes(32).toString('base64url'))
      : hashOfChosen(given, username));
    const record = { _id: username, role, scope, passwordHash, createdAt: this.now() };
    await this.audit.change({ action: 'account.add', subject: username, after: { role, scope } }, async () => {
      try {
        await this.accounts.create({ ...record, ...(mustChange ? { mustChange } : {}) });
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
        throw new ConflictError('account-exists', `There is an account ${username} already.`);
      }
    });
  }

  async isEmpty(): Promise<boolean> {
    return (await this.accounts.exists({})) === null;
  }

  async list(): Promise<AccountSummary[]> {
    return (await this.accounts.find({}).sort({ _id: 1 }).lean()).map(asSummary);
  }

  /** Accounts whose name holds a text, by name. */
  async search(text: string, skip: number, limit: number): Promise<AccountSummary[]> {
    const part = text.toLowerCase();
    // No name holds anything else, and a pattern cannot hold everything: no NUL, for one.
    if (!/^[a-z0-9._-]*$/.test(part)) return [];
    const filter = part === '' ? {} : { _id: { $regex: part.replace(/[.-]/g, '\\$&') } };
    return (await this.accounts.find(filter).sort({ _id: 1 }).skip(skip).limit(limit).lean()).map(asSummary);
  }

  /** @throws NotFoundError when there is no such account */
  async find(username: string): Promise<AccountSummary> {
    return asSummary(await this.known(username));
  }

  /** @throws ValidationError, NotFoundError */
  async setRights(username: string, input: z.input<typeof rights>): Promise<void> {
    const after = checked(rights, input);
    const { role, scope } = await this.known(username);
    await this.audit.change({ action: 'account.change', subject: username, before: { role, scope }, after }, () =>
      this.accounts.updateOne({ _id: username }, after),
    );
  }

  /** Its sessions end at once. @throws NotFoundError when there is no such account */
  async disable(username: string): Promise<void> {
    await this.known(username);
    const now = this.now();
    await this.audit.change({ action: 'account.disable', subject: username }, () =>
      // With the same write, so that no session comes back with the account, whatever becomes of its document.
      this.accounts.updateOne({ _id: username }, { $set: { disabledAt: now, sessionsFrom: now }, $unset: { link: 1 } }),
    );
    await this.sessions.endAll(username);
  }

  /** @throws NotFoundError */
  async enable(username: string): Promise<void> {
    await this.known(username);
    await this.audit.change({ action: 'account.enable', subject: username }, () =>
      this.accounts.updateOne({ _id: username }, { $unset: { disabledAt: 1 } }),
    );
  }

  /** The sessions of an account that are not over, newest first. @throws NotFoundError */
  async sessionsOf(username: string): Promise<SessionSummary[]> {
    const { sessionsFrom } = await this.known(username);
    const found = await this.sessions.of(username);
    return found.filter(({ signedInAt }) => !sessionsFrom || signedInAt >= sessionsFrom);
  }

  /** Ends every session of an account, but for one. @throws NotFoundError */
  async endSessions(username: string, except?: string): Promise<void> {
    await this.known(username);
    await this.audit.change({ action: 'account.sessions', subject: username }, async () => {
      if (except === undefined) await this.accounts.updateOne({ _id: username }, { sessionsFrom: this.now() });
      await this.sessions.endAll(username, except);
    });
  }

  /** The secret of a link that sets the password, once; an older link stops working. @throws NotFoundError */
  async makeLink(username: string): Promise<string> {
    await this.known(username);
    const secret = randomBytes(32).toString('base64url');
    const link = { hash: digest(secret), expiresAt: new Date(this.now().getTime() + LINK_LIFETIME_MS) };
    await this.audit.change({ action: 'account.link', subject: username }, () =>
      this.accounts.updateOne({ _id: username }, { link }),
    );
    return secret;
  }

  /** Whose password a link sets; null once it was used, replaced or has expired. */
  async ownerOfLink(secret: string): Promise<string | null> {
    return (await this.accounts.findOne(this.openLink(secret)).lean())?._id ?? null;
  }

  /** Sets the password by a link, which works no more; every session ends. Null: the link does not work. @throws ValidationError */
  async setByLink(secret: string, newPassword: string): Promise<string | null> {
    const owner = await this.ownerOfLink(secret);
    if (owner === null) return null;
    const passwordHash = await hashOfChosen(newPassword, owner);
    const change = { $set: { passwordHash, sessionsFrom: this.now() }, $unset: { link: 1, mustChange: 1 } } as const;
    const { modifiedCount } = await this.audit.change({ action: 'account.password', subject: owner }, () =>
      this.accounts.updateOne(this.openLink(secret), change),
    );
    await this.sessions.endAll(owner);
    return modifiedCount === 1 ? owner : null;
  }

  /** False: the present password is another. Every session ends; its owner begins a new one. @throws ValidationError, NotFoundError */
  async changePassword(username: string, present: string, wanted: string): Promise<boolean> {
    if (!(await this.isPassword(username, present))) return false;
    const passwordHash = await hashOfChosen(wanted, username);
    const change = { $set: { passwordHash, sessionsFrom: this.now() }, $unset: { link: 1, mustChange: 1 } } as const;
    await this.audit.change({ action: 'account.password', subject: username }, () =>
      this.accounts.updateOne({ _id: username }, change),
    );
    await this.sessions.endAll(username);
    return true;
  }

  /**
   * The account with this name and password; null says no more than that there is none. Where there is a second factor
   * nobody is signed in yet.
   */
  async signIn(username: string, given: string): Promise<SignedIn | null> {
    const record = await this.accounts.findById(username.toLowerCase()).lean();
    const matches = await verify(record?.passwordHash ?? (await NOBODY), given.normalize('NFC'));
    const owner = record && matches && !record.disabledAt ? record : null;
    const secondFactor = owner?.factor !== undefined;
    const after = secondFactor ? { step: 'password' } : null;
    // A name that nobody has may be a password typed into the wrong field.
    await this.audit.note({ action: 'sign-in', subject: record?._id ?? '', after }, owner ? 'done' : 'refused');
    return owner && { principal: asPrincipal(owner), secondFactor };
  }

  /** Whether a password is the account's. @throws NotFoundError */
  async isPassword(username: string, given: string): Promise<boolean> {
    return verify((await this.known(username)).passwordHash, given.normalize('NFC'));
  }

  /**
   * The account of a session as it is now; null once it was disabled or the session is over. Who came without the
   * password need not change it.
   */
  async current(
    username: string,
    signedInAt: number,
    method: SignInMethod = 'password',
  ): Promise<CurrentAccount | null> {
    const record = await this.accounts.findById(username).lean();
    if (!record || record.disabledAt) return null;
    const isOver = this.now().getTime() - signedInAt >= SESSION_LIMIT_MS;
    if (isOver || (record.sessionsFrom && signedInAt < record.sessionsFrom.getTime())) return null;
    const { mustChange = false, factor } = record;
    return {
      principal: asPrincipal(record),
      mustChange: mustChange && method === 'password',
      secondFactor: factor !== undefined,
    };
  }

  private openLink(secret: string) {
    return { 'link.hash': digest(secret), 'link.expiresAt': { $gt: this.now() } };
  }

  /** @throws NotFoundError */
  private async known(username: string): Promise<AccountRecord> {
    const record = await this.accounts.findById(username).lean();
    if (!record) throw new NotFoundError(`There is no account ${username}.`);
    return record;
  }
}

/** Of a password that somebody chose. @throws ValidationError for one that is too short or long, or easily guessed */
async function hashOfChosen(chosen: string, username: string): Promise<string> {
  const valid = checked(password, chosen);
  if (await isEasilyGuessed(valid, username)) {
    throw new ValidationError([{ path: 'password', message: 'is one of the first that anyone would guess' }]);
  }
  return hashOf(valid);
}

function hashOf(text: string): Promise<string> {
  return hash(text.normalize('NFC'));
}

/** A link holds 256 random bits, so a plain hash keeps it secret. */
function digest(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

function asSummary({ _id, role, scope, createdAt, disabledAt, factor }: AccountRecord): AccountSummary {
  return {
    ...{ username: _id, role, scope, createdAt: createdAt.toISOString() },
    ...{ disabled: disabledAt !== undefined, secondFactor: factor !== undefined },
  };
}

export function asPrincipal({ _id, role, scope }: AccountRecord): Principal {
  return { name: _id, role, scope };
}
