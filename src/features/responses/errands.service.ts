import { ObjectId, type Binary, type UUID } from 'mongodb';
import type { Connection } from 'mongoose';
import { z } from 'zod';
import type { Clock } from '../../clock.js';
import { READ_LIMIT_MS } from '../../database/connect.js';
import { ConflictError, ValidationError } from '../../errors.js';
import { fieldErrors, line } from '../validation.js';
import { dossierKey, errandCollection, type Errand, type ErrandRecord } from './errands.model.js';
import { RecentErrands } from './recent-errands.js';
import { dossierMarkCollection } from './responses.model.js';

/** A citizen who has been served rates within this time or not at all (domain.md §2.4). */
export const ERRAND_LIFETIME_MS = 10 * 60_000;

const errandShape = z
  .strictObject({
    dossier: line(100).optional(),
    procedure: line(64).optional(),
    field: line(200).optional(),
    counter: line(64).optional(),
    officer: line(64).optional(),
  })
  .refine((errand) => Object.values(errand).some((value) => value !== undefined), 'must name at least one field');

/** What is said of a citizen's errand, before it is checked. */
export type ErrandInput = Readonly<Partial<Record<keyof Errand, string>>>;

/** A rating as far as finding its errand needs it. */
export interface Rating {
  readonly id: UUID;
  readonly kiosk: string;
  readonly capturedAt: Date;
}

/** Errands: who may rate next at a kiosk, and what about. */
export class ErrandService {
  private readonly recent: RecentErrands;

  constructor(
    private readonly connection: Connection,
    private readonly secret: string,
    private readonly now: Clock,
  ) {
    this.recent = new RecentErrands(connection, ERRAND_LIFETIME_MS, now);
  }

  /**
   * Binds the next rating at a kiosk to an errand, in place of the one before, and gives until when.
   * @throws ValidationError, or ConflictError when the dossier was rated before
   */
  async bind(kiosk: string, input: unknown): Promise<Date> {
    const parsed = errandShape.safeParse(input);
    if (!parsed.success) throw new ValidationError(fieldErrors(parsed.error));
    const errand = this.errandOf(parsed.data);
    if (errand.dossier && (await this.isRated(errand.dossier))) {
      throw new ConflictError('dossier-rated', 'This dossier was already rated.');
    }
    await this.release(kiosk);
    const boundAt = this.now();
    const until = new Date(boundAt.getTime() + ERRAND_LIFETIME_MS);
    await errandCollection(this.connection).insertOne({ _id: new ObjectId(), kiosk, boundAt, until, ...errand });
    this.recent.note(kiosk, until);
    return until;
  }

  /** The next rating at a kiosk is bound to nothing any more; one that began before keeps its errand. */
  async release(kiosk: string): Promise<void> {
    const now = this.now();
    await errandCollection(this.connection).updateMany({ kiosk, until: { $gt: now } }, { $set: { until: now } });
  }

  /** What was said, with the dossier's key in place of its code. */
  errandOf({ dossier, ...rest }: { readonly [Field in keyof Errand]?: string | undefined }): Errand {
    const said = Object.entries(rest).filter(([, value]) => value !== undefined);
    return {
      ...(dossier === undefined ? {} : { dossier: dossierKey(this.secret, dossier) }),
      ...Object.fromEntries(said),
    };
  }

  /** Whether there is a rating of a dossier. */
  async isRated(key: Binary): Promise<boolean> {
    const mark = await dossierMarkCollection(this.connection).findOne(
      { _id: key },
      { projection: { _id: 1 }, maxTimeMS: READ_LIMIT_MS },
    );
    return mark !== null;
  }

  /**
   * The errands these ratings are about, by position. An errand belongs to the first rating that comes for it, and to
   * that one again when it is sent again.
   */
  async claim(ratings: readonly (Rating | undefined)[]): Promise<(Errand | undefined)[]> {
    const present = ratings.flatMap((rating) => rating ?? []);
    if (present.length === 0) return [];
    const waiting = await this.waiting(await this.recent.candidates(present));
    const claimed: (Errand | undefined)[] = [];
    const taken = new Set<ErrandRecord>();
    for (const rating of ratings) {
      const record = rating && waiting.find((candidate) => isFor(candidate, rating) && !taken.has(candidate));
      const own = record && (await this.take(record, rating));
      if (record) taken.add(record);
      claimed.push(own ? errandIn(record) : undefined);
    }
    return claimed;
  }

  private async waiting(ratings: readonly Rating[]): Promise<ErrandRecord[]> {
    if (ratings.length === 0) return [];
    const kiosks = [...new Set(ratings.map(({ kiosk }) => kiosk))];
    const times = ratings.map(({ capturedAt }) => capturedAt.getTime());
    const [earliest, latest] = [new Date(Math.min(...times)), new Date(Math.max(...times))];
    return errandCollection(this.connection)
      .find(
        { kiosk: { $in: kiosks }, boundAt: { $lte: latest }, until: { $gt: earliest } },
        { maxTimeMS: READ_LIMIT_MS },
      )
      .sort({ boundAt: -1 })
      .toArray();
  }

  private async take({ _id }: ErrandRecord, { id }: Rating): Promise<boolean> {
    const { matchedCount } = await errandCollection(this.connection).updateOne(
      { _id, $or: [{ response: { $exists: false } }, { response: id }] },
      { $set: { response: id } },
    );
    return matchedCount === 1;
  }
}

function isFor({ kiosk, boundAt, until, response }: ErrandRecord, rating: Rating): boolean {
  if (response && !response.equals(rating.id)) return false;
  return kiosk === rating.kiosk && boundAt <= rating.capturedAt && rating.capturedAt < until;
}

const FIELDS = ['dossier', 'procedure', 'field', 'counter', 'officer'] as const satisfies readonly (keyof Errand)[];

function errandIn(record: ErrandRecord): Errand {
  return Object.fromEntries(FIELDS.flatMap((name) => (record[name] === undefined ? [] : [[name, record[name]]])));
}
