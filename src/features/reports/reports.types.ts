import type { Figures } from '../../domain/rates.js';

/** What a satisfaction report can be grouped by (contract §3 Reports). */
export const GROUPINGS = [
  'centre',
  'unit',
  'day',
  'week',
  'month',
  'quarter',
  'year',
  'hour',
  'weekday',
  'field',
  'procedure',
  'counter',
  'officer',
  'channel',
  'kiosk',
  'reason',
] as const;
export type Grouping = (typeof GROUPINGS)[number];
/** What a report can be narrowed to. */
export const FILTERS = ['field', 'procedure', 'counter', 'officer', 'channel'] as const;
export type FilterName = (typeof FILTERS)[number];
/** Only what has this value. */
export interface Filter {
  readonly by: FilterName;
  readonly value: string;
}
/** Only what has all these values, at most one of each name. */
export type Filters = readonly Filter[];

/** The filters by their names, as conditions on responses. */
export function withValues(filters: Filters): Readonly<Record<string, string>> {
  return Object.fromEntries(filters.map(({ by, value }) => [by, value]));
}
/** Pages also show satisfaction by slot, an hour of a weekday. */
export type Breakdown = Grouping | 'slot';

/** One line of a satisfaction report: how many forms, how many answers counted, and what they say. */
export interface ReportRow extends Figures {
  readonly key: string;
  readonly label: string;
  /** Forms (phiếu). `n` counts answers. */
  readonly responses: number;
}

/** A satisfaction report over answers of one scale. */
export interface SatisfactionReport {
  /** First local day, inclusive. */
  readonly from: string;
  /** Last local day, inclusive. */
  readonly to: string;
  /** Unit or centre code; null is everything there is. */
  readonly scope: string | null;
  /** Questionnaire id, or null when several of one scale are reported together. */
  readonly questionnaire: string | null;
  readonly scale: string;
  /** Everything received before this instant is counted. */
  readonly asOf: string;
  readonly total: ReportRow;
  readonly rows: readonly ReportRow[];
}

/** Without one questionnaire, or when its versions changed scale: one report a scale, never pooled. */
export interface SatisfactionByScale {
  readonly byScale: Readonly<Record<string, SatisfactionReport>>;
}
