import { randomUUID } from 'node:crypto';
import type { RequestHandler } from 'express';

declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace -- how Express lets its request be extended
  namespace Express {
    interface Request {
      /** Names this request in the answer, in errors and in the log. */
      requestId: string;
    }
  }
}

/** Gives every request an id, sent back as `X-Request-Id`. */
export function setUpRequestId(): RequestHandler {
  return (req, res, next) => {
    req.requestId = randomUUID();
    res.set('X-Request-Id', req.requestId);
    next();
  };
}
