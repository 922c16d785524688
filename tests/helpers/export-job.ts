import type { ExportJob } from '../../src/features/export-jobs/export-jobs.model.js';

/** When {@link exportJob} was asked for, and begun. */
export const REQUESTED_AT = new Date('2026-11-22T05:00:00Z');

/** A job of a million responses that has just begun, where nothing else is said. */
export function exportJob(values: Partial<ExportJob> = {}): ExportJob {
  return {
    _id: '0192f0c4-0000-4000-8000-000000000001',
    ...{ owner: 'quanly', actor: { kind: 'account', name: 'quanly', address: '', request: '' } },
    ...{ place: '22', placeName: 'Tỉnh Quảng Ninh', range: { from: '2026-01-01', to: '2026-12-31' } },
    ...{
      questionnaire: null,
      comments: 'masked',
      format: 'csv',
      delimiter: ',',
      state: 'running',
      attempt: 1,
      rows: 0,
      total: 1_000_000,
    },
    ...{ requestedAt: REQUESTED_AT, startedAt: REQUESTED_AT, finishedAt: null, expiresAt: null },
    ...{ bytes: null, sha256: null, failure: null },
    ...values,
  };
}
