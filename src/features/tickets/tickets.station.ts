import { createHash } from 'node:crypto';
import { Binary } from 'mongodb';
import type { Station } from '../drafts/flow.pages.js';
import type { Errand } from '../responses/errands.model.js';
import type { TicketContent } from './tickets.code.js';
import type { OpenTicket } from './tickets.service.js';

/** At home a comment may take its time. */
const LIFETIME_MS = 30 * 60_000;

/** Where the flow of someone with a ticket takes place. */
export function ticketStation(text: string, { content, centre, questionnaire }: OpenTicket): Station {
  return {
    key: `ticket ${createHash('sha256').update(text).digest('base64url')}`,
    base: `/r/${text}`,
    origin: { centre: centre.code, kiosk: '', channel: 'qr' },
    questionnaire,
    errand: errandOf(content),
    flags: content.dossier ? [] : ['open-channel'],
    lifetimeMs: LIFETIME_MS,
    centreName: centre.name,
    returns: null,
    takesErrand: false,
  };
}

function errandOf({ dossier, counter, procedure, officer }: TicketContent): Errand {
  return {
    ...(dossier ? { dossier: new Binary(dossier) } : {}),
    ...(counter === undefined ? {} : { counter }),
    ...(procedure === undefined ? {} : { procedure }),
    ...(officer === undefined ? {} : { officer }),
  };
}
