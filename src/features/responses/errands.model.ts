import { createHmac } from 'node:crypto';
import { Binary, type ObjectId, type UUID } from 'mongodb';
import type { Connection } from 'mongoose';

/** What a citizen came for, as far as someone has said so; of a dossier only its key. */
export interface Errand {
  readonly dossier?: Binary;
  readonly procedure?: string;
  readonly field?: string;
  readonly counter?: string;
  readonly officer?: string;
}

/** An errand that waits at a kiosk for its rating: good for one that begins from `boundAt` to before `until`. */
export interface ErrandRecord extends Errand {
  readonly _id: ObjectId;
  readonly kiosk: string;
  readonly boundAt: Date;
  readonly until: Date;
  /** Id of the response that is its rating, once there is one. */
  readonly response?: UUID;
}

export function errandCollection(connection: Connection) {
  return connection.collection<ErrandRecord>('errands');
}

/** Stands for a dossier's code, of which nothing else is kept: its keyed hash. */
export function dossierKey(secret: string, code: string): Binary {
  return new Binary(createHmac('sha256', secret).update(`dossier\0${code}`).digest());
}
