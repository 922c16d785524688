import type { Facts } from '../audit/audit.model.js';
import type { CommonQuery, ReportQuery } from '../reports/reports.validators.js';

/** What was asked for, as the audit records an export. */
export function exportFacts(
  { range, questionnaire, filter }: Pick<CommonQuery, 'range' | 'questionnaire'> & Partial<Pick<ReportQuery, 'filter'>>,
  scope: string | null,
): Facts {
  return {
    from: range.from,
    to: range.to,
    scope,
    ...(questionnaire === undefined ? {} : { questionnaire }),
    ...(filter ? { [filter.by]: filter.value } : {}),
  };
}
