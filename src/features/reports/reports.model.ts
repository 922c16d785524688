import type { Connection } from 'mongoose';
import { READ_LIMIT_MS } from '../../database/connect.js';
import { coverRange, type DayRange } from '../../domain/period.js';
import type { TallyDimension, TallyKind } from '../../domain/tally.js';
import {
  fieldName,
  inRun,
  ofCentres,
  tallyCollection,
  type Centres,
  type TallyRecord,
} from '../tallies/tallies.model.js';
import type { Filters } from './reports.types.js';

export interface TallyQuery {
  readonly range: DayRange;
  readonly centres: Centres;
  readonly questionnaire: string | undefined;
  /** The longest period a tally may cover; anything shorter is read only where it does not fit. */
  readonly longest: TallyKind;
  /** Whether the answers to single items are needed. */
  readonly items: boolean;
  /** The breakdowns that are needed. */
  readonly dimensions: readonly TallyDimension[];
  /** Instead of all that, beside the number of forms only those of one value of each of these breakdowns. */
  readonly filters: Filters;
}

/** The tallies that together cover a range exactly once. */
export async function findTallies(connection: Connection, query: TallyQuery): Promise<TallyRecord[]> {
  const projection = {
    _id: 0,
    centre: 1,
    questionnaire: 1,
    version: 1,
    period: 1,
    ...Object.fromEntries(countsAsked(query).map((path) => [path, 1])),
  };
  const found = await Promise.all(
    partsOf(query).map((part) =>
      tallyCollection(connection).find(part, { projection, maxTimeMS: READ_LIMIT_MS, batchSize: 5000 }).toArray(),
    ),
  );
  return found.flat();
}

/** The filters that together find the tallies of a range, each once. */
function partsOf({ range, longest, centres, questionnaire }: Omit<TallyQuery, 'items' | 'dimensions' | 'filters'>) {
  return coverRange(range, longest).map((run) => ({
    ...ofCentres(centres),
    ...(questionnaire === undefined ? {} : { questionnaire }),
    ...inRun(run),
  }));
}

/** The paths of the counts that are needed. */
function countsAsked({ items, dimensions, filters }: TallyQuery): string[] {
  if (filters.length > 0) return ['forms', ...filters.map(({ by, value }) => `by.${by}.${fieldName(value)}`)];
  return ['forms', 'levels', ...(items ? ['items'] : []), ...dimensions.map((dimension) => `by.${dimension}`)];
}
