import type { Clock } from '../../clock.js';
import { groupBy } from '../../domain/group-by.js';
import type { DayRange } from '../../domain/period.js';
import type { Scale } from '../../domain/scale.js';
import { TALLY_KINDS, type TallyKind } from '../../domain/tally.js';
import type { ScopeSelection } from '../access/scope.service.js';
import type { CatalogueService } from '../catalogue/catalogue.service.js';
import type { TallyService } from '../tallies/tallies.service.js';
import { labelOf, type LabelSource } from './reports.labels.js';
import { dimensionOf, groupRows, longestFor, totalRow, type ReportedTally, type ReportNames } from './reports.rows.js';
import { knownVersions, type ReportTallies } from './reports.tallies.js';
import type { Breakdown, Filters, SatisfactionByScale, SatisfactionReport } from './reports.types.js';

export interface SatisfactionQuery {
  readonly range: DayRange;
  readonly scope: ScopeSelection;
  readonly questionnaire: string | undefined;
  readonly groupBy: Breakdown;
  readonly filters?: Filters;
}

/** The kind of tally that tells apart what each of these does. */
function shortest(kinds: readonly TallyKind[]): TallyKind {
  return TALLY_KINDS.find((kind) => kinds.includes(kind)) ?? 'year';
}

export class ReportService {
  constructor(
    private readonly reported: ReportTallies,
    private readonly catalogue: CatalogueService,
    private readonly tallies: TallyService,
    private readonly now: Clock,
  ) {}

  /**
   * Counts and rates of a range, in total and by group (contract §3 Reports), read from tallies: the cost depends
   * on centres and periods, not on the number of responses, but where several filters leave what no tally keeps apart. Scales are never pooled: one report a scale, unless one
   * questionnaire of a single scale is asked for.
   * @throws NotFoundError for an unknown questionnaire
   */
  async satisfaction(query: SatisfactionQuery): Promise<SatisfactionReport | SatisfactionByScale> {
    const [report] = await this.satisfactionBy(query, [query.groupBy]);
    if (!report) throw new Error('A report of no grouping');
    return report;
  }

  /** The same by several groupings, whose tallies are read once. @throws NotFoundError for an unknown questionnaire */
  async satisfactionBy(
    query: Omit<SatisfactionQuery, 'groupBy'>,
    groupings: readonly Breakdown[],
  ): Promise<(SatisfactionReport | SatisfactionByScale)[]> {
    const scales = this.scalesOf(query.questionnaire);
    const asOf = await this.tallies.completeUntil(this.now());
    const tallies = await this.reported.find({
      ...query,
      longest: shortest(groupings.map(longestFor)),
      dimensions: [...new Set(groupings.flatMap((grouping) => dimensionOf(grouping) ?? []))],
      together: !groupings.includes('centre') && !groupings.includes('unit'),
    });
    const byScale = groupBy(tallies, ({ questionnaire }) => questionnaire.scale);
    return groupings.map((grouping) => {
      const asked = { ...query, groupBy: grouping };
      const names = this.names(asked);
      const reports = scales.map((scale) => this.report(asked, scale, byScale.get(scale.id) ?? [], names, asOf));
      const [only] = reports;
      if (query.questionnaire !== undefined && only && reports.length === 1) return only;
      return { byScale: Object.fromEntries(reports.map((report) => [report.scale, report])) };
    });
  }

  private scalesOf(questionnaire: string | undefined): readonly Scale[] {
    if (questionnaire === undefined) return this.catalogue.scalesInUse();
    const versions = knownVersions(this.catalogue, questionnaire);
    return [...new Set(versions.map(({ scale }) => scale))].map((id) => this.catalogue.scale(id));
  }

  private report(
    { range, scope, questionnaire, groupBy: grouping }: SatisfactionQuery,
    scale: Scale,
    tallies: readonly ReportedTally[],
    names: ReportNames,
    asOf: Date,
  ): SatisfactionReport {
    return {
      from: range.from,
      to: range.to,
      scope: scope.code,
      questionnaire: questionnaire ?? null,
      scale: scale.id,
      asOf: asOf.toISOString(),
      total: totalRow(tallies, scale, 'Tổng'),
      rows: groupRows(tallies, grouping, range, scale, names),
    };
  }

  private names({ groupBy: grouping, scope, range }: SatisfactionQuery): ReportNames {
    const centres = new Map(scope.centres.map((centre) => [centre.code, centre]));
    const source: LabelSource = { catalogue: this.catalogue, centres, until: range.to };
    return {
      label: (key) => (grouping === 'slot' ? key : labelOf(grouping, key, source)),
      unitOf: (centre) => centres.get(centre)?.unit ?? '',
    };
  }
}
