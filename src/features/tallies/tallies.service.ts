import { isDeepStrictEqual } from 'node:util';
import type { UUID } from 'mongodb';
import type { Connection } from 'mongoose';
import { READ_LIMIT_MS, STREAM_LIMIT_MS } from '../../database/connect.js';
import { Lease } from '../../database/lease.js';
import { groupBy } from '../../domain/group-by.js';
import { inBatches } from '../../domain/in-batches.js';
import {
  addCounts,
  addResponse,
  dayTally,
  emptyCounts,
  isSum,
  talliesOfDay,
  tallyId,
  type CountedResponse,
  type TallyCounts,
  type TallyKey,
} from '../../domain/tally.js';
import type { CatalogueService } from '../catalogue/catalogue.service.js';
import type { CentreService } from '../centres/centres.service.js';
import { responseCollection } from '../responses/responses.model.js';
import {
  asTallyCounts,
  asTallyRecord,
  COUNTED_FIELDS,
  incrementPaths,
  tallyCollection,
  type BatchedResponse,
  type TallyRecord,
} from './tallies.model.js';
import { applyBatch, TallyBatches, type TallyHead, type TallyIncrement } from './tally-batches.js';

/** Small enough that taking a batch never holds up a kiosk noticeably on the embedded database. */
const BATCH_SIZE = 500;
/** Long enough for a batch, short enough that a crash delays the figures only a moment. */
const LEASE_MS = 3000;

/** Of a load of many responses the tallies of as many days and centres are kept in memory. */
const DAYS_TOGETHER = 1000;
/** And as many of their increments at a time are in the making. */
const INCREMENTS_TOGETHER = 200;

/** Told of the responses of every batch before it is closed: of each at least once, whatever crashed in between. */
export type BatchListener = (responses: readonly BatchedResponse[]) => Promise<void>;

/** The responses of the newest batch. */
type Head = TallyHead<readonly UUID[]>;

interface Tally {
  readonly key: TallyKey;
  readonly counts: TallyCounts;
}

type Tallies = Map<string, Tally>;

/** A tally that a recount finds otherwise than stored; a side that is absent is null. */
export interface TallyDifference {
  readonly tally: string;
  readonly stored: TallyRecord | null;
  readonly recounted: TallyRecord | null;
}

/** Another process counts at this moment; trying again later helps. */
export class TallyLeaseLostError extends Error {
  constructor() {
    super('Another process took over counting in the meantime; run the command again.');
  }
}

/**
 * Turns pending responses into counts, in numbered batches (design §3, docs/adr/0001). The head document names the
 * responses of the newest batch before any is counted, so whoever finds it open can finish it, and finishing it
 * twice changes nothing.
 */
export class TallyService {
  private readonly lease: Lease;
  private readonly batches: TallyBatches<readonly UUID[]>;

  constructor(
    private readonly connection: Connection,
    private readonly catalogue: CatalogueService,
    private readonly centres: Pick<CentreService, 'provincesOf'>,
    private readonly tell: BatchListener = () => Promise.resolve(),
  ) {
    this.lease = new Lease(connection, 'tally', LEASE_MS);
    this.batches = new TallyBatches(connection, 'head');
  }

  /**
   * Counts what is pending and gives how many responses that were. Does nothing while another process holds the lease.
   * What comes while it counts waits for the next run: under load many share a batch, and its flushes to the disk.
   */
  async run(): Promise<number> {
    let counted = 0;
    while (await this.hasWork()) {
      if (!(await this.lease.take())) break;
      const head = await this.batches.head();
      const size = head.open ? await this.finishOpen(head) : await this.countPending(head);
      counted += size;
      if (size === 0 || (!head.open && size < BATCH_SIZE)) break;
    }
    return counted;
  }

  /**
   * Counts everything received before `now`, waiting while another process counts; for a command, which nothing
   * follows that would count later.
   */
  async catchUp(now: Date): Promise<void> {
    try {
      while ((await this.completeUntil(now)) < now) {
        if ((await this.run()) === 0) await new Promise((resolve) => setTimeout(resolve, LEASE_MS / 8));
      }
    } finally {
      await this.lease.release();
    }
  }

  /** Everything received before this instant is in the tallies. */
  async completeUntil(now: Date): Promise<Date> {
    const oldest = await responseCollection(this.connection).findOne(
      { pending: true },
      { sort: { receivedAt: 1 }, projection: { receivedAt: 1 }, maxTimeMS: READ_LIMIT_MS },
    );
    return oldest ? oldest.receivedAt : now;
  }

  /**
   * Recomputes every tally from the stored responses and gives those that differed. `repair` also writes them.
   * Counting waits meanwhile; responses go on being stored and are counted afterwards.
   * @throws TallyLeaseLostError when another process counted in the middle
   */
  recount({ repair }: { repair: boolean }): Promise<TallyDifference[]> {
    return this.lease.hold(async () => {
      await this.finishOpenBatch();
      const batch = await this.claimEmptyBatch();
      const differences: TallyDifference[] = [];
      const sums: Tallies = new Map();
      const counted = await this.centresWithCounts();
      for (const centre of counted.filter((code) => !isSum(code))) {
        const own = await this.countAgain(centre, sums);
        differences.push(...(await this.compareCentre(centre, own, batch, repair)));
      }
      const bySum = groupBy(sums, ([, { key }]) => key.centre);
      for (const sum of new Set([...counted.filter(isSum), ...bySum.keys()])) {
        differences.push(...(await this.compareCentre(sum, new Map(bySum.get(sum)), batch, repair)));
      }
      if ((await this.batches.head()).batch !== batch) throw new TallyLeaseLostError();
      return differences;
    });
  }

  /**
   * Counts the responses that `work` gives to `count`, which are stored as counted already, together in memory: for a
   * load of many at once. Other responses wait meanwhile. Should the process die in the middle, a recount adds what was
   * stored and not counted.
   * @throws TallyLeaseLostError when another process counted in the middle
   */
  async countTogether(work: (count: (responses: readonly CountedResponse[]) => Promise<void>) => Promise<void>) {
    await this.lease.hold(async () => {
      await this.finishOpenBatch();
      const days: Tallies = new Map();
      const write = async () => {
        const batch = await this.claimEmptyBatch();
        for (const tallies of inBatches(await this.withSums(days), INCREMENTS_TOGETHER)) {
          await applyBatch(this.connection, 'tallies', batch, tallies.map(asIncrement));
        }
        days.clear();
      };
      try {
        await work(async (responses) => {
          for (const response of responses) this.addToDay(days, response);
          if (days.size >= DAYS_TOGETHER) await write();
        });
      } finally {
        await write();
      }
    });
  }

  private async hasWork(): Promise<boolean> {
    const pending = await responseCollection(this.connection).findOne(
      { pending: true },
      { projection: { _id: 1 }, maxTimeMS: READ_LIMIT_MS },
    );
    return pending !== null || (await this.batches.head()).open !== null;
  }

  /** Counts pending responses as the next batch; 0 when there are none or another process was faster. */
  private async countPending(head: Head): Promise<number> {
    // Read after the head, so none of these can belong to a batch up to the head's number.
    const pending = await responseCollection(this.connection)
      .find<BatchedResponse>({ pending: true }, { projection: COUNTED_FIELDS, maxTimeMS: READ_LIMIT_MS })
      .limit(BATCH_SIZE)
      .toArray();
    if (pending.length === 0) return 0;
    const batch = await this.batches.advance(
      head,
      pending.map(({ _id }) => _id),
    );
    if (!batch) return 0;
    await this.finish(batch, pending);
    return pending.length;
  }

  /** Finishes a batch that was left open; its responses are as they were, so its counts are too. */
  private async finishOpen(head: Head): Promise<number> {
    const pending = await responseCollection(this.connection)
      .find<BatchedResponse>(
        { _id: { $in: [...(head.open ?? [])] } },
        { projection: COUNTED_FIELDS, maxTimeMS: READ_LIMIT_MS },
      )
      .toArray();
    await this.finish(head, pending);
    return pending.length;
  }

  /** Counts the responses of a batch and closes it; every step may be repeated. */
  private async finish({ batch }: Head, responses: readonly BatchedResponse[]): Promise<void> {
    const days: Tallies = new Map();
    await this.catalogue.know(responses);
    for (const response of responses) this.addToDay(days, response);
    await applyBatch(this.connection, 'tallies', batch, (await this.withSums(days)).map(asIncrement));
    await responseCollection(this.connection).updateMany(
      { _id: { $in: responses.map(({ _id }) => _id) }, pending: true },
      { $unset: { pending: 1 } },
    );
    await this.tell(responses);
    await this.batches.close(batch);
  }

  private addToDay(days: Tallies, response: CountedResponse): void {
    const questionnaire = this.catalogue.questionnaire(response.questionnaire, response.version);
    if (!questionnaire) throw new Error(`No questionnaire ${response.questionnaire} version ${response.version}`);
    addResponse(tallyOf(days, dayTally(response)).counts, response, questionnaire);
  }

  /** Adds days of centres to every tally they are part of, wherever that is kept. */
  private async sumDays(days: Tallies, keptIn: (key: TallyKey) => Tallies): Promise<void> {
    const provinces = await this.centres.provincesOf([...days.values()].map(({ key }) => key.centre));
    for (const { key: day, counts } of days.values()) {
      for (const key of talliesOfDay(day, provinces.get(day.centre))) {
        addCounts(tallyOf(keptIn(key), key).counts, counts, key);
      }
    }
  }

  /** The days of centres, and all that they add to. */
  private async withSums(days: Tallies): Promise<Tally[]> {
    const tallies: Tallies = new Map();
    await this.sumDays(days, () => tallies);
    return [...tallies.values()];
  }

  private async finishOpenBatch(): Promise<void> {
    const head = await this.batches.head();
    if (head.open) await this.finishOpen(head);
  }

  /** Moves the head on, so that a process that was about to count under an older number cannot. */
  private async claimEmptyBatch(): Promise<number> {
    const claimed = await this.batches.advance(await this.batches.head(), null);
    if (!claimed) throw new TallyLeaseLostError();
    return claimed.batch;
  }

  /** Centres, and sums of them. */
  private async centresWithCounts(): Promise<string[]> {
    const limit = { maxTimeMS: STREAM_LIMIT_MS };
    const inResponses = await responseCollection(this.connection).distinct('centre', {}, limit);
    const inTallies = await tallyCollection(this.connection).distinct('centre', {}, limit);
    return [...new Set([...inResponses, ...inTallies])].sort();
  }

  /**
   * The tallies of a centre from its responses; those of several centres together grow in `sums`. One centre at a time
   * bounds the memory, whatever the number of responses.
   */
  private async countAgain(centre: string, sums: Tallies): Promise<Tallies> {
    const days: Tallies = new Map();
    const counted = responseCollection(this.connection).find<CountedResponse>(
      { centre, pending: { $exists: false } },
      { projection: COUNTED_FIELDS, maxTimeMS: STREAM_LIMIT_MS },
    );
    for await (const response of counted) this.addToDay(days, response);
    const own: Tallies = new Map();
    await this.sumDays(days, (key) => (isSum(key.centre) ? sums : own));
    return own;
  }

  private async compareCentre(
    centre: string,
    recounted: Tallies,
    batch: number,
    repair: boolean,
  ): Promise<TallyDifference[]> {
    const stored = await tallyCollection(this.connection).find({ centre }, { maxTimeMS: READ_LIMIT_MS }).toArray();
    const differences = compare(stored, recounted, batch);
    if (repair) await this.repair(differences, batch);
    return differences;
  }

  private async repair(differences: readonly TallyDifference[], batch: number): Promise<void> {
    const tallies = tallyCollection(this.connection);
    for (const { stored, recounted } of differences) {
      const filter = { lastBatch: { $lte: batch } };
      if (recounted) {
        const { _id, ...replacement } = recounted;
        await tallies.replaceOne({ _id, centre: recounted.centre, ...filter }, replacement, { upsert: true });
      } else if (stored) {
        await tallies.deleteOne({ _id: stored._id, ...filter });
      }
    }
  }
}

/** The tally of a key, which is there from now on. */
function tallyOf(tallies: Tallies, key: TallyKey): Tally {
  const id = tallyId(key);
  const tally = tallies.get(id) ?? { key, counts: emptyCounts() };
  tallies.set(id, tally);
  return tally;
}

function asIncrement({ key, counts }: Tally): TallyIncrement {
  const { centre, period, questionnaire, version, kind } = key;
  const fields = { questionnaire, version, kind };
  return { _id: tallyId(key), centre, period, fields, amounts: incrementPaths(counts) };
}

function compare(stored: readonly TallyRecord[], recounted: Tallies, batch: number): TallyDifference[] {
  const storedById = new Map(stored.map((record) => [record._id, record]));
  const ids = [...new Set([...storedById.keys(), ...recounted.keys()])].sort();
  return ids.flatMap((tally) => {
    const before = storedById.get(tally) ?? null;
    const after = recounted.get(tally);
    if (before && after && isDeepStrictEqual(asTallyCounts(before), after.counts)) return [];
    return [{ tally, stored: before, recounted: after ? asTallyRecord(after.key, after.counts, batch) : null }];
  });
}
