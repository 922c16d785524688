import { AppError, type FieldError } from '../../errors.js';
import type { ScopeService } from '../access/scope.service.js';
import type { Principal } from '../access/principal.js';
import type { UnitService } from '../catalogue/units.service.js';
import type { CentreService } from '../centres/centres.service.js';
import { centreColumns, counterColumns, unitColumns, type ImportColumns } from './imports.columns.js';
import type { ImportedLine } from './imports.files.js';
import type { RejectedLine } from './imports.service.js';

/** How an import of centres went. */
export type CentreCounts = { stored: number; unchanged: number; invalid: number };
/** How an import of counters or of units went. */
export type PutCounts = { stored: number; updated: number; unchanged: number; invalid: number };

type PutOutcome = Exclude<keyof PutCounts, 'invalid'>;

type Sender = Pick<Principal, 'scope'>;
type Reject = (rejected: RejectedLine) => Promise<void>;
type Progress = (sofar: Readonly<Record<string, number>>) => void;

/** Lines that are taken in together. */
const BATCH = 200;

/** Takes in units, centres and their counters from files; safe to repeat, since their codes decide what is new. */
export class CentreImportService {
  constructor(
    private readonly centres: CentreService,
    private readonly units: UnitService,
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
        await settle(line, outcome, counts, reject);
      }
      progress(counts);
    }
    return counts;
  }

  /** Adds the counters that are not there and renames those that are; `reject` is told of every other line. */
  importCounters(
    sender: Sender,
    lines: AsyncIterable<ImportedLine>,
    reject: Reject,
    progress: Progress,
  ): Promise<PutCounts> {
    const put = async (line: ImportedLine) =>
      (await this.notTaken(sender, line, counterColumns, 'centre')) ?? (await this.putCounter(line));
    return putEach(lines, put, reject, progress);
  }

  /** Adds the versions of units that are not there; `reject` is told of every line that may not be taken. */
  importUnits(
    { scope }: Sender,
    lines: AsyncIterable<ImportedLine>,
    reject: Reject,
    progress: Progress,
  ): Promise<PutCounts> {
    const put = async (line: ImportedLine) => {
      const unreadable = unreadableIn(line, unitColumns);
      if (unreadable) return unreadable;
      // Units are everybody's.
      if (scope !== null) return [{ path: '', message: 'units are imported by who administers everything' }];
      return (await this.ofCentre(line)) ?? this.units.put(line.fields);
    };
    return putEach(lines, put, reject, progress);
  }

  /** Accounts are bound to codes: that of a centre elsewhere would become a unit's. */
  private async ofCentre({ fields: { code } }: ImportedLine): Promise<readonly FieldError[] | null> {
    const centre = typeof code === 'string' ? await this.centres.find(code) : null;
    return centre && centre.unit !== code ? [{ path: 'code', message: `is that of a centre in ${centre.unit}` }] : null;
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
    line: ImportedLine,
    columns: ImportColumns,
    place: 'unit' | 'centre',
  ): Promise<readonly FieldError[] | null> {
    const unreadable = unreadableIn(line, columns);
    if (unreadable) return unreadable;
    const code = line.fields[place];
    const isInside = typeof code !== 'string' || (await this.scopes.covers(scope, code));
    return isInside ? null : [{ path: place, message: `there is no ${place} ${code} in your scope` }];
  }
}

/** Puts lines in one after another, and counts what became of them. */
async function putEach(
  lines: AsyncIterable<ImportedLine>,
  put: (line: ImportedLine) => Promise<PutOutcome | readonly FieldError[]>,
  reject: Reject,
  progress: Progress,
): Promise<PutCounts> {
  const counts: PutCounts = { stored: 0, updated: 0, unchanged: 0, invalid: 0 };
  for await (const batch of batchesOf(lines)) {
    for (const line of batch) {
      await settle(line, await put(line), counts, reject);
    }
    progress(counts);
  }
  return counts;
}

/** Counts what became of a line, and tells of one that was refused. */
async function settle<Outcome extends string>(
  line: ImportedLine,
  outcome: Outcome | readonly FieldError[],
  counts: { [Counted in Outcome | 'invalid']: number },
  reject: Reject,
): Promise<void> {
  if (typeof outcome === 'string') {
    counts[outcome] += 1;
    return;
  }
  counts.invalid += 1;
  await reject({ line, errors: outcome });
}

/** What is wrong with a line before anything is known of what it stands for. */
function unreadableIn({ fields, problem }: ImportedLine, columns: ImportColumns): readonly FieldError[] | null {
  if (problem !== undefined) return [{ path: '', message: problem }];
  const unknown = Object.keys(fields).filter((name) => !columns.isKnown(name));
  return unknown.length === 0 ? null : unknown.map((path) => ({ path, message: 'unknown field' }));
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
