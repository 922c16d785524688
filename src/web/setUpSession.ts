import MongoStore from 'connect-mongo';
import type { RequestHandler } from 'express';
import session, { type SessionData } from 'express-session';
import type { Connection } from 'mongoose';
import { READ_LIMIT_MS } from '../database/connect.js';
import { SESSION_COOKIE } from '../features/accounts/accounts.pages.js';
import type { AccountService } from '../features/accounts/accounts.service.js';

const LIFETIME_MS = 8 * 3_600_000;

/** Sessions of staff, kept in the database so that any instance knows them. */
export function setUpSession(connection: Connection, secret: string): RequestHandler {
  return session({
    name: SESSION_COOKIE,
    secret,
    store: new SessionStore(connection),
    resave: false,
    saveUninitialized: false,
    rolling: true,
    cookie: { httpOnly: true, sameSite: 'lax', secure: 'auto', maxAge: LIFETIME_MS },
  });
}

const COLLECTION = 'sessions';

interface StoredSession {
  readonly _id: string;
  readonly session: SessionData;
  readonly expires: Date;
}

/** The library's store, but its read has a limit like every other. */
class SessionStore extends MongoStore {
  constructor(private readonly connection: Connection) {
    super({ client: connection.getClient(), dbName: connection.name, collectionName: COLLECTION, stringify: false });
  }

  override get(id: string, callback: (error: unknown, found?: SessionData | null) => void): void {
    this.connection
      .collection<StoredSession>(COLLECTION)
      .findOne({ _id: id, expires: { $gt: new Date() } }, { maxTimeMS: READ_LIMIT_MS })
      .then(
        (stored) => callback(null, stored?.session ?? null),
        (error: unknown) => callback(error),
      );
  }
}

/** Finds the account of the session, as it is now. */
export function currentAccount(accounts: AccountService): RequestHandler {
  return async (req, res, next) => {
    const { username } = req.session;
    const principal = username === undefined ? null : await accounts.current(username);
    if (principal) {
      req.principal = principal;
      res.locals.account = { username: principal.name, role: principal.role };
      res.set('Cache-Control', 'no-store');
    }
    next();
  };
}
