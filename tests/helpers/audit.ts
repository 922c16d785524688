import type { Action } from '../../src/features/audit/audit.model.js';
import type { AuditEntry } from '../../src/features/audit/audit.service.js';
import type { Services } from '../../src/services.js';

/** The newest download once its outcome is recorded, which is after its last byte has left. */
export async function newestDownload({ audit }: Services, action: Action = 'export'): Promise<AuditEntry> {
  for (let look = 0; look < 1000; look += 1) {
    const [entry] = await audit.list({ action }, 1);
    if (entry && 'complete' in (entry.after ?? {})) return entry;
  }
  throw new Error('No download was recorded to its end');
}
