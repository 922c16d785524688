import type { Clock } from '../../clock.js';
import { contributions, type Contribution } from '../../domain/contribution.js';
import { localDay, type Period } from '../../domain/period.js';
import type { Scale } from '../../domain/scale.js';
import type { ScopeSelection } from '../access/scope.service.js';
import type { CatalogueService } from '../catalogue/catalogue.service.js';
import type { DossierReportService, OnTimeReport, ResponseRateReport } from './dossier-reports.service.js';
import { lastDay } from './overview.service.js';
import { answersOf, byScale } from './reports.by-scale.js';
import type { ReportService } from './reports.service.js';
import type { ReportRow } from './reports.types.js';

/** A place in a period. */
export interface Side {
  readonly scope: ScopeSelection;
  readonly period: Period;
}

/** Of the one side, then of the other. */
type Both<T> = readonly [T, T];

export interface ComparedOnScale {
  readonly scale: Scale;
  readonly totals: Both<ReportRow>;
  /** What each field does to the difference, largest first. */
  readonly fields: readonly Contribution[];
}

export interface Compared {
  readonly sides: Both<Side>;
  readonly asOf: Date;
  /** Five levels first; only scales with answers on either side. */
  readonly scales: readonly ComparedOnScale[];
  readonly onTime: Both<OnTimeReport>;
  readonly responseRate: Both<ResponseRateReport>;
}

/** Any two places or periods beside each other. */
export class CompareService {
  constructor(
    private readonly reports: ReportService,
    private readonly dossierReports: DossierReportService,
    private readonly catalogue: CatalogueService,
    private readonly now: Clock,
  ) {}

  /** The figures of one side and of the other; what they differ by is the first less the second. */
  async compare(side: Side, other: Side): Promise<Compared> {
    const [one, two] = await Promise.all([this.figuresOf(side), this.figuresOf(other)]);
    const scales = this.catalogue.scalesInUse().flatMap((scale): ComparedOnScale[] => {
      const [first, second] = [one.byField[scale.id], two.byField[scale.id]];
      if (!first || !second || first.total.n + second.total.n === 0) return [];
      const fields = contributions(answersOf(second, scale), answersOf(first, scale));
      return [{ scale, totals: [first.total, second.total], fields }];
    });
    return {
      sides: [side, other],
      asOf: new Date(Object.values(one.byField)[0]?.asOf ?? 0),
      scales: scales.sort((a, b) => b.scale.levels.length - a.scale.levels.length),
      onTime: [one.onTime, two.onTime],
      responseRate: [one.responseRate, two.responseRate],
    };
  }

  private async figuresOf({ scope, period: { range } }: Side) {
    const dossiers = { range, scope, groupBy: 'year', openOn: lastDay(range, localDay(this.now())) } as const;
    const [report, onTime, responseRate] = await Promise.all([
      this.reports.satisfaction({ range, scope, questionnaire: undefined, groupBy: 'field' }),
      this.dossierReports.onTime(dossiers),
      this.dossierReports.responseRate({ ...dossiers, questionnaire: undefined }),
    ]);
    return { byField: byScale(report), onTime, responseRate };
  }
}
