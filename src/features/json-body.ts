import express, { type RequestHandler } from 'express';
import { AppError } from '../errors.js';

/** The JSON body of a request, at most `limit` large; any other kind of body is refused. */
export function jsonBody(limit: string): RequestHandler[] {
  const requireJson: RequestHandler = (req, _res, next) => {
    if (req.is('application/json') === false) {
      throw new AppError('unsupported-media-type', 415, 'Unsupported media type', 'Send JSON as application/json.');
    }
    next();
  };
  return [requireJson, express.json({ limit, strict: false })];
}
