import type { Collection, Filter } from 'mongodb';
import type { Connection } from 'mongoose';
import type { Clock } from '../../clock.js';
import { READ_LIMIT_MS } from '../../database/connect.js';
import { isDuplicateKey } from '../../database/duplicate-key.js';
import { ConflictError, NotFoundError } from '../../errors.js';
import type { AuditService } from '../audit/audit.service.js';
import { accountCollection, type AccountRecord } from './accounts.model.js';
import { SignInRefused, type ProvedPerson } from './accounts.oidc.js';
import { asPrincipal, type SignedIn } from './accounts.service.js';
import { Sessions } from './accounts.sessions.js';

/** What may be told of an account's person at the provider of single sign-on. */
export interface IdentitySummary {
  readonly name: string;
  /** When somebody signed in with the name first; null: nobody has. */
  readonly since: Date | null;
}

/** Which person at the provider of single sign-on an account belongs to (docs/adr/0016). */
export class Identities {
  private readonly accounts: Collection<AccountRecord>;
  private readonly sessions: Sessions;

  constructor(
    connection: Connection,
    private readonly audit: AuditService,
    private readonly now: Clock,
  ) {
    this.accounts = accountCollection(connection);
    this.sessions = new Sessions(connection);
  }

  async summary(username: string): Promise<IdentitySummary | null> {
    const identity = (await this.find({ _id: username }))?.identity;
    return identity ? { name: identity.name, since: identity.since ?? null } : null;
  }

  /**
   * Lets whoever signs in with a name next have the account; an empty name lets nobody. Who had it before has it no
   * more, and its sessions end. @throws NotFoundError, or ConflictError when another account has the name
   */
  async setName(username: string, given: string): Promise<void> {
    const name = given.normalize('NFC').trim();
    const record = await this.find({ _id: username });
    if (!record) throw new NotFoundError(`There is no account ${username}.`);
    const before = record.identity?.name ?? null;
    if (before === null && name === '') return;
    const ends = before === null ? {} : { sessionsFrom: this.now() };
    const change =
      name === '' ? { $unset: { identity: 1 as const }, $set: ends } : { $set: { identity: { name }, ...ends } };
    const event = { action: 'account.identity', subject: username } as const;
    await this.audit.change({ ...event, before: { name: before }, after: { name: name || null } }, async () => {
      try {
        await this.accounts.updateOne({ _id: username }, change);
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
        throw new ConflictError('identity-taken', 'Another account has this name for single sign-on.');
      }
    });
    if (before !== null) await this.sessions.endAll(username);
  }

  /** The account of a person; the first to come with its name is bound to it. @throws SignInRefused, ProviderUnreachable */
  async signIn(person: ProvedPerson): Promise<SignedIn> {
    const { issuer, subject } = person;
    const bound = await this.find({ 'identity.subject': subject, 'identity.issuer': issuer });
    const owner = bound ?? (await this.bind(person));
    if (owner.disabledAt) throw new SignInRefused('disabled', { username: owner._id });
    const secondFactor = owner.factor !== undefined;
    const after = { method: 'oidc', ...(secondFactor ? { step: 'single sign-on' } : {}) };
    await this.audit.note({ action: 'sign-in', subject: owner._id, after }, 'done');
    return { principal: asPrincipal(owner), secondFactor };
  }

  /** Records that nobody was signed in, and why. */
  async noteRefusal({ reason, about: { username = '', name } }: SignInRefused): Promise<void> {
    const after = { method: 'oidc', reason, ...(name === undefined ? {} : { name }) };
    await this.audit.note({ action: 'sign-in', subject: username, after }, 'refused');
  }

  /** The condition in the update decides between two who come with one name at the same moment. */
  private async bind(person: ProvedPerson): Promise<AccountRecord> {
    const name = await person.name();
    if (name === null) throw new SignInRefused('no name');
    const owner = await this.find({ 'identity.name': name });
    if (!owner) throw new SignInRefused('unknown name', { name });
    const about = { username: owner._id, name };
    if (owner.disabledAt) throw new SignInRefused('disabled', about);
    if (owner.identity?.subject !== undefined) throw new SignInRefused('other person', about);
    const { issuer, subject } = person;
    const event = { action: 'account.identity', subject: owner._id, after: { name, bound: true } } as const;
    const { modifiedCount } = await this.audit.change(event, () =>
      this.accounts.updateOne(
        { _id: owner._id, 'identity.name': name, 'identity.subject': { $exists: false } },
        { $set: { identity: { name, issuer, subject, since: this.now() } } },
      ),
    );
    if (modifiedCount !== 1) throw new SignInRefused('other person', about);
    return owner;
  }

  private find(filter: Filter<AccountRecord>): Promise<AccountRecord | null> {
    return this.accounts.findOne(filter, { maxTimeMS: READ_LIMIT_MS });
  }
}
