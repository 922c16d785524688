import MongoStore from 'connect-mongo';
import type { RequestHandler } from 'express';
import session from 'express-session';
import type { Connection } from 'mongoose';
import { SESSION_COOKIE } from '../features/accounts/accounts.pages.js';
import type { AccountService } from '../features/accounts/accounts.service.js';

const LIFETIME_MS = 8 * 3_600_000;

/** Sessions of staff, kept in the database so that any instance knows them. */
export function setUpSession(connection: Connection, secret: string): RequestHandler {
  const store = MongoStore.create({
    client: connection.getClient(),
    dbName: connection.name,
    collectionName: 'sessions',
    stringify: false,
  });
  return session({
    name: SESSION_COOKIE,
    secret,
    store,
    resave: false,
    saveUninitialized: false,
    rolling: true,
    cookie: { httpOnly: true, sameSite: 'lax', secure: 'auto', maxAge: LIFETIME_MS },
  });
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
