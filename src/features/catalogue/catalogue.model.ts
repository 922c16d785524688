import { Schema, type Connection, type Model } from 'mongoose';
import type { GradeTable } from '../../domain/grades.js';
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

interface CatalogueLoad {
  _id: string;
  /** sha256 of the files last loaded under this name. */
  fingerprint: string;
}

export interface CatalogueModels {
  readonly units: Model<Unit>;
  readonly questionnaires: Model<Questionnaire>;
  readonly scales: Model<Scale>;
  readonly gradeTables: Model<GradeTable>;
  readonly loads: Model<CatalogueLoad>;
}

/** Reference texts are stored as they are; their form is checked where the files are read. */
function looseSchema<T>(collection: string, keys: Record<string, typeof String | typeof Number>): Schema<T> {
  return new Schema<T>({}, { collection, versionKey: false, strict: false, id: false, minimize: false }).add(keys);
}

export function catalogueModels(connection: Connection): CatalogueModels {
  return {
    units: connection.model('Unit', looseSchema<Unit>('units', { code: String, parent: String, validFrom: String })),
    questionnaires: connection.model(
      'Questionnaire',
      looseSchema<Questionnaire>('questionnaires', { id: String, version: Number }),
    ),
    scales: connection.model('Scale', looseSchema<Scale>('scales', { id: String })),
    gradeTables: connection.model('GradeTable', looseSchema<GradeTable>('grade_tables', { id: String })),
    loads: connection.model('CatalogueLoad', looseSchema<CatalogueLoad>('catalogue_loads', { _id: String })),
  };
}
