import type { RequestHandler } from 'express';
import type { Logger } from 'pino';
import { pinoHttp } from 'pino-http';

/** One line a request: what, how it ended, how long. Neither headers nor bodies, so no token or comment is logged. */
export function setUpLogging(log: Logger): RequestHandler {
  return pinoHttp({
    logger: log,
    genReqId: (_req, res) => String(res.getHeader('X-Request-Id')),
    customLogLevel: (_req, res, error) => (error || res.statusCode >= 500 ? 'error' : 'debug'),
    serializers: {
      req: ({ id, method, url }: { id: unknown; method: string; url: string }) => ({ id, method, path: pathOf(url) }),
      res: ({ statusCode }: { statusCode: number }) => ({ statusCode }),
    },
  });
}

/** Without the query; a pairing code stands in the path and is a secret. */
function pathOf(url: string): string {
  const [path = ''] = url.split('?');
  return path.replace(/^\/kiosk\/pair\/.*/, '/kiosk/pair/…');
}
