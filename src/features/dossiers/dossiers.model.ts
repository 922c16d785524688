import type { Binary } from 'mongodb';
import type { Connection } from 'mongoose';
import type { CountedDossier } from '../../domain/dossier.js';

/**
 * What is kept of a dossier (hồ sơ): where it lies and its local days (Asia/Ho_Chi_Minh). Its code, a personal datum,
 * is not: a keyed hash tells that the feed means the same dossier again.
 */
export interface DossierRecord extends CountedDossier {
  readonly _id: Binary;
  /** Made by `sipas demo`. */
  readonly synthetic?: true;
}

/** A dossier as stored, with what counting needs to know. */
export interface StoredDossier extends DossierRecord {
  /** Names the last change while the tallies do not have it yet. */
  readonly pending?: string;
  /** As the tallies have it; absent while they have nothing of it. */
  readonly counted?: CountedDossier;
  /** The batch that counted it; an older or equal one changes nothing. */
  readonly countedIn?: number;
}

/** Fields of a dossier that may be missing. */
export const OPTIONAL_FIELDS = ['procedure', 'field', 'officer', 'returnedDay', 'synthetic'] as const;

export function dossierCollection(connection: Connection) {
  return connection.collection<StoredDossier>('dossiers');
}
