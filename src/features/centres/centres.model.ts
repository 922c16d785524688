import { Schema, type Connection, type Model } from 'mongoose';
import type { OpeningHours } from '../../domain/opening-hours.js';

export const CENTRE_LEVELS = ['province', 'commune'] as const;
export type CentreLevel = (typeof CENTRE_LEVELS)[number];

/** A one-stop service centre (Trung tâm Phục vụ hành chính công / Bộ phận Một cửa). */
export interface Centre {
  readonly code: string;
  readonly name: string;
  /** Code of the unit it belongs to. */
  readonly unit: string;
  readonly level: CentreLevel;
  /** Made by `sipas demo`; its figures are not real. */
  readonly synthetic?: boolean;
}

export interface CentreRecord extends Omit<Centre, 'code'> {
  readonly _id: string;
  /** Tickets for everyone made before this instant are called back. */
  readonly ticketsFrom?: Date;
  /** Absent: nobody has said when it is open. */
  readonly hours?: OpeningHours;
  readonly createdAt: Date;
}

const schema = new Schema<CentreRecord>(
  {
    _id: String,
    name: { type: String, required: true },
    unit: { type: String, required: true },
    level: { type: String, enum: CENTRE_LEVELS, required: true },
    synthetic: Boolean,
    ticketsFrom: Date,
    hours: Schema.Types.Mixed,
    createdAt: Date,
  },
  { collection: 'centres', versionKey: false, strict: 'throw' },
);

export function centreModel(connection: Connection): Model<CentreRecord> {
  return connection.model<CentreRecord>('Centre', schema);
}
