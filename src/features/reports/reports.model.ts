import type { Connection } from 'mongoose';
import { READ_LIMIT_MS } from '../../database/connect.js';
import { coverRange, keysInRange, type DayRange } from '../../domain/period.js';
import type { TallyDimension, TallyKind } from '../../domain/tally.js';
import { tallyCollection, type TallyRecord } from '../tallies/tallies.model.js';

export interface TallyQuery {
  readonly range: DayRange;
  /** Codes of the centres, or every centre. */
  readonly centres: readonly string[] | 'all';
  readonly questionnaire: string | undefined;
  /** The longest period a tally may cover; anything shorter is read only where it does not fit. */
  readonly longest: TallyKind;
  /** Whether the answers to single items are needed. */
  readonly items: boolean;
  /** The one breakdown that is needed, if any. */
  readonly dimension: TallyDimension | undefined;
}

/** The tallies that together cover a range exactly once. */
export async function findTallies(connection: Connection, query: TallyQuery): Promise<TallyRecord[]> {
  const cover = coverRange(query.range, query.longest);
  const filter = {
    ...(query.centres === 'all' ? {} : { centre: { $in: [...query.centres] } }),
    ...(query.questionnaire === undefined ? {} : { questionnaire: query.questionnaire }),
  };
  const projection = {
    centre: 1,
    questionnaire: 1,
    version: 1,
    period: 1,
    forms: 1,
    levels: 1,
    ...(query.items ? { items: 1 } : {}),
    ...(query.dimension === undefined ? {} : { [`by.${query.dimension}`]: 1 }),
  };
  const parts = [
    ...(['year', 'month'] as const).flatMap((kind) => {
      return cover[kind].length > 0 ? [{ kind, period: { $in: [...cover[kind]] } }] : [];
    }),
    ...runs(cover.day).map(({ from, to }) => ({ kind: 'day' as const, period: { $gte: from, $lte: to } })),
  ];
  const found = await Promise.all(
    parts.map((part) =>
      tallyCollection(connection)
        .find({ ...filter, ...part }, { projection, maxTimeMS: READ_LIMIT_MS, batchSize: 5000 })
        .toArray(),
    ),
  );
  return found.flat();
}

/** The days as at most two unbroken runs: before and after the whole months between them. */
function runs(days: readonly string[]): DayRange[] {
  const [first] = days;
  const last = days.at(-1);
  if (first === undefined || last === undefined) return [];
  const gap = days.findIndex((day, index) => {
    const next = days[index + 1];
    return next !== undefined && keysInRange('day', { from: day, to: next }).length > 2;
  });
  const end = days[gap];
  const start = days[gap + 1];
  if (gap < 0 || end === undefined || start === undefined) return [{ from: first, to: last }];
  return [
    { from: first, to: end },
    { from: start, to: last },
  ];
}
