import { createHmac, randomUUID } from 'node:crypto';
import type { Connection } from 'mongoose';
import { z } from 'zod';
import type { Clock } from '../../clock.js';
import { READ_LIMIT_MS } from '../../database/connect.js';
import { isDuplicateKey } from '../../database/duplicate-key.js';
import { ConflictError, NotFoundError, ValidationError } from '../../errors.js';
import type { ScopeService } from '../access/scope.service.js';
import type { AuditService } from '../audit/audit.service.js';
import { fieldErrors } from '../validation.js';
import {
  addDeliveries,
  deliveryCollection,
  findWebhooks,
  webhookCollection,
  WEBHOOK_EVENTS,
  type Webhook,
  type WebhookEvent,
} from './webhooks.model.js';

const newWebhook = z.strictObject({
  name: z.string().regex(/^[\w.-]{1,64}$/, 'must be 1 to 64 letters, digits, ".", "_" or "-"'),
  url: z
    .url({ protocol: /^https?$/, error: 'must be an http:// or https:// address' })
    .max(2000, 'is too long')
    .refine(
      (url) => !URL.canParse(url) || new URL(url).username + new URL(url).password === '',
      'must not hold a password',
    ),
  events: z
    .array(z.string())
    .min(1, `must name one of ${WEBHOOK_EVENTS.join(', ')}`)
    .pipe(z.array(z.enum(WEBHOOK_EVENTS, `must be one of ${WEBHOOK_EVENTS.join(', ')}`))),
  scope: z.string().nullable(),
});
export type NewWebhook = z.input<typeof newWebhook>;

/** Something that happened at a place; `data` holds no words of citizens, and nothing by which to find a person. */
export interface Happening {
  /** The same each time it is told. */
  readonly id: string;
  /** Unit or centre where; null: everywhere. */
  readonly place: string | null;
  readonly data: Readonly<Record<string, string | number | null>>;
}

/** What may be told of a webhook. */
export interface WebhookSummary extends Omit<Webhook, '_id' | 'key'> {
  readonly name: string;
  /** Deliveries that wait, and those that were given up. */
  readonly waiting: number;
  readonly givenUp: number;
  /** What went wrong last with one of those. */
  readonly problem: string | null;
}

/** Who is told of what. What happened is noted in an outbox, from which the sender takes it. */
export class WebhookService {
  constructor(
    private readonly connection: Connection,
    private readonly scopes: ScopeService,
    private readonly audit: AuditService,
    private readonly secret: string,
    private readonly now: Clock,
  ) {}

  /** Adds a webhook and gives its secret. `scope` is a known place. @throws ValidationError, ConflictError */
  async add(input: NewWebhook): Promise<string> {
    const parsed = newWebhook.safeParse(input);
    if (!parsed.success) throw new ValidationError(fieldErrors(parsed.error));
    const { name, url, events, scope } = parsed.data;
    const webhook: Webhook = { _id: name, key: randomUUID(), url, events, scope, createdAt: this.now() };
    const after = { url, events: events.join(' '), scope };
    await this.audit.change({ action: 'webhook.add', subject: name, after }, async () => {
      try {
        await webhookCollection(this.connection).insertOne(webhook);
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
        throw new ConflictError('webhook-exists', `There is a webhook ${name} already.`);
      }
    });
    return this.secretOf(webhook);
  }

  /** Removes a webhook, with what it was not sent yet. @throws NotFoundError */
  async remove(name: string): Promise<void> {
    const known = await webhookCollection(this.connection).findOne({ _id: name }, { maxTimeMS: READ_LIMIT_MS });
    if (!known) throw new NotFoundError(`There is no webhook ${name}.`);
    await this.audit.change({ action: 'webhook.remove', subject: name }, async () => {
      await webhookCollection(this.connection).deleteOne({ _id: name });
      await deliveryCollection(this.connection).deleteMany({ webhook: known.key });
    });
  }

  async list(): Promise<WebhookSummary[]> {
    const deliveries = deliveryCollection(this.connection);
    const summary = async ({ _id: name, key, ...webhook }: Webhook): Promise<WebhookSummary> => {
      const limit = { maxTimeMS: READ_LIMIT_MS };
      const waiting = await deliveries.countDocuments({ webhook: key, dueAt: { $ne: null } }, limit);
      const givenUp = await deliveries.countDocuments({ webhook: key, dueAt: null }, limit);
      const failed = await deliveries.findOne({ webhook: key, problem: { $ne: null } }, limit);
      return { name, ...webhook, waiting, givenUp, problem: failed?.problem ?? null };
    };
    return Promise.all((await findWebhooks(this.connection)).map(summary));
  }

  /** Notes what happened for every webhook that wants to know; noting it again changes nothing until it was sent. */
  async note(event: WebhookEvent, happenings: () => readonly Happening[]): Promise<void> {
    for (const webhook of await findWebhooks(this.connection, event)) {
      const at = this.now();
      const wanted: Happening[] = [];
      for (const happening of happenings()) {
        if (await this.scopes.covers(webhook.scope, happening.place)) wanted.push(happening);
      }
      const deliveries = wanted.map(({ id, data }) => ({
        ...{ _id: `${webhook.key} ${event} ${id}`, webhook: webhook.key, event, attempt: 0 },
        body: JSON.stringify({ id: `${event}:${id}`, event, at: at.toISOString(), data }),
        ...{ dueAt: at, createdAt: at, problem: null },
      }));
      await addDeliveries(this.connection, deliveries);
    }
  }

  /** What the receiver of a webhook checks its signatures with: who has the database alone cannot make them. */
  secretOf({ key }: Pick<Webhook, 'key'>): string {
    return createHmac('sha256', this.secret).update(`webhook ${key}`).digest('base64url');
  }
}
