import express, { type Request, type RequestHandler } from 'express';
import { BadRequestError } from '../errors.js';

/** A file of a form; nothing was chosen where it has no name and no bytes. */
export interface FormFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace -- how Express lets its request be extended
  namespace Express {
    interface Request {
      /** The files of a form, by the name of their field. */
      files?: ReadonlyMap<string, FormFile>;
    }
  }
}

/**
 * The fields of a form that holds files, at most `limit` large altogether: its texts become `req.body`, its files
 * `req.files`. The whole of it is in memory meanwhile, so the limit must be small and senders few.
 */
export function multipartBody(limit: string): RequestHandler[] {
  const read: RequestHandler = async (req, _res, next) => {
    const form = await formOf(req);
    const texts: [string, string][] = [];
    const files = new Map<string, FormFile>();
    for (const [field, value] of form) {
      if (typeof value === 'string') texts.push([field, value]);
      else files.set(field, { name: value.name, bytes: new Uint8Array(await value.arrayBuffer()) });
    }
    req.body = Object.fromEntries(texts);
    req.files = files;
    next();
  };
  return [express.raw({ type: 'multipart/form-data', limit }), read];
}

async function formOf(req: Request): Promise<FormData> {
  const body: unknown = req.body;
  if (!Buffer.isBuffer(body)) throw unreadable();
  const form = new Response(new Uint8Array(body), { headers: { 'Content-Type': req.get('content-type') ?? '' } });
  try {
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- warned of for bodies of any size; this one is limited and in memory already
    return await form.formData();
  } catch {
    throw unreadable();
  }
}

function unreadable(): BadRequestError {
  return new BadRequestError('The form could not be read.', [{ path: '', message: 'is no multipart/form-data' }]);
}
