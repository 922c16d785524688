import type { Connection } from 'mongoose';
import { READ_LIMIT_MS } from '../../database/connect.js';
import { duplicatePositions } from '../../database/duplicate-key.js';

/** What other software can be told about. */
export const WEBHOOK_EVENTS = ['response.low', 'export.done'] as const;
export type WebhookEvent = (typeof WEBHOOK_EVENTS)[number];

/** Where events are sent. Its secret is derived, not stored. */
export interface Webhook {
  /** Its name. */
  readonly _id: string;
  /** Another one under the same name, later, has another key and secret. */
  readonly key: string;
  readonly url: string;
  readonly events: readonly WebhookEvent[];
  /** Unit or centre whose events it is sent; null: all. */
  readonly scope: string | null;
  readonly createdAt: Date;
}

/** An event that a webhook is to be sent, until it took it. */
export interface Delivery {
  /** Webhook's key and event's id: noting the same event twice is noting it once. */
  readonly _id: string;
  readonly webhook: string;
  readonly event: WebhookEvent;
  /** The bytes that are signed and sent, each time the same. */
  readonly body: string;
  readonly attempt: number;
  /** When it is tried next; null once it was given up. */
  readonly dueAt: Date | null;
  readonly createdAt: Date;
  /** What went wrong last. */
  readonly problem: string | null;
}

export function webhookCollection(connection: Connection) {
  return connection.collection<Webhook>('webhooks');
}

export function deliveryCollection(connection: Connection) {
  return connection.collection<Delivery>('webhook_deliveries');
}

/** Every webhook, by name; of one event only those that want it. */
export async function findWebhooks(connection: Connection, event?: WebhookEvent): Promise<Webhook[]> {
  return webhookCollection(connection)
    .find(event === undefined ? {} : { events: event }, { sort: { _id: 1 }, maxTimeMS: READ_LIMIT_MS })
    .toArray();
}

/** Puts deliveries in the outbox; those that are there already stay as they are. */
export async function addDeliveries(connection: Connection, deliveries: readonly Delivery[]): Promise<void> {
  if (deliveries.length === 0) return;
  try {
    await deliveryCollection(connection).insertMany([...deliveries], { ordered: false });
  } catch (error) {
    if (!duplicatePositions(error)) throw error;
  }
}

/** Takes the delivery of a webhook that has been due longest; it is due again at `retryAt`, should the taker die. */
export async function takeDue(
  connection: Connection,
  webhook: string,
  now: Date,
  retryAt: Date,
): Promise<Delivery | null> {
  return deliveryCollection(connection).findOneAndUpdate(
    { webhook, dueAt: { $lte: now } },
    { $set: { dueAt: retryAt }, $inc: { attempt: 1 } },
    { sort: { dueAt: 1 }, returnDocument: 'after' },
  );
}
