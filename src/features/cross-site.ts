import type { Request } from 'express';

/** Whether another site had a browser send a request. Programs do not say, nor do browsers to addresses without TLS. */
export function isFromElsewhere(req: Request): boolean {
  const from = req.get('sec-fetch-site');
  return from !== undefined && from !== 'same-origin' && from !== 'none';
}
