import type { Facts } from '../audit/audit.model.js';
import { withValues } from '../reports/reports.types.js';
import type { CommonQuery, CriteriaReportQuery } from '../reports/reports.validators.js';

/** What was asked for, as the audit records an export. */
export function exportFacts(
  {
    range,
    questionnaire,
    filters = [],
  }: Pick<CommonQuery, 'range' | 'questionnaire'> & Partial<Pick<CriteriaReportQuery, 'filters'>>,
  scope: string | null,
): Facts {
  return {
    from: range.from,
    to: range.to,
    scope,
    ...(questionnaire === undefined ? {} : { questionnaire }),
    ...withValues(filters),
  };
}
