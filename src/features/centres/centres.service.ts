import { isDeepStrictEqual } from 'node:util';
import type { Connection, Model } from 'mongoose';
import { z } from 'zod';
import type { Clock } from '../../clock.js';
import { isDuplicateKey } from '../../database/duplicate-key.js';
import { timesText, type OpeningHours } from '../../domain/opening-hours.js';
import { isDay, localDay } from '../../domain/period.js';
import { ConflictError, NotFoundError, ValidationError, type FieldError } from '../../errors.js';
import type { AuditService } from '../audit/audit.service.js';
import type { CatalogueService } from '../catalogue/catalogue.service.js';
import { checked, fieldErrors, typedLine } from '../validation.js';
import { CentreCounters } from './centres.counters.js';
import { CentreHours } from './centres.hours.js';
import { KeptCentres } from './centres.kept.js';
import { asCentre, CENTRE_LEVELS, centreModel, type Centre, type CentreRecord, type Closure } from './centres.model.js';

/** Codes of centres, kiosks and the like: short, without spaces, safe in addresses and file names. */
export const CODE_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$/;
export const CODE_RULE = '1 to 32 letters, digits, ".", "_" or "-", starting with a letter or digit';

/** What is wrong with a code that names a unit. */
export const OF_ANOTHER_UNIT = 'is the code of another unit';

const centreName = typedLine(200);

const newCentre = (catalogue: CatalogueService) =>
  z
    .strictObject({
      code: z.string().regex(CODE_PATTERN, `must be ${CODE_RULE}`),
      name: centreName,
      unit: z.string().refine((code) => catalogue.unit(code) !== undefined, {
        error: ({ input }) => `there is no unit ${String(input)}`,
      }),
      level: z.enum(CENTRE_LEVELS, `must be one of ${CENTRE_LEVELS.join(', ')}`).optional(),
      synthetic: z.boolean().optional(),
    })
    // A scope names a unit or a centre by its code alone, so one code must not mean two places.
    .refine(({ code, unit }) => code === unit || !catalogue.unit(code), {
      path: ['code'],
      error: OF_ANOTHER_UNIT,
    });
export type NewCentre = z.input<ReturnType<typeof newCentre>>;

/** What one of many centres is. */
type Sorted = { readonly centre: Centre; readonly isNew: boolean } | { readonly errors: readonly FieldError[] };

export class CentreService {
  readonly counters: CentreCounters;
  private readonly centres: Model<CentreRecord>;
  private readonly hours: CentreHours;
  private readonly kept: KeptCentres;
  private readonly provinces = new Map<string, string>();

  constructor(
    connection: Connection,
    private readonly catalogue: CatalogueService,
    private readonly audit: AuditService,
    private readonly now: Clock,
  ) {
    this.centres = centreModel(connection);
    this.hours = new CentreHours(this.centres, now);
    this.kept = new KeptCentres(connection, this.centres, now);
    this.counters = new CentreCounters(this.centres, this.kept, audit);
  }

  /**
   * Adds a centre. The level defaults to its unit's: a province or a commune.
   * @throws ValidationError, or ConflictError when the code is taken
   */
  async add(input: NewCentre): Promise<Centre> {
    const found = this.check(input);
    if ('errors' in found) throw new ValidationError(found.errors);
    const { centre } = found;
    const { code, name, unit, level } = centre;
    const event = { action: 'centre.add', subject: code, after: { name, unit, level } } as const;
    await this.audit.change(event, () =>
      refuseTaken(
        code,
        this.kept.change(() => this.centres.create(this.asRecord(centre))),
      ),
    );
    return centre;
  }

  /**
   * Adds many centres or, when one of them is wrong, none. One that is there already just so is passed over, so the
   * same list may be given again.
   * @throws ValidationError with paths such as `[3].unit`
   */
  async addAll(
    inputs: readonly Readonly<Record<string, string>>[],
  ): Promise<{ added: readonly Centre[]; present: readonly Centre[] }> {
    const sorted = await this.sort(inputs);
    const errors = sorted.flatMap((one, index) =>
      'errors' in one ? one.errors.map(({ path, message }) => ({ path: `[${index}].${path}`, message })) : [],
    );
    if (errors.length > 0) throw new ValidationError(errors);
    const added = newOf(sorted);
    await this.insert(added);
    return { added, present: sorted.flatMap((one) => ('centre' in one && !one.isNew ? [one.centre] : [])) };
  }

  /** Adds those of many centres that are right and not there; says of each what became of it, or what is wrong. */
  async addEach(inputs: readonly unknown[]): Promise<('stored' | 'unchanged' | readonly FieldError[])[]> {
    const sorted = await this.sort(inputs);
    const added = newOf(sorted);
    if (added.length > 0) await this.insert(added);
    return sorted.map((one) => ('errors' in one ? one.errors : one.isNew ? 'stored' : 'unchanged'));
  }

  async find(code: string): Promise<Centre | null> {
    const record = await this.centres.findById(code).lean();
    return record && asCentre(record);
  }

  /** The centres of these units, or every centre for 'all'; by code, the first `most` of them. */
  async inUnits(units: readonly string[] | 'all', most = Infinity): Promise<readonly Centre[]> {
    const all = await this.kept.all();
    const asked = new Set(units);
    const found = units === 'all' ? all : all.filter(({ unit }) => asked.has(unit));
    return found.length > most ? found.slice(0, most) : found;
  }

  /** The closed centres whose work this one goes on with, by code. */
  async predecessorsOf(code: string): Promise<Centre[]> {
    const records = await this.centres.find({ 'closed.successor': code }).sort({ _id: 1 }).lean();
    return records.map(asCentre);
  }

  /** Gives a centre another name, in reports of earlier periods too. @throws ValidationError, NotFoundError */
  async rename(code: string, name: string): Promise<void> {
    const after = checked(z.strictObject({ name: centreName }), { name });
    const before = { name: (await this.known(code)).name };
    await this.audit.change({ action: 'centre.change', subject: code, before, after }, () =>
      this.kept.change(() => this.centres.updateOne({ _id: code }, { $set: after })),
    );
  }

  /**
   * Closes a centre: its kiosks rest, its tickets admit nobody, and its answers and figures stay as they are. Closed
   * again, it has the day and the successor that are named last.
   * @throws ValidationError, NotFoundError
   */
  async close(code: string, { on, successor }: Closure): Promise<void> {
    const before = closureFacts((await this.known(code)).closed);
    const errors: FieldError[] = [];
    if (!isDay(on) || on > localDay(this.now())) errors.push({ path: 'on', message: 'must be a day, today or before' });
    if (successor !== undefined && (await this.cannotSucceed(code, successor))) {
      errors.push({ path: 'successor', message: 'must be the code of another centre that is at work' });
    }
    if (errors.length > 0) throw new ValidationError(errors);
    const closed = { on, ...(successor === undefined ? {} : { successor }) };
    await this.audit.change({ action: 'centre.close', subject: code, before, after: closureFacts(closed) }, () =>
      this.kept.change(() => this.centres.updateOne({ _id: code }, { $set: { closed } })),
    );
  }

  /** Lets a closed centre work again, without a successor. @throws NotFoundError */
  async reopen(code: string): Promise<void> {
    const before = closureFacts((await this.known(code)).closed);
    await this.audit.change({ action: 'centre.reopen', subject: code, before }, () =>
      this.kept.change(() => this.centres.updateOne({ _id: code }, { $unset: { closed: 1 as const } })),
    );
  }

  /**
   * The provinces of these centres, by code; remembered, for a centre never moves. One that does not exist is absent.
   */
  async provincesOf(codes: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const unknown = [...new Set(codes)].filter((code) => !this.provinces.has(code));
    if (unknown.length > 0) {
      const records = await this.centres.find({ _id: { $in: unknown } }, { unit: 1 }).lean();
      for (const { _id, unit } of records) this.provinces.set(_id, this.catalogue.unit(unit)?.parent ?? unit);
    }
    return this.provinces;
  }

  /** The opening hours of these centres, by code; those that have not said theirs are absent. */
  hoursOf(codes: readonly string[]): Promise<ReadonlyMap<string, OpeningHours>> {
    return this.hours.of(codes);
  }

  /** Says when a centre is open; null: that is not known any more. @throws NotFoundError */
  async setHours(code: string, hours: OpeningHours | null): Promise<void> {
    const change = hours ? { $set: { hours } } : { $unset: { hours: 1 as const } };
    const before = hoursFacts((await this.known(code)).hours);
    const after = hoursFacts(hours ?? undefined);
    await this.audit.change({ action: 'centre.hours', subject: code, before, after }, () =>
      this.centres.updateOne({ _id: code }, change),
    );
    this.hours.forget(code);
  }

  /** From when on tickets for everyone must have been made to be good. */
  async ticketsFrom(code: string): Promise<Date> {
    return (await this.centres.findById(code).lean())?.ticketsFrom ?? new Date(0);
  }

  /** Calls back every ticket for everyone made so far. @throws NotFoundError */
  async recallTickets(code: string): Promise<void> {
    await this.known(code);
    await this.audit.change({ action: 'tickets.recall', subject: code }, () =>
      this.centres.updateOne({ _id: code }, { ticketsFrom: this.now() }),
    );
  }

  private async cannotSucceed(code: string, successor: string): Promise<boolean> {
    const other = successor === code ? null : await this.find(successor);
    return !other || other.closed !== undefined;
  }

  /** What each of many centres is: new, there just so already, or wrong. */
  private async sort(inputs: readonly unknown[]): Promise<Sorted[]> {
    const known = new Map((await this.inUnits('all')).map((centre) => [centre.code, centre]));
    return inputs.map((input) => {
      const found = this.check(input);
      if ('errors' in found) return found;
      const { centre } = found;
      const other = known.get(centre.code);
      known.set(centre.code, other ?? centre);
      if (!other || isSame(other, centre)) return { centre, isNew: !other };
      return { errors: [{ path: 'code', message: `there is another centre ${centre.code} already` }] };
    });
  }

  private async insert(added: readonly Centre[]): Promise<void> {
    const after = { added: added.length, codes: added.map(({ code }) => code).join(' ') };
    await this.audit.change({ action: 'centre.import', subject: '', after }, () =>
      refuseTaken(
        'with one of the codes',
        this.kept.change(() => this.centres.insertMany(added.map((centre) => this.asRecord(centre)))),
      ),
    );
  }

  /** @throws NotFoundError */
  private async known(code: string): Promise<CentreRecord> {
    const record = await this.centres.findById(code).lean();
    if (!record) throw new NotFoundError(`There is no centre ${code}.`);
    return record;
  }

  private check(input: unknown): { readonly centre: Centre } | { readonly errors: readonly FieldError[] } {
    const parsed = newCentre(this.catalogue).safeParse(input);
    if (!parsed.success) return { errors: fieldErrors(parsed.error) };
    const { code, name, unit, level, synthetic } = parsed.data;
    const unitLevel = this.catalogue.unit(unit)?.parent === null ? 'province' : 'commune';
    return { centre: { code, name, unit, level: level ?? unitLevel, ...(synthetic ? { synthetic } : {}) } };
  }

  private asRecord({ code, ...rest }: Centre): CentreRecord {
    return { _id: code, ...rest, createdAt: this.now() };
  }
}

/** @throws ConflictError when a centre was added under the same code meanwhile */
async function refuseTaken(code: string, write: Promise<unknown>): Promise<void> {
  try {
    await write;
  } catch (error) {
    if (isDuplicateKey(error)) throw new ConflictError('centre-exists', `There is a centre ${code} already.`);
    throw error;
  }
}

function newOf(sorted: readonly Sorted[]): Centre[] {
  return sorted.flatMap((one) => ('centre' in one && one.isNew ? [one.centre] : []));
}

/** Whether a centre is there just as it is given, whatever became of it since. */
function isSame(present: Centre, given: Centre): boolean {
  const since = { closed: undefined, counters: undefined };
  return isDeepStrictEqual({ ...present, ...since }, { ...given, ...since });
}

function closureFacts(closed: Closure | undefined) {
  return closed ? { on: closed.on, successor: closed.successor ?? null } : null;
}

function hoursFacts(hours: OpeningHours | undefined) {
  return hours ? { days: hours.days.join(','), times: timesText(hours) } : null;
}
