import { Schema, type Connection, type Model } from 'mongoose';
import { ROLES, type KioskIdentity, type Role } from './principal.js';

/** A token as stored: by its hash, so that the database never holds one that works. */
export interface TokenRecord {
  /** sha256 of the token, hex. */
  readonly _id: string;
  /** Of an API token; a kiosk's tokens have none. */
  readonly name?: string;
  readonly role: Role;
  readonly scope: string | null;
  readonly kiosk?: string;
  readonly centre?: string;
  /** Given to a paired device, which has one at a time. */
  readonly device?: boolean;
  readonly createdAt: Date;
  readonly revokedAt?: Date;
}

const schema = new Schema<TokenRecord>(
  {
    _id: String,
    name: String,
    role: { type: String, enum: ROLES, required: true },
    scope: { type: String, default: null },
    kiosk: String,
    centre: String,
    device: Boolean,
    createdAt: Date,
    revokedAt: Date,
  },
  { collection: 'tokens', versionKey: false, strict: 'throw' },
);

export function tokenModel(connection: Connection): Model<TokenRecord> {
  return connection.model<TokenRecord>('Token', schema);
}

/** Which device a kiosk has: the id of its token, null for none. */
export function kioskDevices(connection: Connection) {
  return connection.collection<{ readonly _id: string; readonly device?: string | null }>('kiosks');
}

/** The kiosk a token speaks for. */
export function kioskOf(token: TokenRecord): KioskIdentity | undefined {
  return token.centre === undefined ? undefined : { centre: token.centre, code: token.kiosk ?? '' };
}
