import { createHmac } from 'node:crypto';
import type { Connection } from 'mongoose';
import type { Clock } from '../../clock.js';
import { deliveryCollection, findWebhooks, takeDue, type Delivery, type Webhook } from './webhooks.model.js';
import { post } from './webhooks.request.js';
import type { WebhookService } from './webhooks.service.js';

/** A delivery whose sender died is taken up again this much later; longer than any request takes. */
const TAKEN_MS = 60_000;
const FIRST_PAUSE_MS = 30_000;
const LONGEST_PAUSE_MS = 6 * 3_600_000;
/** Tries over about a day. */
const MAX_ATTEMPTS = 13;

/** Sends what is in the outbox: at least once, and again later when a receiver does not take it. */
export class WebhookSender {
  constructor(
    private readonly connection: Connection,
    private readonly webhooks: WebhookService,
    /** Private networks that requests may go to. */
    private readonly allowed: readonly string[],
    private readonly now: Clock,
  ) {}

  /** Sends everything that is due; a receiver that fails holds up no other. */
  async run(): Promise<void> {
    const webhooks = await findWebhooks(this.connection);
    await Promise.all(webhooks.map((webhook) => this.sendDue(webhook)));
  }

  /** Sends one after the other until one fails: who does not take this one would not take the next either. */
  private async sendDue(webhook: Webhook): Promise<void> {
    for (;;) {
      const delivery = await takeDue(this.connection, webhook.key, this.now(), this.in(TAKEN_MS));
      if (!delivery) return;
      const problem = await this.send(webhook, delivery);
      if (problem === null) await deliveryCollection(this.connection).deleteOne({ _id: delivery._id });
      else {
        await this.putOff(delivery, problem);
        return;
      }
    }
  }

  /** What went wrong, if anything. */
  private async send(webhook: Webhook, { body, event }: Delivery): Promise<string | null> {
    const timestamp = String(Math.floor(this.now().getTime() / 1000));
    const headers = {
      'Content-Type': 'application/json; charset=utf-8',
      'User-Agent': 'sipas-webhook',
      'Sipas-Event': event,
      'Sipas-Timestamp': timestamp,
      'Sipas-Signature': `sha256=${signature(this.webhooks.secretOf(webhook), timestamp, body)}`,
    };
    try {
      const status = await post({ url: webhook.url, headers, body, allowed: this.allowed });
      return status >= 200 && status < 300 ? null : `answered ${status}`;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  private async putOff({ _id, attempt }: Delivery, problem: string): Promise<void> {
    const pause = Math.min(FIRST_PAUSE_MS * 2 ** (attempt - 1), LONGEST_PAUSE_MS);
    const dueAt = attempt < MAX_ATTEMPTS ? this.in(pause) : null;
    await deliveryCollection(this.connection).updateOne({ _id }, { $set: { dueAt, problem } });
  }

  private in(ms: number): Date {
    return new Date(this.now().getTime() + ms);
  }
}

/** HMAC-SHA-256 of `timestamp.body`, hex: neither can be changed, nor sent again under another time. */
function signature(secret: string, timestamp: string, body: string): string {
  return createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex');
}
