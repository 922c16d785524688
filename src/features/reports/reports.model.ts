import type { Connection } from 'mongoose';
import { READ_LIMIT_MS } from '../../database/connect.js';
import { coverRange, type DayRange } from '../../domain/period.js';
import { EVERYWHERE, type TallyDimension, type TallyKind } from '../../domain/tally.js';
import { fieldName, inRun, tallyCollection, type TallyRecord } from '../tallies/tallies.model.js';
import type { Filter } from './reports.types.js';

export interface TallyQuery {
  readonly range: DayRange;
  /** Codes of the centres, every centre by itself, or all together. */
  readonly centres: readonly string[] | 'all' | 'together';
  readonly questionnaire: string | undefined;
  /** The longest period a tally may cover; anything shorter is read only where it does not fit. */
  readonly longest: TallyKind;
  /** Whether the answers to single items are needed. */
  readonly items: boolean;
  /** The breakdowns that are needed. */
  readonly dimensions: readonly TallyDimension[];
  /** Instead of all that, only the forms of one value of a breakdown. */
  readonly filter: Filter | undefined;
}

/** The tallies that together cover a range exactly once. */
export async function findTallies(connection: Connection, query: TallyQuery): Promise<TallyRecord[]> {
  const filter = {
    centre: centreFilter(query.centres),
    ...(query.questionnaire === undefined ? {} : { questionnaire: query.questionnaire }),
  };
  const projection = {
    centre: 1,
    questionnaire: 1,
    version: 1,
    period: 1,
    ...Object.fromEntries(countsAsked(query).map((path) => [path, 1])),
  };
  const parts = coverRange(query.range, query.longest).map(inRun);
  const found = await Promise.all(
    parts.map((part) =>
      tallyCollection(connection)
        .find({ ...filter, ...part }, { projection, maxTimeMS: READ_LIMIT_MS, batchSize: 5000 })
        .toArray(),
    ),
  );
  return found.flat();
}

/** The paths of the counts that are needed. */
function countsAsked({ items, dimensions, filter }: TallyQuery): string[] {
  if (filter) return [`by.${filter.by}.${fieldName(filter.value)}`];
  return ['forms', 'levels', ...(items ? ['items'] : []), ...dimensions.map((dimension) => `by.${dimension}`)];
}

/** The tallies of some centres, of every centre, or those kept of all together. */
function centreFilter(centres: TallyQuery['centres']) {
  if (centres === 'all') return { $ne: EVERYWHERE };
  return centres === 'together' ? EVERYWHERE : { $in: [...centres] };
}
