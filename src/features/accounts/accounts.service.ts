import { hash, verify } from '@node-rs/argon2';
import type { Connection, Model } from 'mongoose';
import { z } from 'zod';
import type { Clock } from '../../clock.js';
import { isDuplicateKey } from '../../database/duplicate-key.js';
import { ConflictError, NotFoundError, ValidationError } from '../../errors.js';
import type { AuditService } from '../audit/audit.service.js';
import type { Principal, Role } from '../access/principal.js';
import { fieldErrors } from '../validation.js';
import { accountModel, type AccountRecord } from './accounts.model.js';

export const PASSWORD_MIN = 8;
/** What an account may be; programs and kiosks have tokens. */
export const STAFF_ROLES = ['admin', 'manager', 'viewer'] as const;

const newAccount = z.strictObject({
  username: z
    .string()
    .toLowerCase()
    .regex(/^[a-z0-9][a-z0-9._-]{1,63}$/, 'must be 2 to 64 letters, digits, ".", "_" or "-"'),
  role: z.enum(STAFF_ROLES, `must be one of ${STAFF_ROLES.join(', ')}`),
  scope: z.string().nullable(),
  password: z
    .string()
    .min(PASSWORD_MIN, `must be at least ${PASSWORD_MIN} characters`)
    .max(256, 'must be at most 256 characters'),
});
export type NewAccount = z.input<typeof newAccount>;

/** What may be told of an account. */
export interface AccountSummary {
  readonly username: string;
  readonly role: Role;
  readonly scope: string | null;
  readonly createdAt: string;
  readonly disabled: boolean;
}

/** Verified when a name is unknown, so that the answer takes as long as for a wrong password. */
const NOBODY = hash('no account has this password');

export class AccountService {
  private readonly accounts: Model<AccountRecord>;

  constructor(
    connection: Connection,
    private readonly audit: AuditService,
    private readonly now: Clock,
  ) {
    this.accounts = accountModel(connection);
  }

  /** @throws ValidationError, or ConflictError when the name is taken */
  async add(input: NewAccount): Promise<void> {
    const parsed = newAccount.safeParse(input);
    if (!parsed.success) throw new ValidationError(fieldErrors(parsed.error));
    const { username, role, scope, password } = parsed.data;
    const passwordHash = await hash(password.normalize('NFC'));
    await this.audit.change({ action: 'account.add', subject: username, after: { role, scope } }, async () => {
      try {
        await this.accounts.create({ _id: username, role, scope, passwordHash, createdAt: this.now() });
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
    const records = await this.accounts.find({}).sort({ _id: 1 }).lean();
    return records.map(({ _id, role, scope, createdAt, disabledAt }) => ({
      username: _id,
      role,
      scope,
      createdAt: createdAt.toISOString(),
      disabled: disabledAt !== undefined,
    }));
  }

  /** @throws NotFoundError when there is no such account */
  async disable(username: string): Promise<void> {
    if (!(await this.accounts.exists({ _id: username }))) throw new NotFoundError(`There is no account ${username}.`);
    await this.audit.change({ action: 'account.disable', subject: username }, () =>
      this.accounts.updateOne({ _id: username }, { disabledAt: this.now() }),
    );
  }

  /** The account with this name and password; null says no more than that there is none. */
  async signIn(username: string, password: string): Promise<Principal | null> {
    const record = await this.accounts.findById(username.toLowerCase()).lean();
    const matches = await verify(record?.passwordHash ?? (await NOBODY), password.normalize('NFC'));
    const principal = record && matches && !record.disabledAt ? asPrincipal(record) : null;
    // A name that nobody has may be a password typed into the wrong field.
    await this.audit.note({ action: 'sign-in', subject: record?._id ?? '' }, principal ? 'done' : 'refused');
    return principal;
  }

  /** The account of a session as it is now; null once it was disabled. */
  async current(username: string): Promise<Principal | null> {
    const record = await this.accounts.findById(username).lean();
    return record && !record.disabledAt ? asPrincipal(record) : null;
  }
}

function asPrincipal({ _id, role, scope }: AccountRecord): Principal {
  return { name: _id, role, scope };
}
