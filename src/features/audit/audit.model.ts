import { createHmac } from 'node:crypto';
import type { Collection } from 'mongodb';
import type { Connection } from 'mongoose';
import type { Actor } from './audit.actor.js';

/** What is recorded. */
export const ACTIONS = [
  'sign-in',
  'account.add',
  'account.change',
  'account.disable',
  'account.enable',
  'account.factor',
  'account.factor-remove',
  'account.identity',
  'account.link',
  'account.password',
  'account.sessions',
  'token.create',
  'token.revoke',
  'kiosk.add',
  'kiosk.code',
  'kiosk.pair',
  'kiosk.questionnaire',
  'kiosk.settings',
  'kiosk.pause',
  'kiosk.resume',
  'kiosk.unpair',
  'centre.add',
  'centre.import',
  'centre.hours',
  'centre.change',
  'centre.close',
  'centre.reopen',
  'counter.add',
  'counter.change',
  'counter.close',
  'counter.reopen',
  'tickets.recall',
  'index.put',
  'index.remove',
  'index.import',
  'score.put',
  'questionnaire.add',
  'questionnaire.change',
  'questionnaire.discard',
  'questionnaire.publish',
  'questionnaire.retire',
  'questionnaire.reinstate',
  'grade-table.add',
  'grade-table.version',
  'grade-table.change',
  'grade-table.remove',
  'settings.change',
  'webhook.add',
  'webhook.remove',
  'import',
  'export',
  'export.file',
  'retention',
] as const;
export type Action = (typeof ACTIONS)[number];

/**
 * How far it went: `intended` is written before a change, the others after it. An intention without an entry that
 * follows it is a change of which nobody knows whether it took place.
 */
export const OUTCOMES = ['intended', 'done', 'refused', 'failed'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** What was the case: plain values, and never a secret. */
export type Facts = Readonly<Record<string, string | number | boolean | null>>;

/** One entry, as stored. */
export interface AuditRecord {
  /** 1, 2, 3 … without gaps: the unique key decides which of two writers is next. */
  readonly _id: number;
  readonly at: Date;
  readonly actor: Actor;
  readonly action: Action;
  /** Code or name of what it is about. */
  readonly subject: string;
  readonly outcome: Outcome;
  /** Number of the intention that this entry is the outcome of. */
  readonly of?: number;
  readonly before: Facts | null;
  readonly after: Facts | null;
  /** Seal of the entry before. */
  readonly previous: string;
  /** Keyed hash of everything above. */
  readonly seal: string;
}

/** What the first entry has for the seal of the one before. */
export const NO_SEAL = '0'.repeat(64);

/** How far the chain went, kept apart from it: entries taken off its end show. */
export interface AuditHead {
  readonly _id: 'head';
  readonly number: number;
  readonly seal: string;
}

export function auditCollection(connection: Connection): Collection<AuditRecord> {
  return connection.collection<AuditRecord>('audit');
}

export function auditHeads(connection: Connection): Collection<AuditHead> {
  return connection.collection<AuditHead>('audit_head');
}

/** The key of the seals: who can write to the database alone cannot make them. */
export function sealKey(secret: string): Buffer {
  return createHmac('sha256', secret).update('audit').digest();
}

/** HMAC-SHA-256 of an entry, hex: any change of it, or of an entry before it, makes another. */
export function sealOf(key: Buffer, entry: Omit<AuditRecord, 'seal'>): string {
  const { _id, at, actor, action, subject, outcome, of, before, after, previous } = entry;
  const parts = [
    [_id, at.toISOString(), actor.kind, actor.name, actor.address, actor.request],
    [action, subject, outcome, of ?? null, inOrder(before), inOrder(after), previous],
  ];
  return createHmac('sha256', key).update(JSON.stringify(parts)).digest('hex');
}

/** Facts as a list by name, so that the order of fields in a document does not matter. */
function inOrder(facts: Facts | null): readonly unknown[] | null {
  return facts && Object.entries(facts).sort(([one], [other]) => (one < other ? -1 : 1));
}
