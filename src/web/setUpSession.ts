import MongoStore from 'connect-mongo';
import type { RequestHandler } from 'express';
import session, { type SessionData } from 'express-session';
import type { Connection } from 'mongoose';
import { READ_LIMIT_MS } from '../database/connect.js';
import { OWN_ACCOUNT, OWN_FACTOR, SESSION_COOKIE } from '../features/accounts/accounts.pages.js';
import type { AccountService } from '../features/accounts/accounts.service.js';
import type { SettingsService } from '../features/settings/settings.service.js';

/** A session nobody uses for this long is over; how long it may last at all is the accounts' matter. */
const IDLE_MS = 3_600_000;

/** Sessions of staff, kept in the database so that any instance knows them. */
export function setUpSession(connection: Connection, secret: string): RequestHandler {
  return session({
    name: SESSION_COOKIE,
    secret,
    store: new SessionStore(connection),
    resave: false,
    saveUninitialized: false,
    rolling: true,
    cookie: { httpOnly: true, sameSite: 'lax', secure: 'auto', maxAge: IDLE_MS },
  });
}

const COLLECTION = 'sessions';

interface StoredSession {
  readonly _id: string;
  readonly session: SessionData;
  readonly expires: Date;
}

/** The library's store, but its read has a limit like every other, and its index is made where all are. */
class SessionStore extends MongoStore {
  constructor(private readonly connection: Connection) {
    super({
      client: connection.getClient(),
      dbName: connection.name,
      collectionName: COLLECTION,
      stringify: false,
      // Else it makes the index by itself, not waited for: a server stopped just then ends with an error nobody caught.
      autoRemove: 'disabled',
    });
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

/** What may be done before a password that somebody else knows is changed. */
const OPEN_BEFORE_CHANGE = [OWN_ACCOUNT, `${OWN_ACCOUNT}/password`, '/logout'];
/** What may be done besides before a second factor that the installation asks for is set up. */
const OPEN_BEFORE_FACTOR = [...OPEN_BEFORE_CHANGE, OWN_FACTOR, `${OWN_FACTOR}/qr.svg`];

/** Finds the account of the session, as it is now. */
export function currentAccount(accounts: AccountService, settings: SettingsService): RequestHandler {
  return async (req, res, next) => {
    const { username, signedInAt = 0, method } = req.session;
    const account = username === undefined ? null : await accounts.current(username, signedInAt, method);
    if (!account) {
      next();
      return;
    }
    const { principal, mustChange, secondFactor } = account;
    const { requireTotp } = settings.current;
    const needsFactor = !secondFactor && (requireTotp === 'all' || requireTotp === principal.role);
    req.principal = principal;
    res.locals.account = { username: principal.name, role: principal.role };
    res.locals.needsFactor = needsFactor;
    res.set('Cache-Control', 'no-store');
    if (mustChange && !OPEN_BEFORE_CHANGE.includes(req.path)) res.redirect(303, OWN_ACCOUNT);
    else if (!mustChange && needsFactor && !OPEN_BEFORE_FACTOR.includes(req.path)) res.redirect(303, OWN_FACTOR);
    else next();
  };
}
