import type { ReportService } from '../reports/reports.service.js';
import type { ResponseExportQuery } from './exports.service.js';

/** How many responses an export of them has, by the tallies: those of the last half second may be missing. */
export async function countResponses(
  reports: ReportService,
  query: Pick<ResponseExportQuery, 'range' | 'scope' | 'questionnaire'>,
): Promise<number> {
  const report = await reports.satisfaction({ ...query, groupBy: 'year' });
  const scales = 'byScale' in report ? Object.values(report.byScale) : [report];
  return scales.reduce((sum, { total }) => sum + total.responses, 0);
}
