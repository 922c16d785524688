import type { Principal } from '../access/principal.js';
import type { DossierService, DossierStatus } from '../dossiers/dossiers.service.js';
import { checkDossier, DOSSIER_BATCH, type DossierInput } from '../dossiers/dossiers.validators.js';
import type { ImportedLine } from './imports.files.js';
import type { RejectedLine } from './imports.service.js';

/** How an import of dossiers went. */
export type DossierCounts = Record<DossierStatus, number>;

interface CheckedLine {
  readonly line: ImportedLine;
  readonly input: DossierInput;
}

/** Takes in dossiers from files; safe to repeat, since the last word on each code stands. */
export class DossierImportService {
  constructor(private readonly dossiers: DossierService) {}

  /** Reads lines as they come and stores the valid ones; `reject` is told of every other, before the next is read. */
  async importDossiers(
    sender: Pick<Principal, 'scope'>,
    lines: AsyncIterable<ImportedLine>,
    reject: (rejected: RejectedLine) => Promise<void>,
    progress: (counts: Readonly<DossierCounts>) => void = () => undefined,
  ): Promise<DossierCounts> {
    const counts: DossierCounts = { stored: 0, updated: 0, unchanged: 0, invalid: 0 };
    let batch: CheckedLine[] = [];
    const flush = async () => {
      await this.store(sender, batch, counts, reject);
      batch = [];
      progress(counts);
    };
    for await (const line of lines) {
      const checked =
        line.problem === undefined
          ? checkDossier(line.fields)
          : ({ ok: false, errors: [{ path: '', message: line.problem }] } as const);
      if (checked.ok) batch.push({ line, input: checked.value });
      else {
        counts.invalid += 1;
        await reject({ line, errors: checked.errors });
      }
      if (batch.length === DOSSIER_BATCH) await flush();
    }
    await flush();
    return counts;
  }

  private async store(
    sender: Pick<Principal, 'scope'>,
    batch: readonly CheckedLine[],
    counts: DossierCounts,
    reject: (rejected: RejectedLine) => Promise<void>,
  ): Promise<void> {
    const outcomes = await this.dossiers.receiveMany(
      sender,
      batch.map(({ input }) => input),
    );
    for (const [index, { line }] of batch.entries()) {
      const outcome = outcomes[index];
      if (!outcome) throw new Error('A dossier has no outcome');
      counts[outcome.status] += 1;
      if (outcome.errors) await reject({ line, errors: outcome.errors });
    }
  }
}
