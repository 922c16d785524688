import type { Connection } from 'mongoose';
import { READ_LIMIT_MS } from '../../database/connect.js';
import { coverRange, type DayRange } from '../../domain/period.js';
import { EVERYWHERE, type Count, type TallyDimension, type TallyKind } from '../../domain/tally.js';
import { countPaths, fieldName, inRun, tallyCollection, type TallyRecord } from '../tallies/tallies.model.js';
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
  const projection = {
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

/** The measured counts of several centres together, in one period and of one version of a questionnaire. */
export interface TallySum extends Pick<TallyRecord, 'questionnaire' | 'version' | 'period'> {
  readonly count: Count;
}

/** The same tallies, added up over the centres where they lie; `levels` are all the codes that answers may have. */
export async function sumTallies(
  connection: Connection,
  query: Omit<TallyQuery, 'items' | 'dimensions'>,
  levels: readonly number[],
): Promise<TallySum[]> {
  const { filter } = query;
  const paths = countPaths(filter && { dimension: filter.by, key: filter.value });
  const sums = levels.map((code) => [`l${code}`, { $sum: `$${paths.level(code)}` }] as const);
  const group = {
    _id: { questionnaire: '$questionnaire', version: '$version', period: '$period' },
    forms: { $sum: `$${paths.forms}` },
    ...Object.fromEntries(sums),
  };
  type Summed = Record<string, number> & { readonly _id: Omit<TallySum, 'count'> };
  const found = await Promise.all(
    partsOf(query).map(($match) =>
      tallyCollection(connection)
        .aggregate<Summed>([{ $match }, { $group: group }], { maxTimeMS: READ_LIMIT_MS })
        .toArray(),
    ),
  );
  return found.flat().map(({ _id, forms = 0, ...counts }) => {
    const given = levels.flatMap((code) => (counts[`l${code}`] ? [[code, counts[`l${code}`] ?? 0] as const] : []));
    return { ..._id, count: { forms, levels: new Map(given) } };
  });
}

/** The filters that together find the tallies of a range, each once. */
function partsOf({ range, longest, centres, questionnaire }: Omit<TallyQuery, 'items' | 'dimensions' | 'filter'>) {
  return coverRange(range, longest).map((run) => ({
    centre: centreFilter(centres),
    ...(questionnaire === undefined ? {} : { questionnaire }),
    ...inRun(run),
  }));
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
