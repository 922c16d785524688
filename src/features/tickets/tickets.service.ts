import { Binary } from 'mongodb';
import { z } from 'zod';
import type { Clock } from '../../clock.js';
import { formatDay } from '../../domain/format-vi.js';
import { addDays, localDay } from '../../domain/period.js';
import type { Questionnaire } from '../../domain/questionnaire.js';
import { ConflictError, NotFoundError, ValidationError } from '../../errors.js';
import { translator } from '../../i18n/index.js';
import type { CatalogueService } from '../catalogue/catalogue.service.js';
import type { Centre } from '../centres/centres.model.js';
import type { CentreService } from '../centres/centres.service.js';
import { DEFAULT_QUESTIONNAIRE, requireKnownPlace } from '../centres/known-place.js';
import type { ErrandService } from '../responses/errands.service.js';
import { fieldErrors, line } from '../validation.js';
import { sealTicket, unsealTicket, type TicketContent } from './tickets.code.js';
import { ticketSheet } from './tickets.sheet.js';

/** A citizen may hold a receipt for as long as the procedure takes. */
const DOSSIER_DAYS = 90;
const LONGEST_DAYS = 3650;
/** No longer than the mark of a rated dossier is kept at least: until then it is used once. */
const LONGEST_DOSSIER_DAYS = 365;

const newTicket = z
  .strictObject({
    centre: z.string(),
    counter: line(64).optional(),
    dossier: line(100).optional(),
    procedure: line(64).optional(),
    officer: line(64).optional(),
    questionnaire: z.string().default(DEFAULT_QUESTIONNAIRE),
    days: z.int('must be whole days').min(1, 'must be 1 or more').max(LONGEST_DAYS).optional(),
  })
  .refine(({ dossier, days = 0 }) => dossier === undefined || days <= LONGEST_DOSSIER_DAYS, {
    path: ['days'],
    message: `must be at most ${LONGEST_DOSSIER_DAYS} with a dossier`,
  });
export type NewTicket = z.input<typeof newTicket>;

/** A ticket as it was made. */
export interface Ticket {
  readonly ticket: string;
  readonly url: string;
  /** Null: until it is called back. */
  readonly expiresAt: Date | null;
}

/** A ticket as it is used. */
export interface OpenTicket {
  readonly content: TicketContent;
  readonly centre: Centre;
  readonly questionnaire: Questionnaire;
}

/** What a ticket someone shows is worth. */
export type Admission =
  { readonly kind: 'open'; readonly ticket: OpenTicket } | { readonly kind: 'unknown' } | { readonly kind: 'expired' };

/** Tickets by which citizens rate on their own phones; they are signed, not stored. */
export class TicketService {
  private readonly places: Parameters<typeof requireKnownPlace>[0];

  constructor(
    private readonly centres: CentreService,
    private readonly catalogue: CatalogueService,
    private readonly errands: ErrandService,
    private readonly secret: string,
    private readonly publicUrl: string,
    private readonly now: Clock,
  ) {
    this.places = { centres, catalogue };
  }

  /**
   * Makes a ticket: for a dossier, to be used once, or for a centre or counter, to be used by everyone who reads it.
   * @throws ValidationError, or ConflictError when the dossier was rated before
   */
  async make(input: unknown): Promise<Ticket> {
    const parsed = newTicket.safeParse(input);
    if (!parsed.success) throw new ValidationError(fieldErrors(parsed.error));
    const { dossier, days = dossier === undefined ? undefined : DOSSIER_DAYS, ...said } = parsed.data;
    await requireKnownPlace(this.places, said);
    const { dossier: key } = this.errands.errandOf({ dossier });
    if (key && (await this.errands.isRated(key))) {
      throw new ConflictError('dossier-rated', 'This dossier was already rated.');
    }
    const issuedAt = this.now();
    const expiresAt = days === undefined ? null : endOf(addDays(localDay(issuedAt), days));
    const own = key ? { dossier: Buffer.from(key.value()) } : {};
    const ticket = sealTicket(this.secret, { ...said, ...own, issuedAt, expiresAt });
    return { ticket, url: this.urlOf(ticket), expiresAt };
  }

  /** Whether a ticket admits to rating; a dossier's may still be used up, see {@link isUsed}. */
  async admit(ticket: string): Promise<Admission> {
    const content = unsealTicket(this.secret, ticket);
    if (!content) return { kind: 'unknown' };
    const centre = await this.centres.find(content.centre);
    const questionnaire = this.catalogue.questionnaire(content.questionnaire);
    if (!centre || !questionnaire) return { kind: 'unknown' };
    // Whoever was served before a centre closed may still say how it was.
    const isOver = centre.closed !== undefined || content.issuedAt < (await this.centres.ticketsFrom(centre.code));
    const isRecalled = !content.dossier && isOver;
    if (isRecalled || (content.expiresAt && content.expiresAt <= this.now())) return { kind: 'expired' };
    return { kind: 'open', ticket: { content, centre, questionnaire } };
  }

  /** Whether the dossier of a ticket has been rated, with this ticket or otherwise. */
  async isUsed({ content }: OpenTicket): Promise<boolean> {
    return content.dossier !== undefined && this.errands.isRated(new Binary(content.dossier));
  }

  async knowsCentre(code: string): Promise<boolean> {
    return (await this.centres.find(code)) !== null;
  }

  /** The page to print for a ticket that admits. @throws NotFoundError for another */
  async sheetOf(ticket: string): Promise<string> {
    const admission = await this.admit(ticket);
    if (admission.kind !== 'open') throw new NotFoundError('There is no such ticket.');
    return this.sheet(ticket, admission.ticket);
  }

  /** The page to print for a ticket. */
  sheet(ticket: string, { content, centre }: OpenTicket): string {
    const { counter, dossier, expiresAt } = content;
    const until = expiresAt && formatDay(localDay(new Date(expiresAt.getTime() - 1)));
    const about = { centreName: centre.name, counter: counter ?? null, once: dossier !== undefined, until };
    return ticketSheet({ url: this.urlOf(ticket), ...about }, translator('vi'));
  }

  private urlOf(ticket: string): string {
    return `${this.publicUrl}/r/${ticket}`;
  }
}

/** The instant at which a local day is over. */
function endOf(day: string): Date {
  return new Date(`${addDays(day, 1)}T00:00:00+07:00`);
}
