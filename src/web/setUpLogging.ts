import type { RequestHandler } from 'express';
import type { Logger } from 'pino';

/** A line a request at level debug: what, how it ended, how long. No headers, no bodies: no token or comment is logged. */
export function setUpLogging(log: Logger): RequestHandler {
  return (req, res, next) => {
    if (log.isLevelEnabled('debug')) {
      const start = performance.now();
      res.on('finish', () => {
        const { requestId, method, path } = req;
        const milliseconds = Math.round(performance.now() - start);
        log.debug({ requestId, method, path: withoutSecrets(path), status: res.statusCode, milliseconds }, 'request');
      });
    }
    next();
  };
}

/** A pairing code and a link to set a password stand in the path and are secrets. */
export function withoutSecrets(path: string): string {
  return path.replace(/^\/(kiosk\/pair|password)\/.*/, '/$1/…');
}
