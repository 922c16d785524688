import type { Connection } from 'mongoose';
import type { Questionnaire } from '../../domain/questionnaire.js';
import type { Scale } from '../../domain/scale.js';

export const UNIT_KINDS = ['tinh', 'thanh-pho', 'xa', 'phuong', 'dac-khu'] as const;
export type UnitKind = (typeof UNIT_KINDS)[number];

/** One version of an administrative unit: its kind and name from `validFrom` to `validTo`, both inclusive local days. */
export interface Unit {
  readonly code: string;
  readonly name: string;
  readonly kind: UnitKind;
  /** Code of the province; null for a province. */
  readonly parent: string | null;
  readonly validFrom: string;
  /** null: in force. */
  readonly validTo: string | null;
  readonly decree: string;
}

/**
 * One version as stored. Those of the product's files have none of the fields added here, which only its maker's pages
 * write (docs/adr/0015).
 */
export interface QuestionnaireRecord extends Questionnaire {
  /** Absent: published. */
  readonly state?: QuestionnaireState;
  /** Counts the changes of a draft. */
  readonly revision?: number;
  readonly publishedAt?: Date;
}

export type QuestionnaireState = 'draft' | 'published' | 'retired';

/** A version that citizens may have answered. */
export const PUBLISHED = { state: { $ne: 'draft' } } as const;

interface CatalogueLoad {
  readonly _id: string;
  /** sha256 of the files last loaded under this name. */
  readonly fingerprint: string;
}

/** Reference records are stored as they are; their form is checked where the files are read. */
export function catalogueCollections(connection: Connection) {
  return {
    units: connection.collection<Unit>('units'),
    questionnaires: connection.collection<QuestionnaireRecord>('questionnaires'),
    scales: connection.collection<Scale>('scales'),
    loads: connection.collection<CatalogueLoad>('catalogue_loads'),
  };
}
