import type { Clock } from '../../clock.js';
import type { FieldError } from '../../errors.js';
import type { Principal } from '../access/principal.js';
import type { ScopeService } from '../access/scope.service.js';
import { CODE_PATTERN } from '../centres/centres.service.js';
import type { CatalogueService } from '../catalogue/catalogue.service.js';
import { CHANNELS } from '../responses/responses.model.js';
import type { Arrival, Origin, ResponseService } from '../responses/responses.service.js';
import { BATCH_MAX, checkResponse, type Checked } from '../responses/responses.validators.js';
import type { ImportedLine } from './imports.files.js';

/** How an import went. */
export type ImportCounts = {
  stored: number;
  duplicate: number;
  /** Another response under the same id, or a dossier rated before. */
  conflict: number;
  invalid: number;
};

export interface RejectedLine {
  readonly line: ImportedLine;
  readonly errors: readonly FieldError[];
}

/** Takes in responses from files; safe to repeat, since their ids decide what is new. */
export class ImportService {
  constructor(
    private readonly responses: ResponseService,
    private readonly scopes: ScopeService,
    private readonly catalogue: CatalogueService,
    private readonly now: Clock,
  ) {}

  /**
   * Reads lines as they come and stores the valid ones; `reject` is told of every other, before the next is read. A
   * line about a centre outside the sender's scope is invalid.
   */
  async importResponses(
    sender: Pick<Principal, 'scope'>,
    lines: AsyncIterable<ImportedLine>,
    reject: (rejected: RejectedLine) => Promise<void>,
    progress: (counts: Readonly<ImportCounts>) => void = () => undefined,
  ): Promise<ImportCounts> {
    const counts: ImportCounts = { stored: 0, duplicate: 0, conflict: 0, invalid: 0 };
    const centres = new Set((await this.scopes.select(sender, {})).centres.map(({ code }) => code));
    let batch: { line: ImportedLine; arrival: Arrival }[] = [];
    const flush = async () => {
      await this.store(batch, counts, reject);
      batch = [];
      progress(counts);
    };
    for await (const line of lines) {
      const checked = this.check(line, centres);
      if (checked.ok) batch.push({ line, arrival: checked.value });
      else {
        counts.invalid += 1;
        await reject({ line, errors: checked.errors });
      }
      if (batch.length === BATCH_MAX) await flush();
    }
    await flush();
    return counts;
  }

  private async store(
    batch: readonly { line: ImportedLine; arrival: Arrival }[],
    counts: ImportCounts,
    reject: (rejected: RejectedLine) => Promise<void>,
  ): Promise<void> {
    const outcomes = await this.responses.receiveMany(batch.map(({ arrival }) => arrival));
    for (const [index, { line }] of batch.entries()) {
      const outcome = outcomes[index];
      if (outcome === 'stored' || outcome === 'duplicate') counts[outcome] += 1;
      else {
        counts.conflict += 1;
        const errors =
          outcome === 'dossier-rated'
            ? [{ path: 'dossier', message: 'this dossier was already rated' }]
            : [{ path: 'id', message: 'there is another response with this id' }];
        await reject({ line, errors });
      }
    }
  }

  private check(line: ImportedLine, centres: ReadonlySet<string>): Checked<Arrival> {
    if (line.problem !== undefined) return { ok: false, errors: [{ path: '', message: line.problem }] };
    const { centre, kiosk = '', channel = 'import', ...response } = line.fields;
    const errors: FieldError[] = [];
    if (typeof centre !== 'string' || !centres.has(centre)) {
      errors.push({
        path: 'centre',
        message: typeof centre === 'string' ? `there is no centre ${centre}` : 'is required',
      });
    }
    if (typeof kiosk !== 'string' || (kiosk !== '' && !CODE_PATTERN.test(kiosk))) {
      errors.push({ path: 'kiosk', message: 'must be the code of a kiosk' });
    }
    const knownChannel = CHANNELS.find((known) => known === channel);
    if (!knownChannel) errors.push({ path: 'channel', message: `must be one of ${CHANNELS.join(', ')}` });
    const checked = checkResponse(response, this.catalogue, this.now());
    if (!checked.ok) errors.push(...checked.errors);
    if (!checked.ok || errors.length > 0 || typeof centre !== 'string' || typeof kiosk !== 'string' || !knownChannel) {
      return { ok: false, errors };
    }
    const origin: Origin = { centre, kiosk, channel: knownChannel };
    const leftOut = checked.value.dossier === undefined ? ({ dossierLeftOut: true } as const) : {};
    return { ok: true, value: { input: checked.value, origin, ...leftOut } };
  }
}
