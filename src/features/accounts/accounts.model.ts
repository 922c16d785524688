import { Schema, type Connection, type Model } from 'mongoose';
import { ROLES, type Role } from '../access/principal.js';

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
}

const schema = new Schema<AccountRecord>(
  {
    _id: String,
    role: { type: String, enum: ROLES, required: true },
    scope: { type: String, default: null },
    passwordHash: { type: String, required: true },
    createdAt: Date,
    disabledAt: Date,
  },
  { collection: 'accounts', versionKey: false, strict: 'throw' },
);

export function accountModel(connection: Connection): Model<AccountRecord> {
  return connection.model<AccountRecord>('Account', schema);
}
