import type { Filter } from 'mongodb';
import type { Connection } from 'mongoose';
import { READ_LIMIT_MS } from '../../database/connect.js';
import {
  DOSSIER_COUNTS,
  DOSSIER_DIMENSIONS,
  dossierDimensions,
  dossierEvents,
  dossierGroup,
  dossierTallyKeys,
  type CountedDossier,
  type DossierCounts,
  type DossierDimension,
  type DossierTallyKey,
} from '../../domain/dossier.js';
import { coverRange, type DayRange } from '../../domain/period.js';
import type { TallyKind } from '../../domain/tally.js';
import { fieldName, fieldText, inRun, ofCentres, type Centres } from '../tallies/tallies.model.js';

/** Counts of the dossiers of one centre, or of several together, and period. Keys that come from the feed are written by `fieldName`. */
export interface DossierTally extends DossierTallyKey {
  readonly _id: string;
  readonly lastBatch: number;
  readonly total?: DossierCounts;
  readonly by?: Readonly<Partial<Record<DossierDimension, Readonly<Record<string, DossierCounts>>>>>;
}

/** Amounts by dotted path of one tally; the amounts of a dossier that changed may be below zero, or cancel out. */
export interface DossierIncrement {
  readonly key: DossierTallyKey;
  readonly amounts: Map<string, number>;
}

/** What dossiers can be counted by: the breakdowns, the centre or sum of several, or the month of a tally. */
export type DossierKey = DossierDimension | 'centre' | 'month';

export interface ReturnedCount {
  readonly key: string;
  /** Returned before, on and after the local day they were due. */
  readonly early: number;
  readonly onTime: number;
  readonly late: number;
}

export interface OpenCount {
  readonly key: string;
  readonly open: number;
  /** Those of them due on or before the day asked about. */
  readonly openOverdue: number;
}

export function dossierTallyCollection(connection: Connection) {
  return connection.collection<DossierTally>('dossier_tallies');
}

export function dossierTallyId({ centre, period }: DossierTallyKey): string {
  return `${centre}|${period}`;
}

export type DossierIncrements = Map<string, DossierIncrement>;

/** A dossier and the province of its centre, where that is known. */
export interface PlacedDossier {
  readonly dossier: CountedDossier;
  readonly province: string | undefined;
}

/** Adds what a dossier counts to the increments of its tallies, wherever they are kept; with -1 takes it away again. */
export function addDossier(
  keptIn: (key: DossierTallyKey) => DossierIncrements,
  { dossier, province }: PlacedDossier,
  sign: 1 | -1,
): void {
  for (const { day, count, amount } of dossierEvents(dossier)) {
    for (const key of dossierTallyKeys(dossier.centre, province, day)) {
      const { amounts } = incrementOf(keptIn(key), key);
      for (const path of pathsOf(dossier, key)) {
        const whole = `${path}.${count}`;
        amounts.set(whole, (amounts.get(whole) ?? 0) + sign * amount);
      }
    }
  }
}

/** The increment of a tally, which is there from now on. */
function incrementOf(increments: DossierIncrements, key: DossierTallyKey): DossierIncrement {
  const id = dossierTallyId(key);
  const increment = increments.get(id) ?? { key, amounts: new Map<string, number>() };
  increments.set(id, increment);
  return increment;
}

/** Where the counts of a dossier stand in a tally. */
function pathsOf(dossier: CountedDossier, { centre }: DossierTallyKey): string[] {
  const groups = dossierDimensions(centre).map(
    (dimension) => `by.${dimension}.${fieldName(dossierGroup(dossier, dimension))}`,
  );
  return ['total', ...groups];
}

/** The amounts of a stored tally by dotted path, without those that have become zero. */
export function amountsOf({ total, by }: Pick<DossierTally, 'total' | 'by'>): Map<string, number> {
  const parts: [string, DossierCounts][] = [['total', total ?? {}]];
  for (const dimension of DOSSIER_DIMENSIONS) {
    for (const [name, counts] of Object.entries(by?.[dimension] ?? {})) parts.push([`by.${dimension}.${name}`, counts]);
  }
  const amounts = new Map<string, number>();
  for (const [path, counts] of parts) {
    for (const count of DOSSIER_COUNTS) if (counts[count]) amounts.set(`${path}.${count}`, counts[count]);
  }
  return amounts;
}

/** A whole tally document of amounts by dotted path, without its id, as a recount writes it. */
export function asDossierTally(
  key: DossierTallyKey,
  amounts: ReadonlyMap<string, number>,
  lastBatch: number,
): Omit<DossierTally, '_id'> {
  const total: Record<string, number> = {};
  const by: Record<string, Record<string, Record<string, number>>> = {};
  for (const [path, amount] of amounts) {
    const [first = '', ...rest] = path.split('.');
    const [dimension = '', group = '', count = ''] = rest;
    if (first === 'total') total[dimension] = amount;
    else ((by[dimension] ??= {})[group] ??= {})[count] = amount;
  }
  return { ...key, lastBatch, total, by };
}

/** Dossiers returned in a range of local days, by key. */
export async function countReturned(
  connection: Connection,
  { range, centres }: { readonly range: DayRange; readonly centres: Centres },
  key: DossierKey,
): Promise<ReturnedCount[]> {
  const found = await findCounts(connection, { range, centres, key, longest: key === 'month' ? 'month' : 'year' });
  return sumByKey(found, ['early', 'onTime', 'late']).map(([group, [early = 0, onTime = 0, late = 0]]) => {
    return { key: group, early, onTime, late };
  });
}

/** No report reaches further back. */
const FIRST_DAY = '1900-01-01';

/** Dossiers received by the end of a local day and not returned by then, by key. */
export async function countOpen(
  connection: Connection,
  { day, centres }: { readonly day: string; readonly centres: Centres },
  key: Exclude<DossierKey, 'month'>,
): Promise<OpenCount[]> {
  const found = await findCounts(connection, { range: { from: FIRST_DAY, to: day }, centres, key, longest: 'year' });
  return sumByKey(found, ['open', 'overdue']).map(([group, [open = 0, openOverdue = 0]]) => {
    return { key: group, open, openOverdue };
  });
}

interface CountQuery {
  readonly range: DayRange;
  readonly centres: Centres;
  readonly key: DossierKey;
  readonly longest: TallyKind;
}

/** The counts of the tallies that together cover a range exactly once, each with its group; a group may come again. */
async function findCounts(connection: Connection, query: CountQuery): Promise<[string, DossierCounts][]> {
  const { range, centres, longest } = query;
  const filters = coverRange(range, longest).map((run) => ({ ...ofCentres(centres), ...inRun(run) }));
  const dimension = DOSSIER_DIMENSIONS.find((known) => known === query.key);
  const found = await Promise.all(
    filters.map((filter) =>
      dimension ? countsByDimension(connection, filter, dimension) : sumsBy(connection, filter, query.key),
    ),
  );
  return found.flat();
}

async function countsByDimension(
  connection: Connection,
  filter: Filter<DossierTally>,
  dimension: DossierDimension,
): Promise<[string, DossierCounts][]> {
  const options = { projection: { [`by.${dimension}`]: 1 }, maxTimeMS: READ_LIMIT_MS, batchSize: 5000 };
  const tallies = await dossierTallyCollection(connection).find(filter, options).toArray();
  return tallies.flatMap(({ by }) =>
    Object.entries(by?.[dimension] ?? {}).map(([name, counts]): [string, DossierCounts] => [fieldText(name), counts]),
  );
}

/** Whole tallies by centre or month, added up by the database: of a province there are thousands. */
async function sumsBy(
  connection: Connection,
  filter: Filter<DossierTally>,
  key: DossierKey,
): Promise<[string, DossierCounts][]> {
  const group = {
    _id: key === 'month' ? { $substrBytes: ['$period', 0, 7] } : '$centre',
    ...Object.fromEntries(DOSSIER_COUNTS.map((count) => [count, { $sum: `$total.${count}` }])),
  };
  const sums = await dossierTallyCollection(connection)
    .aggregate<DossierCounts & { readonly _id: string }>([{ $match: filter }, { $group: group }], {
      maxTimeMS: READ_LIMIT_MS,
    })
    .toArray();
  return sums.map(({ _id, ...counts }) => [_id, counts]);
}

/** Sums of some counts by group; groups without any are left out. */
function sumByKey(
  found: readonly (readonly [string, DossierCounts])[],
  counts: readonly (keyof DossierCounts)[],
): [string, number[]][] {
  const sums = new Map<string, number[]>();
  for (const [key, amounts] of found) {
    const before = sums.get(key);
    sums.set(
      key,
      counts.map((count, position) => (before?.[position] ?? 0) + (amounts[count] ?? 0)),
    );
  }
  return [...sums].filter(([, amounts]) => amounts.some((amount) => amount !== 0));
}
