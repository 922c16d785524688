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
  /** Absent: it is at work. */
  readonly closed?: Closure;
  /** Absent: none was ever added. */
  readonly counters?: readonly Counter[];
}

/** The end of a centre. Its figures stay its own: a successor's begin with the successor. */
export interface Closure {
  /** Its last local day. */
  readonly on: string;
  /** Code of the centre that goes on with its work, after a merger for instance. */
  readonly successor?: string;
}

/** A counter of a centre. Responses name it by its code, so it may be renamed and closed, never removed. */
export interface Counter {
  readonly code: string;
  readonly name: string;
  readonly closed?: boolean;
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
    closed: Schema.Types.Mixed,
    ticketsFrom: Date,
    hours: Schema.Types.Mixed,
    counters: Schema.Types.Mixed,
    createdAt: Date,
  },
  { collection: 'centres', versionKey: false, strict: 'throw' },
);

export function centreModel(connection: Connection): Model<CentreRecord> {
  return connection.model<CentreRecord>('Centre', schema);
}

/** A centre as the product knows it; more than three thousand are made at once, so none in vain. */
export function asCentre(record: Omit<CentreRecord, 'ticketsFrom' | 'hours' | 'createdAt'>): Centre {
  const { _id, name, unit, level, synthetic, closed, counters } = record;
  const centre = { code: _id, name, unit, level, ...(synthetic && { synthetic }) };
  return closed || counters ? { ...centre, ...(closed && { closed }), ...(counters && { counters }) } : centre;
}
