import { createHmac, randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { Binary, type AnyBulkWriteOperation } from 'mongodb';
import type { Connection } from 'mongoose';
import { READ_LIMIT_MS } from '../../database/connect.js';
import { duplicatePositions } from '../../database/duplicate-key.js';
import type { FieldError } from '../../errors.js';
import type { Principal } from '../access/principal.js';
import type { ScopeService } from '../access/scope.service.js';
import {
  countOpen,
  countReturned,
  type DossierKey,
  type OpenCount,
  type ReturnedCount,
} from './dossier-tallies.model.js';
import type { DossierTallyService } from './dossier-tallies.service.js';
import { dossierCollection, OPTIONAL_FIELDS, type DossierRecord, type StoredDossier } from './dossiers.model.js';
import type { DossierInput } from './dossiers.validators.js';

export type DossierStatus = 'stored' | 'updated' | 'unchanged' | 'invalid';

export interface DossierOutcome {
  readonly status: DossierStatus;
  /** Of what is invalid: why. */
  readonly errors?: readonly FieldError[];
}

export interface DossierOptions {
  readonly synthetic?: true;
}

/** The feed's last word on each dossier, and counts of them. */
export class DossierService {
  constructor(
    private readonly connection: Connection,
    private readonly scopes: ScopeService,
    private readonly tallies: DossierTallyService,
    private readonly secret: string,
  ) {}

  /**
   * Stores dossiers and says of each, in order, what became of it. The last word on a code stands: sending the same
   * again changes nothing. A dossier of a centre outside the sender's scope, now or before, is invalid.
   */
  async receiveMany(
    sender: Pick<Principal, 'scope'>,
    inputs: readonly DossierInput[],
    options: DossierOptions = {},
  ): Promise<DossierOutcome[]> {
    const records = inputs.map((input) => this.asRecord(input, options));
    const keys = records.map(keyText);
    const known = await this.known(records);
    const reachable = await this.reachable(sender, [...records, ...known.values()]);
    const latest = new Map(known);
    const outcomes = records.map((record): DossierOutcome => {
      const before = latest.get(keyText(record));
      const problem = problemOf(record, before, reachable);
      if (problem) return { status: 'invalid', errors: [problem] };
      if (before && isSame(before, record)) return { status: 'unchanged' };
      latest.set(keyText(record), record);
      return { status: before ? 'updated' : 'stored' };
    });
    const changed = [...latest].flatMap(([key, record]) => (known.get(key) === record ? [] : [record]));
    const taken = await this.write(changed, known);
    if (taken.size === 0) return outcomes;
    // Another sender was first to store these; what it means for ours is known now.
    const isTaken = (index: number) => taken.has(keys[index] ?? '');
    const again = (
      await this.receiveMany(
        sender,
        inputs.filter((_, index) => isTaken(index)),
        options,
      )
    ).values();
    return outcomes.map((outcome, index) => (isTaken(index) ? (again.next().value ?? outcome) : outcome));
  }

  /** Dossiers returned in a range of local days, by key. */
  async returned(query: Parameters<typeof countReturned>[1], key: DossierKey): Promise<ReturnedCount[]> {
    await this.tallies.settle();
    return countReturned(this.connection, query, key);
  }

  /** Dossiers received by the end of a local day and not returned by then, by key. */
  async open(query: Parameters<typeof countOpen>[1], key: Exclude<DossierKey, 'month'>): Promise<OpenCount[]> {
    await this.tallies.settle();
    return countOpen(this.connection, query, key);
  }

  /** Whether there are dossiers that `sipas demo` did not make. */
  async hasReal(): Promise<boolean> {
    const real = await dossierCollection(this.connection).findOne(
      { synthetic: { $exists: false } },
      { projection: { _id: 1 }, maxTimeMS: READ_LIMIT_MS },
    );
    return real !== null;
  }

  private asRecord({ code, ...input }: DossierInput, options: DossierOptions): DossierRecord {
    const { procedure, field, officer, returnedDay, ...rest } = input;
    // Not the key of a dossier's rating: without the secret nobody can tell which answers belong to which dossier.
    const key = createHmac('sha256', this.secret).update(`dossier-feed\0${code}`).digest();
    return {
      _id: new Binary(key),
      ...rest,
      ...(procedure === undefined ? {} : { procedure }),
      ...(field === undefined ? {} : { field }),
      ...(officer === undefined ? {} : { officer }),
      ...(returnedDay === undefined ? {} : { returnedDay }),
      ...options,
    };
  }

  private async known(records: readonly DossierRecord[]): Promise<Map<string, DossierRecord>> {
    const found = await dossierCollection(this.connection)
      .find<DossierRecord>(
        { _id: { $in: records.map(({ _id }) => _id) } },
        { projection: { pending: 0, counted: 0, countedIn: 0 }, maxTimeMS: READ_LIMIT_MS, readConcern: 'local' },
      )
      .toArray();
    return new Map(found.map((record) => [keyText(record), record]));
  }

  /** The centres among those of the records that the sender may write about. */
  private async reachable(sender: Pick<Principal, 'scope'>, records: readonly DossierRecord[]): Promise<Set<string>> {
    const { centres } = await this.scopes.select(sender, {});
    const named = new Set(records.map(({ centre }) => centre));
    return new Set(centres.flatMap(({ code }) => (named.has(code) ? [code] : [])));
  }

  /** Writes all of them; gives the keys that should be new and were taken by someone else meanwhile. */
  private async write(
    records: readonly DossierRecord[],
    known: ReadonlyMap<string, DossierRecord>,
  ): Promise<Set<string>> {
    if (records.length === 0) return new Set();
    const pending = randomUUID();
    const writes = records.map((record): AnyBulkWriteOperation<StoredDossier> => {
      if (!known.has(keyText(record))) return { insertOne: { document: { ...record, pending } } };
      const { _id, ...fields } = record;
      const missing = OPTIONAL_FIELDS.filter((field) => record[field] === undefined).map(
        (field) => [field, 1] as const,
      );
      const $unset = missing.length === 0 ? {} : { $unset: Object.fromEntries(missing) };
      // What the tallies have of it stays: counting takes that away and adds the new.
      return { updateOne: { filter: { _id }, update: { $set: { ...fields, pending }, ...$unset } } };
    });
    try {
      await dossierCollection(this.connection).bulkWrite(writes, { ordered: false });
      return new Set();
    } catch (error) {
      const positions = duplicatePositions(error);
      if (!positions) throw error;
      return new Set(positions.flatMap((position) => records.slice(position, position + 1).map(keyText)));
    }
  }
}

function problemOf(
  record: DossierRecord,
  before: DossierRecord | undefined,
  reachable: ReadonlySet<string>,
): FieldError | null {
  if (!reachable.has(record.centre)) {
    return { path: 'centre', message: `there is no centre ${record.centre} in your scope` };
  }
  if (before && !reachable.has(before.centre)) return { path: 'code', message: 'is a dossier outside your scope' };
  return null;
}

function isSame(a: DossierRecord, b: DossierRecord): boolean {
  return isDeepStrictEqual({ ...a, _id: null }, { ...b, _id: null });
}

function keyText({ _id }: DossierRecord): string {
  return _id.toString('hex');
}
