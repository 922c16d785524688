import type { Request } from 'express';

/** A cookie's value; the names and values of ours need no decoding. */
export function cookieOf(req: Request, name: string): string | undefined {
  const pairs = (req.get('cookie') ?? '').split(';').map((text) => text.trim().split('='));
  return pairs.find(([key]) => key === name)?.[1];
}
