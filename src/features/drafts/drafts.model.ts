import { Schema, type Connection, type Model } from 'mongoose';
import type { Flag } from '../flags/flags.model.js';
import type { Errand } from '../responses/errands.model.js';
import type { Origin } from '../responses/responses.service.js';

/**
 * Answers tapped on a page that needs no JavaScript, before the citizen has finished: kept from the first tap on,
 * so that whoever walks away has still been heard.
 */
export interface DraftRecord {
  /** The id the response will have. */
  readonly _id: string;
  /** Where it was begun, and must go on. */
  readonly place: string;
  readonly origin: Origin;
  readonly errand: Errand;
  readonly flags: readonly Flag[];
  readonly questionnaire: string;
  readonly version: number;
  readonly answers: Readonly<Record<string, number>>;
  readonly locale: string;
  readonly capturedAt: Date;
  /** When it becomes a response as it is. */
  readonly dueAt: Date;
}

const draftSchema = new Schema<DraftRecord>(
  {
    _id: String,
    place: { type: String, required: true },
    origin: Schema.Types.Mixed,
    errand: Schema.Types.Mixed,
    flags: [String],
    questionnaire: String,
    version: Number,
    answers: Schema.Types.Mixed,
    locale: String,
    capturedAt: Date,
    dueAt: Date,
  },
  { collection: 'drafts', versionKey: false, strict: 'throw', minimize: false },
);

export function draftModel(connection: Connection): Model<DraftRecord> {
  return connection.model<DraftRecord>('Draft', draftSchema);
}
