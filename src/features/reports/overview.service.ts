import type { Clock } from '../../clock.js';
import { contributions, type Contribution, type GroupAnswers } from '../../domain/contribution.js';
import {
  addDays,
  localDay,
  monthKey,
  previousPeriod,
  yearAgo,
  type DayRange,
  type Period,
} from '../../domain/period.js';
import { postStratified, type PostStratified } from '../../domain/sample-size.js';
import type { Scale } from '../../domain/scale.js';
import type { ScopeSelection } from '../access/scope.service.js';
import type { CatalogueService } from '../catalogue/catalogue.service.js';
import type { DossierReportService, OnTimeReport, ResponseRateReport } from './dossier-reports.service.js';
import { answersOf, byScale, type ByScale } from './reports.by-scale.js';
import type { ReportService } from './reports.service.js';
import type { Breakdown, ReportRow, SatisfactionReport } from './reports.types.js';

/** The satisfaction of a scope on one scale: a period beside others, and what lies behind its figures. */
export interface OverviewOnScale {
  readonly scale: Scale;
  /** The period, the one before, and the same a year ago where that is another. */
  readonly periods: readonly { readonly period: Period; readonly total: ReportRow }[];
  /** The twelve months up to the end of the period. */
  readonly months: SatisfactionReport;
  readonly reasons: SatisfactionReport;
  /** Every hour of a weekday with answers; keys as the tallies have them (`1-08`). */
  readonly slots: SatisfactionReport;
  /** The satisfied rate as if every field had answered as often as it returns dossiers; null where none are known. */
  readonly weighted: PostStratified | null;
  /** What the fields did to the change since the period before, largest first. */
  readonly fields: readonly Contribution[];
}

export interface Overview {
  readonly period: Period;
  readonly asOf: Date;
  /** Five levels first: they are the SIPAS scale. */
  readonly scales: readonly OverviewOnScale[];
  readonly onTime: OnTimeReport;
  readonly responseRate: ResponseRateReport;
}

const MONTHS_OF_TREND = 12;

/** All that a manager looks at first, of one scope and period. */
export class OverviewService {
  constructor(
    private readonly reports: ReportService,
    private readonly dossierReports: DossierReportService,
    private readonly catalogue: CatalogueService,
    private readonly now: Clock,
  ) {}

  async overview(scope: ScopeSelection, period: Period): Promise<Overview> {
    const [previous, aYearAgo] = [previousPeriod(period), yearAgo(period)];
    const periods = [period, previous, ...(aYearAgo.key === previous.key ? [] : [aYearAgo])];
    const find = async (range: DayRange, ...groupings: Breakdown[]) =>
      (await this.reports.satisfactionBy({ range, scope, questionnaire: undefined }, groupings)).map(byScale);
    const { range } = period;
    const dossiers = { range, scope, groupBy: 'year', openOn: lastDay(range, localDay(this.now())) } as const;
    const [[fields, reasons, slots], [fieldsBefore], [ofYearAgo], [months = {}], onTime, responseRate] =
      await Promise.all([
        find(range, 'field', 'reason', 'slot'),
        find(previous.range, 'field'),
        aYearAgo.key === previous.key ? [] : find(aYearAgo.range, 'year'),
        find({ from: firstOfTrend(range.to), to: range.to }, 'month'),
        this.dossierReports.onTime(dossiers),
        this.dossierReports.responseRate({ ...dossiers, groupBy: 'field', questionnaire: undefined }),
      ]);
    const totals = [fields, fieldsBefore, ofYearAgo];
    const scales = this.catalogue.scalesInUse().flatMap((scale): OverviewOnScale[] => {
      const at = (found: ByScale | undefined) => found?.[scale.id];
      const [ofMonths, ofReasons, ofSlots] = [at(months), at(reasons), at(slots)];
      const compared = periods.flatMap((one, index) => {
        const total = at(totals[index])?.total;
        return total ? [{ period: one, total }] : [];
      });
      const answered = compared.some(({ total }) => total.n > 0) || (ofMonths?.total.n ?? 0) > 0;
      if (!ofMonths || !ofReasons || !ofSlots || !answered) return [];
      const explained = contributions(answersOf(at(fieldsBefore), scale), answersOf(at(fields), scale));
      const weighted = weightedByField(answersOf(at(fields), scale), responseRate);
      return [
        { scale, periods: compared, months: ofMonths, reasons: ofReasons, slots: ofSlots, weighted, fields: explained },
      ];
    });
    const asOf = new Date(Object.values(months)[0]?.asOf ?? 0);
    scales.sort((a, b) => b.scale.levels.length - a.scale.levels.length);
    return { period, asOf, scales, onTime, responseRate };
  }
}

/** Fields that answered much or little, weighed by the dossiers each of them returned (domain.md §1.8). */
function weightedByField(
  answers: ReadonlyMap<string, GroupAnswers>,
  { total, rows }: ResponseRateReport,
): PostStratified | null {
  if (total.returned === 0) return null;
  return postStratified(
    rows.map(({ key, returned }) => {
      const { n = 0, satisfied = 0 } = answers.get(key) ?? {};
      return { transactions: returned, responses: n, satisfied };
    }),
  );
}

/** The last day of a range or, of one that goes on, today: what is due later is not overdue yet. */
export function lastDay({ from, to }: DayRange, today: string): string {
  return from <= today && today < to ? today : to;
}

/** The first day of the twelve months that end with the month of a day. */
function firstOfTrend(day: string): string {
  let first = `${monthKey(day)}-01`;
  for (let month = 1; month < MONTHS_OF_TREND; month += 1) first = `${monthKey(addDays(first, -1))}-01`;
  return first;
}
