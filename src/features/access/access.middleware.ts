import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { ForbiddenError, UnauthorizedError } from '../../errors.js';
import { may, type KioskIdentity, type Principal, type Right } from './principal.js';
import type { TokenService } from './tokens.service.js';

declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace -- how Express lets its request be extended
  namespace Express {
    interface Request {
      /** Who asks, once known. */
      principal?: Principal;
    }
  }
}

/** Reads the bearer token of an API request. @throws UnauthorizedError without a token that works */
export function authenticate(tokens: TokenService): RequestHandler {
  return async (req: Request, _res: Response, next: NextFunction) => {
    const principal = await bearer(req, tokens);
    if (!principal) throw new UnauthorizedError();
    req.principal = principal;
    next();
  };
}

/** Who the bearer token of a request stands for; null without a token that works. */
export async function bearer(req: Request, tokens: TokenService): Promise<Principal | null> {
  const token = /^Bearer ([\w-]{1,200})$/i.exec(req.get('authorization') ?? '')?.[1];
  return token === undefined ? null : tokens.principal(token);
}

/** Lets pass who has a right. @throws ForbiddenError for everyone else */
export function requireRight(right: Right): RequestHandler {
  return (req, _res, next) => {
    if (!may(principalOf(req).role, right)) throw new ForbiddenError();
    next();
  };
}

/** Who asks. @throws UnauthorizedError when nobody was found out */
export function principalOf(req: Request): Principal {
  if (!req.principal) throw new UnauthorizedError();
  return req.principal;
}

/** The kiosk that asks. @throws ForbiddenError when it is none */
export function kioskOf(req: Request): KioskIdentity {
  const { kiosk } = principalOf(req);
  if (!kiosk) throw new ForbiddenError();
  return kiosk;
}
