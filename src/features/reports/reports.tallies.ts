import type { Connection } from 'mongoose';
import type { Questionnaire } from '../../domain/questionnaire.js';
import {
  addCount,
  DIMENSIONS_OF_SUMS,
  EVERYWHERE,
  noCount,
  provinceSum,
  type Count,
  type TallyDimension,
} from '../../domain/tally.js';
import { BadRequestError, NotFoundError } from '../../errors.js';
import type { ScopeSelection } from '../access/scope.service.js';
import type { CatalogueService } from '../catalogue/catalogue.service.js';
import { countOf, groupsOf, itemsOf, type Centres, type TallyRecord } from '../tallies/tallies.model.js';
import { FilteredResponses } from './filtered-responses.js';
import { findTallies, type TallyQuery } from './reports.model.js';
import type { Group, ReportedTally } from './reports.rows.js';
import type { Filters } from './reports.types.js';

/** What of the country and of the questionnaires a report reads. */
export interface ReportedQuery
  extends
    Pick<TallyQuery, 'range' | 'questionnaire'>,
    Partial<Pick<TallyQuery, 'longest' | 'items' | 'dimensions' | 'filters'>> {
  readonly scope: ScopeSelection;
  /** Whether the centres need not be told apart: of a province or of everything the counts of all together are read. */
  readonly together?: boolean;
}

/** The tallies of a scope and range, each with the questionnaire version it counts. */
export class ReportTallies {
  private readonly filtered: FilteredResponses;

  constructor(
    private readonly connection: Connection,
    private readonly catalogue: CatalogueService,
  ) {
    this.filtered = new FilteredResponses(connection, catalogue);
  }

  /**
   * Whole years, months or days as they fit; `longest` where the report tells shorter periods apart. What filters leave
   * and tallies do not keep apart is counted from the responses (docs/adr/0019).
   * @throws TooManyResponsesError where these are too many, BusyError where too much waits to be counted
   */
  find(asked: ReportedQuery): Promise<ReportedTally[]> {
    return isKept(asked) ? this.kept(asked) : this.counted(asked);
  }

  private async kept(asked: ReportedQuery): Promise<ReportedTally[]> {
    const { scope, together = false } = asked;
    const query = tallyQuery(asked);
    const { items, filters } = query;
    const [filter] = filters;
    const needed = filter ? [filter.by] : query.dimensions;
    const summed = needed.every((dimension) => DIMENSIONS_OF_SUMS.includes(dimension));
    const tallies = await findTallies(this.connection, {
      ...query,
      centres: this.centresAsked(scope, together && summed),
    });
    await this.catalogue.know(tallies);
    return tallies.map((tally) => ({
      centre: tally.centre,
      period: tally.period,
      questionnaire: this.questionnaireOf(tally),
      measured: filter ? sumOf(groupsOf(tally, filter.by)) : countOf(tally),
      items: items ? itemsOf(tally) : [],
      groups: new Map(needed.map((dimension) => [dimension, groupsOf(tally, dimension)])),
    }));
  }

  private async counted(asked: ReportedQuery): Promise<ReportedTally[]> {
    const query = tallyQuery(asked);
    const tallies = await this.filtered.count(query, asked.together ?? false);
    return tallies.map(({ key, counts }) => ({
      centre: key.centre,
      period: key.period,
      questionnaire: this.questionnaireOf(key),
      measured: counts,
      items: [...counts.items],
      groups: new Map(query.dimensions.map((dimension) => [dimension, [...counts.by[dimension]]])),
    }));
  }

  /** The centres of a scope or, where they need not be told apart, the sum of just these if one is kept. */
  centresAsked(scope: ScopeSelection, together: boolean): Centres {
    return (together && this.sumOf(scope)) || centresOf(scope);
  }

  /** The sum that holds just the centres of a scope, where one is kept. */
  private sumOf({ code }: ScopeSelection): readonly string[] | null {
    if (code === null) return [EVERYWHERE];
    return this.catalogue.unit(code)?.parent === null ? [provinceSum(code)] : null;
  }

  private questionnaireOf({
    questionnaire: id,
    version,
  }: Pick<TallyRecord, 'questionnaire' | 'version'>): Questionnaire {
    const questionnaire = this.catalogue.questionnaire(id, version);
    if (!questionnaire) throw new Error(`A tally is of the unknown questionnaire ${id} version ${version}`);
    return questionnaire;
  }
}

/** Whether tallies keep apart what is asked for: they break down by one thing at a time, and items by none. */
export function isKept({
  filters = [],
  items = false,
  dimensions = [],
}: {
  readonly filters?: Filters | undefined;
  readonly items?: boolean;
  readonly dimensions?: readonly TallyDimension[];
}): boolean {
  const [filter, ...others] = filters;
  return !filter || (others.length === 0 && !items && dimensions.every((dimension) => dimension === filter.by));
}

function tallyQuery({
  range,
  scope,
  questionnaire,
  longest = 'year',
  items = false,
  dimensions = [],
  filters = [],
}: ReportedQuery): TallyQuery {
  return { range, centres: centresOf(scope), questionnaire, longest, items, dimensions, filters };
}

function sumOf(groups: readonly Group[]): Count {
  const sum = noCount();
  for (const [, count] of groups) addCount(sum, count);
  return sum;
}

/** The centres of a scope as a query names them. */
export function centresOf(scope: ScopeSelection): Centres {
  return scope.code === null ? 'all' : scope.centres.map(({ code }) => code);
}

/** Every version of a questionnaire, oldest first. @throws NotFoundError when there is none of that id */
export function knownVersions(catalogue: CatalogueService, id: string): readonly Questionnaire[] {
  const versions = catalogue.versions(id);
  if (versions.length === 0) throw new NotFoundError(`There is no questionnaire ${id}.`);
  return versions;
}

/**
 * The id of the one scale the tallies are on; null when there are none.
 * @throws BadRequestError when they are on several, which one figure never pools (invariant 6)
 */
export function onlyScale(tallies: readonly ReportedTally[]): string | null {
  const scales = [...new Set(tallies.map(({ questionnaire }) => questionnaire.scale))].sort();
  if (scales.length > 1) {
    const message = `the answers of this period are on several scales (${scales.join(', ')}), which are never pooled`;
    throw new BadRequestError(`${message}; name one questionnaire or a shorter period.`, [
      { path: 'questionnaire', message: `${message}; name one questionnaire or a shorter period` },
    ]);
  }
  return scales[0] ?? null;
}
