import type { DayRange } from '../../domain/period.js';
import { percentage } from '../../domain/rates.js';
import type { TallyDimension } from '../../domain/tally.js';
import type { ScopeSelection } from '../access/scope.service.js';
import type { CatalogueService } from '../catalogue/catalogue.service.js';
import type { DossierService } from '../dossiers/dossiers.service.js';
import type { Centres } from '../tallies/tallies.model.js';
import {
  dossierGroups,
  isTime,
  onTimeCounts,
  sumOpen,
  sumReturned,
  timeKey,
  timeKeys,
  type DossierCounts,
  type DossierGrouping,
  type OnTimeRow,
} from './on-time.rows.js';
import { labelOf } from './reports.labels.js';
import { longestFor, type ReportedTally } from './reports.rows.js';
import { knownVersions, type ReportTallies } from './reports.tallies.js';

export interface DossierReportQuery {
  readonly range: DayRange;
  readonly scope: ScopeSelection;
  readonly groupBy: DossierGrouping;
  /** The day at whose end open dossiers are counted; the last of the range unless given. */
  readonly openOn?: string;
}

interface ReportHead {
  /** First and last local day, inclusive. */
  readonly from: string;
  readonly to: string;
  /** Unit or centre code; null is everything there is. */
  readonly scope: string | null;
}

export interface OnTimeReport extends ReportHead {
  readonly total: OnTimeRow;
  readonly rows: readonly OnTimeRow[];
}

export interface ResponseRateRow {
  readonly key: string;
  readonly label: string;
  /** Dossiers returned in the range. */
  readonly returned: number;
  /** Forms captured in the range. */
  readonly responses: number;
  /** Forms per 100 dossiers returned; may exceed 100, null without dossiers. */
  readonly rate: number | null;
}

export interface ResponseRateReport extends ReportHead {
  readonly total: ResponseRateRow;
  readonly rows: readonly ResponseRateRow[];
}

const TOTAL = { key: '', label: 'Tổng' } as const;

/** Reports about dossiers: returned on time or not, and how many forms came for them. */
export class DossierReportService {
  constructor(
    private readonly dossiers: DossierService,
    private readonly reported: ReportTallies,
    private readonly catalogue: CatalogueService,
  ) {}

  /** Dossiers returned in the range, early, on time or late, and those open at its end (contract §3, on-time). */
  async onTime(query: DossierReportQuery): Promise<OnTimeReport> {
    const { range, scope, groupBy } = query;
    const counts = await this.counts(query);
    const label = this.labels(query);
    const groups = dossierGroups(isTime(groupBy) ? { ...counts, open: [] } : counts, groupKey(query));
    for (const key of timeKeys(groupBy, range)) {
      if (!groups.has(key)) groups.set(key, { returned: sumReturned([]), open: sumOpen([]) });
    }
    const rows = [...groups].map(([key, { returned, open }]): OnTimeRow => {
      const openNow = isTime(groupBy) ? { open: null, openOverdue: null } : open;
      return { key, label: label(key), ...onTimeCounts(returned), ...openNow };
    });
    const total = { ...TOTAL, ...onTimeCounts(sumReturned(counts.returned)), ...sumOpen(counts.open) };
    return { from: range.from, to: range.to, scope: scope.code, total, rows: rows.sort(byKey) };
  }

  /** Forms captured and dossiers returned in the range (contract §3, response-rate). */
  async responseRate(
    query: DossierReportQuery & { readonly questionnaire: string | undefined },
  ): Promise<ResponseRateReport> {
    const { range, scope, groupBy, questionnaire } = query;
    if (questionnaire !== undefined) knownVersions(this.catalogue, questionnaire);
    const dimension = DIMENSIONS[groupBy];
    const [counted, tallies] = await Promise.all([
      this.dossiers.returned({ range, centres: this.centresFor(query) }, countedBy(groupBy)),
      this.reported.find({
        ...{ range, scope, questionnaire },
        longest: longestFor(groupBy),
        dimensions: dimension ? [dimension] : [],
        together: groupBy !== 'centre' && groupBy !== 'unit',
      }),
    ]);
    const returned = dossierGroups({ returned: counted, open: [] }, groupKey(query));
    const forms = formsByKey(tallies, dimension, groupKey(query), isTime(groupBy));
    const label = this.labels(query);
    const keys = new Set([...timeKeys(groupBy, range), ...returned.keys(), ...forms.keys()]);
    const rows = [...keys].map((key) => {
      const counts = onTimeCounts(returned.get(key)?.returned ?? sumReturned([]));
      return rateRow(key, label(key), counts.returned, forms.get(key) ?? 0);
    });
    const allForms = tallies.reduce((sum, { measured }) => sum + measured.forms, 0);
    const total = rateRow(TOTAL.key, TOTAL.label, onTimeCounts(sumReturned(counted)).returned, allForms);
    return { from: range.from, to: range.to, scope: scope.code, total, rows: rows.sort(byKey) };
  }

  private async counts(query: DossierReportQuery): Promise<DossierCounts> {
    const { range, groupBy, openOn = range.to } = query;
    const centres = this.centresFor(query);
    const key = countedBy(groupBy);
    const openBy = key === 'month' ? 'centre' : key;
    const [returned, open] = await Promise.all([
      this.dossiers.returned({ range, centres }, key),
      this.dossiers.open({ day: openOn, centres }, openBy),
    ]);
    return { returned, open };
  }

  /** Those of the scope or, for what the sums of several keep too, their sum. */
  private centresFor({ scope, groupBy }: DossierReportQuery): Centres {
    return this.reported.centresAsked(scope, isTime(groupBy) || groupBy === 'field');
  }

  private labels({ groupBy, scope, range }: DossierReportQuery): (key: string) => string {
    const centres = new Map(scope.centres.map((centre) => [centre.code, centre]));
    return (key) => labelOf(groupBy, key, { catalogue: this.catalogue, centres, until: range.to });
  }
}

/** What the tallies keep apart that a grouping needs. */
const DIMENSIONS: Readonly<Record<DossierGrouping, TallyDimension | undefined>> = {
  centre: undefined,
  unit: undefined,
  month: undefined,
  quarter: undefined,
  year: undefined,
  field: 'field',
  procedure: 'procedure',
  officer: 'officer',
};

/** What the database counts by, from which the groups are put together. */
function countedBy(grouping: DossierGrouping) {
  if (isTime(grouping)) return 'month';
  return grouping === 'unit' ? 'centre' : grouping;
}

/** The group of a centre, a month or a code. */
function groupKey({ groupBy, scope }: DossierReportQuery): (key: string) => string {
  if (isTime(groupBy)) return (month) => timeKey(groupBy, month);
  if (groupBy !== 'unit') return (key) => key;
  const units = new Map(scope.centres.map(({ code, unit }) => [code, unit]));
  return (centre) => units.get(centre) ?? '';
}

/** Forms by group: of a breakdown of the tallies, or of whole tallies by their time or centre. */
function formsByKey(
  tallies: readonly ReportedTally[],
  dimension: TallyDimension | undefined,
  keyOf: (key: string) => string,
  byTime: boolean,
): Map<string, number> {
  const forms = new Map<string, number>();
  const add = (key: string, n: number) => forms.set(key, (forms.get(key) ?? 0) + n);
  for (const { centre, period, measured, groups } of tallies) {
    if (dimension) for (const [key, count] of groups.get(dimension) ?? []) add(key, count.forms);
    else add(keyOf(byTime ? period : centre), measured.forms);
  }
  return forms;
}

function rateRow(key: string, label: string, returned: number, responses: number): ResponseRateRow {
  return { key, label, returned, responses, rate: percentage(responses, returned) };
}

function byKey(a: { readonly key: string }, b: { readonly key: string }): number {
  return a.key < b.key ? -1 : 1;
}
