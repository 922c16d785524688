import { Schema, type Connection, type Model } from 'mongoose';
import { ROLES, type Role } from '../access/principal.js';

/** A second factor: an authenticator app, and codes to fall back on. */
export interface FactorRecord {
  /** The app's secret, encrypted for this account. */
  readonly secret: string;
  /** Time step of the last code used: it and those before it work no more. */
  readonly lastStep: number;
  /** Keyed hashes of the recovery codes not yet used. */
  readonly recovery: readonly string[];
  readonly since: Date;
}

/** Who somebody is at the provider of single sign-on (docs/adr/0016). */
export interface IdentityRecord {
  /** Their name there, as an administrator entered it; no two accounts have the same. */
  readonly name: string;
  /** Who signed in with the name first: from then on these decide. */
  readonly issuer?: string;
  readonly subject?: string;
  readonly since?: Date;
}

/** A person who signs in. */
export interface AccountRecord {
  /** Lower-case user name. */
  readonly _id: string;
  readonly role: Role;
  readonly scope: string | null;
  /** argon2id, in PHC form. */
  readonly passwordHash: string;
  readonly createdAt: Date;
  readonly disabledAt?: Date;
  /** Somebody else knows the password: nothing else is shown before it is changed. */
  readonly mustChange?: boolean;
  /** sha256 of a link to set the password, and until when it works. */
  readonly link?: { readonly hash: string; readonly expiresAt: Date };
  readonly factor?: FactorRecord;
  readonly identity?: IdentityRecord;
  /** Sessions that began before are over. */
  readonly sessionsFrom?: Date;
}

const schema = new Schema<AccountRecord>(
  {
    _id: String,
    role: { type: String, enum: ROLES, required: true },
    scope: { type: String, default: null },
    passwordHash: { type: String, required: true },
    createdAt: Date,
    disabledAt: Date,
    mustChange: Boolean,
    link: { type: { hash: String, expiresAt: Date }, _id: false },
    factor: { type: { secret: String, lastStep: Number, recovery: [String], since: Date }, _id: false },
    identity: { type: { name: String, issuer: String, subject: String, since: Date }, _id: false },
    sessionsFrom: Date,
  },
  { collection: 'accounts', versionKey: false, strict: 'throw' },
);

export function accountModel(connection: Connection): Model<AccountRecord> {
  return connection.model<AccountRecord>('Account', schema);
}

/** The same accounts, for changes that the driver makes. */
export function accountCollection(connection: Connection) {
  return connection.collection<AccountRecord>('accounts');
}
