import { isDeepStrictEqual } from 'node:util';
import type { AnyBulkWriteOperation, Binary } from 'mongodb';
import type { Connection } from 'mongoose';
import { READ_LIMIT_MS, STREAM_LIMIT_MS } from '../../database/connect.js';
import { Lease } from '../../database/lease.js';
import type { CountedDossier } from '../../domain/dossier.js';
import { groupBy } from '../../domain/group-by.js';
import { isSum } from '../../domain/tally.js';
import type { CentreService } from '../centres/centres.service.js';
import { applyBatch, TallyBatches, type TallyHead, type TallyIncrement } from '../tallies/tally-batches.js';
import { TallyLeaseLostError } from '../tallies/tallies.service.js';
import {
  addDossier,
  amountsOf,
  asDossierTally,
  dossierTallyCollection,
  dossierTallyId,
  type DossierIncrement,
  type DossierIncrements,
} from './dossier-tallies.model.js';
import { dossierCollection, type StoredDossier } from './dossiers.model.js';

/** Dossiers of one day share most of their tallies, so a large batch counts them with few writes. */
const BATCH_SIZE = 2000;
/** Dossiers with a change that the tallies lack; a bound, which every database finds by its index. */
const CHANGED = { pending: { $gt: '' } };
const LEASE_MS = 3000;
/** A reader waits no longer than this for what is not counted yet; only a large import takes longer. */
const SETTLE_MS = 2000;
const SETTLE_STEP_MS = 50;

/** One dossier of a batch: what the tallies had of it, and what they have when the batch is done. */
interface Change {
  readonly _id: Binary;
  readonly before: CountedDossier | null;
  readonly after: CountedDossier;
  readonly pending: string;
}

type Head = TallyHead<readonly Change[]>;

/** A dossier tally that a recount finds otherwise than stored; a side that is absent is null. */
export interface DossierTallyDifference {
  readonly tally: string;
  /** Dossiers returned in the period, as counted. */
  readonly stored: number | null;
  readonly recounted: number | null;
}

/**
 * Counts dossiers into tallies, in numbered batches like responses (docs/adr/0008). A dossier changes while a response
 * does not, so a batch names what the tallies had of each dossier and what they are to have, and counts the difference.
 */
export class DossierTallyService {
  private readonly lease: Lease;
  private readonly batches: TallyBatches<readonly Change[]>;

  constructor(
    private readonly connection: Connection,
    private readonly centres: Pick<CentreService, 'provincesOf'>,
  ) {
    this.lease = new Lease(connection, 'dossier-tally', LEASE_MS);
    this.batches = new TallyBatches(connection, 'dossiers');
  }

  /**
   * Counts what changed, beginning no batch after `deadline` (milliseconds as `performance.now` has them), and gives
   * how many dossiers that were. Does nothing while another process holds the lease.
   */
  async run(deadline = Infinity): Promise<number> {
    let counted = 0;
    while (performance.now() < deadline && (await this.hasWork())) {
      if (!(await this.lease.take())) break;
      const head = await this.batches.head();
      const size = head.open ? await this.finish(head, head.open) : await this.countPending(head);
      if (size === 0) break;
      counted += size;
    }
    return counted;
  }

  /** Returns when the tallies hold every dossier stored before, or with the batch that two seconds end in. */
  async settle(): Promise<void> {
    const deadline = performance.now() + SETTLE_MS;
    while (performance.now() < deadline && (await this.hasWork())) {
      if ((await this.run(deadline)) === 0) await new Promise((resolve) => setTimeout(resolve, SETTLE_STEP_MS));
    }
  }

  /** Counts everything stored before, waiting while another process counts; for a command. */
  async catchUp(): Promise<void> {
    try {
      while (await this.hasWork()) {
        if ((await this.run()) === 0) await new Promise((resolve) => setTimeout(resolve, LEASE_MS / 8));
      }
    } finally {
      await this.lease.release();
    }
  }

  /**
   * Recomputes every tally from the dossiers as they were last counted and gives those that differed; `repair` also
   * writes them. Counting waits meanwhile.
   * @throws TallyLeaseLostError when another process counted in the middle
   */
  recount({ repair }: { repair: boolean }): Promise<DossierTallyDifference[]> {
    return this.lease.hold(async () => {
      const before = await this.batches.head();
      if (before.open) await this.finish(before, before.open);
      const claimed = await this.batches.advance(await this.batches.head(), null);
      if (!claimed) throw new TallyLeaseLostError();
      const differences: DossierTallyDifference[] = [];
      const sums: DossierIncrements = new Map();
      const counted = await this.centresWithCounts();
      for (const centre of counted.filter((code) => !isSum(code))) {
        const own = await this.countAgain(centre, sums);
        differences.push(...(await this.compareCentre(centre, own, claimed.batch, repair)));
      }
      const bySum = groupBy(sums, ([, { key }]) => key.centre);
      for (const sum of new Set([...counted.filter(isSum), ...bySum.keys()])) {
        differences.push(...(await this.compareCentre(sum, new Map(bySum.get(sum)), claimed.batch, repair)));
      }
      if ((await this.batches.head()).batch !== claimed.batch) throw new TallyLeaseLostError();
      return differences;
    });
  }

  private async hasWork(): Promise<boolean> {
    const pending = await dossierCollection(this.connection).findOne(CHANGED, {
      projection: { _id: 1 },
      maxTimeMS: READ_LIMIT_MS,
    });
    return pending !== null || (await this.batches.head()).open !== null;
  }

  private async countPending(head: Head): Promise<number> {
    // Read after the head, so what the tallies have of these cannot be older than the head's batch.
    const changed = await dossierCollection(this.connection)
      .find(CHANGED, { maxTimeMS: READ_LIMIT_MS })
      .limit(BATCH_SIZE)
      .toArray();
    const changes = changed.map(changeOf);
    const batch = changes.length === 0 ? null : await this.batches.advance(head, changes);
    return batch ? this.finish(batch, changes) : 0;
  }

  /** Counts the changes of a batch and closes it; every step may be repeated. */
  private async finish({ batch }: Head, changes: readonly Change[]): Promise<number> {
    const increments: DossierIncrements = new Map();
    const provinces = await this.centres.provincesOf(
      changes.flatMap(({ before, after }) => [...(before ? [before.centre] : []), after.centre]),
    );
    const add = (dossier: CountedDossier, sign: 1 | -1) => {
      addDossier(() => increments, { dossier, province: provinces.get(dossier.centre) }, sign);
    };
    for (const { before, after } of changes) {
      if (before) add(before, -1);
      add(after, 1);
    }
    await applyBatch(this.connection, 'dossier_tallies', batch, [...increments.values()].flatMap(asIncrement));
    const marks = changes.map(({ _id, after, pending }): AnyBulkWriteOperation<StoredDossier> => {
      // Pending stays if the dossier has changed again since.
      const left = { $cond: [{ $eq: ['$pending', pending] }, '$$REMOVE', '$pending'] };
      const update = [{ $set: { counted: { $literal: after }, countedIn: batch, pending: left } }];
      return { updateOne: { filter: { _id, countedIn: { $not: { $gte: batch } } }, update } };
    });
    if (marks.length > 0) await dossierCollection(this.connection).bulkWrite(marks);
    await this.batches.close(batch);
    return changes.length;
  }

  /** Centres, and sums of them. */
  private async centresWithCounts(): Promise<string[]> {
    const limit = { maxTimeMS: STREAM_LIMIT_MS };
    const counted = await dossierCollection(this.connection)
      .aggregate<{ _id: string }>(
        [{ $match: { counted: { $exists: true } } }, { $group: { _id: '$counted.centre' } }],
        limit,
      )
      .toArray();
    const tallied = await dossierTallyCollection(this.connection).distinct('centre', {}, limit);
    return [...new Set([...counted.map(({ _id }) => _id), ...tallied])].sort();
  }

  /**
   * The tallies of a centre from its dossiers; those of several centres together grow in `sums`. One centre at a time
   * bounds the memory, whatever the number of dossiers.
   */
  private async countAgain(centre: string, sums: DossierIncrements): Promise<DossierIncrements> {
    const own: DossierIncrements = new Map();
    const province = (await this.centres.provincesOf([centre])).get(centre);
    const dossiers = dossierCollection(this.connection).find(
      { 'counted.centre': centre },
      { projection: { counted: 1 }, maxTimeMS: STREAM_LIMIT_MS },
    );
    for await (const { counted } of dossiers) {
      if (counted) addDossier((key) => (isSum(key.centre) ? sums : own), { dossier: counted, province }, 1);
    }
    return own;
  }

  private async compareCentre(
    centre: string,
    recounted: DossierIncrements,
    batch: number,
    repair: boolean,
  ): Promise<DossierTallyDifference[]> {
    const tallies = await dossierTallyCollection(this.connection)
      .find({ centre }, { maxTimeMS: READ_LIMIT_MS })
      .toArray();
    const stored = new Map(tallies.map((tally) => [tally._id, tally]));
    const differing = [...new Set([...stored.keys(), ...recounted.keys()])].sort().filter((id) => {
      return !isDeepStrictEqual(nonZero(recounted.get(id)?.amounts), amountsOf(stored.get(id) ?? {}));
    });
    if (repair) for (const id of differing) await this.repair(id, recounted.get(id), batch);
    return differing.map((tally) => {
      const [before, after] = [stored.get(tally), recounted.get(tally)];
      return {
        tally,
        stored: before ? returnedIn(amountsOf(before)) : null,
        recounted: after ? returnedIn(after.amounts) : null,
      };
    });
  }

  private async repair(_id: string, recounted: DossierIncrement | undefined, batch: number): Promise<void> {
    const tallies = dossierTallyCollection(this.connection);
    const filter = { _id, lastBatch: { $lte: batch } };
    if (!recounted) {
      await tallies.deleteOne(filter);
      return;
    }
    const { key, amounts } = recounted;
    const replacement = asDossierTally(key, nonZero(amounts), batch);
    await tallies.replaceOne({ ...filter, centre: key.centre }, replacement, { upsert: true });
  }
}

/** What a batch adds to a tally; nothing where the changes cancel out. */
function asIncrement({ key, amounts }: DossierIncrement): TallyIncrement[] {
  const { centre, period, kind } = key;
  const changed = nonZero(amounts);
  if (changed.size === 0) return [];
  return [{ _id: dossierTallyId(key), centre, period, fields: { kind }, amounts: Object.fromEntries(changed) }];
}

function nonZero(amounts: ReadonlyMap<string, number> = new Map()): Map<string, number> {
  return new Map([...amounts].filter(([, amount]) => amount !== 0));
}

function returnedIn(amounts: ReadonlyMap<string, number>): number {
  return ['early', 'onTime', 'late'].reduce((sum, count) => sum + (amounts.get(`total.${count}`) ?? 0), 0);
}

function changeOf({ _id, pending = '', counted, ...stored }: StoredDossier): Change {
  const { centre, procedure, field, officer, receivedDay, dueDay, returnedDay } = stored;
  const after: CountedDossier = {
    centre,
    ...(procedure === undefined ? {} : { procedure }),
    ...(field === undefined ? {} : { field }),
    ...(officer === undefined ? {} : { officer }),
    receivedDay,
    dueDay,
    ...(returnedDay === undefined ? {} : { returnedDay }),
  };
  return { _id, before: counted ?? null, after, pending };
}
