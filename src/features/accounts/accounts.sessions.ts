import { createHash } from 'node:crypto';
import type { Collection } from 'mongodb';
import type { Connection } from 'mongoose';
import { READ_LIMIT_MS } from '../../database/connect.js';

/** What is kept of a session besides its secret id. */
export interface SessionRecord {
  readonly _id: string;
  readonly session: { readonly username?: string; readonly signedInAt?: number; readonly address?: string };
  readonly expires: Date;
}

/** A session as its owner may see it. */
export interface SessionSummary {
  /** Names it, and is worth nothing as a cookie. */
  readonly key: string;
  readonly signedInAt: Date;
  readonly address: string;
}

export const SESSIONS = 'sessions';

/** The sessions of accounts, as the web keeps them. */
export class Sessions {
  private readonly records: Collection<SessionRecord>;

  constructor(connection: Connection) {
    this.records = connection.collection<SessionRecord>(SESSIONS);
  }

  /** The newest first. */
  async of(username: string): Promise<SessionSummary[]> {
    const found = await this.find(username);
    return found
      .map(({ _id, session }) => ({
        key: sessionKey(_id),
        signedInAt: new Date(session.signedInAt ?? 0),
        address: session.address ?? '',
      }))
      .sort((one, other) => other.signedInAt.getTime() - one.signedInAt.getTime());
  }

  /** Ends one session of an account; whether there was one. */
  async end(username: string, key: string): Promise<boolean> {
    const found = (await this.find(username)).find(({ _id }) => sessionKey(_id) === key);
    return found !== undefined && (await this.records.deleteOne({ _id: found._id })).deletedCount === 1;
  }

  /** Ends all sessions of an account, but for one. */
  async endAll(username: string, except?: string): Promise<void> {
    await this.records.deleteMany({
      'session.username': username,
      ...(except === undefined ? {} : { _id: { $ne: except } }),
    });
  }

  private find(username: string): Promise<SessionRecord[]> {
    return this.records
      .find({ 'session.username': username, expires: { $gt: new Date() } }, { maxTimeMS: READ_LIMIT_MS })
      .toArray();
  }
}

export function sessionKey(id: string): string {
  return createHash('sha256').update(id).digest('hex').slice(0, 32);
}
