import type { Connection, Model } from 'mongoose';
import type { Clock } from '../../clock.js';
import { isDuplicateKey } from '../../database/duplicate-key.js';
import type { Questionnaire } from '../../domain/questionnaire.js';
import type { CatalogueService } from '../catalogue/catalogue.service.js';
import type { Flag } from '../flags/flags.model.js';
import type { Errand } from '../responses/errands.model.js';
import type { Origin, Outcome, ResponseService } from '../responses/responses.service.js';
import { checkResponse } from '../responses/responses.validators.js';
import { draftModel, type DraftRecord } from './drafts.model.js';

/** How long a citizen at a kiosk may take between two taps before the answers so far count as they are. */
export const DRAFT_LIFETIME_MS = 90_000;

/** Where a citizen answers, what is asked there, and what is known of the errand. */
export interface Place {
  /** Keeps the drafts of one place from those of another. */
  readonly key: string;
  readonly origin: Origin;
  readonly questionnaire: Questionnaire;
  readonly errand: Errand;
  readonly flags: readonly Flag[];
  /** How long a citizen may take between two taps before the answers so far count as they are. */
  readonly lifetimeMs: number;
}

export interface Extras {
  readonly reasons: readonly string[];
  readonly comment: string;
}

const NO_EXTRAS: Extras = { reasons: [], comment: '' };
const SWEEP_LIMIT = 200;

/**
 * Answers in the making on pages without JavaScript. The first tap is kept at once; the draft becomes a response when
 * the citizen finishes or, failing that, when it is due.
 */
export class DraftService {
  private readonly drafts: Model<DraftRecord>;

  constructor(
    connection: Connection,
    private readonly responses: ResponseService,
    private readonly catalogue: CatalogueService,
    private readonly now: Clock,
  ) {
    this.drafts = draftModel(connection);
  }

  async find(id: string, { key }: Place): Promise<DraftRecord | null> {
    return this.drafts.findOne({ _id: id, place: key }).lean();
  }

  /**
   * Notes the answer to one item; the same tap sent twice is one answer.
   * Null: these answers were completed before, and stay as they are.
   */
  async answer(
    id: string,
    { key, origin, questionnaire, errand, flags, lifetimeMs }: Place,
    locale: string,
    answers: Readonly<Record<string, number>>,
  ): Promise<DraftRecord | null> {
    const now = this.now();
    const set = Object.fromEntries(Object.entries(answers).map(([item, level]) => [`answers.${item}`, level]));
    try {
      return await this.drafts
        .findOneAndUpdate(
          { _id: id, place: key },
          {
            $set: { ...set, dueAt: new Date(now.getTime() + lifetimeMs) },
            $setOnInsert: {
              origin,
              errand,
              flags,
              questionnaire: questionnaire.id,
              version: questionnaire.version,
              locale,
              capturedAt: now,
              ...(Object.keys(set).length === 0 ? { answers: {} } : {}),
            },
          },
          { upsert: true, returnDocument: 'after' },
        )
        .lean();
    } catch (error) {
      if (isDuplicateKey(error)) return null;
      throw error;
    }
  }

  /**
   * Makes a draft the response it stands for. A draft without a single answer leaves nothing behind.
   * @returns what became of the response; null when there was none
   * @throws when the database does not answer; the draft then stays and is completed later
   */
  async complete(draft: DraftRecord, extras: Extras = NO_EXTRAS): Promise<Outcome | null> {
    const outcome = Object.keys(draft.answers).length > 0 ? await this.store(draft, extras) : null;
    await this.drafts.deleteOne({ _id: draft._id });
    return outcome;
  }

  /**
   * Completes the drafts whose citizens have left, and gives how many.
   * @throws AggregateError, after all were tried, when some could not be completed; those stay
   */
  async completeDue(): Promise<number> {
    const due = await this.drafts
      .find({ dueAt: { $lte: this.now() } })
      .sort({ dueAt: 1 })
      .limit(SWEEP_LIMIT)
      .lean();
    const failures: unknown[] = [];
    for (const draft of due) await this.complete(draft).catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw new AggregateError(failures, `${failures.length} drafts could not be completed`);
    return due.length;
  }

  /** When it was completed before with other reasons, what was stored first stays. */
  private store(draft: DraftRecord, extras: Extras): Promise<Outcome> {
    const { _id: id, origin, errand, flags, questionnaire, version, answers, locale, capturedAt } = draft;
    const response = { id, questionnaire, version, answers, locale, capturedAt: capturedAt.toISOString(), ...extras };
    const checked = checkResponse(response, this.catalogue, this.now());
    if (!checked.ok) throw new Error(`Draft ${id} is no valid response: ${JSON.stringify(checked.errors)}`);
    return this.responses.receive({ input: checked.value, origin, errand, flags });
  }
}
