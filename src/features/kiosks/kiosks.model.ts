import { Schema, type Connection, type Model } from 'mongoose';

/** A rating device of a centre, as known; the device itself holds only a token. */
export interface KioskRecord {
  readonly _id: string;
  readonly centre: string;
  readonly questionnaire: string;
  readonly counter?: string;
  /** What a device enters to become this kiosk, until `pairCodeExpiresAt`. */
  readonly pairCode?: string;
  readonly pairCodeExpiresAt?: Date;
  /** When a device first paired with that code. */
  readonly pairedAt?: Date;
  /** Id of the token of the device that is this kiosk; null: none is. Absent: paired under an older release, or never. */
  readonly device?: string | null;
  readonly createdAt: Date;
  /** Shows no rating buttons until staff lets it go on. */
  readonly paused?: boolean;
  readonly settings?: Partial<KioskSettings>;
  readonly lastSeen?: LastSeen;
}

/** What may be set for a kiosk; all in seconds. */
export interface KioskSettings {
  /** Without a tap for this long the screen counts down and goes back to rest. */
  readonly idleSeconds: number;
  readonly thanksSeconds: number;
  /** A tap on the rest screen this soon after the rating before is not a new rating. */
  readonly repeatSeconds: number;
  /** Ratings that follow each other faster are flagged, never dropped. */
  readonly flagSeconds: number;
}

export const DEFAULT_SETTINGS: KioskSettings = {
  idleSeconds: 30,
  thanksSeconds: 5,
  repeatSeconds: 4,
  flagSeconds: 10,
};

/** What the device said of itself at its last contact. */
export interface LastSeen {
  readonly at: Date;
  readonly version: string;
  readonly queued: number;
  readonly oldestMs: number | null;
  readonly setAside: number;
  readonly battery?: number;
}

const kioskSchema = new Schema<KioskRecord>(
  {
    _id: String,
    centre: { type: String, required: true },
    questionnaire: { type: String, required: true },
    counter: String,
    pairCode: String,
    pairCodeExpiresAt: Date,
    pairedAt: Date,
    device: String,
    createdAt: Date,
    paused: Boolean,
    settings: Schema.Types.Mixed,
    lastSeen: Schema.Types.Mixed,
  },
  { collection: 'kiosks', versionKey: false, strict: 'throw' },
);

export function kioskModel(connection: Connection): Model<KioskRecord> {
  return connection.model<KioskRecord>('Kiosk', kioskSchema);
}
