import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';

/** What a ticket says: where the citizen was, and what for. */
export interface TicketContent {
  readonly centre: string;
  readonly questionnaire: string;
  readonly counter?: string | undefined;
  readonly procedure?: string | undefined;
  readonly officer?: string | undefined;
  /** The key of the dossier it is for, once: its keyed hash. Without one it may be used again and again. */
  readonly dossier?: Buffer;
  readonly issuedAt: Date;
  /** Null: until it is called back. */
  readonly expiresAt: Date | null;
}

const MINUTE_MS = 60_000;
const SIGNATURE_BYTES = 16;

/** Short names and round times: every character makes the squares of the printed code smaller. */
const shape = z.strictObject({
  c: z.string(),
  q: z.string(),
  n: z.string().optional(),
  p: z.string().optional(),
  o: z.string().optional(),
  i: z.number(),
  x: z.number().optional(),
});

/** A ticket as it stands in an address: what it says, the dossier's key and a signature. */
export function sealTicket(secret: string, content: TicketContent): string {
  const { centre, questionnaire, counter, procedure, officer, dossier, issuedAt, expiresAt } = content;
  const fields: z.infer<typeof shape> = {
    ...{ c: centre, q: questionnaire, n: counter, p: procedure, o: officer },
    // To the millisecond: a ticket and its recall may fall within one second.
    i: issuedAt.getTime(),
    x: expiresAt ? Math.ceil(expiresAt.getTime() / MINUTE_MS) : undefined,
  };
  const said = Buffer.from(JSON.stringify(fields)).toString('base64url');
  const signed = `${said}~${dossier?.toString('base64url') ?? ''}`;
  return `${signed}~${signature(secret, signed).toString('base64url')}`;
}

/** What a ticket says; null when this installation did not make it. */
export function unsealTicket(secret: string, ticket: string): TicketContent | null {
  const [, signed = '', said = '', dossier = '', given = ''] = /^(([\w-]+)~([\w-]*))~([\w-]+)$/.exec(ticket) ?? [];
  const theirs = Buffer.from(given, 'base64url');
  const ours = signature(secret, signed);
  if (theirs.length !== ours.length || !timingSafeEqual(theirs, ours)) return null;
  const { c, q, n, p, o, i, x } = shape.parse(JSON.parse(Buffer.from(said, 'base64url').toString('utf8')));
  return {
    ...{ centre: c, questionnaire: q, counter: n, procedure: p, officer: o },
    ...(dossier === '' ? {} : { dossier: Buffer.from(dossier, 'base64url') }),
    issuedAt: new Date(i),
    expiresAt: x === undefined ? null : new Date(x * MINUTE_MS),
  };
}

function signature(secret: string, signed: string): Buffer {
  return createHmac('sha256', secret).update(`ticket\0${signed}`).digest().subarray(0, SIGNATURE_BYTES);
}
