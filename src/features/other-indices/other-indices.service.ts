import type { Connection } from 'mongoose';
import { parsePeriod } from '../../domain/period.js';
import { movement } from '../../domain/ranking.js';
import { topStreak } from '../../domain/streak.js';
import { ValidationError, type FieldError } from '../../errors.js';
import type { ScopeSelection } from '../access/scope.service.js';
import type { Facts } from '../audit/audit.model.js';
import type { AuditService } from '../audit/audit.service.js';
import type { CatalogueService } from '../catalogue/catalogue.service.js';
import type { ImportedLine } from '../imports/imports.files.js';
import type { RejectedLine } from '../imports/imports.service.js';
import type { IndexService } from '../reports/index.service.js';
import { findOtherIndices, putOtherIndex, removeOtherIndex, type OtherIndex } from './other-indices.model.js';
import { checkOtherIndex } from './other-indices.validators.js';

/** What was published, beside the year before. */
export interface PublishedIndex extends OtherIndex {
  readonly previousValue: number | null;
  readonly movement: number | null;
  /** Years in a row up to this one with the same grade, and with the same rank; 0 without one. */
  readonly gradeYears: number;
  readonly rankYears: number;
}

export interface OwnIndex {
  readonly value: number | null;
  readonly previousValue: number | null;
  readonly n: number;
}

/** One year of a unit: our own index first, apart from those of others. */
export interface BoardYear {
  readonly year: number;
  readonly own: OwnIndex;
  readonly published: readonly PublishedIndex[];
}

type IndexKey = Pick<OtherIndex, 'index' | 'unit' | 'year'>;

export type OtherIndexCounts = Record<'stored' | 'updated' | 'invalid', number>;

/** Years shown, back from the newest that something was published about. */
const MOST_YEARS = 10;

/** Indices that others publish, kept per unit and year. */
export class OtherIndexService {
  constructor(
    private readonly connection: Connection,
    private readonly catalogue: CatalogueService,
    private readonly indices: IndexService,
    private readonly audit: AuditService,
  ) {}

  /**
   * Stores what a form or a line says, in place of what was known about the same index, unit and year.
   * @throws ValidationError naming each field that is wrong
   */
  async put(fields: Readonly<Record<string, unknown>>): Promise<'stored' | 'updated'> {
    const published = this.checked(fields);
    const before = await this.find(published);
    const event = { action: 'index.put', subject: subjectOf(published), before, after: { ...published } } as const;
    return this.audit.change(event, () => putOtherIndex(this.connection, published));
  }

  private checked(fields: Readonly<Record<string, unknown>>): OtherIndex {
    const checked = checkOtherIndex(fields);
    if (!checked.ok) throw new ValidationError(checked.errors);
    if (!this.catalogue.unit(checked.value.unit)) {
      throw new ValidationError([{ path: 'unit', message: 'is no known unit' }]);
    }
    return checked.value;
  }

  private async find({ index, unit, year }: IndexKey): Promise<Facts | null> {
    const known = await findOtherIndices(this.connection, unit);
    const found = known.find((one) => one.index === index && one.year === year);
    return found ? { ...found } : null;
  }

  /** Whether there was one to remove. */
  async remove(key: IndexKey): Promise<boolean> {
    const before = await this.find(key);
    if (!before) return false;
    const event = { action: 'index.remove', subject: subjectOf(key), before } as const;
    return this.audit.change(event, () => removeOtherIndex(this.connection, key));
  }

  /** Stores the lines of a file; `reject` is told of every one that is wrong. Safe to repeat. */
  async importLines(
    lines: AsyncIterable<ImportedLine>,
    reject: (rejected: RejectedLine) => Promise<void>,
  ): Promise<OtherIndexCounts> {
    const counts: OtherIndexCounts = { stored: 0, updated: 0, invalid: 0 };
    const work = async () => {
      for await (const line of lines) {
        const errors = await this.take(line, counts);
        if (errors.length === 0) continue;
        counts.invalid += 1;
        await reject({ line, errors });
      }
    };
    await this.audit.change({ action: 'index.import', subject: '' }, work, () => ({ ...counts }));
    return counts;
  }

  private async take({ fields, problem }: ImportedLine, counts: OtherIndexCounts): Promise<readonly FieldError[]> {
    if (problem !== undefined) return [{ path: '', message: problem }];
    try {
      counts[await putOtherIndex(this.connection, this.checked(fields))] += 1;
      return [];
    } catch (error) {
      if (!(error instanceof ValidationError)) throw error;
      return error.errors;
    }
  }

  /** The years of a unit that something was published about, newest first, each with our own index of that year. */
  async board(unit: string, scope: ScopeSelection, questionnaire: string): Promise<BoardYear[]> {
    const known = await findOtherIndices(this.connection, unit);
    const years = [...new Set(known.map(({ year }) => year))].slice(0, MOST_YEARS);
    return Promise.all(
      years.map(async (year) => ({
        year,
        own: await this.own(year, scope, questionnaire),
        published: known.filter((one) => one.year === year).map((one) => besideYearBefore(one, known)),
      })),
    );
  }

  private async own(year: number, scope: ScopeSelection, questionnaire: string): Promise<OwnIndex> {
    const of = async (one: number) => {
      const range = parsePeriod(String(one))?.range;
      if (!range) throw new RangeError(`Not a year: ${one}`);
      return (await this.indices.index({ range, scope, questionnaire, method: 'top2-pooled' })).figures.overall;
    };
    const [now, before] = await Promise.all([of(year), of(year - 1)]);
    return { value: now.value, previousValue: before.value, n: now.n };
  }
}

/** As an entry of the audit names it. */
function subjectOf({ index, unit, year }: IndexKey): string {
  return `${index} ${unit} ${year}`;
}

function besideYearBefore(one: OtherIndex, known: readonly OtherIndex[]): PublishedIndex {
  const history = new Map(known.filter(({ index }) => index === one.index).map((other) => [other.year, other]));
  const before = history.get(one.year - 1);
  const yearsWithSame = (field: 'grade' | 'rank') => {
    const same = new Map(
      [...history].map(([year, other]) => [year, other[field] !== null && other[field] === one[field]]),
    );
    return topStreak(same, one.year);
  };
  return {
    ...one,
    previousValue: before?.value ?? null,
    // Places among another number of units cannot be compared.
    movement: before && before.of === one.of ? movement(before.rank, one.rank) : null,
    gradeYears: yearsWithSame('grade'),
    rankYears: yearsWithSame('rank'),
  };
}
