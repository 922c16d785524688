import type { UUID } from 'mongodb';
import { type Binary } from 'mongodb';
import type { Connection } from 'mongoose';

export const CHANNELS = ['kiosk', 'qr', 'paper', 'import'] as const;
export type Channel = (typeof CHANNELS)[number];

/** The device's clock at the tap, and how far it was off: `capturedAt` is their sum. */
export interface DeviceClock {
  readonly capturedAt: Date;
  readonly offsetMs: number;
}

/**
 * One citizen's answers, as stored: never changed, never deleted, but for `pending` once it is counted and `comment` once
 * it was kept long enough.
 */
export interface ResponseRecord {
  readonly _id: UUID;
  readonly centre: string;
  /** Code of the kiosk, '' when it came in by another way. */
  readonly kiosk: string;
  readonly channel: Channel;
  readonly questionnaire: string;
  readonly version: number;
  /** Level codes of the items that were answered, and of no other. */
  readonly answers: Readonly<Record<string, number>>;
  readonly reasons?: readonly string[];
  readonly comment?: string;
  readonly demographics?: Readonly<Record<string, string>>;
  readonly capturedAt: Date;
  readonly receivedAt: Date;
  /** Local day and hour (Asia/Ho_Chi_Minh) of `capturedAt`. */
  readonly day: string;
  readonly hour: number;
  readonly locale?: string;
  readonly field?: string;
  readonly procedure?: string;
  readonly counter?: string;
  readonly officer?: string;
  readonly device?: DeviceClock;
  /** Hash of what the sender sent: tells a retry from another response under the same id. */
  readonly content: Binary;
  /** Present until the response is in the tallies. */
  readonly pending?: true;
  /** Made by `sipas demo`. */
  readonly synthetic?: true;
}

/** That a dossier was rated: by which response, with which content. Keyed by the dossier's keyed hash. */
export interface DossierMark {
  readonly _id: Binary;
  readonly response: UUID;
  readonly content: Binary;
  readonly createdAt: Date;
}

export function responseCollection(connection: Connection) {
  return connection.collection<ResponseRecord>('responses');
}

export function dossierMarkCollection(connection: Connection) {
  return connection.collection<DossierMark>('dossier_marks');
}
