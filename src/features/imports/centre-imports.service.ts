import { AppError, type FieldError } from '../../errors.js';
import type { ScopeService } from '../access/scope.service.js';
import type { Principal } from '../access/principal.js';
import type { CentreService } from '../centres/centres.service.js';
import { centreColumns, counterColumns, type ImportColumns } from './imports.columns.js';
import type { ImportedLine } from './imports.files.js';
import type { RejectedLine } from './imports.service.js';

/** How an import of centres went. */
export type CentreCounts = { stored: number; unchanged: number; invalid: number };
/** How an import of counters went. */
export type CounterCounts = { stored: number; updated: number; unchanged: number; invalid: number };

type Sender = Pick<Principal, 'scope'>;
type Reject = (rejected: RejectedLine) => Promise<void>;
type Progress = (sofar: Readonly<Record<string, number>>) => void;

/** Lines that are taken in together. */
const BATCH = 200;

/** Takes in centres and their counters from files; safe to repeat, since their codes decide what is new. */
export class CentreImportService {
  constructor(
    private readonly centres: CentreService,
    private readonly scopes: ScopeService,
  ) {}

  /** Adds the centres that are not there; `reject` is told of every line that is wrong, or is another centre's code. */
  async importCentres(
    sender: Sender,
    lines: AsyncIterable<ImportedLine>,
    reject: Reject,
    progress: Progress,
  ): Promise<CentreCounts> {
    const counts: CentreCounts = { stored: 0, unchanged: 0, invalid: 0 };
    for await (const batch of batchesOf(lines)) {
      const refused = await Promise.all(batch.map((line) => this.notTaken(sender, line, centreColumns, 'unit')));
      const outcomes = await this.centres.addEach(
        batch.filter((_, index) => refused[index] === null).map(({ fields }) => fields),
      );
      for (const [index, line] of batch.entries()) {
        const outcome = refused[index] ?? outcomes.shift();
        if (outcome === undefined) throw new Error('A centre has no outcome');
        if (typeof outcome === 'string') counts[outcome] += 1;
        else {
          counts.invalid += 1;
          await reject({ line, errors: outcome });
        }
      }
      progress(counts);
    }
    return counts;
  }

  /** Adds the counters that are not there and renames those that are; `reject` is told of every other line. */
  async importCounters(
    sender: Sender,
    lines: AsyncIterable<ImportedLine>,
    reject: Reject,
    progress: Progress,
  ): Promise<CounterCounts> {
    const counts: CounterCounts = { stored: 0, updated: 0, unchanged: 0, invalid: 0 };
    for await (const batch of batchesOf(lines)) {
      for (const line of batch) {
        const outcome = (await this.notTaken(sender, line, counterColumns, 'centre')) ?? (await this.putCounter(line));
        if (typeof outcome === 'string') counts[outcome] += 1;
        else {
          counts.invalid += 1;
          await reject({ line, errors: outcome });
        }
      }
      progress(counts);
    }
    return counts;
  }

  private async putCounter({ fields }: ImportedLine) {
    const { centre, counter: code, name } = fields;
    if (typeof centre !== 'string') return [{ path: 'centre', message: 'is required' }];
    try {
      return await this.centres.counters.put(centre, { code, name });
    } catch (error) {
      if (!(error instanceof AppError) || error.status >= 500) throw error;
      if (error.errors.length === 0) return [{ path: 'centre', message: error.message }];
      return error.errors.map(({ path, message }) => ({ path: path === 'code' ? 'counter' : path, message }));
    }
  }

  /** Why a line may not be taken at all; null where it may be looked at. */
  private async notTaken(
    { scope }: Sender,
    { fields, problem }: ImportedLine,
    columns: ImportColumns,
    place: 'unit' | 'centre',
  ): Promise<readonly FieldError[] | null> {
    if (problem !== undefined) return [{ path: '', message: problem }];
    const unknown = Object.keys(fields).filter((name) => !columns.isKnown(name));
    if (unknown.length > 0) return unknown.map((path) => ({ path, message: 'unknown field' }));
    const code = fields[place];
    const isInside = typeof code !== 'string' || (await this.scopes.covers(scope, code));
    return isInside ? null : [{ path: place, message: `there is no ${place} ${code} in your scope` }];
  }
}

async function* batchesOf<T>(items: AsyncIterable<T>): AsyncGenerator<T[]> {
  let batch: T[] = [];
  for await (const item of items) {
    batch.push(item);
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
