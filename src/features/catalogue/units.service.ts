import type { Connection } from 'mongoose';
import { z } from 'zod';
import type { Clock } from '../../clock.js';
import { isDay, localDay } from '../../domain/period.js';
import type { FieldError } from '../../errors.js';
import { fieldErrors, line } from '../validation.js';
import { UNIT_KINDS, type Unit } from './catalogue.model.js';
import type { CatalogueService } from './catalogue.service.js';
import { officeUnitCollection, officeUnitId } from './office-units.model.js';

const day = z.string().refine(isDay, 'must be a day such as 2026-09-01');
const PROVINCE_KINDS: readonly string[] = ['tinh', 'thanh-pho'];
const PROVINCE_DIGITS = 2;

const unitInput = z
  .strictObject({
    code: z.string().regex(/^\d{2}(\d{3})?$/, 'must be 2 digits for a province, 5 for a commune'),
    name: line(100),
    kind: z.enum(UNIT_KINDS),
    parent: z.string().nullable().default(null),
    valid_from: day,
    valid_to: day.nullable().default(null),
    decree: line(200),
  })
  .transform(({ valid_from: validFrom, valid_to: validTo, ...rest }): Unit => ({ ...rest, validFrom, validTo }));

/** What became of a version: it is new, what was imported was changed, or it was known. */
export type UnitOutcome = 'stored' | 'updated' | 'unchanged';

/** Takes in versions of units as resolutions make them (docs/adr/0020). */
export class UnitService {
  constructor(
    private readonly connection: Connection,
    private readonly catalogue: CatalogueService,
    private readonly now: Clock,
  ) {}

  /** Stores a version, with the fields of a line of `data/units.csv`, or gives what is wrong with it. */
  async put(input: unknown): Promise<UnitOutcome | readonly FieldError[]> {
    const parsed = unitInput.safeParse(input);
    if (!parsed.success) return fieldErrors(parsed.error);
    const unit = parsed.data;
    const misplaced = this.misplaced(unit);
    if (misplaced.length > 0) return misplaced;
    const outcome = this.outcomeOf(unit);
    if (outcome === 'stored' || outcome === 'updated') {
      const record = { _id: officeUnitId(unit), ...unit };
      await officeUnitCollection(this.connection).replaceOne({ _id: record._id }, record, { upsert: true });
      await this.catalogue.refresh();
    }
    return outcome;
  }

  /** What is wrong with a unit's place among the others, whatever is known of it. */
  private misplaced({ code, kind, parent, validFrom, validTo }: Unit): FieldError[] {
    const isProvince = code.length === PROVINCE_DIGITS;
    const errors: FieldError[] = [];
    if (PROVINCE_KINDS.includes(kind) !== isProvince) {
      errors.push({ path: 'kind', message: `is not that of a unit with ${code.length} digits` });
    }
    if (isProvince && parent !== null) errors.push({ path: 'parent', message: 'must be blank for a province' });
    if (!isProvince && (parent === null || this.catalogue.unit(parent)?.parent !== null)) {
      errors.push({ path: 'parent', message: 'must be the code of a province' });
    }
    if (validTo !== null && validTo < validFrom) errors.push({ path: 'valid_to', message: `is before ${validFrom}` });
    return errors;
  }

  private outcomeOf(unit: Unit): UnitOutcome | readonly FieldError[] {
    const versions = this.catalogue.unitVersionsOf(unit.code);
    const [last, known] = [versions.at(-1), versions.find(({ validFrom }) => validFrom === unit.validFrom)];
    if (!last) return 'stored';
    // The sums of provinces hold its answers.
    if (unit.parent !== last.parent) return [{ path: 'parent', message: `must stay ${last.parent ?? 'blank'}` }];
    if (!known) {
      const message = `must be after ${last.validFrom}, from when on the newest version is in force`;
      return unit.validFrom > last.validFrom ? 'stored' : [{ path: 'valid_from', message }];
    }
    const isEndSame = unit.validTo === known.validTo || (unit.validTo === null && known !== last);
    if (isSameButEnd(known, unit) && isEndSame) return 'unchanged';
    const mayChange = known === last && (isSameButEnd(known, unit) || this.isWaiting(known));
    const message = 'is that of a version that was in force or comes with the software, and is not changed';
    return mayChange ? 'updated' : [{ path: 'valid_from', message }];
  }

  private isWaiting(unit: Unit): boolean {
    return unit.validFrom > localDay(this.now()) && !this.catalogue.isShipped(unit);
  }
}

function isSameButEnd(one: Unit, other: Unit): boolean {
  return one.name === other.name && one.kind === other.kind && one.decree === other.decree;
}
