import { createHash } from 'node:crypto';
import { Binary, UUID } from 'mongodb';
import type { Connection } from 'mongoose';
import type { Clock } from '../../clock.js';
import { READ_LIMIT_MS } from '../../database/connect.js';
import { duplicatePositions } from '../../database/duplicate-key.js';
import { isOpen } from '../../domain/opening-hours.js';
import { localDay, localHour } from '../../domain/period.js';
import type { CentreService } from '../centres/centres.service.js';
import type { Flag } from '../flags/flags.model.js';
import type { FlagService } from '../flags/flags.service.js';
import { dossierKey, type Errand } from './errands.model.js';
import type { ErrandService, Rating } from './errands.service.js';
import {
  dossierMarkCollection,
  responseCollection,
  type Channel,
  type DeviceClock,
  type DossierMark,
  type ResponseRecord,
} from './responses.model.js';
import type { ResponseInput } from './responses.validators.js';
import { WriteQueue } from './write-queue.js';

/** Where a response comes from: taken from the sender's token or the way in, never from the response itself. */
export interface Origin {
  readonly centre: string;
  readonly kiosk: string;
  readonly channel: Channel;
  readonly synthetic?: true;
}

export interface Arrival {
  readonly input: ResponseInput;
  readonly origin: Origin;
  /** What the device's own clock said, where it told. */
  readonly device?: DeviceClock;
  /** What the way in says of the errand, besides what the response itself says. */
  readonly errand?: Errand;
  /** What is worth a second look about it. */
  readonly flags?: readonly Flag[];
  /** From an export, which never says to which dossier a response belonged: what is stored may have had one. */
  readonly dossierLeftOut?: true;
}

export type Outcome = 'stored' | 'duplicate' | 'other-content' | 'dossier-rated';

/** How many single responses one write takes at most. */
const TOGETHER_MAX = 200;

/** The write that took a key may not have reached a majority yet, and must be seen all the same. */
const EVEN_IF_NEW = { maxTimeMS: READ_LIMIT_MS, readConcern: { level: 'local' } } as const;

/** Takes responses in: exactly once by their id, one per dossier, on disk before it answers. */
export class ResponseService {
  private readonly queue = new WriteQueue<Arrival, Outcome>((arrivals) => this.receiveMany(arrivals), TOGETHER_MAX);

  constructor(
    private readonly connection: Connection,
    private readonly secret: string,
    private readonly now: Clock,
    private readonly errands: ErrandService,
    private readonly flags: FlagService,
    private readonly centres: Pick<CentreService, 'hoursOf'>,
  ) {}

  /** Stores one response, together with those that arrive at the same moment; see {@link receiveMany}. */
  receive(arrival: Arrival): Promise<Outcome> {
    return this.queue.add(arrival);
  }

  /**
   * Stores responses and says of each, in order, what became of it. Unique keys decide, nothing is read before it is
   * written, so it is safe to send anything again after any failure.
   */
  async receiveMany(arrivals: readonly Arrival[]): Promise<Outcome[]> {
    const receivedAt = this.now();
    const bound = await this.errands.claim(arrivals.map(asRating));
    const records = arrivals.map((arrival, index): ResponseRecord => ({
      ...asCountedRecord(arrival, bound[index], receivedAt),
      pending: true,
    }));
    const keys = arrivals.map((arrival) => this.ownDossier(arrival));
    const marks = records.map((record, index) => asMark(keys[index] ?? bound[index]?.dossier, record, receivedAt));
    const marked = await insertEach(marks, this.markStore());
    // Only who names the dossier is refused for it: a citizen cannot know what a kiosk was bound to.
    const admitted = records.map((record, index) => (marked[index] === 'other' && keys[index] ? undefined : record));
    const leftOut = new Set(records.filter((_, index) => arrivals[index]?.dossierLeftOut));
    const stored = await insertEach(admitted, this.responseStore(leftOut));
    const outcomes = stored.map((result): Outcome => {
      if (result === undefined) return 'dossier-rated';
      return ({ inserted: 'stored', same: 'duplicate', other: 'other-content' } as const)[result];
    });
    const withdrawn = marks.filter((_, index) => marked[index] === 'inserted' && stored[index] === 'other');
    await this.withdraw(withdrawn);
    await this.noteFlags(arrivals, outcomes);
    return this.retryFreed(arrivals, outcomes, marks, withdrawn);
  }

  /**
   * Stores synthetic responses as counted and gives those that were not there before, for whoever counts them. They
   * rate no dossier.
   */
  async receiveCounted(arrivals: readonly Arrival[]): Promise<ResponseRecord[]> {
    const receivedAt = this.now();
    const records = arrivals.map((arrival) => asCountedRecord(arrival, undefined, receivedAt));
    const stored = await insertEach(records, this.responseStore(new Set()));
    return records.filter((_, index) => stored[index] === 'inserted');
  }

  /** A mark that was withdrawn may have stood in the way of later responses of the same batch; they get their turn. */
  private async retryFreed(
    arrivals: readonly Arrival[],
    outcomes: readonly Outcome[],
    marks: readonly (DossierMark | undefined)[],
    withdrawn: readonly (DossierMark | undefined)[],
  ): Promise<Outcome[]> {
    const freed = new Set(withdrawn.flatMap((mark) => (mark ? [keyText(mark)] : [])));
    const isFreed = (index: number) => {
      const mark = marks[index];
      return outcomes[index] === 'dossier-rated' && mark !== undefined && freed.has(keyText(mark));
    };
    const blocked = arrivals.filter((_, index) => isFreed(index));
    if (blocked.length === 0) return [...outcomes];
    const retried = (await this.receiveMany(blocked)).values();
    return outcomes.map((outcome, index) => (isFreed(index) ? (retried.next().value ?? outcome) : outcome));
  }

  /** Retries note them again, in case the first try did not come this far. */
  private async noteFlags(arrivals: readonly Arrival[], outcomes: readonly Outcome[]): Promise<void> {
    const kept = arrivals.filter((_, index) => outcomes[index] === 'stored' || outcomes[index] === 'duplicate');
    const hours = await this.centres.hoursOf(kept.filter(isAtKiosk).map(({ origin }) => origin.centre));
    await this.flags.note(
      kept.map((arrival) => {
        const { input, origin, flags = [] } = arrival;
        const open = hours.get(origin.centre);
        const isLate = open !== undefined && isAtKiosk(arrival) && !isOpen(open, input.capturedAt);
        return { id: input.id, flags: isLate ? [...flags, 'out-of-hours'] : flags };
      }),
    );
  }

  private markStore(): Store<DossierMark> {
    const marks = dossierMarkCollection(this.connection);
    return {
      insertUnordered: (documents) => marks.insertMany(documents, { ordered: false }),
      find: (ids) => marks.find({ _id: { $in: ids } }, EVEN_IF_NEW).toArray(),
      isSame: (mine, theirs) => sameBytes(mine.response, theirs.response) && sameBytes(mine.content, theirs.content),
    };
  }

  /** @param dossierLeftOut the records that are the same as a stored one also when only that one had a dossier */
  private responseStore(dossierLeftOut: ReadonlySet<ResponseRecord>): Store<ResponseRecord> {
    const responses = responseCollection(this.connection);
    return {
      insertUnordered: (documents) => responses.insertMany(documents, { ordered: false }),
      find: (ids) => responses.find({ _id: { $in: ids } }, EVEN_IF_NEW).toArray(),
      isSame: (mine, theirs) =>
        mine.centre === theirs.centre &&
        (sameBytes(mine.content, theirs.content) ||
          (dossierLeftOut.has(mine) && sameBytes(mine.content, contentHash({ ...theirs, dossier: undefined })))),
    };
  }

  /** The dossier that the response, or the way it came in, names. */
  private ownDossier({ input, errand }: Arrival): Binary | undefined {
    return input.dossier === undefined ? errand?.dossier : dossierKey(this.secret, input.dossier);
  }

  /** Takes back marks made a moment ago for responses that were then refused. */
  private async withdraw(marks: readonly (DossierMark | undefined)[]): Promise<void> {
    for (const mark of marks) {
      if (!mark) continue;
      const { _id, response, content } = mark;
      await dossierMarkCollection(this.connection).deleteOne({ _id, response, content });
    }
  }
}

/** Only a kiosk stands in its centre, and can be used at hours when nobody should be there. */
function isAtKiosk({ origin }: Arrival): boolean {
  return origin.channel === 'kiosk' && origin.kiosk !== '';
}

/** A rating given at a kiosk, which may be about what the kiosk was bound to. */
function asRating(arrival: Arrival): Rating | undefined {
  const { input, origin } = arrival;
  if (!isAtKiosk(arrival)) return undefined;
  return { id: new UUID(input.id), kiosk: origin.kiosk, capturedAt: input.capturedAt };
}

function asMark(key: Binary | undefined, record: ResponseRecord, createdAt: Date): DossierMark | undefined {
  return key && { _id: key, response: record._id, content: record.content, createdAt };
}

/** What the response says of its errand comes first, then the way it came in, then what the kiosk was bound to. */
function asCountedRecord(
  { input, origin, device, errand }: Arrival,
  bound: Errand | undefined,
  receivedAt: Date,
): ResponseRecord {
  const { reasons, comment, demographics, locale } = input;
  const said = (name: 'field' | 'procedure' | 'counter' | 'officer') => input[name] ?? errand?.[name] ?? bound?.[name];
  const [field, procedure, counter, officer] = [said('field'), said('procedure'), said('counter'), said('officer')];
  return {
    _id: new UUID(input.id),
    ...origin,
    questionnaire: input.questionnaire,
    version: input.version,
    answers: input.answers,
    ...(reasons.length > 0 ? { reasons } : {}),
    ...(comment === '' ? {} : { comment }),
    ...(Object.keys(demographics).length > 0 ? { demographics } : {}),
    capturedAt: input.capturedAt,
    receivedAt,
    day: localDay(input.capturedAt),
    hour: localHour(input.capturedAt),
    ...(locale === undefined ? {} : { locale }),
    ...(field === undefined ? {} : { field }),
    ...(procedure === undefined ? {} : { procedure }),
    ...(counter === undefined ? {} : { counter }),
    ...(officer === undefined ? {} : { officer }),
    ...(device === undefined ? {} : { device }),
    content: contentHash(input),
  };
}

/** What a sender sent, or what is stored of it, which leaves out what is empty. */
type HashedContent = Pick<
  ResponseRecord,
  'questionnaire' | 'version' | 'answers' | 'reasons' | 'comment' | 'demographics' | 'capturedAt'
> &
  Pick<ResponseInput, 'locale' | 'procedure' | 'field' | 'counter' | 'officer' | 'dossier'>;

/** The same for the same answers however they were written down: order of fields and of reasons does not matter. */
function contentHash(input: HashedContent): Binary {
  const sorted = (entries: Readonly<Record<string, number | string>>) =>
    Object.entries(entries).sort(([a], [b]) => (a < b ? -1 : 1));
  const canonical = JSON.stringify([
    input.questionnaire,
    input.version,
    sorted(input.answers),
    [...(input.reasons ?? [])].sort(),
    input.comment ?? '',
    sorted(input.demographics ?? {}),
    input.capturedAt.getTime(),
    [input.locale, input.procedure, input.field, input.counter, input.officer, input.dossier],
  ]);
  return new Binary(createHash('sha256').update(canonical).digest().subarray(0, 16));
}

function sameBytes(a: Binary, b: Binary): boolean {
  return Buffer.compare(a.value(), b.value()) === 0;
}

function keyText(record: { readonly _id: Binary }): string {
  return record._id.toString('hex');
}

type Inserted = 'inserted' | 'same' | 'other';

/** What {@link insertEach} needs of a collection. */
interface Store<T extends { readonly _id: Binary }> {
  insertUnordered(documents: T[]): Promise<unknown>;
  find(ids: T['_id'][]): Promise<T[]>;
  isSame(mine: T, theirs: T): boolean;
}

/**
 * Inserts the given records, each by its `_id`, and tells of each whether it is new, there already with the same
 * content, or there with other content. Gaps stay gaps.
 */
async function insertEach<T extends { readonly _id: Binary }>(
  records: readonly (T | undefined)[],
  store: Store<T>,
): Promise<(Inserted | undefined)[]> {
  const results = records.map((record): Inserted | undefined => record && 'inserted');
  const present = records.flatMap((record, position) => (record ? [{ record, position }] : []));
  if (present.length === 0) return results;
  const documents = present.map(({ record }) => record);
  const taken = (await takenKeys(() => store.insertUnordered(documents))).flatMap((index) => present[index] ?? []);
  if (taken.length === 0) return results;
  const found = await store.find(taken.map(({ record }) => record._id));
  const theirs = new Map(found.map((record) => [keyText(record), record]));
  for (const { record, position } of taken) {
    const other = theirs.get(keyText(record));
    results[position] = other && store.isSame(record, other) ? 'same' : 'other';
  }
  return results;
}

/** Gives the positions whose key was taken; any other failure is thrown. */
async function takenKeys(insert: () => Promise<unknown>): Promise<number[]> {
  try {
    await insert();
    return [];
  } catch (error) {
    const positions = duplicatePositions(error);
    if (!positions) throw error;
    return positions;
  }
}
