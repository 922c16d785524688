import type { GroupAnswers } from '../../domain/contribution.js';
import { satisfiedCount } from '../../domain/rates.js';
import type { Scale } from '../../domain/scale.js';
import type { SatisfactionByScale, SatisfactionReport } from './reports.types.js';

export type ByScale = SatisfactionByScale['byScale'];

/** A report by the id of its scale, also where only one was used. */
export function byScale(report: SatisfactionReport | SatisfactionByScale): ByScale {
  return 'byScale' in report ? report.byScale : { [report.scale]: report };
}

/** The answers of each group of a report, and how many of them are satisfied. */
export function answersOf(report: SatisfactionReport | undefined, scale: Scale): Map<string, GroupAnswers> {
  const rows = report?.rows ?? [];
  return new Map(rows.map(({ key, n, counts }) => [key, { n, satisfied: satisfiedCount(scale, counts) }]));
}
