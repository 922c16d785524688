import type { RequestHandler } from 'express';
import helmet from 'helmet';
import { ForbiddenError, NotFoundError } from '../errors.js';
import { isFromElsewhere } from '../features/cross-site.js';

/** Security headers: nothing from elsewhere, nothing inline, no framing. */
export function setUpWebSecurity({ publicUrl }: { publicUrl: string }): RequestHandler {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        fontSrc: ["'self'"],
        imgSrc: ["'self'"],
        mediaSrc: ["'self'"],
        connectSrc: ["'self'"],
        formAction: ["'self'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    strictTransportSecurity: publicUrl.startsWith('https:'),
    // With no referrer at all, browsers would also hide the origin of our own forms.
    referrerPolicy: { policy: 'same-origin' },
    crossOriginEmbedderPolicy: false,
  });
}

/** Refuses `OPTIONS *`, which is about the server and not about anything on it. */
export function refuseServerTarget(): RequestHandler {
  return (req, _res, next) => {
    if (!req.path.startsWith('/')) throw new NotFoundError();
    next();
  };
}

const SAFE_METHODS = ['GET', 'HEAD', 'OPTIONS'];

/** Refuses forms that another site had a browser send. */
export function refuseCrossSite(): RequestHandler {
  return (req, _res, next) => {
    if (isFromElsewhere(req) && !SAFE_METHODS.includes(req.method)) {
      throw new ForbiddenError('The form came from another site.');
    }
    next();
  };
}
